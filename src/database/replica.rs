//! Read replica: serves searches, lists and exports, but only if it has replayed the primary's
//! current WAL position. Reads therefore see every write that was acknowledged before them.
//!
//! A replica that is unreachable, too far behind or promoted is quarantined for a while; the
//! primary serves these reads meanwhile.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::time::{sleep, timeout};

use super::{
    connect_error::ConnectError, connect_options::connect_options, pool::Pool,
    server_identity::system_identifier,
};
use crate::{metrics, settings::DatabaseSettings};

/// Longest wait for the replica to catch up with the primary, including connecting.
const CATCH_UP_TIMEOUT: Duration = Duration::from_millis(300);
/// Delay between checks of the replayed WAL position.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Duration for which a failed replica gets no reads.
const QUARANTINE: Duration = Duration::from_secs(5);
/// SQLSTATE of a statement time-out, which the primary would run into as well.
const STATEMENT_TIMEOUT: &str = "57014";

/// Connections to a replica; a cheap clone.
#[derive(Clone)]
pub(super) struct Replica {
    pool: Pool,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    quarantined_until: Option<Instant>,
    /// Whether it was found to be a copy of this primary since the last quarantine.
    is_verified: bool,
}

/// Why a replica cannot serve a read.
#[derive(Debug, thiserror::Error)]
enum ReplicaError {
    #[error("it is not a replica of this primary")]
    NotAReplica,
    #[error("it is unreachable or too far behind")]
    Lagging,
    #[error("{0}")]
    Failed(#[from] sqlx::Error),
}

impl Replica {
    pub fn new(pool: Pool) -> Self {
        Self { pool, state: Arc::default() }
    }

    /// The same replica, with some connections for reads on behalf of users.
    pub fn with_users(&self) -> Self {
        Self { pool: self.pool.with_users(), state: Arc::clone(&self.state) }
    }

    /// Reads from the replica; `None` if the read has to go to the primary.
    pub async fn read<'a, T, F>(
        &'a self,
        primary: &Pool,
        limit: Duration,
        read: impl Fn(&'a Pool) -> F,
    ) -> Option<Result<T, sqlx::Error>>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        if self.is_quarantined() {
            return None;
        }
        let result = match timeout(CATCH_UP_TIMEOUT, self.catch_up(primary)).await {
            Ok(Ok(())) => match timeout(limit, read(&self.pool)).await {
                Ok(result) if !is_replica_failure(&result) => {
                    if result.is_ok() {
                        metrics::record_replica_read(true);
                    }
                    return Some(result);
                }
                Ok(result) => result.map(drop).map_err(ReplicaError::from),
                Err(_) => Err(ReplicaError::Lagging),
            },
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ReplicaError::Lagging),
        };
        if let Err(error) = result {
            self.quarantine(&error);
        }
        metrics::record_replica_read(false);
        None
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Waits until the replica has replayed everything that `primary` has committed by now.
    async fn catch_up(&self, primary: &Pool) -> Result<(), ReplicaError> {
        let target = primary.with_connection(flush_lsn).await?;
        self.verify(primary).await?;
        loop {
            let replica = self
                .pool
                .with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                        SELECT pg_is_in_recovery() AS "is_replica!", coalesce(
                            pg_last_wal_replay_lsn() >= $1::text::pg_lsn, FALSE
                        ) AS "is_caught_up!"
                        "#,
                        target,
                    )
                    .fetch_one(connection)
                    .await
                })
                .await?;
            match (replica.is_replica, replica.is_caught_up) {
                (false, _) => return Err(ReplicaError::NotAReplica),
                (true, true) => return Ok(()),
                (true, false) => sleep(POLL_INTERVAL).await,
            }
        }
    }

    /// Checks once that the replica belongs to the primary's cluster.
    async fn verify(&self, primary: &Pool) -> Result<(), ReplicaError> {
        if self.with_state(|state| state.is_verified) {
            return Ok(());
        }
        let of_primary = primary.with_connection(system_identifier).await?;
        let of_replica = self.pool.with_connection(system_identifier).await?;
        if of_primary != of_replica {
            return Err(ReplicaError::NotAReplica);
        }
        self.with_state(|state| state.is_verified = true);
        Ok(())
    }

    fn is_quarantined(&self) -> bool {
        self.with_state(|state| state.quarantined_until.is_some_and(|until| Instant::now() < until))
    }

    fn quarantine(&self, error: &ReplicaError) {
        tracing::warn!(%error, seconds = QUARANTINE.as_secs(), "the replica is quarantined");
        self.with_state(|state| {
            *state =
                State { quarantined_until: Some(Instant::now() + QUARANTINE), is_verified: false }
        });
        // A restart breaks all of them, and each would cause another quarantine.
        self.pool.drop_idle_connections();
    }

    fn with_state<T>(&self, operation: impl FnOnce(&mut State) -> T) -> T {
        operation(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether the replica failed, as opposed to a statement that would fail on the primary too.
fn is_replica_failure<T>(result: &Result<T, sqlx::Error>) -> bool {
    match result {
        Ok(_) => false,
        Err(sqlx::Error::Database(error)) => error.code().as_deref() != Some(STATEMENT_TIMEOUT),
        Err(_) => true,
    }
}

/// The replica's connect options; `None` if the settings name no replica.
pub(super) fn replica_options(
    settings: &DatabaseSettings,
) -> Result<Option<PgConnectOptions>, ConnectError> {
    let options = |url: &SecretString| {
        connect_options(url.expose_secret(), settings.ca_file.as_ref(), settings.allow_plaintext)
    };
    let replica = settings.read_url.as_ref().map(options).transpose();
    replica.map_err(|error| ConnectError::Replica(Box::new(error)))
}

/// The primary's WAL position that has been flushed to disk.
pub(super) async fn flush_lsn(primary: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT pg_current_wal_flush_lsn()::text AS "lsn!""#)
        .fetch_one(primary)
        .await
}
