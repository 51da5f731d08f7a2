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
    repository::{
        DatabaseService, RepositoryError, SessionKey,
        distribution::{NodeQuery, OnNode},
    },
};

/// A session to read.
#[derive(Clone)]
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
        let queue = self.batches.get_session.of(viewer);
        let read = self.execute(query.clone(), queue, |node| node.get_session.of(viewer)).await?;
        match viewer.user_id() {
            Some(user) if read.is_none() && self.is_distributed().await? => {
                Ok(query.read_on_any_node(&self.database, user).await?)
            }
            _ => Ok(read),
        }
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

impl NodeQuery for GetSession {
    fn session(&self) -> Uuid {
        self.key.uuid()
    }

    async fn execute_on_node(
        database: &Database,
        requests: &[OnNode<Self>],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        // All are of users, or none is.
        let is_own = requests[0].viewer.user_id().is_some();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| match is_own {
                    true => call_for_own_sessions(connection, requests).await,
                    false => call_for_sessions(connection, requests).await,
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}

impl GetSession {
    /// Reads a session of distributed tables for a user. It may have moved to another node than
    /// that where a batch has looked for it.
    async fn read_on_any_node(
        &self,
        database: &Database,
        user: Uuid,
    ) -> Result<Option<Session>, DatabaseError> {
        let request = [OnNode(self.clone())];
        let read = database.retry_idempotent(|pool| {
            pool.with_connection_naming(user, self.session_id.as_str(), async |connection| {
                call_for_own_sessions(connection, &request).await
            })
        });
        Ok(read.await?.into_iter().next().map(|(_, session)| session))
    }
}

/// The statement that calls a function for many sessions on a node of distributed tables, with
/// expressions for what its result lacks.
macro_rules! query_function_of_sessions {
    ($call:literal, $remembers:literal, $memory:literal, $($parameter:expr),+) => {
        sqlx::query_as!(
            $crate::repository::sessions::SessionRow,
            r#"
            SELECT number AS "number!", session_id AS "session_id!: SessionId",
                status AS "status!: Status", created_at AS "created_at!",
                updated_at AS "updated_at!", age_seconds AS "age_seconds!",
                message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                awaiting_wrap_up_confirmation AS "awaiting_wrap_up_confirmation!",
                wrap_up_cooldown AS "wrap_up_cooldown!",
                time_extension_minutes AS "time_extension_minutes!",
                ignore_content_wrap_up AS "ignore_content_wrap_up!",
                coach_rounds AS "coach_rounds!", turns_since_question AS "turns_since_question!",
                running_summary, summarized_messages AS "summarized_messages!", language,
                language_is_guess AS "language_is_guess!",
                unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings",
                "# + $remembers + r#" AS "remembers!", "# + $memory + r#" AS "memory: Memory"
            FROM public."# + $call,
            $($parameter),+
        )
    };
}
pub(crate) use query_function_of_sessions;

/// The statement that reads sessions: `$viewers` has their numbers and keys, `$is_allowed` is the
/// owner filter.
macro_rules! query_sessions {
    ($viewers:literal, $is_allowed:literal, $($parameter:expr),+) => {
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
                WHERE s.id = viewer.key AND "# + $is_allowed + r#"
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

/// [`select_sessions`] for sessions on one node of distributed tables.
async fn call_for_sessions(
    connection: &mut PgConnection,
    requests: &[OnNode<GetSession>],
) -> Result<Vec<(i64, Session)>, sqlx::Error> {
    let keys: Vec<Uuid> = requests.iter().map(|one| one.key.uuid()).collect();
    let bypass_ownership: Vec<bool> = requests.iter().map(|one| one.viewer.is_service()).collect();
    query_function_of_sessions!(
        "get_sessions($1, $2, $3)",
        "remembers",
        "NULL::jsonb",
        keys[0],
        &keys,
        &bypass_ownership
    )
    .map(|row| (row.number, row.into()))
    .fetch_all(connection)
    .await
}

/// [`select_own_sessions`] for sessions on one node of distributed tables. The function takes the
/// role there.
async fn call_for_own_sessions(
    connection: &mut PgConnection,
    requests: &[OnNode<GetSession>],
) -> Result<Vec<(i64, Session)>, sqlx::Error> {
    let keys: Vec<Uuid> = requests.iter().map(|one| one.key.uuid()).collect();
    let ids: Vec<&str> = requests.iter().map(|one| one.session_id.as_str()).collect();
    let users: Vec<Option<Uuid>> = requests.iter().map(|one| one.viewer.user_id()).collect();
    query_function_of_sessions!(
        "get_own_sessions($1, $2, $3, $4)",
        "remembers",
        "NULL::jsonb",
        keys[0],
        &keys,
        &ids as &[&str],
        &users as &[Option<Uuid>]
    )
    .map(|row| (row.number, row.into()))
    .fetch_all(connection)
    .await
}
