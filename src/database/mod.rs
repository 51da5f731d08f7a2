//! How Postgres is reached.

pub(crate) mod batch;
mod connect;
mod connection_manager;
mod diagnostics;
mod error;
mod pool;
mod pooled_connection;
mod readiness;
pub(crate) mod replica;
mod retry;
mod row_level_security;

pub use connect::{
    ConnectError, MigrationState, connect, connect_options, migrate, migration_states,
};
pub use diagnostics::{ReplicaDiagnostics, ServerDiagnostics, diagnose_replica, diagnose_server};
pub use error::RepositoryError;
pub use pool::{Pool, PoolStatus};
pub(crate) use pooled_connection::PooledConnection;
pub use readiness::NotReady;
pub(crate) use retry::Retried;
