//! Reading on somebody's behalf: for a user as the role `authenticated` with the user's claims, so that Postgres's policies
//! stand behind our own filters.

use sqlx::AssertSqlSafe;

use super::{Pool, pooled_connection::Connection};
use crate::domain::{SessionId, Viewer};

impl Pool {
    /// A connection on which nothing foreign is visible to a user; one at a time, and for no longer than the reads take.
    /// `named` is the session of nobody's that the caller asked for by its id.
    pub(crate) async fn reading(
        &self,
        viewer: Viewer,
        named: Option<&SessionId>,
    ) -> Result<Connection, sqlx::Error> {
        match become_viewer(viewer, named) {
            None => self.acquire().await,
            Some(become_viewer) => self.reading_set(&become_viewer).await,
        }
    }

    /// The same for a search within some sessions, which wants a plan for these very words and sessions: one for any takes the wrong
    /// index, at 100 times the cost.
    pub(crate) async fn reading_for_search(
        &self,
        viewer: Viewer,
    ) -> Result<Connection, sqlx::Error> {
        let settings = "SET LOCAL plan_cache_mode = force_custom_plan";
        match become_viewer(viewer, None) {
            None => self.reading_set(settings).await,
            Some(become_viewer) => {
                self.reading_set(&format!("{settings}; {become_viewer}"))
                    .await
            }
        }
    }

    async fn reading_set(&self, settings: &str) -> Result<Connection, sqlx::Error> {
        // One round trip for all of it, which only the simple protocol can, and that takes no parameters. Nothing in the text
        // comes from outside but ids whose characters need no quoting.
        self.begin(AssertSqlSafe(format!("BEGIN READ ONLY; {settings}")))
            .await
    }
}

/// The settings that make a user of the connection; `None` for who is none.
fn become_viewer(viewer: Viewer, named: Option<&SessionId>) -> Option<String> {
    let user = viewer.user_id()?;
    let named = named.map_or("", SessionId::as_str);
    Some(format!(
        "SET LOCAL ROLE authenticated; SET LOCAL kuku_coach.session_id = '{named}'; \
         SET LOCAL request.jwt.claims = '{{\"sub\":\"{user}\",\"role\":\"authenticated\"}}'"
    ))
}
