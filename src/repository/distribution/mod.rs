//! Tables that are distributed over several machines with Citus, by the key of their session.
//!
//! The server finds out by itself, and then collects requests by the node of their session, where
//! it collects all of them on ordinary tables:
//! docs/decisions/0029-collect-requests-by-node.md.

mod setup;
mod shard_map;

use std::{
    ops::Deref,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use futures_util::future::join_all;
use sqlx::PgConnection;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::{
    database::{Database, DatabaseError, Node, Pool, batch::BatchQuery},
    settings::DatabaseSettings,
};
use shard_map::{ShardMap, read_nodes};

pub use setup::{
    DistributeError, DistributionPlan, LEAKING_CITUS_VERSIONS, distribute, plan_distribution,
};
pub(super) use setup::{citus_version, functions_on_coordinator, logged_statements};
pub(super) use shard_map::Place;

/// What is known of the distribution of the tables. Whether they are distributed stays as it is
/// while a server runs; shards may move.
pub(super) struct Distribution {
    /// `None` in it if the tables are ordinary.
    shards: OnceCell<Option<RwLock<ShardMap>>>,
    /// Whether nodes are connected to without the coordinator.
    connects_to_nodes: bool,
}

impl Distribution {
    pub fn new(settings: &DatabaseSettings) -> Self {
        Self { shards: OnceCell::new(), connects_to_nodes: settings.connect_to_workers }
    }

    /// Reads the nodes of shards, and those nodes that may be connected to.
    async fn read(
        &self,
        connection: &mut PgConnection,
        known: &[Arc<Node>],
    ) -> Result<ShardMap, sqlx::Error> {
        let nodes = match self.connects_to_nodes {
            true => read_nodes(connection, known).await?,
            false => Vec::new(),
        };
        ShardMap::read(connection, nodes).await
    }
}

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

    /// Reads again which node has which shard, if the tables are distributed, and checks the nodes
    /// that are not connected to.
    pub async fn refresh_shard_map(&self) -> Result<(), RepositoryError> {
        let Some(shards) = self.shard_map().await? else { return Ok(()) };
        let known = read_map(shards).nodes().to_vec();
        let distribution = &self.shared.distribution;
        let read =
            async |connection: &mut PgConnection| distribution.read(connection, &known).await;
        let map = self.database.with_connection(read).await?;
        let nodes = map.nodes().to_vec();
        *shards.write().unwrap_or_else(PoisonError::into_inner) = map;
        let pool = self.database.primary();
        let checked = check_nodes(pool, &nodes).await;
        pool.close_nodes_except(&nodes);
        Ok(checked.map_err(DatabaseError::from)?)
    }

    /// Where the session with this key is; `None` if the tables are ordinary.
    pub(super) async fn place_of(&self, session: Uuid) -> Result<Option<Place>, DatabaseError> {
        Ok(self.shard_map().await?.map(|shards| read_map(shards).place_of(session)))
    }

    /// The nodes of shards; `None` if the tables are ordinary.
    async fn shard_map(&self) -> Result<Option<&RwLock<ShardMap>>, DatabaseError> {
        let distribution = &self.shared.distribution;
        let read = async |connection: &mut PgConnection| {
            Ok(match is_distributed(connection).await? {
                true => Some(RwLock::new(distribution.read(connection, &[]).await?)),
                false => None,
            })
        };
        let read = || self.database.retry_idempotent(|pool| pool.with_connection(read));
        Ok(distribution.shards.get_or_try_init(read).await?.as_ref())
    }
}

fn read_map(shards: &RwLock<ShardMap>) -> RwLockReadGuard<'_, ShardMap> {
    shards.read().unwrap_or_else(PoisonError::into_inner)
}

/// Checks those of `nodes` that are not reachable. `pool` has connections to the coordinator.
async fn check_nodes(pool: &Pool, nodes: &[Arc<Node>]) -> Result<(), sqlx::Error> {
    if nodes.iter().all(|node| node.is_reachable()) {
        return Ok(());
    }
    let systems = pool.with_transaction(systems_of_nodes).await?;
    let unreachable = nodes.iter().filter(|node| !node.is_reachable());
    join_all(unreachable.map(async |node| {
        let system = systems.iter().find(|(group, _)| *group == node.group());
        pool.check_node(node, system.map(|(_, system)| *system)).await;
    }))
    .await;
    Ok(())
}

/// The workers that cannot be connected to from here, as "host:port (reason)".
pub(super) async fn unreachable_workers(pool: &Pool) -> Result<Vec<String>, sqlx::Error> {
    let nodes = pool.with_connection(async |c| read_nodes(c, &[]).await).await?;
    check_nodes(pool, &nodes).await?;
    Ok(nodes.iter().filter_map(|node| node.failure()).collect())
}

/// The groups of the nodes that the coordinator reaches within seconds and that know the shards,
/// with the `system_identifier` of each one's Postgres. In a transaction.
async fn systems_of_nodes(connection: &mut PgConnection) -> Result<Vec<(i32, i64)>, sqlx::Error> {
    sqlx::query!("SELECT set_config('citus.node_connection_timeout', '2s', TRUE) AS timeout")
        .fetch_one(&mut *connection)
        .await?;
    // Not checked at compile time: tables and functions that come with the extension.
    let systems = sqlx::query_as(
        "SELECT groupid, result::bigint \
         FROM run_command_on_workers('SELECT system_identifier FROM pg_control_system()') \
         JOIN pg_dist_node USING (nodename, nodeport) \
         WHERE success AND noderole = 'primary' AND hasmetadata AND metadatasynced",
    );
    systems.fetch_all(connection).await
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
