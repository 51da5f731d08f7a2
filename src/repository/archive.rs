//! The commands `export` and `import`: whole sessions, of all users. A snapshot has no viewer, so
//! routes do not use it; a user's own export is in `services::users`.

use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection, error::ErrorKind, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError, accounts::share_user};
use crate::{
    database::PooledConnection,
    domain::{UnansweredRecordings, session_key},
};

/// A session with all its columns, except leases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedSession {
    /// Primary key. An import derives it from the public id anew, since an earlier version has
    /// exported random ones.
    pub(crate) id: Uuid,
    /// Public id.
    pub(crate) session_id: String,
    /// Owner; `None` for an anonymous session.
    pub(crate) user_id: Option<Uuid>,
    /// `active` or `ended`.
    pub(crate) status: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) updated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) ended_at: Option<OffsetDateTime>,
    pub(crate) message_count: i32,
    pub(crate) summary: Option<String>,
    pub(crate) duration_seconds: Option<i32>,
    /// 1 to 5 stars.
    pub(crate) rating: Option<i32>,
    /// Text that came with the rating.
    pub(crate) feedback: Option<String>,
    // State of the wrap-up rules, up to `turns_since_question`.
    pub(crate) awaiting_wrap_up_confirmation: bool,
    pub(crate) wrap_up_cooldown: i32,
    pub(crate) time_extension_minutes: i32,
    pub(crate) ignore_content_wrap_up: bool,
    pub(crate) coach_rounds: i32,
    pub(crate) turns_since_question: i32,
    pub(crate) running_summary: Option<String>,
    pub(crate) summarized_messages: i32,
    /// BCP 47 primary subtag. Left out if not known, so that earlier versions can import the
    /// session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// Whether `language` is only the browser's preference. Left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) language_is_guess: bool,
    /// Left out if empty, so that earlier versions can import the session.
    #[serde(default, skip_serializing_if = "UnansweredRecordings::is_empty")]
    pub(crate) unanswered_recordings: UnansweredRecordings,
    /// Whether it has ended and is still to be merged into the memory of its user. Left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) memory_due: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedMessage {
    /// Primary key.
    pub(crate) id: Uuid,
    /// Primary key of its session.
    pub(crate) session: Uuid,
    /// Public id.
    pub(crate) message_id: String,
    /// `user` or `ai`.
    pub(crate) sender: String,
    pub(crate) text: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// Position in its session, from 1.
    pub(crate) position: i32,
}

/// Selects the sessions to export.
#[derive(Debug, Clone, Default)]
pub struct ExportFilter {
    /// Created at this time or later.
    pub since: Option<OffsetDateTime>,
    /// Created before this time.
    pub until: Option<OffsetDateTime>,
    /// Only ended sessions.
    pub ended: bool,
    /// Only sessions with at least this many stars.
    pub rating_min: Option<i32>,
    /// Only this session.
    pub session_id: Option<String>,
}

impl ExportFilter {
    /// Whether all sessions are selected. Only then are memories exported, which are of many.
    pub fn is_everything(&self) -> bool {
        let Self { since, until, ended, rating_min, session_id } = self;
        !ended && (since, until, rating_min, session_id) == (&None, &None, &None, &None)
    }
}

/// What became of a session to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// Stored.
    Imported,
    /// A session with the same public id exists, and was not changed.
    Exists,
    /// Another session has one of its messages' ids. Nothing was stored.
    Conflict,
    /// Supabase manages the accounts, and its owner has none. Nothing was stored.
    UnknownUser,
    /// Postgres or a constraint refuses one of its values. Nothing was stored.
    Invalid,
}

/// A read-only transaction that sees the database as it was at its start.
pub struct Snapshot(pub(super) PooledConnection);

impl DatabaseService {
    /// A snapshot to export sessions from, without time-outs.
    pub async fn snapshot(&self) -> Result<Snapshot, RepositoryError> {
        // transaction_timeout exists since Postgres 17.
        // On distributed tables, one connection per node: a session and its messages are of one
        // snapshot, which is that of a connection.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
            SET LOCAL citus.max_adaptive_executor_pool_size = 1; \
            SELECT set_config(name, '0', TRUE) FROM pg_settings WHERE name IN ( \
            'statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";
        Ok(Snapshot(self.database.read_prefer_replica(|pool| pool.begin(begin)).await?))
    }

    /// Stores a session and its messages in one transaction, or nothing of it. Unchanged but for
    /// the key of the session, which an earlier version did not derive from the public id.
    pub async fn import_session(
        &self,
        session: &ExportedSession,
        messages: &[ExportedMessage],
    ) -> Result<ImportOutcome, RepositoryError> {
        let is_distributed = self.is_distributed().await?;
        let mut connection = self.database.primary().acquire().await?;
        outcome_of(import(&mut connection, session, messages, is_distributed).await)
    }
}

/// What became of an import, also where a constraint refused it.
pub(super) fn outcome_of(
    result: Result<ImportOutcome, sqlx::Error>,
) -> Result<ImportOutcome, RepositoryError> {
    let error = match result {
        Ok(outcome) => return Ok(outcome),
        Err(error) => error,
    };
    let Some(cause) = error.as_database_error() else { return Err(error.into()) };
    // Class 22: a text that Postgres cannot store.
    let is_data_error = cause.code().is_some_and(|code| code.starts_with("22"));
    match cause.kind() {
        ErrorKind::ForeignKeyViolation => Ok(ImportOutcome::UnknownUser),
        ErrorKind::CheckViolation | ErrorKind::NotNullViolation => Ok(ImportOutcome::Invalid),
        _ if is_data_error => Ok(ImportOutcome::Invalid),
        _ => Err(error.into()),
    }
}

async fn import(
    connection: &mut PgConnection,
    session: &ExportedSession,
    messages: &[ExportedMessage],
    is_distributed: bool,
) -> Result<ImportOutcome, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    if let Some(user) = session.user_id {
        insert_missing_account(&mut transaction, user).await?;
        if is_distributed && !share_user(&mut transaction, user).await? {
            return Ok(ImportOutcome::UnknownUser);
        }
    }
    let outcome = if !insert_session(&mut transaction, session).await? {
        match has_session(&mut transaction, &session.session_id).await? {
            true => ImportOutcome::Exists,
            false => ImportOutcome::Conflict,
        }
    } else if !insert_messages(&mut transaction, session, messages).await? {
        ImportOutcome::Conflict
    } else {
        ImportOutcome::Imported
    };
    match outcome {
        ImportOutcome::Imported => transaction.commit().await?,
        _ => transaction.rollback().await?,
    }
    Ok(outcome)
}

/// Whether there is a session with this public id.
async fn has_session(connection: &mut PgConnection, id: &str) -> Result<bool, sqlx::Error> {
    let exists = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM public.sessions WHERE session_id = $1) AS "exists!""#,
        id,
    );
    exists.fetch_one(connection).await
}

/// Inserts the owner of an imported session. Without Supabase the account may not exist here yet.
pub(super) async fn insert_missing_account(
    connection: &mut PgConnection,
    user: Uuid,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query!(
        r#"
        INSERT INTO auth.users (id)
        SELECT $1::uuid
        WHERE obj_description(to_regnamespace('auth'), 'pg_namespace')
            = 'kuku-coach: stands in for the auth schema of Supabase'
        ON CONFLICT DO NOTHING
        "#,
        user,
    );
    insert.execute(connection).await?;
    Ok(())
}

/// False if a session with the same key exists.
async fn insert_session(
    connection: &mut PgConnection,
    session: &ExportedSession,
) -> Result<bool, sqlx::Error> {
    let insert = sqlx::query!(
        r#"
        INSERT INTO public.sessions (
            id, session_id, user_id, status, created_at, updated_at, ended_at, message_count,
            summary, duration_seconds, rating, feedback, awaiting_wrap_up_confirmation,
            wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up, coach_rounds,
            turns_since_question, running_summary, summarized_messages, unanswered_recordings,
            language, language_is_guess, memory_due,
            -- The messages, which follow, are indexed by the language.
            search_language
        )
        VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21, $22, $23, CASE WHEN $4 = 'ended' THEN $24::boolean END, $22
        )
        ON CONFLICT DO NOTHING
        "#,
        session_key(&session.session_id),
        session.session_id,
        session.user_id,
        session.status,
        session.created_at,
        session.updated_at,
        session.ended_at,
        session.message_count,
        session.summary,
        session.duration_seconds,
        session.rating,
        session.feedback,
        session.awaiting_wrap_up_confirmation,
        session.wrap_up_cooldown,
        session.time_extension_minutes,
        session.ignore_content_wrap_up,
        session.coach_rounds,
        session.turns_since_question,
        session.running_summary,
        session.summarized_messages,
        Json(&session.unanswered_recordings) as _,
        session.language,
        session.language_is_guess,
        session.memory_due,
    );
    Ok(insert.execute(connection).await?.rows_affected() == 1)
}

/// False if a message with the same key exists.
async fn insert_messages(
    connection: &mut PgConnection,
    session: &ExportedSession,
    messages: &[ExportedMessage],
) -> Result<bool, sqlx::Error> {
    fn column<T>(messages: &[ExportedMessage], field: fn(&ExportedMessage) -> T) -> Vec<T> {
        messages.iter().map(field).collect()
    }
    let insert = sqlx::query!(
        r#"
        INSERT INTO public.messages
            (id, session_id, user_id, message_id, sender, text_content, created_at, position,
            text_search)
        SELECT m.id, $1, $9::uuid, m.message_id, m.sender, m.text_content, m.created_at, m.position,
            public.language_search_vector(m.text_content, $8)
        FROM unnest(
            $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::integer[]
        ) AS m (id, message_id, sender, text_content, created_at, position)
        ON CONFLICT DO NOTHING
        "#,
        session_key(&session.session_id),
        &column(messages, |message| message.id),
        &column(messages, |message| message.message_id.clone()),
        &column(messages, |message| message.sender.clone()),
        &column(messages, |message| message.text.clone()),
        &column(messages, |message| message.created_at),
        &column(messages, |message| message.position),
        session.language,
        session.user_id,
    );
    Ok(insert.execute(connection).await?.rows_affected() == messages.len() as u64)
}

impl Snapshot {
    /// Number of sessions that match `filter`.
    pub async fn count(&mut self, filter: &ExportFilter) -> Result<u64, RepositoryError> {
        let count = sqlx::query_scalar!(
            r#"
            SELECT count(*) AS "count!"
            FROM public.sessions
            WHERE ($1::timestamptz IS NULL OR created_at >= $1)
              AND ($2::timestamptz IS NULL OR created_at < $2)
              AND (NOT $3 OR status = 'ended')
              AND ($4::integer IS NULL OR rating >= $4)
              AND ($5::text IS NULL OR session_id = $5)
            "#,
            filter.since,
            filter.until,
            filter.ended,
            filter.rating_min,
            filter.session_id,
        )
        .fetch_one(&mut *self.0)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// The next sessions after `after` by creation time, each with its messages in order.
    pub async fn sessions(
        &mut self,
        filter: &ExportFilter,
        after: Option<&ExportedSession>,
        limit: i64,
    ) -> Result<Vec<(ExportedSession, Vec<ExportedMessage>)>, RepositoryError> {
        let sessions = sqlx::query_as!(
            ExportedSession,
            r#"
            SELECT id, session_id, user_id, status, created_at AS "created_at!",
                updated_at AS "updated_at!", ended_at, message_count AS "message_count!", summary,
                duration_seconds, rating, feedback, awaiting_wrap_up_confirmation,
                wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up, coach_rounds,
                turns_since_question, running_summary, summarized_messages, language,
                language_is_guess,
                COALESCE(memory_due, FALSE) AND status = 'ended' AND user_id IS NOT NULL
                    AS "memory_due!",
                unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings"
            FROM public.sessions
            WHERE ($1::timestamptz IS NULL OR created_at >= $1)
              AND ($2::timestamptz IS NULL OR created_at < $2)
              AND (NOT $3 OR status = 'ended')
              AND ($4::integer IS NULL OR rating >= $4)
              AND ($5::text IS NULL OR session_id = $5)
              AND ($6::timestamptz IS NULL OR (created_at, id) > ($6, $7))
            ORDER BY created_at, id
            LIMIT $8
            "#,
            filter.since,
            filter.until,
            filter.ended,
            filter.rating_min,
            filter.session_id,
            after.map(|after| after.created_at),
            after.map(|after| after.id),
            limit,
        )
        .fetch_all(&mut *self.0)
        .await?;
        let keys: Vec<Uuid> = sessions.iter().map(|session| session.id).collect();
        let mut messages = self.messages(&keys).await?;
        let with_messages = sessions.into_iter().map(|session| {
            let own = messages.extract_if(.., |message| message.session == session.id);
            let own = own.collect();
            (session, own)
        });
        Ok(with_messages.collect())
    }

    async fn messages(&mut self, sessions: &[Uuid]) -> Result<Vec<ExportedMessage>, sqlx::Error> {
        sqlx::query_as!(
            ExportedMessage,
            r#"
            SELECT id, session_id AS "session!", message_id, sender, text_content AS text,
                created_at AS "created_at!", position
            FROM public.messages
            WHERE session_id = ANY($1)
            ORDER BY session_id, position
            "#,
            sessions,
        )
        .fetch_all(&mut *self.0)
        .await
    }
}
