//! Whole sessions, out of the database and into one: for export and import.

use serde::{Deserialize, Serialize};
use sqlx::Connection as _;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::database::PooledConnection;

/// A session with all that is kept of it, but claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedSession {
    /// Key in the database.
    pub id: Uuid,
    /// Public id.
    pub session_id: String,
    /// Whose it is.
    pub user_id: Option<Uuid>,
    /// `active` or `ended`.
    pub status: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    /// Lines.
    pub message_count: i32,
    /// Closing summary.
    pub summary: Option<String>,
    /// Whole seconds from beginning to end.
    pub duration_seconds: Option<i32>,
    /// 1 to 5.
    pub rating: Option<i32>,
    /// Beside the stars.
    pub feedback: Option<String>,
    /// State of the wrap-up rules.
    pub awaiting_wrap_up_confirmation: bool,
    /// State of the wrap-up rules.
    pub wrap_up_cooldown: i32,
    /// State of the wrap-up rules.
    pub time_extension_minutes: i32,
    /// State of the wrap-up rules.
    pub ignore_content_wrap_up: bool,
    /// State of the wrap-up rules.
    pub coach_rounds: i32,
    /// State of the wrap-up rules.
    pub turns_since_question: i32,
    /// The coach's memory.
    pub running_summary: Option<String>,
    /// Lines in the coach's memory.
    pub summarized_messages: i32,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedMessage {
    /// Key in the database.
    pub id: Uuid,
    /// Key of its session.
    pub session: Uuid,
    /// Public id.
    pub message_id: String,
    /// `user` or `ai`.
    pub sender: String,
    /// What was said.
    pub text: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// From 1, in its session.
    pub position: i32,
}

/// Which sessions to take.
#[derive(Debug, Clone, Default)]
pub struct ExportFilter {
    /// Begun then or later.
    pub since: Option<OffsetDateTime>,
    /// Begun before.
    pub until: Option<OffsetDateTime>,
    /// Only ended ones.
    pub ended: bool,
    /// At least so many stars.
    pub rating_min: Option<i32>,
    /// Only this one.
    pub session_id: Option<String>,
}

/// The database as it was when this began.
pub struct Snapshot(PooledConnection);

impl DatabaseService {
    /// A snapshot to read sessions from, for as long as it takes: it has no time-out.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn snapshot(&self) -> Result<Snapshot, RepositoryError> {
        let begin =
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";
        Ok(Snapshot(
            self.database
                .read_prefer_replica(|pool| pool.begin(begin))
                .await?,
        ))
    }

    /// Stores a session with its lines as they are, whole or not at all; false, with nothing changed, if a session or a line of
    /// the same key is there already.
    ///
    /// # Errors
    /// [`RepositoryError::UserNotFound`] if its user is not there, and accounts are kept by Supabase; others as everywhere.
    pub async fn import_session(
        &self,
        session: &ExportedSession,
        lines: &[ExportedMessage],
    ) -> Result<bool, RepositoryError> {
        let mut connection = self.database.primary().acquire().await?;
        let mut transaction = connection.begin().await?;
        // Without Supabase the account may not be here yet: its sessions are its all the same.
        sqlx::query!(
            r#"
            INSERT INTO auth.users (id)
            SELECT $1::uuid
            WHERE $1::uuid IS NOT NULL
              AND obj_description(to_regnamespace('auth'), 'pg_namespace')
                = 'kuku-coach: stands in for the auth schema of Supabase'
            ON CONFLICT DO NOTHING
            "#,
            session.user_id,
        )
        .execute(&mut *transaction)
        .await?;
        let stored = sqlx::query!(
            r#"
            INSERT INTO public.sessions (
                id, session_id, user_id, status, created_at, updated_at, ended_at, message_count, summary,
                duration_seconds, rating, feedback, awaiting_wrap_up_confirmation, wrap_up_cooldown,
                time_extension_minutes, ignore_content_wrap_up, coach_rounds, turns_since_question, running_summary,
                summarized_messages
            )
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            ON CONFLICT DO NOTHING
            "#,
            session.id,
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
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if stored == 0 {
            return Ok(false);
        }
        let column =
            |of: fn(&ExportedMessage) -> String| lines.iter().map(of).collect::<Vec<String>>();
        let inserted = sqlx::query!(
            r#"
            INSERT INTO public.messages (id, session_id, message_id, sender, text_content, created_at, position)
            SELECT l.id, $1, l.message_id, l.sender, l.text_content, l.created_at, l.position
            FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::integer[])
                AS l (id, message_id, sender, text_content, created_at, position)
            ON CONFLICT DO NOTHING
            "#,
            session.id,
            &lines.iter().map(|line| line.id).collect::<Vec<_>>(),
            &column(|line| line.message_id.clone()),
            &column(|line| line.sender.clone()),
            &column(|line| line.text.clone()),
            &lines.iter().map(|line| line.created_at).collect::<Vec<_>>(),
            &lines.iter().map(|line| line.position).collect::<Vec<_>>(),
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if inserted != lines.len() as u64 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}

impl Snapshot {
    /// How many sessions `filter` takes.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached.
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

    /// The next sessions behind `after`, in the order of their beginning, each with its lines in order.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached.
    pub async fn sessions(
        &mut self,
        filter: &ExportFilter,
        after: Option<&ExportedSession>,
        limit: i64,
    ) -> Result<Vec<(ExportedSession, Vec<ExportedMessage>)>, RepositoryError> {
        let sessions = sqlx::query_as!(
            ExportedSession,
            r#"
            SELECT id, session_id, user_id, status, created_at AS "created_at!", updated_at AS "updated_at!", ended_at,
                message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
                coach_rounds, turns_since_question, running_summary, summarized_messages
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
        let mut lines = sqlx::query_as!(
            ExportedMessage,
            r#"
            SELECT id, session_id AS "session!", message_id, sender, text_content AS text,
                created_at AS "created_at!", position
            FROM public.messages
            WHERE session_id = ANY($1)
            ORDER BY session_id, position
            "#,
            &keys,
        )
        .fetch_all(&mut *self.0)
        .await?;
        let mut with_lines = Vec::with_capacity(sessions.len());
        for session in sessions {
            let own = lines
                .extract_if(.., |line| line.session == session.id)
                .collect();
            with_lines.push((session, own));
        }
        Ok(with_lines)
    }
}
