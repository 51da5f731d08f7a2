//! All SQL: sessions, messages, users and accounts in Postgres.
//!
//! # Methods
//! `get_x` reads one thing by its id, `list_x` several, `create_x`/`save_x` store, `update_x` and
//! `delete_x` change. Verbs of the domain are used too: `end_session`, `rate_session`,
//! `claim_session`. A missing row is `None`, and so is a row that the viewer may not read.
//!
//! Every method returns [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
//! The change may be stored all the same, if the result of the statement was lost.
//!
//! Changes that belong together are one statement. No caller holds a transaction, and no
//! connection is held while a provider works.
//!
//! # Example
//! ```ignore
//! impl DatabaseService {
//!     /// The number of messages of a session; `None` if the viewer may read no such session.
//!     pub async fn count_messages(
//!         &self,
//!         viewer: Viewer,
//!         id: &SessionId,
//!     ) -> Result<Option<i32>, RepositoryError> {
//!         let count = self
//!             .database
//!             // or with_connection (no retry), save_with_retry, read_prefer_replica
//!             .retry_idempotent(|pool| {
//!                 pool.with_connection_as(viewer, async |connection| {
//!                     sqlx::query_scalar!(
//!                         r#"
//!                         SELECT session.message_count AS "count!"
//!                         -- For row level security: made before a row of sessions is read.
//!                         FROM (
//!                             SELECT set_config('request.jwt.claim.sub', $3::text, TRUE) AS claim,
//!                                 set_config('kuku_coach.session_id', $1, TRUE) AS session_id
//!                         ) AS viewer
//!                         CROSS JOIN LATERAL (
//!                             SELECT message_count FROM public.sessions
//!                             WHERE session_id = viewer.session_id AND viewer.claim IS NOT NULL
//!                               AND ($2 OR user_id IS NULL OR user_id::text = viewer.claim)
//!                             OFFSET 0
//!                         ) AS session
//!                         "#,
//!                         id.as_str(),
//!                         viewer.is_service(),
//!                         viewer.user_id().map(|user| user.to_string()).unwrap_or_default(),
//!                     )
//!                     .fetch_optional(connection)
//!                     .await
//!                 })
//!             })
//!             .await?;
//!         Ok(count)
//!     }
//! }
//! ```
//! Then run `scripts/sqlx-data.sh`, which describes the new query for offline builds.

mod accounts;
mod archive;
mod archived_memories;
mod batches;
mod column_types;
mod distribution;
mod error;
mod idempotency_keys;
mod leases;
mod memories;
mod memory_merges;
mod messages;
mod ratings;
mod refresh_tokens;
mod schema_checks;
mod search;
mod server_secrets;
mod session_keys;
mod sessions;
mod turn_leases;
mod turns;
mod unanswered_recordings;
mod unused_accounts;
mod users;

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    database::{ConnectError, Database, Pool, PoolStatus},
    settings::DatabaseSettings,
};
use batches::BatchQueues;
use distribution::Distribution;
use server_secrets::CachedSecret;
use session_keys::UnderivedKeys;

pub use crate::database::NotReady;
pub use accounts::{NewAccount, StoredAccount, UpdateOutcome};
pub use archive::{ExportFilter, ExportedMessage, ExportedSession, ImportOutcome, Snapshot};
pub use archived_memories::ExportedMemory;
pub use distribution::{
    DistributeError, DistributionPlan, LEAKING_CITUS_VERSIONS, distribute, plan_distribution,
};
pub use error::RepositoryError;
pub use idempotency_keys::{KeyState, Origin};
pub use leases::{IdempotentResponse, LEASE_DURATION, Lease};
pub use memories::StoredMemory;
pub use memory_merges::{DueSession, Merge};
pub use messages::{ConversationPage, PageSize};
pub use refresh_tokens::RefreshOutcome;
pub use schema_checks::{SchemaDiagnostics, diagnose_schema};
pub use search::{Hit, MAX_RANKED_GLOBAL, MAX_RANKED_SCOPED, SearchPage, UnindexedSession};
pub use session_keys::SessionKey;
pub use sessions::{Creation, DeletedBatch, EndedSession, IdleSession};
pub use turns::{NewTurn, SavedTurn};
pub use users::{Deleted, SessionSummary};

/// All reads and writes of our tables; a cheap clone.
#[derive(Clone)]
pub struct DatabaseService {
    database: Database,
    batches: Arc<BatchQueues>,
    shared: Arc<Shared>,
}

/// What all workers share.
struct Shared {
    /// Permits for concurrent searches.
    search_permits: Semaphore,
    underived_keys: UnderivedKeys,
    session_id_secret: CachedSecret,
    distribution: Distribution,
}

impl DatabaseService {
    /// Uses `pool`, whose database has all migrations applied, and the replica if `settings` name
    /// one.
    /// Fails if the replica's address is not accepted; an unreachable replica is no error.
    pub fn new(pool: Pool, settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let searches = settings.max_connections as usize / search::CONNECTIONS_PER_SEARCH;
        Ok(Self {
            database: Database::new(pool, settings)?,
            batches: Arc::default(),
            shared: Arc::new(Shared {
                search_permits: Semaphore::new(searches.max(1)),
                underived_keys: UnderivedKeys::default(),
                session_id_secret: CachedSecret::default(),
                distribution: Distribution::new(settings),
            }),
        })
    }

    /// One service for each of `workers` threads, with connections of their own.
    /// If `users_sign_in`, some of them are for reads on behalf of users.
    pub fn split_for_workers(&self, workers: usize, users_sign_in: bool) -> Vec<Self> {
        let databases = self.database.split_for_workers(workers, users_sign_in).into_iter();
        let service = |database| Self {
            database,
            // Not shared: a result that another thread awaits wakes both threads.
            batches: Arc::default(),
            ..self.clone()
        };
        databases.map(service).collect()
    }

    /// The connections of all threads.
    pub fn pool_status(&self) -> PoolStatus {
        self.database.pool_status()
    }

    /// Why the database is not ready; `None` if it is.
    pub async fn readiness(&self) -> Option<NotReady> {
        self.database.readiness().await
    }

    /// Whether all migrations of this program are applied, and no other ones.
    pub async fn has_exactly_our_migrations(&self) -> Result<bool, RepositoryError> {
        Ok(self.database.has_exactly_our_migrations().await?)
    }

    /// Whether the database was read-only at the last check of its readiness.
    pub fn is_read_only(&self) -> bool {
        self.database.is_read_only()
    }

    /// Closes all connections, those in use when they are returned.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
