//! The sessions table: creating, reading, ending and deleting sessions.

mod create;
mod idle;
mod read;

use sqlx::PgConnection;

use super::{DatabaseService, IdempotentResponse, RepositoryError};
use crate::domain::{RunningSummary, Session, SessionId, Viewer};

pub(super) use create::CreateSession;
pub use create::Creation;
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

/// The result of ending a session.
#[derive(Clone)]
pub struct EndedSession {
    pub(crate) summary: String,
    pub(crate) duration_seconds: i32,
    pub(crate) message_count: i32,
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

    /// Ends an active session that has as many messages and unanswered recordings as `session`, and
    /// forgets the latter. With `idle`, only if its last activity is longer ago, which then counts
    /// as its end. If `is_remembered`, it is to be merged into the memory of its user, if that is
    /// on.
    ///
    /// `None`, with nothing changed, if the viewer may see no such session, it has ended, a message
    /// or an unanswered recording was added, or the request's lease was lost. Rating and feedback
    /// stay.
    pub async fn end_session(
        &self,
        viewer: Viewer,
        session: &Session,
        summary: &str,
        idle: Option<std::time::Duration>,
        is_remembered: bool,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Option<EndedSession>, RepositoryError> {
        let key = self.session_key(&session.id).await?;
        let database = self.database_of(key.uuid()).await?;
        let saved = database
            .save_with_retry(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        EndedSession,
                        r#"
                    WITH lease AS (
                        SELECT FROM public.idempotency_keys
                        WHERE session_id = $1 AND claim = $4 AND answer IS NULL
                        FOR UPDATE
                    ), session AS (
                        UPDATE public.sessions AS s
                        SET status = 'ended', summary = $3, ended_at = now(), updated_at = now(),
                            awaiting_wrap_up_confirmation = FALSE, turn_claim = NULL,
                            unanswered_recordings = '[]',
                            memory_due = $10 AND COALESCE((
                                SELECT m.enabled FROM public.memories AS m
                                WHERE m.user_id = s.user_id
                            ), TRUE),
                            -- an idle session lasted until its last turn
                            -- within the column's range, whatever was done to the clock
                            duration_seconds = least(greatest(floor(extract(epoch FROM (
                                CASE
                                    WHEN $6::double precision IS NULL THEN input.now
                                    ELSE updated_at
                                END
                            ) - created_at)), 0), 2147483647)::integer
                        -- Distributed tables allow no now() in CASE.
                        FROM (SELECT now() AS now) AS input
                        WHERE id = $1 AND status = 'active' AND message_count = $2
                          AND jsonb_array_length(unanswered_recordings) = $9
                          AND (
                            $6::double precision IS NULL
                            OR updated_at < now() - make_interval(secs => $6::double precision)
                          )
                          AND ($7 OR user_id IS NULL OR user_id = $8)
                          AND ($11 OR EXISTS (SELECT FROM lease))
                        RETURNING summary, duration_seconds, message_count
                    ), stored_response AS (
                        UPDATE public.idempotency_keys SET answer = $5, claimed_until = now()
                        FROM session
                        WHERE session_id = $1 AND claim = $4
                    )
                    SELECT summary AS "summary!", duration_seconds AS "duration_seconds!",
                        message_count AS "message_count!"
                    FROM session
                    "#,
                        key.uuid(),
                        session.message_count,
                        summary,
                        // Not NULL, for which distributed tables plan another statement.
                        request.map(|request| request.lease.id()).unwrap_or_default(),
                        request.map(|request| &request.response),
                        idle.map(|idle| idle.as_secs_f64()),
                        viewer.is_service(),
                        viewer.user_id(),
                        session.unanswered_recordings.count(),
                        is_remembered,
                        request.is_none(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        // `None` after an attempt that was committed although it failed here: the caller then
        // reads the session and finds it ended.
        Ok(saved.value)
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
