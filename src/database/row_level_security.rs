//! Reads on behalf of a user: as the role `authenticated` with the user's JWT claims, so that
//! row level security backs up the owner filters of the queries.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{pool::Pool, pooled_connection::PooledConnection};
use crate::domain::{SessionId, Viewer};

impl Pool {
    /// A connection that shows a user only their own rows and `anonymous_session`, the anonymous
    /// session named in the request. One at a time, and only while reading.
    pub(crate) async fn acquire_as(
        &self,
        viewer: Viewer,
        anonymous_session: Option<&SessionId>,
    ) -> Result<PooledConnection, sqlx::Error> {
        match role_settings(viewer, anonymous_session) {
            None => self.acquire().await,
            Some(role_settings) => self.begin_read_only(&role_settings).await,
        }
    }

    /// Runs `operation` on such a connection.
    pub(crate) async fn with_connection_as<T>(
        &self,
        viewer: Viewer,
        anonymous_session: Option<&SessionId>,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let mut connection = self.acquire_as(viewer, anonymous_session).await?;
        connection.with_connection(operation).await
    }

    /// The same with custom plans, for searches within some sessions: a generic plan picks the
    /// wrong index and is 100 times slower.
    pub(crate) async fn acquire_as_with_custom_plan(
        &self,
        viewer: Viewer,
    ) -> Result<PooledConnection, sqlx::Error> {
        let settings = "SET LOCAL plan_cache_mode = force_custom_plan";
        match role_settings(viewer, None) {
            None => self.begin_read_only(settings).await,
            Some(role_settings) => {
                self.begin_read_only(&format!("{settings}; {role_settings}")).await
            }
        }
    }

    async fn begin_read_only(&self, settings: &str) -> Result<PooledConnection, sqlx::Error> {
        // One round trip, by the simple protocol, which has no parameters. The only values in the
        // text are validated ids, whose characters need no quoting.
        self.begin(AssertSqlSafe(format!("BEGIN READ ONLY; {settings}"))).await
    }
}

/// The statements that switch a connection to the user's role; `None` if the viewer is no user.
fn role_settings(viewer: Viewer, anonymous_session: Option<&SessionId>) -> Option<String> {
    let user = viewer.user_id()?;
    let session = anonymous_session.map_or("", SessionId::as_str);
    Some(format!(
        "SET LOCAL ROLE authenticated; SET LOCAL kuku_coach.session_id = '{session}'; \
         SET LOCAL request.jwt.claims = '{{\"sub\":\"{user}\",\"role\":\"authenticated\"}}'"
    ))
}
