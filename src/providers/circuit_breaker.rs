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
pub struct CircuitBreaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Set once there were too many: no call before this moment.
    open_until: Option<Instant>,
}

impl CircuitBreaker {
    /// Makes the call, or fails at once while the provider is left alone.
    ///
    /// A refusal counts as a success: the provider is there, and answers.
    pub async fn call<T>(
        &self,
        vendor: &'static str,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        if !self.allows(Instant::now()) {
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

    fn allows(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                // This call tries; the others go on waiting for what comes of it.
                state.open_until = Some(now + REST);
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
            state.open_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_tries_again_after_a_rest() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..FAILURES {
            assert!(breaker.allows(start));
            breaker.note(true, start);
        }
        assert!(!breaker.allows(start), "left alone");
        assert!(!breaker.allows(start + REST - Duration::from_millis(1)));
        let later = start + REST;
        assert!(breaker.allows(later), "one call tries");
        assert!(!breaker.allows(later), "and no other");
        breaker.note(true, later);
        assert!(
            !breaker.allows(later + Duration::from_secs(1)),
            "still away"
        );
        assert!(breaker.allows(later + REST));
        breaker.note(false, later + REST);
        assert!(breaker.allows(later + REST), "back");
    }

    #[test]
    fn failures_that_do_not_follow_each_other_do_not_count() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..3 * FAILURES {
            breaker.note(true, now);
            breaker.note(false, now);
        }
        assert!(breaker.allows(now));
    }

    #[tokio::test]
    async fn a_refusal_is_no_failure() {
        let breaker = CircuitBreaker::default();
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
