//! How long we wait for Postgres, and how often we ask.
//!
//! PoolStatus break when a database restarts or fails over. Reads are asked once more; what a turn has produced is kept
//! and saved when the database is back; and nobody waits without end for a server that does not answer.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::{RepositoryError, error::is_transient};
use crate::repository::DatabaseService;

/// Pauses between attempts to save, growing from the first to the last.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_millis(500);

/// What is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);

/// What came of saving something that must not get lost.
pub(crate) struct Retried<T> {
    /// What the statement gave.
    pub value: T,
    /// An earlier attempt broke off: it may have been committed without our hearing of it.
    pub retried: bool,
}

impl DatabaseService {
    /// Waits for `work` at most as long as for a free connection.
    pub(crate) async fn with_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, RepositoryError> {
        let began = Instant::now();
        let result = timeout(self.patience, work).await;
        if began.elapsed() > SLOW {
            tracing::warn!(
                ms = began.elapsed().as_millis(),
                "the database was slow to answer"
            );
        }
        match result {
            Ok(result) => Ok(result?),
            Err(_) => Err(RepositoryError::Unavailable("no answer in time".into())),
        }
    }

    /// Asks, and asks once more if the connection broke; all within the time for one. For reads, and for writes that change
    /// nothing more when carried out twice.
    ///
    /// After a restart of the database every idle connection is broken, and each is found out by the statement that takes it:
    /// so there may be as many attempts as connections, and one.
    pub(crate) async fn retry_idempotent<T, F>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<T, RepositoryError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        self.with_timeout(async {
            let mut attempts = self.pool.max_connections();
            loop {
                match ask().await {
                    Err(sqlx::Error::Io(_)) if attempts > 0 => attempts -= 1,
                    Err(error)
                        if is_transient(&error) && !matches!(error, sqlx::Error::PoolTimedOut) =>
                    {
                        break ask().await;
                    }
                    other => break other,
                }
            }
        })
        .await
    }

    /// Saves, again and again while the database is away, until the time for saving is over.
    ///
    /// An attempt may have been committed although we saw it fail: `save` must do nothing where it was done before, and
    /// the caller finds out by [`Retried::repeated`].
    pub(crate) async fn save_with_retry<T, F>(
        &self,
        save: impl Fn() -> F,
    ) -> Result<Retried<T>, RepositoryError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let deadline = Instant::now() + self.save_timeout;
        let mut pause = INITIAL_BACKOFF;
        let mut repeated = false;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let error = match timeout(self.patience.min(rest), save()).await {
                Ok(Ok(outcome)) => {
                    return Ok(Retried {
                        value: outcome,
                        retried: repeated,
                    });
                }
                Ok(Err(error)) => RepositoryError::from(error),
                Err(_) => RepositoryError::Unavailable("no answer in time".into()),
            };
            match error {
                RepositoryError::Unavailable(_) if Instant::now() + pause < deadline => {
                    tracing::warn!(%error, "not saved yet, trying again");
                }
                error => return Err(error),
            }
            sleep(pause).await;
            pause = (pause * 2).min(MAX_BACKOFF);
            repeated = true;
        }
    }
}
