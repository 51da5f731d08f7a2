//! Everything that is kept: sessions and their lines in Postgres. The only place with SQL.
//!
//! Every query goes through sqlx's checked macros; what must happen together is one statement, so no caller ever
//! holds a transaction, and none holds a connection while a provider answers.

mod accounts;
mod archive;
mod claims;
mod connect;
mod doctor;
mod error;
mod local_accounts;
mod messages;
mod patience;
mod readiness;
mod reading;
mod search;
mod sessions;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::PgPool;

use crate::settings::DatabaseSettings;

pub use accounts::{Erased, ListedSession};
pub use archive::{ArchiveFilter, ArchivedMessage, ArchivedSession, Snapshot};
pub use claims::{AnsweredRequest, CLAIM, Claim, Claimed};
pub use connect::{ConnectError, MigrationState, connect, migrate, migration_states, options_for};
pub use doctor::{ServerFacts, server_facts};
pub use error::RepositoryError;
pub use local_accounts::{NewAccount, Refreshed, StoredAccount};
pub use messages::{ConversationPage, SavedTurn, Turn};
pub use readiness::NotReady;
pub use search::{Found, Hit, NEWEST_EVERYWHERE, NEWEST_WITHIN};
pub use sessions::EndedSession;

/// The pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Connections on which something runs.
    pub in_use: u32,
    /// Connections on which nothing does.
    pub idle: u32,
    /// Statements that wait for a connection.
    pub waiting: u32,
}

/// All reads and writes of sessions and messages; a cheap clone around the connection pool.
#[derive(Clone)]
pub struct DatabaseService {
    pool: PgPool,
    /// Statements that run, or wait for a connection.
    at_work: Arc<AtomicU32>,
    /// Longest wait for an answer.
    patience: Duration,
    /// Longest wait for saving what a turn has produced.
    save_patience: Duration,
}

impl DatabaseService {
    /// Serves from `pool`, whose database has all migrations applied, as patiently as `settings` say.
    pub fn new(pool: PgPool, settings: &DatabaseSettings) -> Self {
        Self {
            pool,
            at_work: Arc::default(),
            patience: Duration::from_secs(settings.acquire_timeout_seconds),
            save_patience: Duration::from_secs(settings.save_timeout_seconds),
        }
    }

    /// How the pool stands.
    pub fn connections(&self) -> Connections {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let in_use = self.pool.size().saturating_sub(idle);
        Connections {
            in_use,
            idle,
            // The pool does not tell; what is at work without a connection is waiting for one.
            waiting: self.at_work.load(Ordering::Relaxed).saturating_sub(in_use),
        }
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
