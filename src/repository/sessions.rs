//! The sessions table: beginning, reading, ending.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{DatabaseService, IdempotentResponse, RepositoryError};
use crate::database::batch::{BatchQuery, BatchQueue, in_request_order};
use crate::domain::{RunningSummary, Session, SessionId, Status, Viewer, WrapUp};

/// What ending a session leaves behind.
#[derive(Clone)]
pub struct EndedSession {
    /// The closing summary.
    pub summary: String,
    /// Whole seconds from beginning to end.
    pub duration_seconds: i32,
    /// Lines stored.
    pub message_count: i32,
}

/// A session to begin.
pub(super) struct CreateSession {
    id: SessionId,
    user_id: Option<Uuid>,
}

/// A session to look at.
pub(super) struct GetSession {
    viewer: Viewer,
    id: SessionId,
}

/// The columns of a session, for one of several that were asked for.
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

impl TryFrom<SessionRow> for Session {
    type Error = RepositoryError;

    fn try_from(row: SessionRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: row.session_id,
            status: row.status,
            created_at: row.created_at,
            updated_at: row.updated_at,
            age: Duration::seconds_f64(row.age_seconds),
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
                messages: usize::try_from(row.summarized_messages)
                    .map_err(|_| RepositoryError::invalid_column("sessions.summarized_messages"))?,
            },
        })
    }
}

impl DatabaseService {
    /// Stores a new, active session of the viewer's, or of nobody's, and returns it; `None` if the request's claim was lost.
    ///
    /// # Errors
    /// [`RepositoryError::UserNotFound`] if the account is gone; [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn create_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Option<Session>, RepositoryError> {
        let created_at = match request {
            None => {
                let (id, user_id) = (id.clone(), viewer.user_id());
                self.batched(CreateSession { id, user_id }).await?
            }
            Some(request) => {
                let insert = || {
                    sqlx::query_scalar!(
                        r#"
                        WITH held AS (
                            SELECT FROM public.idempotency_keys WHERE claim = $2 FOR UPDATE
                        ), session AS (
                            INSERT INTO public.sessions (session_id, user_id)
                            SELECT $1::text, $4::uuid
                            WHERE EXISTS (SELECT FROM held)
                            -- stored by an attempt of our own whose answer was lost
                            ON CONFLICT (session_id) DO UPDATE SET session_id = EXCLUDED.session_id
                            RETURNING created_at
                        ), answered AS (
                            UPDATE public.idempotency_keys SET answer = $3 FROM session WHERE claim = $2
                        )
                        SELECT created_at AS "created_at!" FROM session
                        "#,
                        id.as_str(),
                        request.lease.id(),
                        request.response,
                        viewer.user_id(),
                    )
                    .fetch_optional(&self.pool)
                };
                self.retry_idempotent(insert).await?
            }
        };
        Ok(created_at.map(|created_at| Session::new(id.clone(), created_at)))
    }

    /// The session as it stands now; `None` if there is none of that id, or none that is the viewer's to see.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn get_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Session>, RepositoryError> {
        let id = id.clone();
        self.batched(GetSession { viewer, id }).await
    }

    /// Replaces the coach's memory of older lines, if it still is what it was when `before` lines were in it.
    ///
    /// Returns whether it was replaced: somebody else may have summarised at the same time.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn update_session(
        &self,
        id: &SessionId,
        before: usize,
        running_summary: &RunningSummary,
    ) -> Result<bool, RepositoryError> {
        // updated_at stays: the person did nothing.
        let update = sqlx::query!(
            r#"
            UPDATE public.sessions
            SET running_summary = $3, summarized_messages = $4
            WHERE session_id = $1 AND summarized_messages = $2
            "#,
            id.as_str(),
            count(before),
            running_summary.text,
            count(running_summary.messages),
        );
        Ok(self
            .with_timeout(update.execute(&self.pool))
            .await?
            .rows_affected()
            == 1)
    }

    /// Ends an active session that still has `message_count` lines, for good. With `idle`, only if nothing has happened
    /// in it for so long; it lasted until then.
    ///
    /// `None` if it is gone, has ended, somebody has added a line since, or the request's claim was lost: nothing is
    /// changed then. Rating and feedback are left alone.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn end_session(
        &self,
        id: &SessionId,
        message_count: i32,
        summary: &str,
        idle: Option<std::time::Duration>,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Option<EndedSession>, RepositoryError> {
        let saved = self
            .save_with_retry(|| {
                sqlx::query_as!(
                    EndedSession,
                    r#"
            WITH held AS (
                SELECT FROM public.idempotency_keys WHERE claim = $4 AND answer IS NULL FOR UPDATE
            ), session AS (
                UPDATE public.sessions
                SET status = 'ended', summary = $3, ended_at = now(), updated_at = now(),
                    awaiting_wrap_up_confirmation = FALSE, turn_claim = NULL,
                    -- a session that was left alone lasted until its last turn
                    duration_seconds = floor(extract(epoch FROM
                        (CASE WHEN $6::double precision IS NULL THEN now() ELSE updated_at END) - created_at))::integer
                WHERE session_id = $1 AND status = 'active' AND message_count = $2
                  AND ($6::double precision IS NULL OR updated_at < now() - make_interval(secs => $6::double precision))
                  AND ($4::uuid IS NULL OR EXISTS (SELECT FROM held))
                RETURNING summary, duration_seconds, message_count
            ), answered AS (
                UPDATE public.idempotency_keys SET answer = $5 FROM session WHERE claim = $4
            )
            SELECT summary AS "summary!", duration_seconds AS "duration_seconds!", message_count AS "message_count!"
            FROM session
            "#,
                    id.as_str(),
                    message_count,
                    summary,
                    request.map(|request| request.lease.id()),
                    request.map(|request| &request.response),
                    idle.map(|idle| idle.as_secs_f64()),
                )
                .fetch_optional(&self.pool)
            })
            .await?;
        // Ended by an attempt that seemed to fail: who asks again finds it ended.
        Ok(saved.value)
    }

    /// Removes at most `limit` sessions that ended more than `keep` ago, with their lines and remembered answers, and returns how
    /// many.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn delete_expired_sessions(
        &self,
        keep: std::time::Duration,
        limit: i64,
    ) -> Result<u64, RepositoryError> {
        let delete = sqlx::query_scalar!(
            r#"
            WITH old AS (
                SELECT id FROM public.sessions
                WHERE status = 'ended' AND ended_at < now() - make_interval(secs => $1)
                ORDER BY ended_at
                LIMIT $2
                -- what another server is removing is left to it
                FOR UPDATE SKIP LOCKED
            ), removed AS (
                DELETE FROM public.sessions AS s USING old WHERE s.id = old.id RETURNING s.session_id
            ), answers AS (
                DELETE FROM public.idempotency_keys AS k USING removed WHERE k.scope = removed.session_id
            )
            SELECT count(*) AS "count!" FROM removed
            "#,
            keep.as_secs_f64(),
            limit,
        );
        Ok(self
            .with_timeout(delete.fetch_one(&self.pool))
            .await?
            .unsigned_abs())
    }

    /// Active sessions in which nothing has happened for `idle`, oldest first; at most `limit`.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn list_idle_sessions(
        &self,
        idle: std::time::Duration,
        limit: i64,
    ) -> Result<Vec<SessionId>, RepositoryError> {
        let rows = self
            .retry_idempotent(|| {
                sqlx::query_scalar!(
                    r#"
                    SELECT session_id
                    FROM public.sessions
                    WHERE status = 'active' AND updated_at < now() - make_interval(secs => $1)
                      -- follow from that, and have an index
                      AND ended_at IS NULL AND created_at < now() - make_interval(secs => $1)
                    ORDER BY created_at
                    LIMIT $2
                    "#,
                    idle.as_secs_f64(),
                    limit,
                )
                .fetch_all(&self.pool)
            })
            .await?;
        Ok(rows.iter().filter_map(|id| SessionId::parse(id)).collect())
    }
}

impl BatchQuery for CreateSession {
    type Answer = Option<OffsetDateTime>;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.begin
    }

    async fn ask(
        db: &DatabaseService,
        begins: &[Self],
        _: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let ids: Vec<&str> = begins.iter().map(|begin| begin.id.as_str()).collect();
        let users: Vec<Option<Uuid>> = begins.iter().map(|begin| begin.user_id).collect();
        let insert = || {
            sqlx::query!(
                r#"
                INSERT INTO public.sessions (session_id, user_id)
                SELECT session_id, user_id
                FROM unnest((SELECT $1::text[]), (SELECT $2::uuid[])) AS asked (session_id, user_id)
                -- stored by an attempt of our own whose answer was lost
                ON CONFLICT (session_id) DO UPDATE SET session_id = EXCLUDED.session_id
                RETURNING session_id, created_at AS "created_at!"
                "#,
                &ids as &[&str],
                &users as &[Option<Uuid>],
            )
            .fetch_all(&db.pool)
        };
        let rows = db.retry_idempotent(insert).await?;
        let created_at = |id: &&str| {
            rows.iter()
                .find(|row| row.session_id == *id)
                .map(|row| row.created_at)
        };
        Ok(ids.iter().map(created_at).collect())
    }
}

impl BatchQuery for GetSession {
    type Answer = Option<Session>;
    const LOCKS: bool = false;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.look
    }

    /// A user's looks are made as that user.
    fn goes_alone(&self) -> bool {
        self.viewer.user_id().is_some()
    }

    async fn ask(
        db: &DatabaseService,
        looks: &[Self],
        _: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let GetSession { viewer, id } = &looks[0];
        let ids: Vec<&str> = looks.iter().map(|look| look.id.as_str()).collect();
        let see_all: Vec<bool> = looks.iter().map(|look| look.viewer.is_service()).collect();
        let read = || async {
            let mut reading = db.pool.acquire_as(*viewer, Some(id)).await?;
            let query = sqlx::query_as!(
                SessionRow,
                r#"
                SELECT asked.number AS "number!", session.*
                -- in selects, so that the plan for any number of them does not look dearer than one for each number
                FROM unnest((SELECT $1::text[]), (SELECT $2::boolean[]))
                    WITH ORDINALITY AS asked (session_id, sees_all, number)
                CROSS JOIN LATERAL (
                    SELECT session_id AS "session_id: SessionId", status AS "status: Status", created_at AS "created_at!",
                        updated_at AS "updated_at!",
                        extract(epoch FROM now() - created_at)::double precision AS "age_seconds!",
                        message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                        awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
                        coach_rounds, turns_since_question, running_summary, summarized_messages
                    FROM public.sessions AS s
                    WHERE s.session_id = asked.session_id AND (asked.sees_all OR s.user_id IS NULL OR s.user_id = $3)
                    -- one by one, by the id
                    OFFSET 0
                ) AS session
                "#,
                &ids as &[&str],
                &see_all,
                viewer.user_id(),
            );
            // Past the connection's own executor, which gathers all rows once more.
            reading
                .run(async |connection| query.fetch_all(connection).await)
                .await
        };
        let rows = db.retry_idempotent(read).await?;
        sessions_in_request_order(ids.len(), rows)
    }
}

/// The sessions of rows that answer `count` questions; `None` where there is no row.
pub(super) fn sessions_in_request_order(
    count: usize,
    rows: Vec<SessionRow>,
) -> Result<Vec<Option<Session>>, RepositoryError> {
    let rows = in_request_order(count, rows.into_iter().map(|row| (row.number, row)));
    rows.into_iter()
        .map(|row| row.map(Session::try_from).transpose())
        .collect()
}

/// A number of lines as the column holds it: a session ends long before the range does.
fn count(messages: usize) -> i32 {
    i32::try_from(messages).unwrap_or(i32::MAX)
}
