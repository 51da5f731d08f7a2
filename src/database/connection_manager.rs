//! Opens connections for the pool, and decides when an old one is still usable.

use std::{sync::Arc, time::Duration};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use sqlx::{Connection as _, Error, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::{
    error::connect_failure,
    node::{Node, keep_plans},
    open_connection::open_connection,
    stale_connections::StaleConnections,
};

/// A connection that was idle for longer is pinged: firewalls drop connections that are silent
/// for minutes.
const PING_AFTER_IDLE: Duration = Duration::from_secs(60);
/// Time-out of that ping, and of the cleanup of a connection.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for a connection to a node.
const NODE_TIMEOUT: Duration = Duration::from_secs(2);
/// Age at which a connection is replaced, which frees the memory of its backend.
const MAX_LIFETIME: Duration = Duration::from_secs(1_800);

/// deadpool's manager of Postgres connections.
#[derive(Clone)]
pub(super) struct ConnectionManager {
    pub options: PgConnectOptions,
    /// With a unit, as Postgres expects it.
    pub statement_timeout: String,
    /// Longest wait of a caller for a connection.
    pub acquire_timeout: Duration,
    pub stale: StaleConnections,
    /// Whether a connection takes the role `authenticated`, instead of the one that logs in.
    pub for_users: bool,
    /// The node that `options` lead to; `None` for the server of the database's address.
    pub node: Option<Arc<Node>>,
}

impl ConnectionManager {
    /// The manager of connections to `node`, where this one's lead to its coordinator.
    pub fn with_node(&self, node: &Arc<Node>) -> Self {
        Self {
            options: node.options(&self.options),
            stale: node.stale.clone(),
            for_users: false,
            node: Some(Arc::clone(node)),
            ..self.clone()
        }
    }

    /// Connects.
    ///
    /// To a server of the settings, whatever its reason to refuse: during a restart, a restore or a
    /// lock-out it may be any. Stops before the caller's time-out, so that the caller gets the
    /// cause. To a node once, since its coordinator is the alternative.
    pub async fn open(&self) -> Result<PgConnection, Error> {
        if let Some(node) = &self.node {
            let limit = NODE_TIMEOUT.min(self.acquire_timeout / 2);
            let open = async {
                let mut connection =
                    open_connection(&self.options, &self.statement_timeout, limit, |_| false)
                        .await?;
                node.verify(&mut connection).await?;
                keep_plans(&mut connection).await?;
                Ok(connection)
            };
            return timeout(limit, open).await.unwrap_or(Err(Error::PoolTimedOut));
        }
        let limit = self.acquire_timeout * 9 / 10;
        open_connection(&self.options, &self.statement_timeout, limit, |_| true)
            .await
            .map_err(|error| connect_failure(&error))
    }
}

impl managed::Manager for ConnectionManager {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> Result<PgConnection, Error> {
        // Boxed, since connecting is rare: inline, it would enlarge the future of every request.
        let open = async {
            let mut connection = self.open().await?;
            if self.for_users {
                // Not a start-up parameter: poolers refuse unknown ones. After connecting: a
                // missing right is an error of the schema, and no reason to try again.
                sqlx::raw_sql("SET ROLE authenticated").execute(&mut connection).await?;
            }
            Ok(connection)
        };
        Box::pin(open).await
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<Error> {
        if self.stale.contains(metrics.created) {
            return Err(RecycleError::message("opened before a restart of the server"));
        }
        if metrics.age() > MAX_LIFETIME {
            return Err(RecycleError::message("maximum lifetime reached"));
        }
        if metrics.last_used() > PING_AFTER_IDLE
            && let Err(error) = Box::pin(connection.ping()).await
        {
            self.stale.condemn(metrics.created);
            return Err(error.into());
        }
        Ok(())
    }
}
