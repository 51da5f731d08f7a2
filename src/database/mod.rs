//! How Postgres is reached: connections, time-outs, retries, replica, batching, migrations.
//! Names no table of ours.

mod address;
mod advice;
mod backoff;
pub(crate) mod batch;
mod connect;
mod connect_error;
mod connect_options;
mod connection_manager;
mod diagnostics;
mod error;
mod migration_run;
mod migrations;
mod node;
mod open_connection;
mod pool;
mod pooled_connection;
mod readiness;
mod replica;
mod retry;
mod row_level_security;
mod server_identity;
mod stale_connections;
mod supported_server;

use std::{sync::Arc, time::Duration};

use sqlx::PgConnection;

use crate::settings::DatabaseSettings;
use readiness::ReadOnlyFlag;
use replica::{Replica, replica_options};

pub(crate) use advice::server_text;
pub use connect::connect;
pub use connect_error::ConnectError;
pub(crate) use connect_options::unreachable;
pub use connect_options::{connect_options, target};
pub use diagnostics::{ReplicaDiagnostics, ServerDiagnostics, diagnose_replica, diagnose_server};
pub use error::DatabaseError;
pub(crate) use migrations::connect_at_start;
pub use migrations::{MigrationState, migrate, migration_states};
pub(crate) use node::Node;
use pool::in_transaction;
pub use pool::{Pool, PoolStatus};
pub(crate) use pooled_connection::PooledConnection;
pub use readiness::NotReady;
pub(crate) use retry::Retried;

/// Connections to the primary and its replica, with time-outs and retries; a cheap clone.
#[derive(Clone)]
pub struct Database {
    primary: Pool,
    replica: Option<Replica>,
    read_only: ReadOnlyFlag,
    /// Longest wait for a result.
    query_timeout: Duration,
    /// Longest time for saving, including retries.
    save_timeout: Duration,
}

impl Database {
    /// Uses `primary`, and the replica if `settings` name one.
    /// Fails if the replica's address is not accepted; an unreachable replica is no error.
    pub fn new(primary: Pool, settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let replica = replica_options(settings)?;
        Ok(Self {
            primary,
            read_only: ReadOnlyFlag::default(),
            replica: replica.map(|options| Replica::new(Pool::new(options, settings))),
            query_timeout: Duration::from_secs(settings.acquire_timeout_seconds),
            save_timeout: Duration::from_secs(settings.save_timeout_seconds),
        })
    }

    /// One database for each of `workers` threads, with connections of their own.
    /// If `users_sign_in`, some of them are for reads on behalf of users.
    pub(crate) fn split_for_workers(&self, workers: usize, users_sign_in: bool) -> Vec<Self> {
        let replica = match &self.replica {
            Some(replica) if users_sign_in => Some(replica.with_users()),
            replica => replica.clone(),
        };
        let pools = self.primary.split_for_workers(workers, users_sign_in).into_iter();
        let database = |primary| Self { primary, replica: replica.clone(), ..self.clone() };
        pools.map(database).collect()
    }

    /// The same database with connections to `node` of its cluster, in place of the coordinator
    /// while the node is reachable.
    pub(crate) fn with_node(&self, node: &Arc<Node>) -> Self {
        Self { primary: self.primary.with_node(node), ..self.clone() }
    }

    /// The primary's connections, for callers that need several statements on one connection.
    pub(crate) fn primary(&self) -> &Pool {
        &self.primary
    }

    /// The connections to the primary, and to nodes of its cluster, of all threads.
    pub(crate) fn pool_status(&self) -> PoolStatus {
        self.primary.status()
    }

    /// Closes all connections, those in use when they are returned.
    pub(crate) async fn close(&self) {
        self.primary.close().await;
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }

    /// Why the database is not ready; `None` if it is. Notices, too, whether it is read-only.
    pub(crate) async fn readiness(&self) -> Option<NotReady> {
        let check = || self.retry_idempotent(|pool| pool.with_connection(readiness::check));
        let mut checked = check().await;
        if let Ok((_, true)) = checked {
            // A connection keeps the state in which the database was when it was opened.
            self.primary.renew_connections();
            checked = check().await;
        }
        match checked {
            Ok((not_ready, is_read_only)) => {
                self.read_only.set(is_read_only);
                not_ready
            }
            Err(error) => {
                tracing::warn!(%error, "not ready");
                Some(NotReady::Unreachable)
            }
        }
    }

    /// Whether the database was read-only at the last check of its readiness.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only.get()
    }

    /// Longest time for saving, including retries.
    pub(crate) fn save_timeout(&self) -> Duration {
        self.save_timeout
    }

    /// Whether all migrations of this program are applied, and no other ones.
    pub(crate) async fn has_exactly_our_migrations(&self) -> Result<bool, DatabaseError> {
        self.with_connection(readiness::has_exactly_our_migrations).await
    }

    /// Runs `operation`, for the query time-out at most.
    pub(crate) async fn with_timeout<T>(
        &self,
        operation: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, DatabaseError> {
        retry::with_timeout(self.query_timeout, operation).await
    }

    /// Runs `operation` once on a connection of the primary, which answers a ping before.
    pub(crate) async fn with_connection<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        self.with_timeout(self.primary.with_checked_connection(operation)).await
    }

    /// Runs `operation` in a transaction: commits what returned a value, rolls back what failed.
    pub(crate) async fn with_transaction<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        self.with_connection(async |connection| in_transaction(connection, operation).await).await
    }

    /// Runs `operation` on the primary, again after every broken connection, and once more after
    /// another transient error, all within the query time-out. For reads, and for writes that
    /// change nothing when carried out twice.
    pub(crate) async fn retry_idempotent<'a, T, F>(
        &'a self,
        operation: impl Fn(&'a Pool) -> F,
    ) -> Result<T, DatabaseError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        self.with_timeout(retry::retry_idempotent(|| operation(&self.primary))).await
    }

    /// Runs `operation` on the primary, and again after transient errors until the save time-out.
    ///
    /// An attempt may have been committed although it failed here: `operation` must change nothing
    /// the second time, and [`Retried::retried`] reports the case.
    pub(crate) async fn save_with_retry<'a, T, F>(
        &'a self,
        operation: impl Fn(&'a Pool) -> F,
    ) -> Result<Retried<T>, DatabaseError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let attempt = || operation(&self.primary);
        retry::save_with_retry(self.query_timeout, self.save_timeout, attempt).await
    }

    /// Reads from the replica if it is up to date, otherwise from the primary.
    pub(crate) async fn read_prefer_replica<'a, T, F>(
        &'a self,
        read: impl Fn(&'a Pool) -> F,
    ) -> Result<T, DatabaseError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        if let Some(replica) = &self.replica
            && let Some(result) = replica.read(&self.primary, self.query_timeout, &read).await
        {
            return Ok(result?);
        }
        self.retry_idempotent(read).await
    }
}
