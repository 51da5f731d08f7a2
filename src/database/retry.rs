//! Time-outs and retries for database calls.
//!
//! Connections break when a database restarts or fails over. Idempotent operations are retried
//! within their time-out, saves until a deadline.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{
    backoff::Backoff,
    error::{DatabaseError, RetryKind, retry_kind},
};

/// Delays between attempts to save.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_millis(500);

/// Delays between attempts on further connections; before the first one there is none.
const INITIAL_RECONNECT_BACKOFF: Duration = Duration::from_millis(10);
const MAX_RECONNECT_BACKOFF: Duration = Duration::from_millis(250);

/// Database calls that take longer are logged.
const SLOW_QUERY_THRESHOLD: Duration = Duration::from_secs(1);

/// The result of an operation that may have been attempted more than once.
pub(crate) struct Retried<T> {
    /// The result of the last attempt.
    pub value: T,
    /// Whether an earlier attempt failed. It may have been committed all the same.
    pub retried: bool,
}

pub(super) async fn with_timeout<T>(
    limit: Duration,
    operation: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, DatabaseError> {
    let started = Instant::now();
    let result = timeout(limit, operation).await;
    if started.elapsed() > SLOW_QUERY_THRESHOLD {
        tracing::warn!(ms = started.elapsed().as_millis(), "a database call was slow");
    }
    Ok(result.map_err(|_| timed_out())??)
}

/// Runs `operation` again after every broken connection, and once more after another transient
/// error. The caller limits the time.
///
/// A broken connection says nothing about the operation: it is repeated as long as the server
/// accepts connections. If it accepts none, the operation fails with the wait for a connection.
pub(super) async fn retry_idempotent<T, F>(operation: impl Fn() -> F) -> Result<T, sqlx::Error>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let mut backoff = Backoff::new(INITIAL_RECONNECT_BACKOFF, MAX_RECONNECT_BACKOFF);
    let (mut is_first_break, mut was_retried) = (true, false);
    loop {
        let error = match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        match retry_kind(&error) {
            RetryKind::Reconnect if is_first_break => is_first_break = false,
            RetryKind::Reconnect => backoff.wait().await,
            RetryKind::Once if !was_retried => was_retried = true,
            RetryKind::Once | RetryKind::Later | RetryKind::Never => return Err(error),
        }
    }
}

/// Runs `operation`, for `limit` at most, and again after transient errors until `save_timeout`.
pub(super) async fn save_with_retry<T, F>(
    limit: Duration,
    save_timeout: Duration,
    operation: impl Fn() -> F,
) -> Result<Retried<T>, DatabaseError>
where
    F: Future<Output = Result<T, sqlx::Error>>,
{
    let deadline = Instant::now() + save_timeout;
    let mut backoff = Backoff::new(INITIAL_BACKOFF, MAX_BACKOFF);
    let mut retried = false;
    loop {
        let remaining = deadline.saturating_duration_since(Instant::now());
        let error = match timeout(limit.min(remaining), operation()).await {
            Ok(Ok(value)) => return Ok(Retried { value, retried }),
            Ok(Err(error)) => error.into(),
            Err(_) => timed_out(),
        };
        let is_final = Instant::now() + backoff.delay >= deadline;
        let is_transient = match error {
            DatabaseError::Unavailable(_) | DatabaseError::Deadlock(_) => true,
            DatabaseError::Query(_) | DatabaseError::Batch(_) => false,
        };
        if is_final || !is_transient {
            return Err(error);
        }
        tracing::warn!(%error, "a save failed and is retried");
        backoff.wait().await;
        retried = true;
    }
}

fn timed_out() -> DatabaseError {
    DatabaseError::Unavailable("no result in time".into())
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        future::{Ready, ready},
        io,
    };

    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    /// An operation that fails by `errors`, one an attempt, and then returns the attempt's number.
    fn failing(
        errors: Vec<fn() -> sqlx::Error>,
        attempts: &Cell<usize>,
    ) -> impl Fn() -> Ready<Result<usize, sqlx::Error>> {
        move || {
            let attempt = attempts.get();
            attempts.set(attempt + 1);
            let error = errors.get(attempt);
            ready(error.map_or(Ok(attempt), |error| Err(error())))
        }
    }

    const BROKEN: fn() -> sqlx::Error = || io::Error::from(io::ErrorKind::ConnectionReset).into();
    const DEFECT: fn() -> sqlx::Error = || sqlx::Error::RowNotFound;
    const POOL_TIMEOUT: fn() -> sqlx::Error = || sqlx::Error::PoolTimedOut;

    #[tokio::test]
    async fn idempotent_operation_is_retried_by_kind_of_error() {
        type Errors = Vec<fn() -> sqlx::Error>;
        let cases: [(&str, Errors, usize, bool); 4] = [
            ("no error", vec![], 1, true),
            ("each connection broken", vec![BROKEN; 6], 7, true),
            ("defect", vec![DEFECT], 1, false),
            ("no free connection", vec![POOL_TIMEOUT], 1, false),
        ];
        for (name, errors, expected, succeeds) in cases {
            let attempts = Cell::new(0);
            let result = retry_idempotent(failing(errors, &attempts)).await;
            assert_eq!((attempts.get(), result.is_ok()), (expected, succeeds), "{name}");
        }
    }

    #[tokio::test]
    async fn save_is_retried_after_transient_errors_only() {
        let attempts = Cell::new(0);
        let saved = save_with_retry(LIMIT, LIMIT, failing(vec![BROKEN, POOL_TIMEOUT], &attempts));
        let saved = saved.await.expect("saved");
        assert_eq!((saved.value, saved.retried), (2, true));

        let attempts = Cell::new(0);
        let failed = save_with_retry(LIMIT, LIMIT, failing(vec![DEFECT], &attempts)).await;
        assert!(matches!(failed, Err(DatabaseError::Query(_))));
        assert_eq!(attempts.get(), 1);
    }

    #[tokio::test]
    async fn save_fails_at_its_deadline() {
        let attempts = Cell::new(0);
        let save_timeout = Duration::from_millis(200);
        let failing = failing(vec![BROKEN; 100], &attempts);
        let failed = save_with_retry(LIMIT, save_timeout, failing).await;
        assert!(matches!(failed, Err(DatabaseError::Unavailable(_))));
        // after 50 ms, and after another 100 ms
        assert_eq!(attempts.get(), 3);
    }

    #[tokio::test]
    async fn operation_without_result_times_out() {
        let never = std::future::pending::<Result<(), sqlx::Error>>();
        let failed = with_timeout(Duration::from_millis(1), never).await;
        assert!(matches!(failed, Err(DatabaseError::Unavailable(_))));
    }
}
