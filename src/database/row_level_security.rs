//! Reads on behalf of a user: as the role `authenticated`, so that row level security backs up the
//! owner filters of the queries.
//!
//! The statement itself names the user, before it reads any row:
//! `set_config('request.jwt.claim.sub', …, TRUE)` in a sub-select that the reading part refers to
//! (`repository::sessions::read` is a model). The setting ends with the statement's transaction, so
//! that the connection shows no row to the next statement. A read is then one round trip, as that
//! of any other viewer.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{pool::Pool, pooled_connection::PooledConnection};
use crate::domain::Viewer;

impl Pool {
    /// A connection for reads of `viewer`. On one for a user, row level security shows the rows of
    /// the user whom the statement names.
    pub(crate) async fn acquire_as(&self, viewer: Viewer) -> Result<PooledConnection, sqlx::Error> {
        if viewer.user_id().is_none() {
            return self.acquire().await;
        }
        match self.free_users_connection().await? {
            Some(connection) => Ok(connection),
            // All are in use, or there are too few connections for some with the role: two more
            // round trips.
            None => self.begin("BEGIN READ ONLY; SET LOCAL ROLE authenticated").await,
        }
    }

    /// Runs `operation` on such a connection.
    pub(crate) async fn with_connection_as<T>(
        &self,
        viewer: Viewer,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        self.acquire_as(viewer).await?.with_connection(operation).await
    }

    /// A connection for reads of all data of `user` on tables that are distributed with Citus. A
    /// statement cannot name the user on every node: its transaction does.
    pub(crate) async fn acquire_on_all_nodes(
        &self,
        user: Uuid,
    ) -> Result<PooledConnection, sqlx::Error> {
        // Safe: a UUID has no quotes. SET takes no parameters. Nodes warn of each further BEGIN. A
        // connection per node takes less time than one per shard.
        self.begin(AssertSqlSafe(format!(
            "BEGIN READ ONLY; SET LOCAL ROLE authenticated; SET LOCAL client_min_messages = error; \
             SET LOCAL citus.max_adaptive_executor_pool_size = 1; \
             SET LOCAL citus.propagate_set_commands = 'local'; \
             SET LOCAL request.jwt.claim.sub = '{user}'"
        )))
        .await
    }

    /// Runs `operation`, a function that reads one session for `user` and takes the role, on tables
    /// that are distributed with Citus. Its own settings do not reach other nodes, those of this
    /// transaction do.
    pub(crate) async fn with_connection_naming<T>(
        &self,
        user: Uuid,
        session_id: &str,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let session_id = session_id.replace('\'', "''");
        // Safe: the id is quoted, and a UUID has no quotes.
        let begin = AssertSqlSafe(format!(
            "BEGIN READ ONLY; SET LOCAL client_min_messages = error; \
             SET LOCAL citus.propagate_set_commands = 'local'; \
             SET LOCAL request.jwt.claim.sub = '{user}'; \
             SET LOCAL kuku_coach.session_id = '{session_id}'"
        ));
        self.begin(begin).await?.with_connection(operation).await
    }

    /// A connection with custom plans, for searches within some sessions: a generic plan picks the
    /// wrong index and is 100 times slower.
    pub(crate) async fn acquire_with_custom_plan(&self) -> Result<PooledConnection, sqlx::Error> {
        self.begin("BEGIN READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan").await
    }
}
