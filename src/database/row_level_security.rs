//! Reading on somebody's behalf: for a user as the role `authenticated` with the user's claims, so that Postgres's policies
//! stand behind our own filters.

use sqlx::AssertSqlSafe;

use super::{Pool, pooled_connection::PooledConnection};
use crate::domain::{SessionId, Viewer};

impl Pool {
    /// A connection on which nothing foreign is visible to a user; one at a time, and for no longer than the reads take.
    /// `named` is the session of nobody's that the caller asked for by its id.
    pub(crate) async fn acquire_as(
        &self,
        viewer: Viewer,
        named: Option<&SessionId>,
    ) -> Result<PooledConnection, sqlx::Error> {
        match role_settings(viewer, named) {
            None => self.acquire().await,
            Some(role_settings) => self.begin_read_only(&role_settings).await,
        }
    }

    /// The same for a search within some sessions, which wants a plan for these very words and sessions: one for any takes the wrong
    /// index, at 100 times the cost.
    pub(crate) async fn acquire_as_with_custom_plan(
        &self,
        viewer: Viewer,
    ) -> Result<PooledConnection, sqlx::Error> {
        let settings = "SET LOCAL plan_cache_mode = force_custom_plan";
        match role_settings(viewer, None) {
            None => self.begin_read_only(settings).await,
            Some(role_settings) => {
                self.begin_read_only(&format!("{settings}; {role_settings}"))
                    .await
            }
        }
    }

    async fn begin_read_only(&self, settings: &str) -> Result<PooledConnection, sqlx::Error> {
        // One round trip for all of it, which only the simple protocol can, and that takes no parameters. Nothing in the text
        // comes from outside but ids whose characters need no quoting.
        self.begin(AssertSqlSafe(format!("BEGIN READ ONLY; {settings}")))
            .await
    }
}

/// The settings that make a user of the connection; `None` for who is none.
fn role_settings(viewer: Viewer, named: Option<&SessionId>) -> Option<String> {
    let user = viewer.user_id()?;
    let named = named.map_or("", SessionId::as_str);
    Some(format!(
        "SET LOCAL ROLE authenticated; SET LOCAL kuku_coach.session_id = '{named}'; \
         SET LOCAL request.jwt.claims = '{{\"sub\":\"{user}\",\"role\":\"authenticated\"}}'"
    ))
}
