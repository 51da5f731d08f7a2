//! Everything that is kept: sessions and their lines in Postgres. The only place with SQL.
//!
//! Every query goes through sqlx's checked macros; what must happen together is one statement, so no caller ever
//! holds a transaction, and none holds a connection while a provider answers.

mod accounts;
mod archive;
mod column_types;
mod leases;
mod messages;
mod ratings;
mod search;
mod sessions;
mod turns;
mod users;

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    database::{
        ConnectError, Pool, PoolStatus,
        batch::BatchQueue,
        replica::{Replica, replica_options},
    },
    settings::DatabaseSettings,
};

pub use crate::database::RepositoryError;
pub use accounts::{NewAccount, RefreshOutcome, StoredAccount};
pub use archive::{ExportFilter, ExportedMessage, ExportedSession, Snapshot};
pub use leases::{IdempotentResponse, KeyState, LEASE_DURATION, Lease};
pub use messages::ConversationPage;
pub use search::{Hit, MAX_RANKED_GLOBAL, MAX_RANKED_SCOPED, SearchPage};
pub use sessions::EndedSession;
pub use turns::{NewTurn, SavedTurn};
pub use users::{Deleted, SessionSummary};

/// All reads and writes of sessions and messages; a cheap clone around the connection pool.
#[derive(Clone)]
pub struct DatabaseService {
    pub(crate) pool: Pool,
    /// Answers what may be answered by one.
    pub(crate) replica: Option<Replica>,
    pub(crate) batches: Arc<Batches>,
    /// Permits for concurrent searches, shared by all workers.
    pub(crate) search_permits: Arc<Semaphore>,
    /// Longest wait for an answer.
    pub(crate) patience: Duration,
    /// Longest wait for saving what a turn has produced.
    pub(crate) save_timeout: Duration,
}

/// Questions that are gathered, by kind.
#[derive(Default)]
struct Batches {
    begin: BatchQueue<sessions::CreateSession>,
    look: BatchQueue<sessions::GetSession>,
    rate: BatchQueue<ratings::RateSession>,
    read: BatchQueue<messages::GetMessages>,
    claim: BatchQueue<leases::AcquireTurnLease>,
    save: BatchQueue<NewTurn>,
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
        let permits = settings.max_connections as usize / search::CONNECTIONS_PER_SEARCH;
        Ok(Self {
            pool,
            replica,
            batches: Arc::default(),
            search_permits: Arc::new(Semaphore::new(permits.max(1))),
            patience: Duration::from_secs(settings.acquire_timeout_seconds),
            save_timeout: Duration::from_secs(settings.save_timeout_seconds),
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
    pub fn connections(&self) -> PoolStatus {
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
