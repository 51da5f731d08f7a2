//! Reading sessions.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    database::{
        Database, DatabaseError,
        batch::{BatchQuery, in_request_order},
    },
    domain::{
        LanguageTag, Memory, RunningSummary, Session, SessionId, SessionLanguage, Status,
        UnansweredRecordings, Viewer, WrapUp,
    },
    repository::{DatabaseService, RepositoryError, SessionKey, distribution::SingleQuery},
};

/// A session to read.
pub(crate) struct GetSession {
    viewer: Viewer,
    key: SessionKey,
    session_id: SessionId,
}

/// The columns of a session, with the number of its request in the batch.
pub(crate) struct SessionRow {
    pub(crate) number: i64,
    pub(crate) session_id: SessionId,
    pub(crate) status: Status,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
    pub(crate) age_seconds: f64,
    pub(crate) message_count: i32,
    pub(crate) summary: Option<String>,
    pub(crate) duration_seconds: Option<i32>,
    pub(crate) rating: Option<i32>,
    pub(crate) feedback: Option<String>,
    pub(crate) awaiting_wrap_up_confirmation: bool,
    pub(crate) wrap_up_cooldown: i32,
    pub(crate) time_extension_minutes: i32,
    pub(crate) ignore_content_wrap_up: bool,
    pub(crate) coach_rounds: i32,
    pub(crate) turns_since_question: i32,
    pub(crate) running_summary: Option<String>,
    pub(crate) summarized_messages: i32,
    pub(crate) language: Option<String>,
    pub(crate) language_is_guess: bool,
    pub(crate) unanswered_recordings: UnansweredRecordings,
    pub(crate) remembers: bool,
    pub(crate) memory: Option<Memory>,
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
            language: SessionLanguage {
                tag: row.language.as_deref().and_then(LanguageTag::parse),
                is_guess: row.language_is_guess,
            },
            unanswered_recordings: row.unanswered_recordings,
            remembers: row.remembers,
            memory: row.memory,
        }
    }
}

impl DatabaseService {
    /// The session's current state; `None` if the viewer may read no such session.
    pub async fn get_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Session>, RepositoryError> {
        let key = self.key_to_read(id).await?;
        let query = GetSession { viewer, key, session_id: id.clone() };
        Ok(self.execute(self.batches.get_session.of(viewer), query).await?)
    }
}

impl BatchQuery for GetSession {
    type Output = Option<Session>;
    type Context = Database;
    const TAKES_ROW_LOCKS: bool = false;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        // All are of users, or none is.
        let viewer = requests[0].viewer;
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection_as(viewer, async |connection| match viewer.user_id() {
                    Some(_) => select_own_sessions(connection, requests).await,
                    None => select_sessions(connection, requests).await,
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}

impl SingleQuery for GetSession {
    async fn execute_single(&self, database: &Database) -> Result<Self::Output, DatabaseError> {
        let row = database
            .retry_idempotent(|pool| {
                pool.with_connection_as(self.viewer, async |connection| {
                    match self.viewer.user_id() {
                        Some(user) => select_own_session(connection, self, user).await,
                        None => select_session(connection, self).await,
                    }
                })
            })
            .await?;
        Ok(row.map(Session::from))
    }
}

/// The statement that reads sessions: `$viewers` has their numbers, `$key` is the key of one,
/// `$is_allowed` the owner filter.
macro_rules! query_sessions {
    ($viewers:literal, $key:literal, $is_allowed:literal, $($parameter:expr),+) => {
        sqlx::query_as!(
            SessionRow,
            r#"
            SELECT viewer.number AS "number!", session.*
            -- The arrays are in sub-selects so that their length does not affect the plan's cost,
            -- and a generic plan is used.
            FROM "# + $viewers + r#" AS viewer
            CROSS JOIN LATERAL (
                SELECT session_id AS "session_id: SessionId", status AS "status: Status",
                    created_at AS "created_at!", updated_at AS "updated_at!",
                    extract(epoch FROM now() - created_at)::double precision AS "age_seconds!",
                    message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                    awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes,
                    ignore_content_wrap_up, coach_rounds, turns_since_question, running_summary,
                    summarized_messages, language, language_is_guess,
                    unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings",
                    s.user_id IS NOT NULL AND COALESCE((
                        SELECT m.enabled FROM public.memories AS m WHERE m.user_id = s.user_id
                    ), TRUE) AS "remembers!",
                    NULL::jsonb AS "memory: Memory"
                FROM public.sessions AS s
                WHERE s.id = "# + $key + r#" AND "# + $is_allowed + r#"
                -- forces a lookup by id for each viewer
                OFFSET 0
            ) AS session
            "#,
            $($parameter),+
        )
    };
}

/// Reads sessions on behalf of others than users.
async fn select_sessions(
    connection: &mut PgConnection,
    requests: &[GetSession],
) -> Result<Vec<(i64, Session)>, sqlx::Error> {
    let keys: Vec<Uuid> = requests.iter().map(|one| one.key.uuid()).collect();
    let bypass_ownership: Vec<bool> = requests.iter().map(|one| one.viewer.is_service()).collect();
    query_sessions!(
        r#"(
            SELECT * FROM unnest((SELECT $1::uuid[]), (SELECT $2::boolean[]))
                WITH ORDINALITY AS input (key, bypass_ownership, number)
        )"#,
        "viewer.key",
        r#"(viewer.bypass_ownership OR s.user_id IS NULL)"#,
        &keys,
        &bypass_ownership
    )
    .map(|row| (row.number, row.into()))
    .fetch_all(connection)
    .await
}

/// Reads sessions on behalf of users, in their role: row level security shows a user's rows, and
/// the session itself if it is anonymous.
async fn select_own_sessions(
    connection: &mut PgConnection,
    requests: &[GetSession],
) -> Result<Vec<(i64, Session)>, sqlx::Error> {
    let keys: Vec<Uuid> = requests.iter().map(|one| one.key.uuid()).collect();
    let ids: Vec<&str> = requests.iter().map(|one| one.session_id.as_str()).collect();
    let users: Vec<Option<Uuid>> = requests.iter().map(|one| one.viewer.user_id()).collect();
    query_sessions!(
        // The settings of row level security are made before a scan refers to them, and each scan
        // evaluates them anew. They end with the statement.
        r#"(
            SELECT number, key, user_id,
                set_config('request.jwt.claim.sub', user_id::text, TRUE) AS claim,
                set_config('kuku_coach.session_id', session_id, TRUE) AS name
            FROM unnest((SELECT $1::text[]), (SELECT $2::uuid[]), (SELECT $3::uuid[]))
                WITH ORDINALITY AS input (session_id, user_id, key, number)
        )"#,
        "viewer.key",
        r#"viewer.claim IS NOT NULL AND viewer.name IS NOT NULL
                  AND (s.user_id IS NULL OR s.user_id = viewer.user_id)"#,
        &ids as &[&str],
        &users as &[Option<Uuid>],
        &keys
    )
    .map(|row| (row.number, row.into()))
    .fetch_all(connection)
    .await
}

/// [`select_sessions`] for one session of distributed tables. Citus keeps its plan, since there is
/// no subquery: twice the rate.
async fn select_session(
    connection: &mut PgConnection,
    request: &GetSession,
) -> Result<Option<SessionRow>, sqlx::Error> {
    let session = sqlx::query_as!(
        SessionRow,
        r#"
        SELECT 1::bigint AS "number!", session_id AS "session_id: SessionId",
            status AS "status: Status", created_at AS "created_at!", updated_at AS "updated_at!",
            extract(epoch FROM now() - created_at)::double precision AS "age_seconds!",
            message_count AS "message_count!", summary, duration_seconds, rating, feedback,
            awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes,
            ignore_content_wrap_up, coach_rounds, turns_since_question, running_summary,
            summarized_messages, language, language_is_guess,
            unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings",
            user_id IS NOT NULL AS "remembers!", NULL::jsonb AS "memory: Memory"
        FROM public.sessions
        WHERE id = $1 AND ($2 OR user_id IS NULL)
        "#,
        request.key.uuid(),
        request.viewer.is_service(),
    );
    let mut session = session.fetch_optional(&mut *connection).await?;
    // Of a user, whose memory may be off.
    if let Some(session) = session.as_mut().filter(|session| session.remembers) {
        let remembers = sqlx::query_scalar!(
            r#"
            SELECT s.user_id IS NOT NULL AND COALESCE(m.enabled, TRUE) AS "remembers!"
            FROM public.sessions AS s
            LEFT JOIN public.memories AS m ON m.user_id = s.user_id
            WHERE s.id = $1
            "#,
            request.key.uuid(),
        );
        session.remembers = remembers.fetch_optional(connection).await?.unwrap_or_default();
    }
    Ok(session)
}

/// [`select_own_sessions`] for one session of distributed tables. The settings are made on the
/// session's node, where its policy is checked.
async fn select_own_session(
    connection: &mut PgConnection,
    request: &GetSession,
    user: Uuid,
) -> Result<Option<SessionRow>, sqlx::Error> {
    query_sessions!(
        r#"(
            SELECT 1::bigint AS number, $2::uuid AS user_id,
                set_config('request.jwt.claim.sub', $2::uuid::text, TRUE) AS claim,
                set_config('kuku_coach.session_id', $3::text, TRUE) AS name
        )"#,
        "$1",
        r#"viewer.claim IS NOT NULL AND viewer.name IS NOT NULL
                  AND (s.user_id IS NULL OR s.user_id = viewer.user_id)"#,
        request.key.uuid(),
        user,
        request.session_id.as_str()
    )
    .fetch_optional(connection)
    .await
}
