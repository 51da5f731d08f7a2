//! Pauses between the attempts of a call.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

/// Longest time from the first attempt to the last.
const RETRY_WINDOW: Duration = Duration::from_secs(10);
const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(4);
/// Longest `Retry-After` that is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// Delays that double, each with as much jitter again at most, until the window is over.
pub(super) struct RetrySchedule {
    delays: ExponentialBackoff,
    end: Instant,
}

impl RetrySchedule {
    /// For a call that starts now and has to end at `deadline`.
    pub(super) fn new(deadline: Instant) -> Self {
        let delays = ExponentialBuilder::default()
            .with_min_delay(FIRST_DELAY)
            .with_max_delay(LONGEST_DELAY)
            .without_max_times()
            .with_jitter()
            .build();
        Self { delays, end: deadline.min(Instant::now() + RETRY_WINDOW) }
    }

    /// The delay before the next attempt: one of the schedule, or the server's `Retry-After` and a
    /// bit more, so that not all calls come back at once. `None` if it does not fit into what is
    /// left.
    pub(super) fn next_delay(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        let delay = self.delays.next()?;
        let delay = retry_after.map_or(delay, |asked| asked + delay.min(2 * FIRST_DELAY));
        (Instant::now() + delay < self.end).then_some(delay)
    }
}

/// How long the server asks to be left alone: `retry-after-ms`, or `Retry-After` in seconds or as a
/// date. `None` without such a header, or with one that cannot be read.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| Duration::try_from_secs_f64(text.parse().ok()?).ok();
    let date = |text: &str| {
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    };
    let milliseconds = value("retry-after-ms").and_then(seconds).map(|delay| delay / 1_000);
    let delay = milliseconds.or_else(|| {
        let text = value(RETRY_AFTER.as_str())?;
        seconds(text).or_else(|| date(text))
    })?;
    Some(delay.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn parsed(name: &'static str, value: &str) -> Option<Duration> {
        let value = HeaderValue::from_str(value).expect("a value");
        retry_after(&HeaderMap::from_iter([(name.parse().expect("a name"), value)]))
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_date() {
        assert_eq!(parsed("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(parsed("retry-after", " 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(parsed("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
        let delay = parsed("retry-after", &date).expect("a delay");
        assert!((28..=30).contains(&delay.as_secs()), "{delay:?}");
        let past = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(30));
        assert_eq!(parsed("retry-after", &past), Some(Duration::ZERO));
        assert_eq!(parsed("retry-after", "1e15"), Some(LONGEST_RETRY_AFTER));
        for bad in ["soon", "-1", "", "NaN", "1e300"] {
            assert_eq!(parsed("retry-after", bad), None, "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end_after_ten_seconds_or_at_the_deadline() {
        for (timeout, window) in [(30, 10), (2, 2)] {
            let start = Instant::now();
            let mut schedule = RetrySchedule::new(start + Duration::from_secs(timeout));
            let mut attempts = 1;
            while let Some(delay) = schedule.next_delay(None) {
                tokio::time::sleep(delay).await;
                attempts += 1;
            }
            assert!(start.elapsed() < Duration::from_secs(window));
            assert!((3..=8).contains(&attempts), "{attempts}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn delays_differ_between_calls() {
        let deadline = Instant::now() + Duration::from_secs(30);
        let first = |_| RetrySchedule::new(deadline).next_delay(None).expect("a delay");
        let delays: Vec<Duration> = (0..10).map(first).collect();
        assert!(delays.iter().any(|delay| *delay != delays[0]), "{delays:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_taken_if_it_fits() {
        let mut schedule = RetrySchedule::new(Instant::now() + Duration::from_secs(30));
        let (fits, long) = (Duration::from_secs(8), Duration::from_secs(11));
        let delay = schedule.next_delay(Some(fits)).expect("it fits");
        assert!(delay > fits && delay <= fits + 2 * FIRST_DELAY, "{delay:?}");
        assert_eq!(schedule.next_delay(Some(long)), None);
        tokio::time::sleep(delay).await;
        assert_eq!(schedule.next_delay(Some(fits)), None, "8 s of 10 s are over");
    }
}
