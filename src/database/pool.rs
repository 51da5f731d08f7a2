//! Connection pool: one pool shared by all threads, and one per worker of the HTTP server.
//!
//! A connection belongs to the reactor of the thread that opened it. If another thread awaits its
//! results, each result wakes two threads, which costs more than the statement. Each worker
//! therefore opens connections of its own, and takes shared ones, which turns use too, once its
//! own are all in use.
//!
//! Where users sign in, a third of each pool's connections has the role `authenticated`, for reads
//! on behalf of users (see `row_level_security`): a connection that changes its role plans its
//! statements anew, and the change is a round trip.
//!
//! A pool may have connections to a node of a cluster, too. They come first; the others lead to the
//! coordinator.
//!
//! deadpool instead of sqlx's pool, which pings every connection on return: a second round trip
//! per request. This pool pings only after a failed statement or a long idle time.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{self, PoolConfig, PoolError, Timeouts},
};
use futures_util::future::{BoxFuture, select_ok};
use sqlx::{
    ConnectOptions, Connection as _, Error, PgConnection, SqlSafeStr, postgres::PgConnectOptions,
};
use tokio::time::timeout;

use super::{
    connection_manager::{ConnectionManager, PING_TIMEOUT},
    error::is_too_many_connections,
    node::Node,
    pooled_connection::PooledConnection,
    retry::retry_idempotent,
    stale_connections::StaleConnections,
};
use crate::settings::DatabaseSettings;

/// Share of all connections that the worker pools get, in quarters.
const WORKER_SHARE_QUARTERS: u32 = 3;

/// One connection of how many has the role `authenticated`, where users sign in.
const USERS_SHARE: u32 = 3;

/// Connections to one database, or also to a node of its cluster; a cheap clone.
#[derive(Clone)]
pub struct Pool {
    shared: RolePools,
    worker: Option<RolePools>,
    /// Connections to a node, which come first.
    node: Option<managed::Pool<ConnectionManager>>,
    /// The shared pools, and those of all workers and nodes.
    all_pools: Arc<Mutex<Vec<managed::Pool<ConnectionManager>>>>,
    max_connections: u32,
    /// Most connections of this pool to a node.
    node_connections: u32,
}

/// Connections by their role.
#[derive(Clone)]
struct RolePools {
    /// Of the role that logs in.
    own: managed::Pool<ConnectionManager>,
    /// Of the role `authenticated`; `None` where users do not sign in, or with too few connections.
    users: Option<managed::Pool<ConnectionManager>>,
}

/// The number of connections by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections in use.
    pub in_use: usize,
    /// Idle connections.
    pub idle: usize,
    /// Callers waiting for a connection.
    pub waiting: usize,
}

impl Pool {
    /// A pool of at most `settings.max_connections`, none of which is open yet.
    pub(crate) fn new(options: PgConnectOptions, settings: &DatabaseSettings) -> Self {
        let acquire_timeout = Duration::from_secs(settings.acquire_timeout_seconds);
        let manager = ConnectionManager {
            acquire_timeout,
            // Statements may contain session ids, which give access to anonymous sessions.
            options: options.disable_statement_logging(),
            statement_timeout: format!("{}s", settings.statement_timeout_seconds),
            stale: StaleConnections::default(),
            for_users: false,
            node: None,
        };
        let timeouts = Timeouts {
            wait: Some(acquire_timeout),
            create: Some(acquire_timeout),
            recycle: Some(PING_TIMEOUT),
        };
        let shared = build_pool(manager, settings.max_connections, timeouts);
        Self {
            all_pools: Arc::new(Mutex::new(vec![shared.clone()])),
            shared: RolePools { own: shared, users: None },
            worker: None,
            node: None,
            max_connections: settings.max_connections,
            // The rest is for workers.
            node_connections: (settings.max_connections / 4).max(1),
        }
    }

    /// Moves connections from the shared pool to a pool for each of `workers`, if there are enough.
    pub(super) fn split_for_workers(&self, workers: usize, users_sign_in: bool) -> Vec<Self> {
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        let each = self.max_connections * WORKER_SHARE_QUARTERS / 4 / workers;
        let shared = self.max_connections - each * workers;
        let all = Self {
            shared: self.resize_shared(shared, users_sign_in),
            node_connections: each.max(1),
            ..self.clone()
        };
        if each == 0 {
            return vec![all; workers as usize];
        }
        let split = |_| Self { worker: Some(all.new_pools(each, users_sign_in)), ..all.clone() };
        (0..workers).map(split).collect()
    }

    /// The same pool with a third of its connections for users.
    pub(super) fn with_users(&self) -> Self {
        Self { shared: self.resize_shared(self.max_connections, true), ..self.clone() }
    }

    /// The shared pools with `count` connections.
    fn resize_shared(&self, count: u32, users_sign_in: bool) -> RolePools {
        let own = self.shared.own.clone();
        let for_users = if users_sign_in { count / USERS_SHARE } else { 0 };
        own.resize((count - for_users) as usize);
        RolePools { own, users: self.new_users_pool(for_users) }
    }

    /// Pools of a worker with `count` connections.
    fn new_pools(&self, count: u32, users_sign_in: bool) -> RolePools {
        let for_users = if users_sign_in { count / USERS_SHARE } else { 0 };
        let manager = self.shared.own.manager().clone();
        RolePools {
            own: self.new_pool(manager, count - for_users),
            users: self.new_users_pool(for_users),
        }
    }

    fn new_users_pool(&self, count: u32) -> Option<managed::Pool<ConnectionManager>> {
        let manager = self.shared.own.manager().clone();
        let manager = ConnectionManager { for_users: true, ..manager };
        (count > 0).then(|| self.new_pool(manager, count))
    }

    /// A pool whose callers do not wait: another pool is the alternative.
    fn new_pool(&self, manager: ConnectionManager, count: u32) -> managed::Pool<ConnectionManager> {
        let timeouts = Timeouts { wait: Some(Duration::ZERO), ..self.shared.own.timeouts() };
        let pool = build_pool(manager, count, timeouts);
        self.with_pools(|pools| pools.push(pool.clone()));
        pool
    }

    /// The same pool with connections to `node`, which come first while the node is reachable.
    pub(super) fn with_node(&self, node: &Arc<Node>) -> Self {
        let manager = self.shared.own.manager().with_node(node);
        Self { node: Some(self.new_pool(manager, self.node_connections)), ..self.clone() }
    }

    /// Checks whether `node` is reachable. `system` is the `system_identifier` of the server that
    /// the coordinator reaches there; `None` if it reaches none.
    pub(crate) async fn check_node(&self, node: &Arc<Node>, system: Option<i64>) {
        node.set_system(system);
        match self.shared.own.manager().with_node(node).open().await {
            Ok(connection) => {
                node.set_reachable();
                // Dropping closes it too if this fails.
                let _ = timeout(PING_TIMEOUT, connection.close()).await;
            }
            Err(error) => node.set_unreachable(&error),
        }
    }

    /// Closes the connections of all threads to nodes that are not among `nodes`, those in use when
    /// they are returned, and the idle ones to nodes that are not reachable.
    pub(crate) fn close_nodes_except(&self, nodes: &[Arc<Node>]) {
        self.with_pools(|pools| {
            pools.retain(|pool| {
                let Some(node) = &pool.manager().node else { return true };
                let is_known = nodes.iter().any(|known| Arc::ptr_eq(known, node));
                if !is_known {
                    pool.close();
                } else if !node.is_reachable() {
                    pool.retain(|_, _| false);
                }
                is_known
            });
        });
    }

    /// A connection of the role that logs in: to the node if it is reachable, or else to the
    /// server of the settings.
    pub(crate) async fn acquire(&self) -> Result<PooledConnection, Error> {
        let Some((pool, node)) = self.reachable_node() else {
            return self.acquire_own().await;
        };
        match free_connection(pool).await {
            Ok(Some(connection)) => return Ok(connection),
            // What is free first: the coordinator may be away.
            Ok(None) => {
                let of_node = Box::pin(self.wait_for_node(pool));
                let own: BoxFuture<'_, _> = Box::pin(self.acquire_own());
                return select_ok([own, of_node]).await.map(|(connection, _)| connection);
            }
            // The open connections are as good as before where there may be no more of them. A pool
            // is closed when its node is not in the cluster any more.
            Err(error) if is_too_many_connections(&error) || matches!(error, Error::PoolClosed) => {
            }
            Err(error) => node.set_unreachable(&error),
        }
        self.acquire_own().await
    }

    fn reachable_node(&self) -> Option<(&managed::Pool<ConnectionManager>, &Node)> {
        let pool = self.node.as_ref()?;
        let node = pool.manager().node.as_ref().filter(|node| node.is_reachable())?;
        Some((pool, node))
    }

    async fn wait_for_node(
        &self,
        pool: &managed::Pool<ConnectionManager>,
    ) -> Result<PooledConnection, Error> {
        let timeouts = self.shared.own.timeouts();
        pool.timeout_get(&timeouts).await.map(PooledConnection::new).map_err(into_error)
    }

    /// A connection to the server of the settings, from the worker's pool if one is free.
    async fn acquire_own(&self) -> Result<PooledConnection, Error> {
        if let Some(worker) = &self.worker
            && let Some(connection) = free_connection(&worker.own).await?
        {
            return Ok(connection);
        }
        let object = self.shared.own.get().await.map_err(into_error)?;
        Ok(PooledConnection::new(object))
    }

    /// A connection of the role `authenticated`; `None` if none is free.
    pub(super) async fn free_users_connection(&self) -> Result<Option<PooledConnection>, Error> {
        let pools = self.worker.iter().chain([&self.shared]);
        for pool in pools.filter_map(|pools| pools.users.as_ref()) {
            if let Some(connection) = free_connection(pool).await? {
                return Ok(Some(connection));
            }
        }
        Ok(None)
    }

    /// Runs `operation` on a connection, as [`PooledConnection::with_connection`] does.
    pub(crate) async fn with_connection<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.acquire().await?.with_connection(operation).await
    }

    /// Runs `operation` in a transaction: commits what returned a value, rolls back what failed.
    pub(crate) async fn with_transaction<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.with_connection(async |connection| in_transaction(connection, operation).await).await
    }

    /// Runs `operation`, which must not be repeated, on a connection that works.
    pub(super) async fn with_checked_connection<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let ping = || async {
            let mut connection = self.acquire().await?;
            connection.ping().await?;
            Ok(connection)
        };
        retry_idempotent(ping).await?.with_connection(operation).await
    }

    /// A connection with a transaction opened by the statements `begin`, which is rolled back on
    /// drop.
    pub(crate) async fn begin(&self, begin: impl SqlSafeStr) -> Result<PooledConnection, Error> {
        let mut connection = self.acquire().await?;
        connection.begin_with(begin).await?;
        Ok(connection)
    }

    /// The connections of all threads.
    pub(super) fn status(&self) -> PoolStatus {
        let mut total = PoolStatus::default();
        self.with_pools(|pools| {
            for pool in pools {
                let status = pool.status();
                total.in_use += status.size.saturating_sub(status.available);
                total.idle += status.available;
                total.waiting += status.waiting;
            }
        });
        total
    }

    /// Closes connections that are open now instead of using them again.
    pub(super) fn renew_connections(&self) {
        self.shared.own.manager().stale.condemn(Instant::now());
    }

    /// Drops the idle connections, whose server is unreachable or has been replaced.
    pub(super) fn drop_idle_connections(&self) {
        drop(self.drain_idle());
    }

    /// Closes the idle connections, and those in use when they are returned.
    pub(crate) async fn close(&self) {
        let idle = self.drain_idle();
        self.with_pools(|pools| pools.iter().for_each(managed::Pool::close));
        for connection in idle {
            // Dropping closes it too if this fails.
            let _ = timeout(PING_TIMEOUT, connection.close()).await;
        }
    }

    fn drain_idle(&self) -> Vec<PgConnection> {
        self.with_pools(|pools| {
            let idle = pools.iter().map(|pool| pool.retain(|_, _| false).removed);
            idle.flatten().collect()
        })
    }

    fn with_pools<T>(
        &self,
        operation: impl FnOnce(&mut Vec<managed::Pool<ConnectionManager>>) -> T,
    ) -> T {
        operation(&mut self.all_pools.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs `operation` in a transaction: commits what returned a value, rolls back what failed.
pub(super) async fn in_transaction<T>(
    connection: &mut PgConnection,
    operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut transaction = connection.begin().await?;
    let result = operation(&mut transaction).await;
    // A dropped transaction keeps its locks until the connection is used again.
    match &result {
        Ok(_) => transaction.commit().await?,
        Err(_) => transaction.rollback().await?,
    }
    result
}

/// A connection of `pool`; `None` if all of them are in use.
async fn free_connection(
    pool: &managed::Pool<ConnectionManager>,
) -> Result<Option<PooledConnection>, Error> {
    match pool.get().await {
        Ok(object) => Ok(Some(PooledConnection::new(object))),
        Err(PoolError::Timeout(managed::TimeoutType::Wait)) => Ok(None),
        Err(error) => Err(into_error(error)),
    }
}

fn into_error(error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(_) => Error::PoolTimedOut,
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Error::PoolClosed
        }
    }
}

fn build_pool(
    manager: ConnectionManager,
    max_connections: u32,
    timeouts: Timeouts,
) -> managed::Pool<ConnectionManager> {
    let config = PoolConfig { timeouts, ..PoolConfig::new(max_connections as usize) };
    managed::Pool::builder(manager)
        .config(config)
        .runtime(Runtime::Tokio1)
        .build()
        .expect("the only possible error is a missing runtime")
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}
