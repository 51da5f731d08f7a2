//! The sessions table: creating, reading, ending and deleting sessions.

use serde_json::Value;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{DatabaseService, IdempotentResponse, RepositoryError};
use crate::database::{
    Database, DatabaseError,
    batch::{BatchQuery, in_request_order, lock_timeout},
};
use crate::domain::{RunningSummary, Session, SessionId, Status, Viewer, WrapUp};

/// The result of ending a session.
#[derive(Clone)]
pub struct EndedSession {
    pub(crate) summary: String,
    pub(crate) duration_seconds: i32,
    pub(crate) message_count: i32,
}

/// A session to create.
pub(super) struct CreateSession {
    session_id: SessionId,
    user_id: Option<Uuid>,
    /// The lease of the request, if it has an idempotency key.
    request_lease: Option<Uuid>,
    /// The response to store for that request.
    stored_response: Option<Value>,
}

/// A session to read.
pub(super) struct GetSession {
    viewer: Viewer,
    session_id: SessionId,
}

/// The columns of a session, with the number of its request in the batch.
pub(super) struct SessionRow {
    pub(super) number: i64,
    pub(super) session_id: SessionId,
    pub(super) status: Status,
    pub(super) created_at: OffsetDateTime,
    pub(super) updated_at: OffsetDateTime,
    pub(super) age_seconds: f64,
    pub(super) message_count: i32,
    pub(super) summary: Option<String>,
    pub(super) duration_seconds: Option<i32>,
    pub(super) rating: Option<i32>,
    pub(super) feedback: Option<String>,
    pub(super) awaiting_wrap_up_confirmation: bool,
    pub(super) wrap_up_cooldown: i32,
    pub(super) time_extension_minutes: i32,
    pub(super) ignore_content_wrap_up: bool,
    pub(super) coach_rounds: i32,
    pub(super) turns_since_question: i32,
    pub(super) running_summary: Option<String>,
    pub(super) summarized_messages: i32,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.session_id,
            status: row.status,
            created_at: row.created_at,
            updated_at: row.updated_at,
            // Negative after the database's clock was set back.
            age: Duration::seconds_f64(row.age_seconds.max(0.0)),
            message_count: row.message_count,
            summary: row.summary,
            duration_seconds: row.duration_seconds,
            rating: row.rating,
            feedback: row.feedback,
            wrap_up: WrapUp {
                awaiting_confirmation: row.awaiting_wrap_up_confirmation,
                cooldown: row.wrap_up_cooldown,
                extension_minutes: row.time_extension_minutes,
                skip_progress_check: row.ignore_content_wrap_up,
                coach_replies: row.coach_rounds,
                turns_since_offer: row.turns_since_question,
            },
            running_summary: RunningSummary {
                text: row.running_summary.unwrap_or_default(),
                messages: row.summarized_messages.unsigned_abs() as usize,
            },
        }
    }
}

impl DatabaseService {
    /// Stores a new active session, the viewer's or an anonymous one, and returns it; `None` if
    /// the request's lease was lost.
    /// [`RepositoryError::UserNotFound`] if the account does not exist any more.
    pub async fn create_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Option<Session>, RepositoryError> {
        let query = CreateSession {
            session_id: id.clone(),
            user_id: viewer.user_id(),
            request_lease: request.map(|request| request.lease.id()),
            stored_response: request.map(|request| request.response.clone()),
        };
        let queue = &self.batches.create_session;
        let created_at = queue.execute(&self.database, query).await?;
        Ok(created_at.map(|created_at| Session::new(id.clone(), created_at)))
    }

    /// The session's current state; `None` if the viewer may read no such session.
    pub async fn get_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Session>, RepositoryError> {
        let query = GetSession { viewer, session_id: id.clone() };
        let queue = &self.batches.get_session;
        Ok(queue.execute(&self.database, query).await?)
    }

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

    /// Ends an active session that still has `message_count` messages. With `idle`, only if its
    /// last activity is longer ago, which then counts as its end.
    ///
    /// `None`, with nothing changed, if the viewer may see no such session, it has ended, a message
    /// was added, or the request's lease was lost. Rating and feedback stay.
    pub async fn end_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        message_count: i32,
        summary: &str,
        idle: Option<std::time::Duration>,
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
                        UPDATE public.sessions
                        SET status = 'ended', summary = $3, ended_at = now(), updated_at = now(),
                            awaiting_wrap_up_confirmation = FALSE, turn_claim = NULL,
                            -- an idle session lasted until its last turn
                            -- within the column's range, whatever was done to the clock
                            duration_seconds = least(greatest(floor(extract(epoch FROM (
                                CASE
                                    WHEN $6::double precision IS NULL THEN now()
                                    ELSE updated_at
                                END
                            ) - created_at)), 0), 2147483647)::integer
                        WHERE session_id = $1 AND status = 'active' AND message_count = $2
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
                        id.as_str(),
                        message_count,
                        summary,
                        request.map(|request| request.lease.id()),
                        request.map(|request| &request.response),
                        idle.map(|idle| idle.as_secs_f64()),
                        viewer.is_service(),
                        viewer.user_id(),
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

    /// At most `limit` active sessions without activity for `idle`, oldest first.
    pub async fn list_idle_sessions(
        &self,
        idle: std::time::Duration,
        limit: i64,
    ) -> Result<Vec<SessionId>, RepositoryError> {
        let rows = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        r#"
                    SELECT session_id
                    FROM public.sessions
                    WHERE status = 'active' AND updated_at < now() - make_interval(secs => $1)
                      -- implied by the conditions above, and covered by an index
                      AND ended_at IS NULL AND created_at < now() - make_interval(secs => $1)
                    ORDER BY created_at
                    LIMIT $2
                    "#,
                        idle.as_secs_f64(),
                        limit,
                    )
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        Ok(rows.iter().filter_map(|id| SessionId::parse(id)).collect())
    }
}

impl BatchQuery for CreateSession {
    type Output = Option<OffsetDateTime>;
    type Context = Database;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let all = requests.iter();
        let ids: Vec<&str> = all.clone().map(|one| one.session_id.as_str()).collect();
        let users: Vec<Option<Uuid>> = all.clone().map(|one| one.user_id).collect();
        let leases: Vec<Option<Uuid>> = all.clone().map(|one| one.request_lease).collect();
        let responses: Vec<Option<&Value>> = all.map(|one| one.stored_response.as_ref()).collect();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT * FROM unnest(
                            (SELECT $1::text[]), (SELECT $2::uuid[]), (SELECT $3::uuid[]),
                            (SELECT $4::jsonb[])
                        ) WITH ORDINALITY
                            AS input (session_id, user_id, request_lease, stored_response, number)
                        -- Always true. `number > 0` lowers the planner's row estimate, which
                        -- otherwise picks a sequential scan of idempotency_keys.
                        WHERE number > 0 AND set_config('lock_timeout', $5, TRUE) <> ''
                    ), lease AS (
                        -- With or without a response: an earlier attempt may have been committed.
                        -- LATERAL: one index scan per request, also while the table is small.
                        SELECT existing.claim
                        FROM input
                        CROSS JOIN LATERAL (
                            SELECT claim FROM public.idempotency_keys
                            WHERE claim = input.request_lease
                            FOR UPDATE
                        ) AS existing
                    ), session AS (
                        INSERT INTO public.sessions (session_id, user_id)
                        SELECT session_id, user_id FROM input
                        WHERE request_lease IS NULL OR request_lease IN (SELECT claim FROM lease)
                        -- stored by an earlier attempt whose result was lost
                        ON CONFLICT (session_id) DO UPDATE SET session_id = EXCLUDED.session_id
                        RETURNING session_id, created_at
                    ), stored_response AS (
                        UPDATE public.idempotency_keys AS existing
                        SET answer = input.stored_response, claimed_until = now()
                        FROM session
                        JOIN input ON input.session_id = session.session_id
                        WHERE existing.claim = input.request_lease
                    )
                    SELECT input.number AS "number!", session.created_at AS "created_at!"
                    FROM session
                    JOIN input ON input.session_id = session.session_id
                    "#,
                        &ids as &[&str],
                        &users as &[Option<Uuid>],
                        &leases as &[Option<Uuid>],
                        &responses as &[Option<&Value>],
                        lock_timeout(requests.len()),
                    )
                    .map(|row| (row.number, row.created_at))
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}

impl BatchQuery for GetSession {
    type Output = Option<Session>;
    type Context = Database;
    const TAKES_ROW_LOCKS: bool = false;

    /// Reads of a user run in the user's role.
    fn skip_batching(&self) -> bool {
        self.viewer.user_id().is_some()
    }

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let Self { viewer, session_id } = &requests[0];
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection_as(*viewer, Some(session_id), async |connection| {
                    select_sessions(connection, requests).await
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}

async fn select_sessions(
    connection: &mut PgConnection,
    requests: &[GetSession],
) -> Result<Vec<(i64, Session)>, sqlx::Error> {
    let all = requests.iter();
    let ids: Vec<&str> = all.clone().map(|one| one.session_id.as_str()).collect();
    let bypass_ownership: Vec<bool> = all.map(|one| one.viewer.is_service()).collect();
    sqlx::query_as!(
        SessionRow,
        r#"
        SELECT input.number AS "number!", session.*
        -- The arrays are in sub-selects so that their length does not affect the plan's cost, and
        -- a generic plan is used.
        FROM unnest((SELECT $1::text[]), (SELECT $2::boolean[]))
            WITH ORDINALITY AS input (session_id, bypass_ownership, number)
        CROSS JOIN LATERAL (
            SELECT session_id AS "session_id: SessionId", status AS "status: Status",
                created_at AS "created_at!", updated_at AS "updated_at!",
                extract(epoch FROM now() - created_at)::double precision AS "age_seconds!",
                message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes,
                ignore_content_wrap_up, coach_rounds, turns_since_question, running_summary,
                summarized_messages
            FROM public.sessions AS s
            WHERE s.session_id = input.session_id
              AND (input.bypass_ownership OR s.user_id IS NULL OR s.user_id = $3)
            -- forces a lookup by id for each input
            OFFSET 0
        ) AS session
        "#,
        &ids as &[&str],
        &bypass_ownership,
        requests[0].viewer.user_id(),
    )
    .map(|row| (row.number, row.into()))
    .fetch_all(connection)
    .await
}

/// A number of messages as a column value; no session comes near the column's range.
fn as_column(messages: usize) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}
