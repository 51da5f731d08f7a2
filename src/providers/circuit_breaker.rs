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
const OPEN_DURATION: Duration = Duration::from_secs(15);

/// Circuit breaker of one provider.
#[derive(Debug, Default)]
pub struct CircuitBreaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// `None`: the circuit is closed.
    open_until: Option<Instant>,
}

impl CircuitBreaker {
    /// Makes the call, or fails at once while the circuit is open.
    ///
    /// A refusal counts as a success: the provider is reachable and responds.
    pub async fn call<T>(
        &self,
        vendor: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if !self.allows(Instant::now()) {
            return Err(ProviderError::Unavailable {
                vendor,
                reason: "the circuit breaker is open after repeated failures".into(),
            });
        }
        let result = call.await;
        let failed = matches!(
            result,
            Err(ProviderError::Unavailable { .. } | ProviderError::Unusable { .. })
        );
        self.record(failed, Instant::now());
        result
    }

    fn allows(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                // This call probes the provider; others keep failing until its result is known.
                state.open_until = Some(now + OPEN_DURATION);
                true
            }
        }
    }

    fn record(&self, failed: bool, now: Instant) {
        let mut state = self.state();
        if !failed {
            *state = State::default();
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
        for _ in 0..FAILURE_THRESHOLD {
            assert!(breaker.allows(start));
            breaker.record(true, start);
        }
        assert!(!breaker.allows(start), "open");
        assert!(!breaker.allows(start + OPEN_DURATION - Duration::from_millis(1)));
        let later = start + OPEN_DURATION;
        assert!(breaker.allows(later), "one call probes");
        assert!(!breaker.allows(later), "and no other");
        breaker.record(true, later);
        assert!(!breaker.allows(later + Duration::from_secs(1)), "open again");
        assert!(breaker.allows(later + OPEN_DURATION));
        breaker.record(false, later + OPEN_DURATION);
        assert!(breaker.allows(later + OPEN_DURATION), "closed");
    }

    #[test]
    fn failures_between_successes_do_not_open_the_circuit() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..3 * FAILURE_THRESHOLD {
            breaker.record(true, now);
            breaker.record(false, now);
        }
        assert!(breaker.allows(now));
    }

    #[tokio::test]
    async fn refusal_does_not_count_as_failure() {
        let breaker = CircuitBreaker::default();
        for _ in 0..2 * FAILURE_THRESHOLD {
            let refused = ProviderError::Refused { vendor: "test", status: 400 };
            let result: Result<(), _> = breaker.call("test", async { Err(refused.clone()) }).await;
            assert_eq!(result, Err(refused));
        }
    }
}
