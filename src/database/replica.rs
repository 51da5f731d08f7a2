//! Reads that a streaming replica may answer: searches, lists and exports. Whatever a person has just done is visible to them all the
//! same: the replica has to have replayed everything that the primary had committed when the question came.
//!
//! A replica that is away, too far behind, or none any more is left out for a while; the primary answers then.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgExecutor, postgres::PgConnectOptions};
use tokio::time::{sleep, timeout};

use super::{
    Pool, RepositoryError,
    connect::{ConnectError, options_for},
};
use crate::{metrics, repository::DatabaseService, settings::DatabaseSettings};

/// Longest wait for the replica to catch up with the primary, connecting to it included.
const CATCH_UP: Duration = Duration::from_millis(300);
/// How often it is asked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long a replica is left out that could not answer.
const REST: Duration = Duration::from_secs(5);
/// SQLSTATE of a statement that took too long: it would on the primary, too.
const STATEMENT_TIMEOUT: &str = "57014";

/// Connections to a replica; a cheap clone.
#[derive(Clone)]
pub(crate) struct Replica {
    pool: Pool,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    left_out_until: Option<Instant>,
    /// Whether it was found to be a copy of this primary since it was last left out.
    is_ours: bool,
}

/// Why a replica is not asked.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("it is not a replica, or not of this primary")]
    NoReplica,
    #[error("it is too far behind, or away")]
    Behind,
    #[error("{0}")]
    Failed(#[from] sqlx::Error),
}

impl Replica {
    pub fn new(pool: Pool) -> Self {
        Self {
            pool,
            state: Arc::default(),
        }
    }

    fn is_left_out(&self) -> bool {
        self.with(|state| {
            state
                .left_out_until
                .is_some_and(|until| Instant::now() < until)
        })
    }

    fn leave_out(&self, why: &Unfit) {
        tracing::warn!(%why, seconds = REST.as_secs(), "the replica is left out");
        self.with(|state| {
            *state = State {
                left_out_until: Some(Instant::now() + REST),
                is_ours: false,
            }
        });
        // If it was restarted they are all broken, and each would have it left out again.
        self.pool.forget_idle();
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Waits until it has all that `primary` has committed by now.
    async fn catch_up(&self, primary: &Pool) -> Result<(), Unfit> {
        let committed = committed(primary).await?;
        if !self.with(|state| state.is_ours) {
            let (ours, its) = (system(primary).await?, system(&self.pool).await?);
            if ours != its {
                return Err(Unfit::NoReplica);
            }
            self.with(|state| state.is_ours = true);
        }
        loop {
            let replica = sqlx::query!(
                r#"
                SELECT pg_is_in_recovery() AS "is_replica!",
                    coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, FALSE) AS "has_all!"
                "#,
                committed,
            )
            .fetch_one(&self.pool)
            .await?;
            match (replica.is_replica, replica.has_all) {
                (false, _) => return Err(Unfit::NoReplica),
                (true, true) => return Ok(()),
                (true, false) => sleep(LOOK_AGAIN).await,
            }
        }
    }
}

/// The replica that the settings name; `None` if they name none.
///
/// # Errors
/// If its address is none that we take.
pub(crate) fn replica_options(
    settings: &DatabaseSettings,
) -> Result<Option<PgConnectOptions>, ConnectError> {
    let options = |url: &SecretString| {
        options_for(
            url.expose_secret(),
            settings.ca_file.as_ref(),
            settings.allow_plaintext,
        )
    };
    let found = settings.read_url.as_ref().map(options).transpose();
    found.map_err(|error| ConnectError::Replica(Box::new(error)))
}

/// How far the primary's log has reached the disk.
pub(crate) async fn committed(primary: impl PgExecutor<'_>) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT pg_current_wal_flush_lsn()::text AS "committed!""#)
        .fetch_one(primary)
        .await
}

/// What all copies of a database cluster share.
pub(crate) async fn system(on: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT system_identifier AS "system!" FROM pg_control_system()"#)
        .fetch_one(on)
        .await
}

impl DatabaseService {
    /// Reads from the replica, if there is one that can answer now, else from the primary.
    pub(crate) async fn read_anywhere<T>(
        &self,
        read: impl AsyncFn(&Pool) -> Result<T, sqlx::Error>,
    ) -> Result<T, RepositoryError> {
        if let Some(replica) = self.fit_replica().await {
            match timeout(self.patience, read(&replica.pool)).await {
                Ok(Ok(found)) => {
                    metrics::replica_asked(true);
                    return Ok(found);
                }
                Ok(Err(sqlx::Error::Database(error)))
                    if error.code().as_deref() == Some(STATEMENT_TIMEOUT) =>
                {
                    return Err(sqlx::Error::Database(error).into());
                }
                Ok(Err(error)) => replica.leave_out(&error.into()),
                Err(_) => replica.leave_out(&Unfit::Behind),
            }
            metrics::replica_asked(false);
        }
        self.repeatable(|| read(&self.pool)).await
    }

    async fn fit_replica(&self) -> Option<&Replica> {
        let replica = self
            .replica
            .as_ref()
            .filter(|replica| !replica.is_left_out())?;
        let unfit = match timeout(CATCH_UP, replica.catch_up(&self.pool)).await {
            Ok(Ok(())) => return Some(replica),
            Ok(Err(unfit)) => unfit,
            Err(_) => Unfit::Behind,
        };
        replica.leave_out(&unfit);
        metrics::replica_asked(false);
        None
    }
}
