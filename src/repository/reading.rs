//! Reading on somebody's behalf: for a user as the role `authenticated` with the user's claims, so that Postgres's policies
//! stand behind our own filters.

use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction, pool::PoolConnection};

use super::DatabaseService;
use crate::domain::{SessionId, Viewer};

/// A connection for reads on somebody's behalf; one at a time, and for no longer than the reads take.
pub(super) enum Reading {
    /// As the backend itself.
    Plain(PoolConnection<Postgres>),
    /// In a transaction with a role or settings of its own. It is rolled back when this goes, after the answer.
    Set(Transaction<'static, Postgres>),
}

impl Reading {
    /// What statements run on.
    pub fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Plain(connection) => connection,
            Self::Set(transaction) => transaction,
        }
    }
}

impl DatabaseService {
    /// A connection on which nothing foreign is visible to a user. `named` is the session of nobody's that the caller asked
    /// for by its id.
    pub(super) async fn reading(&self, viewer: Viewer, named: Option<&SessionId>) -> Result<Reading, sqlx::Error> {
        match become_viewer(viewer, named) {
            None => Ok(Reading::Plain(self.pool.acquire().await?)),
            Some(become_viewer) => self.reading_set(&become_viewer).await,
        }
    }

    /// The same for a search, whose statements want a plan for these very words: one for any words takes the wrong index for
    /// common ones, at 100 times the cost. And work of milliseconds is not worth other processes.
    pub(super) async fn reading_for_search(&self, viewer: Viewer) -> Result<Reading, sqlx::Error> {
        let settings = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL max_parallel_workers_per_gather = 0; \
                        SET LOCAL client_min_messages = warning";
        match become_viewer(viewer, None) {
            None => self.reading_set(settings).await,
            Some(become_viewer) => self.reading_set(&format!("{settings}; {become_viewer}")).await,
        }
    }

    async fn reading_set(&self, settings: &str) -> Result<Reading, sqlx::Error> {
        // One round trip for all of it, which only the simple protocol can, and that takes no parameters. Nothing in the text
        // comes from outside but ids whose characters need no quoting.
        let begin = AssertSqlSafe(format!("BEGIN READ ONLY; {settings}"));
        Ok(Reading::Set(self.pool.begin_with(begin).await?))
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
