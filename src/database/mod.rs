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

pub use connect::{ConnectError, MigrationState, connect, migrate, migration_states, options_for};
pub use diagnostics::{ReplicaFacts, ServerFacts, replica_facts, server_facts};
pub use error::RepositoryError;
pub use pool::{Connections, Pool};
pub(crate) use pooled_connection::Connection;
pub use readiness::NotReady;
pub(crate) use retry::Persisted;
