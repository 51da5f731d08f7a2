//! Circuit breaker: fails calls to a provider at once while it keeps failing, instead of waiting
//! for its time-out each time.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{ProviderError, Result};

/// Failures in a row that open the circuit.
const FAILURE_THRESHOLD: u32 = 5;
/// How long the circuit stays open; then a single call probes the provider.
pub(super) const OPEN_DURATION: Duration = Duration::from_secs(15);
/// Longest pause that a provider can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Circuit breaker of one provider.
#[derive(Debug, Default)]
pub struct CircuitBreaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// `None`: the circuit is closed.
    open_until: Option<Instant>,
    /// Until then the provider asked for no requests.
    paused_until: Option<Instant>,
}

const OPEN: &str = "the circuit breaker is open after repeated failures";
const PAUSED: &str = "it asked for a pause";

/// Whether a provider was not called at all, since earlier calls failed.
pub(super) fn was_not_called(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable { reason, .. } if reason == OPEN || reason == PAUSED)
}

/// Why a call is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blocked {
    Open,
    Paused,
}

impl CircuitBreaker {
    /// Makes the call, or fails at once while the circuit is open.
    ///
    /// Only [`ProviderError::Unavailable`] counts as a failure. After a refusal, or a result that
    /// cannot be used, the provider is reachable and responds: it was this request that failed.
    pub async fn call<T>(
        &self,
        vendor: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if let Err(blocked) = self.allows(Instant::now()) {
            let reason = match blocked {
                Blocked::Open => OPEN,
                Blocked::Paused => PAUSED,
            };
            return Err(ProviderError::Unavailable { vendor, reason: reason.into() });
        }
        let result = call.await;
        let failed = matches!(result, Err(ProviderError::Unavailable { .. }));
        self.record(failed, Instant::now());
        result
    }

    /// Fails calls at once for as long as the provider asked for (`Retry-After`), a minute at most.
    pub fn pause(&self, duration: Duration) {
        self.pause_from(Instant::now(), duration);
    }

    fn pause_from(&self, now: Instant, duration: Duration) {
        let until = now + duration.min(MAX_PAUSE);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    fn allows(&self, now: Instant) -> Result<(), Blocked> {
        let mut state = self.state();
        if state.paused_until.is_some_and(|until| now < until) {
            return Err(Blocked::Paused);
        }
        match state.open_until {
            None => Ok(()),
            Some(until) if now < until => Err(Blocked::Open),
            Some(_) => {
                // This call probes the provider; others keep failing until its result is known.
                state.open_until = Some(now + OPEN_DURATION);
                Ok(())
            }
        }
    }

    fn record(&self, failed: bool, now: Instant) {
        let mut state = self.state();
        if !failed {
            // A pause stays: another call may have been asked for it meanwhile.
            (state.failures, state.open_until) = (0, None);
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURE_THRESHOLD {
            state.open_until = Some(now + OPEN_DURATION);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circuit_opens_after_failures_in_a_row_and_probes_later() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        let open = Err(Blocked::Open);
        for _ in 0..FAILURE_THRESHOLD {
            assert_eq!(breaker.allows(start), Ok(()));
            breaker.record(true, start);
        }
        assert_eq!(breaker.allows(start), open, "open");
        assert_eq!(breaker.allows(start + OPEN_DURATION - Duration::from_millis(1)), open);
        let later = start + OPEN_DURATION;
        assert_eq!(breaker.allows(later), Ok(()), "one call probes");
        assert_eq!(breaker.allows(later), open, "and no other");
        breaker.record(true, later);
        assert_eq!(breaker.allows(later + Duration::from_secs(1)), open, "open again");
        assert_eq!(breaker.allows(later + OPEN_DURATION), Ok(()));
        breaker.record(false, later + OPEN_DURATION);
        assert_eq!(breaker.allows(later + OPEN_DURATION), Ok(()), "closed");
    }

    #[test]
    fn failures_between_successes_do_not_open_the_circuit() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..3 * FAILURE_THRESHOLD {
            breaker.record(true, now);
            breaker.record(false, now);
        }
        assert_eq!(breaker.allows(now), Ok(()));
    }

    #[test]
    fn pause_ends_after_a_minute_at_most_whatever_succeeds() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        breaker.pause_from(start, Duration::from_secs(3_600));
        breaker.pause_from(start, Duration::from_secs(1));
        breaker.record(false, start);
        assert_eq!(breaker.allows(start + Duration::from_secs(59)), Err(Blocked::Paused));
        assert_eq!(breaker.allows(start + MAX_PAUSE), Ok(()));
    }

    #[tokio::test]
    async fn failure_of_one_request_does_not_open_the_circuit() {
        let breaker = CircuitBreaker::default();
        let reason = String::from("test");
        for error in [
            ProviderError::Refused { vendor: "test", status: 400, reason },
            ProviderError::Unusable { vendor: "test", what: "nothing" },
            ProviderError::Declined { vendor: "test" },
        ] {
            for _ in 0..2 * FAILURE_THRESHOLD {
                let result: Result<(), _> =
                    breaker.call("test", async { Err(error.clone()) }).await;
                assert_eq!(result, Err(error.clone()));
            }
        }
    }
}
