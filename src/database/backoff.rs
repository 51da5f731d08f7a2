//! Exponential backoff between attempts.

use std::time::Duration;

/// Delays that double from the first one up to a maximum.
pub(super) struct Backoff {
    /// The next delay.
    pub delay: Duration,
    max: Duration,
}

impl Backoff {
    pub fn new(initial: Duration, max: Duration) -> Self {
        Self { delay: initial, max }
    }

    /// Sleeps for the next delay.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.delay).await;
        self.delay = (self.delay * 2).min(self.max);
    }
}
