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
    connect::{ConnectError, connect_options},
};
use crate::{metrics, repository::DatabaseService, settings::DatabaseSettings};

/// Longest wait for the replica to catch up with the primary, connecting to it included.
const CATCH_UP_TIMEOUT: Duration = Duration::from_millis(300);
/// How often it is asked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long a replica is left out that could not answer.
const REST: Duration = Duration::from_secs(5);
/// SQLSTATE of a statement that took too long: it would on the primary, too.
const STATEMENT_TIMEOUT: &str = "57014";

/// PoolStatus to a replica; a cheap clone.
#[derive(Clone)]
pub(crate) struct Replica {
    pool: Pool,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    quarantined_until: Option<Instant>,
    /// Whether it was found to be a copy of this primary since it was last left out.
    is_verified: bool,
}

/// Why a replica is not asked.
#[derive(Debug, thiserror::Error)]
enum ReplicaError {
    #[error("it is not a replica, or not of this primary")]
    NotAReplica,
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

    fn is_quarantined(&self) -> bool {
        self.with(|state| {
            state
                .quarantined_until
                .is_some_and(|until| Instant::now() < until)
        })
    }

    fn quarantine(&self, why: &ReplicaError) {
        tracing::warn!(%why, seconds = REST.as_secs(), "the replica is left out");
        self.with(|state| {
            *state = State {
                quarantined_until: Some(Instant::now() + REST),
                is_verified: false,
            }
        });
        // If it was restarted they are all broken, and each would have it left out again.
        self.pool.drop_idle_connections();
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Waits until it has all that `primary` has committed by now.
    async fn catch_up(&self, primary: &Pool) -> Result<(), ReplicaError> {
        let committed = committed(primary).await?;
        if !self.with(|state| state.is_verified) {
            let (ours, its) = (system(primary).await?, system(&self.pool).await?);
            if ours != its {
                return Err(ReplicaError::NotAReplica);
            }
            self.with(|state| state.is_verified = true);
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
                (false, _) => return Err(ReplicaError::NotAReplica),
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
        connect_options(
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
    pub(crate) async fn read_prefer_replica<T>(
        &self,
        read: impl AsyncFn(&Pool) -> Result<T, sqlx::Error>,
    ) -> Result<T, RepositoryError> {
        if let Some(replica) = self.caught_up_replica().await {
            match timeout(self.patience, read(&replica.pool)).await {
                Ok(Ok(found)) => {
                    metrics::record_replica_read(true);
                    return Ok(found);
                }
                Ok(Err(sqlx::Error::Database(error)))
                    if error.code().as_deref() == Some(STATEMENT_TIMEOUT) =>
                {
                    return Err(sqlx::Error::Database(error).into());
                }
                Ok(Err(error)) => replica.quarantine(&error.into()),
                Err(_) => replica.quarantine(&ReplicaError::Behind),
            }
            metrics::record_replica_read(false);
        }
        self.retry_idempotent(|| read(&self.pool)).await
    }

    async fn caught_up_replica(&self) -> Option<&Replica> {
        let replica = self
            .replica
            .as_ref()
            .filter(|replica| !replica.is_quarantined())?;
        let unfit = match timeout(CATCH_UP_TIMEOUT, replica.catch_up(&self.pool)).await {
            Ok(Ok(())) => return Some(replica),
            Ok(Err(unfit)) => unfit,
            Err(_) => ReplicaError::Behind,
        };
        replica.quarantine(&unfit);
        metrics::record_replica_read(false);
        None
    }
}
