//! The sessions table: creating, reading, ending and deleting sessions.

mod create;
mod end;
mod idle;
mod read;

use sqlx::PgConnection;

use super::{DatabaseService, RepositoryError};
use crate::domain::{RunningSummary, SessionId};

pub(super) use create::CreateSession;
pub use create::Creation;
pub use end::EndedSession;
pub use idle::IdleSession;
pub(super) use read::{GetSession, SessionRow, query_function_of_sessions};

/// Rows that a job has found, and how many of them it has deleted. Those in use stay.
#[derive(Debug, Clone, Copy)]
pub struct DeletedBatch {
    /// Rows to delete.
    pub found: u64,
    /// Rows that were deleted.
    pub deleted: u64,
}

impl DeletedBatch {
    /// A batch in which all rows were deleted.
    pub fn all(deleted: u64) -> Self {
        Self { found: deleted, deleted }
    }
}

impl DatabaseService {
    /// Replaces the running summary if it still covers `expected_messages` messages.
    ///
    /// Returns whether it was replaced: another server may have summarised at the same time.
    pub async fn update_session(
        &self,
        id: &SessionId,
        expected_messages: usize,
        running_summary: &RunningSummary,
    ) -> Result<bool, RepositoryError> {
        let session = self.session_key(id).await?;
        // updated_at stays, since it is the time of the person's last activity.
        let update = sqlx::query!(
            r#"
            UPDATE public.sessions
            SET running_summary = $3, summarized_messages = $4
            WHERE id = $1 AND summarized_messages = $2
            "#,
            session.uuid(),
            as_column(expected_messages),
            running_summary.text,
            as_column(running_summary.messages),
        );
        let database = self.database_of(session.uuid()).await?;
        let updated =
            database.with_connection(async |connection| update.execute(connection).await).await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Deletes at most `limit` sessions that ended more than `retention` ago, with their messages
    /// and stored responses.
    pub async fn delete_expired_sessions(
        &self,
        retention: std::time::Duration,
        limit: i64,
    ) -> Result<DeletedBatch, RepositoryError> {
        let list = sqlx::query_scalar!(
            r#"
            SELECT id FROM public.sessions
            WHERE status = 'ended' AND ended_at < now() - make_interval(secs => $1)
            ORDER BY ended_at
            LIMIT $2
            "#,
            retention.as_secs_f64(),
            limit,
        );
        let list = async |connection: &mut PgConnection| list.fetch_all(connection).await;
        let keys = self.database.with_connection(list).await?;
        let mut deleted = 0;
        // In statements of their own, which name the session.
        for key in &keys {
            let delete = sqlx::query_scalar!(
                r#"
                WITH expired AS (
                    SELECT FROM public.sessions
                    WHERE id = $1 AND status = 'ended'
                    -- skips a session that another server is deleting
                    FOR UPDATE SKIP LOCKED
                ), deleted AS (
                    DELETE FROM public.sessions
                    WHERE id = $1 AND EXISTS (SELECT FROM expired)
                    RETURNING session_id
                ), stored_responses AS (
                    DELETE FROM public.idempotency_keys
                    WHERE session_id = $1 AND scope IN (SELECT session_id FROM deleted)
                )
                SELECT count(*) AS "count!" FROM deleted
                "#,
                key,
            );
            let delete = async |connection: &mut PgConnection| delete.fetch_one(connection).await;
            deleted += self.database.with_connection(delete).await?.unsigned_abs();
        }
        Ok(DeletedBatch { found: keys.len() as u64, deleted })
    }
}

/// A number of messages as a column value; no session comes near the column's range.
fn as_column(messages: usize) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}
