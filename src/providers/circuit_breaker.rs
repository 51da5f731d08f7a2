//! Leaving a provider alone that keeps failing: who waits for its time-out again and again helps nobody.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::ProviderError;

/// Failures in a row after which a provider is left alone.
const FAILURES: u32 = 5;
/// How long it is left alone; then one call tries whether it is back.
const REST: Duration = Duration::from_secs(15);

/// Counts the failures of one provider.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Set once there were too many: no call before this moment.
    closed_until: Option<Instant>,
}

impl Breaker {
    /// Makes the call, or fails at once while the provider is left alone.
    ///
    /// A refusal counts as a success: the provider is there, and answers.
    pub async fn call<T>(
        &self,
        vendor: &'static str,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        if !self.lets_through(Instant::now()) {
            return Err(ProviderError::Unavailable {
                vendor,
                reason: "it kept failing and is left alone for a while".into(),
            });
        }
        let result = call.await;
        let failed = matches!(
            result,
            Err(ProviderError::Unavailable { .. } | ProviderError::Unusable { .. })
        );
        self.note(failed, Instant::now());
        result
    }

    fn lets_through(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.closed_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                // This call tries; the others go on waiting for what comes of it.
                state.closed_until = Some(now + REST);
                true
            }
        }
    }

    fn note(&self, failed: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !failed {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_tries_again_after_a_rest() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..FAILURES {
            assert!(breaker.lets_through(start));
            breaker.note(true, start);
        }
        assert!(!breaker.lets_through(start), "left alone");
        assert!(!breaker.lets_through(start + REST - Duration::from_millis(1)));
        let later = start + REST;
        assert!(breaker.lets_through(later), "one call tries");
        assert!(!breaker.lets_through(later), "and no other");
        breaker.note(true, later);
        assert!(
            !breaker.lets_through(later + Duration::from_secs(1)),
            "still away"
        );
        assert!(breaker.lets_through(later + REST));
        breaker.note(false, later + REST);
        assert!(breaker.lets_through(later + REST), "back");
    }

    #[test]
    fn failures_that_do_not_follow_each_other_do_not_count() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..3 * FAILURES {
            breaker.note(true, now);
            breaker.note(false, now);
        }
        assert!(breaker.lets_through(now));
    }

    #[tokio::test]
    async fn a_refusal_is_no_failure() {
        let breaker = Breaker::default();
        for _ in 0..2 * FAILURES {
            let refused = ProviderError::Refused {
                vendor: "test",
                status: 400,
            };
            let result: Result<(), _> = breaker.call("test", async { Err(refused.clone()) }).await;
            assert_eq!(result, Err(refused));
        }
    }
}
