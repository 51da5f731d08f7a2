//! Everything that is kept: sessions and their lines in Postgres. The only place with SQL.
//!
//! Every query goes through sqlx's checked macros; what must happen together is one statement, so no caller ever
//! holds a transaction, and none holds a connection while a provider answers.

mod accounts;
mod archive;
mod batch;
mod claims;
mod columns;
mod connect;
mod connection;
mod doctor;
mod error;
mod local_accounts;
mod messages;
mod opener;
mod patience;
mod pool;
mod ratings;
mod readiness;
mod reading;
mod replica;
mod search;
mod search_index;
mod search_statements;
mod sessions;
mod turns;
mod ways;

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::settings::DatabaseSettings;
use batch::Batch;
use replica::{Replica, replica_options};
use search_index::NewLines;
use ways::Ways;

pub use accounts::{Erased, ListedSession};
pub use archive::{ArchiveFilter, ArchivedMessage, ArchivedSession, Snapshot};
pub use claims::{AnsweredRequest, CLAIM, Claim, Claimed};
pub use connect::{ConnectError, MigrationState, connect, migrate, migration_states, options_for};
pub use doctor::{ReplicaFacts, ServerFacts, replica_facts, server_facts};
pub use error::RepositoryError;
pub use local_accounts::{NewAccount, Refreshed, StoredAccount};
pub use messages::ConversationPage;
pub use pool::{Connections, Pool};
pub use readiness::NotReady;
pub use search::{Found, Hit, NEWEST_EVERYWHERE, NEWEST_WITHIN};
pub use sessions::EndedSession;
pub use turns::{SavedTurn, Turn};

/// All reads and writes of sessions and messages; a cheap clone around the connection pool.
#[derive(Clone)]
pub struct DatabaseService {
    pool: Pool,
    /// Answers what may be answered by one.
    replica: Option<Replica>,
    batches: Arc<Batches>,
    /// Places for searches, of all threads.
    searches: Arc<Semaphore>,
    ways: Arc<Ways>,
    new_lines: Arc<NewLines>,
    /// Longest wait for an answer.
    patience: Duration,
    /// Longest wait for saving what a turn has produced.
    save_patience: Duration,
}

/// Questions that are gathered, by kind.
#[derive(Default)]
struct Batches {
    begin: Batch<sessions::Begin>,
    look: Batch<sessions::Look>,
    rate: Batch<ratings::Rate>,
    read: Batch<messages::Read>,
    claim: Batch<claims::ClaimTurn>,
    save: Batch<Turn>,
}

impl DatabaseService {
    /// Serves from `pool`, whose database has all migrations applied, and from the replica that `settings` may name, as patiently as
    /// they say.
    ///
    /// # Errors
    /// If the replica's address is none that we take; that it is away is no error.
    pub fn new(pool: Pool, settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let replica =
            replica_options(settings)?.map(|options| Replica::new(Pool::new(options, settings)));
        let searches = settings.max_connections as usize / search::PART_OF_CONNECTIONS;
        Ok(Self {
            pool,
            replica,
            batches: Arc::default(),
            searches: Arc::new(Semaphore::new(searches.max(1))),
            ways: Arc::default(),
            new_lines: Arc::default(),
            patience: Duration::from_secs(settings.acquire_timeout_seconds),
            save_patience: Duration::from_secs(settings.save_timeout_seconds),
        })
    }

    /// The same for each of `workers` threads, with connections of its own.
    pub fn divide(&self, workers: usize) -> Vec<Self> {
        let with = |pool| Self {
            pool,
            // Answers that another thread awaits would wake both.
            batches: Arc::default(),
            ..self.clone()
        };
        self.pool.divide(workers).into_iter().map(with).collect()
    }

    /// How the connections stand, those of all threads.
    pub fn connections(&self) -> Connections {
        self.pool.connections()
    }

    /// Closes all connections, those in use once they are given back.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(replica) = &self.replica {
            replica.close().await;
        }
    }
}
