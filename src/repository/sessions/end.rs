//! Ending sessions.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    domain::{Session, Viewer},
    repository::{DatabaseService, IdempotentResponse, RepositoryError, SessionKey},
};

/// The result of ending a session.
#[derive(Clone)]
pub struct EndedSession {
    pub(crate) summary: String,
    pub(crate) duration_seconds: i32,
    pub(crate) message_count: i32,
}

/// The arguments of [`DatabaseService::end_session`].
struct EndSession<'a> {
    viewer: Viewer,
    key: SessionKey,
    session: &'a Session,
    summary: &'a str,
    idle: Option<Duration>,
    is_remembered: bool,
    request: Option<&'a IdempotentResponse<'a>>,
}

impl DatabaseService {
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
        idle: Option<Duration>,
        is_remembered: bool,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Option<EndedSession>, RepositoryError> {
        let key = self.session_key(&session.id).await?;
        let database = self.database_of(key.uuid()).await?;
        let is_distributed = self.is_distributed().await?;
        let query = EndSession { viewer, key, session, summary, idle, is_remembered, request };
        let save = async |connection: &mut PgConnection| match is_distributed {
            true => query.call(connection).await,
            false => query.save(connection).await,
        };
        let saved = database.save_with_retry(|pool| pool.with_connection(save)).await?;
        // `None` after an attempt that was committed although it failed here: the caller then
        // reads the session and finds it ended.
        Ok(saved.value)
    }
}

impl EndSession<'_> {
    fn request_lease(&self) -> Option<Uuid> {
        self.request.map(|request| request.lease.id())
    }

    /// Ends a session of ordinary tables.
    async fn save(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<EndedSession>, sqlx::Error> {
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
                        SELECT m.enabled FROM public.memories AS m WHERE m.user_id = s.user_id
                    ), TRUE),
                    -- an idle session lasted until its last turn
                    -- within the column's range, whatever was done to the clock
                    duration_seconds = least(greatest(floor(extract(epoch FROM (
                        CASE WHEN $6::double precision IS NULL THEN now() ELSE updated_at END
                    ) - created_at)), 0), 2147483647)::integer
                WHERE id = $1 AND status = 'active' AND message_count = $2
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
                WHERE session_id = $1 AND claim = $4
            )
            SELECT summary AS "summary!", duration_seconds AS "duration_seconds!",
                message_count AS "message_count!"
            FROM session
            "#,
            self.key.uuid(),
            self.session.message_count,
            self.summary,
            self.request_lease(),
            self.request.map(|request| &request.response),
            self.idle.map(|idle| idle.as_secs_f64()),
            self.viewer.is_service(),
            self.viewer.user_id(),
            self.session.unanswered_recordings.count(),
            self.is_remembered,
        )
        .fetch_optional(connection)
        .await
    }

    /// Ends a session of distributed tables.
    async fn call(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<EndedSession>, sqlx::Error> {
        let row = sqlx::query!(
            r#"
            SELECT summary, duration_seconds, message_count
            FROM public.end_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            "#,
            self.key.uuid(),
            self.session.message_count,
            self.session.unanswered_recordings.count(),
            self.summary,
            self.idle.map(|idle| idle.as_secs_f64()),
            self.is_remembered,
            self.viewer.is_service(),
            self.viewer.user_id(),
            self.request_lease(),
            self.request.map(|request| &request.response),
        )
        .fetch_one(connection)
        .await?;
        Ok(match (row.summary, row.duration_seconds, row.message_count) {
            (Some(summary), Some(duration_seconds), Some(message_count)) => {
                Some(EndedSession { summary, duration_seconds, message_count })
            }
            _ => None,
        })
    }
}
