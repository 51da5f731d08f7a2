//! The sessions table: creating, reading, ending and deleting sessions.

mod create;
mod idle;
mod read;

use super::{DatabaseService, IdempotentResponse, RepositoryError};
use crate::domain::{RunningSummary, Session, SessionId, Viewer};

pub(super) use create::CreateSession;
pub use idle::IdleSession;
pub(super) use read::{GetSession, SessionRow};

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
        // updated_at stays, since it is the time of the person's last activity.
        let update = sqlx::query!(
            r#"
            UPDATE public.sessions
            SET running_summary = $3, summarized_messages = $4
            WHERE session_id = $1 AND summarized_messages = $2
            "#,
            id.as_str(),
            as_column(expected_messages),
            running_summary.text,
            as_column(running_summary.messages),
        );
        let updated = self
            .database
            .with_connection(async |connection| update.execute(connection).await)
            .await?;
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
        let saved = self
            .database
            .save_with_retry(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        EndedSession,
                        r#"
                    WITH lease AS (
                        SELECT FROM public.idempotency_keys
                        WHERE claim = $4 AND answer IS NULL
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
                                    WHEN $6::double precision IS NULL THEN now()
                                    ELSE updated_at
                                END
                            ) - created_at)), 0), 2147483647)::integer
                        WHERE session_id = $1 AND status = 'active' AND message_count = $2
                          AND jsonb_array_length(unanswered_recordings) = $9
                          AND (
                            $6::double precision IS NULL
                            OR updated_at < now() - make_interval(secs => $6::double precision)
                          )
                          AND ($7 OR user_id IS NULL OR user_id = $8)
                          AND ($4::uuid IS NULL OR EXISTS (SELECT FROM lease))
                        RETURNING summary, duration_seconds, message_count
                    ), stored_response AS (
                        UPDATE public.idempotency_keys SET answer = $5, claimed_until = now()
                        FROM session
                        WHERE claim = $4
                    )
                    SELECT summary AS "summary!", duration_seconds AS "duration_seconds!",
                        message_count AS "message_count!"
                    FROM session
                    "#,
                        session.id.as_str(),
                        session.message_count,
                        summary,
                        request.map(|request| request.lease.id()),
                        request.map(|request| &request.response),
                        idle.map(|idle| idle.as_secs_f64()),
                        viewer.is_service(),
                        viewer.user_id(),
                        session.unanswered_recordings.count(),
                        is_remembered,
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
    /// and stored responses, and returns the number of sessions.
    pub async fn delete_expired_sessions(
        &self,
        retention: std::time::Duration,
        limit: i64,
    ) -> Result<u64, RepositoryError> {
        let delete = sqlx::query_scalar!(
            r#"
            WITH expired AS (
                SELECT id FROM public.sessions
                WHERE status = 'ended' AND ended_at < now() - make_interval(secs => $1)
                ORDER BY ended_at
                LIMIT $2
                -- skips sessions that another server is deleting
                FOR UPDATE SKIP LOCKED
            ), deleted AS (
                DELETE FROM public.sessions AS s USING expired
                WHERE s.id = expired.id
                RETURNING s.session_id
            ), stored_responses AS (
                DELETE FROM public.idempotency_keys AS k USING deleted
                WHERE k.scope = deleted.session_id
            )
            SELECT count(*) AS "count!" FROM deleted
            "#,
            retention.as_secs_f64(),
            limit,
        );
        let deleted = self
            .database
            .with_connection(async |connection| delete.fetch_one(connection).await)
            .await?;
        Ok(deleted.unsigned_abs())
    }
}

/// A number of messages as a column value; no session comes near the column's range.
fn as_column(messages: usize) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}
