//! Tables that are distributed over several machines with Citus, by the key of their session.
//!
//! The server finds out by itself, and then collects requests by the node of their session, where
//! it collects all of them on ordinary tables:
//! docs/decisions/0029-collect-requests-by-node.md.

mod setup;
mod shard_map;

use std::{
    ops::Deref,
    sync::{PoisonError, RwLock},
};

use sqlx::PgConnection;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::database::{Database, DatabaseError, batch::BatchQuery};
use shard_map::ShardMap;

pub use setup::{
    DistributeError, DistributionPlan, LEAKING_CITUS_VERSIONS, distribute, plan_distribution,
};
pub(super) use setup::{citus_version, functions_on_coordinator, logged_statements};

/// What is known of the distribution of the tables. Whether they are distributed stays as it is
/// while a server runs; shards may move.
#[derive(Default)]
pub(super) struct Distribution(OnceCell<Option<RwLock<ShardMap>>>);

/// A batched query that distributed tables run for all sessions of a node.
pub(super) trait NodeQuery: BatchQuery<Context = Database> {
    /// The key of the session that is read or written.
    fn session(&self) -> Uuid;

    /// [`BatchQuery::execute`] on distributed tables. `queries` are for sessions of one node; the
    /// first one's session tells which.
    fn execute_on_node(
        database: &Database,
        queries: &[OnNode<Self>],
        is_retry: bool,
    ) -> impl Future<Output = Result<Vec<Self::Output>, DatabaseError>> + Send;
}

/// A query in the queue of a node.
pub(super) struct OnNode<Q>(pub Q);

impl<Q> Deref for OnNode<Q> {
    type Target = Q;

    fn deref(&self) -> &Q {
        &self.0
    }
}

/// Queries that take row locks, in the order of their sessions' keys, with their numbers from 1.
/// All servers lock in this order, which prevents deadlocks.
pub(super) fn in_lock_order<Q: NodeQuery>(queries: &[OnNode<Q>]) -> Vec<(i64, &Q)> {
    let mut numbered: Vec<(i64, &Q)> = (1..).zip(queries.iter().map(Deref::deref)).collect();
    numbered.sort_by_key(|(_, query)| query.session());
    numbered
}

impl<Q: NodeQuery> BatchQuery for OnNode<Q> {
    type Output = Q::Output;
    type Context = Database;
    const TAKES_ROW_LOCKS: bool = Q::TAKES_ROW_LOCKS;

    async fn execute(
        database: &Database,
        queries: &[Self],
        is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        Q::execute_on_node(database, queries, is_retry).await
    }
}

impl DatabaseService {
    /// Whether the tables are distributed. Asks the database at the first call.
    pub(super) async fn is_distributed(&self) -> Result<bool, DatabaseError> {
        Ok(self.shard_map().await?.is_some())
    }

    /// Reads the nodes of shards again, if the tables are distributed.
    pub async fn refresh_shard_map(&self) -> Result<(), RepositoryError> {
        if let Some(shards) = self.shard_map().await? {
            let map = self.database.with_connection(ShardMap::read).await?;
            *shards.write().unwrap_or_else(PoisonError::into_inner) = map;
        }
        Ok(())
    }

    /// The group of the node that has the session with this key; `None` if the tables are ordinary.
    pub(super) async fn node_of(&self, session: Uuid) -> Result<Option<i32>, DatabaseError> {
        let shards = self.shard_map().await?;
        let read = |shards: &RwLock<ShardMap>| {
            shards.read().unwrap_or_else(PoisonError::into_inner).node_of(session)
        };
        Ok(shards.map(read))
    }

    /// The nodes of shards; `None` if the tables are ordinary.
    async fn shard_map(&self) -> Result<Option<&RwLock<ShardMap>>, DatabaseError> {
        let read = async |connection: &mut PgConnection| {
            Ok(match is_distributed(connection).await? {
                true => Some(RwLock::new(ShardMap::read(connection).await?)),
                false => None,
            })
        };
        let read = || self.database.retry_idempotent(|pool| pool.with_connection(read));
        Ok(self.shared.distribution.0.get_or_try_init(read).await?.as_ref())
    }
}

/// Whether the tables are distributed.
pub(super) async fn is_distributed(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // Not by the catalogs of Citus, which other databases lack.
    let has_constraint = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM pg_constraint
            WHERE conrelid = to_regclass('public.sessions') AND conname = 'sessions_id_is_key'
        ) AS "exists!"
        "#
    );
    has_constraint.fetch_one(connection).await
}
