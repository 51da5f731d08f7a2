//! A user's data: listing, claiming and deleting sessions, and deleting the user.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError, SessionKey, accounts::share_user};
use crate::database::DatabaseError;
use crate::domain::{KeysetCursor, MessageId, SessionId, UnansweredRecordings, Viewer};

/// A session in a list or a user's export, without its messages. `summary` is the closing summary.
pub struct SessionSummary {
    id: Uuid,
    /// Public id.
    pub(crate) session_id: String,
    /// `active` or `ended`.
    pub(crate) status: String,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
    pub(crate) message_count: i32,
    /// Closing summary, once ended.
    pub(crate) summary: Option<String>,
    /// Whole seconds from creation to end, once ended.
    pub(crate) duration_seconds: Option<i32>,
    /// 1 to 5, once rated.
    pub(crate) rating: Option<i32>,
    pub(crate) feedback: Option<String>,
    pub(crate) unanswered_recordings: UnansweredRecordings,
}

impl SessionSummary {
    /// Bytes of the summary and the feedback.
    pub fn text_bytes(&self) -> usize {
        [&self.summary, &self.feedback].into_iter().flatten().map(String::len).sum()
    }

    /// Cursor behind this session.
    pub fn cursor(&self) -> KeysetCursor {
        KeysetCursor { created_at: self.created_at, id: self.id }
    }
}

/// Rows that a deletion removed.
#[derive(Debug)]
pub struct Deleted {
    /// Messages of the deleted sessions.
    pub messages: u64,
    /// Idempotency keys, with their stored responses.
    pub idempotency_keys: u64,
    /// Whether there was a memory.
    pub memory: bool,
    /// Whether there was an account.
    pub account: bool,
    /// Ids of the deleted sessions.
    pub session_ids: Vec<SessionId>,
    /// Ids of the coach's messages, whose audio is still to be deleted.
    pub audio_message_ids: Vec<MessageId>,
}

/// Attempts to erase a user, while other requests deadlock with it.
const ERASURE_ATTEMPTS: u32 = 4;

/// The statement that lists sessions of a user: `$viewer` names the user to row level security,
/// `$user` is what the owner is compared with.
macro_rules! query_session_summaries {
    ($viewer:literal, $user:literal, $id:expr, $after:expr, $limit:expr) => {
        sqlx::query_as!(
            SessionSummary,
            "SELECT own.* FROM "
                + $viewer
                + r#" (
                SELECT id, session_id, status, created_at AS "created_at!",
                    updated_at AS "updated_at!", message_count AS "message_count!", summary,
                    duration_seconds, rating, feedback,
                    unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings"
                FROM public.sessions
                WHERE user_id = "#
                + $user
                + r#"
                  AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
                ORDER BY created_at DESC, id DESC
                LIMIT $4
            ) AS own
            "#,
            $id.to_string(),
            $after.map(|after: KeysetCursor| after.created_at),
            $after.map(|after: KeysetCursor| after.id),
            $limit
        )
    };
}

impl DatabaseService {
    /// At most `limit` of a user's sessions, newest first, after the position `after`.
    pub async fn list_sessions(
        &self,
        user: Uuid,
        after: Option<KeysetCursor>,
        limit: i64,
    ) -> Result<Vec<SessionSummary>, RepositoryError> {
        let is_distributed = self.is_distributed().await?;
        let page = self.database.read_prefer_replica(|pool| async move {
            if is_distributed {
                let list = async |connection: &mut PgConnection| {
                    // The transaction names the user, on all nodes.
                    query_session_summaries!("", "$1::text::uuid", user, after, limit)
                        .fetch_all(connection)
                        .await
                };
                return pool.acquire_on_all_nodes(user).await?.with_connection(list).await;
            }
            pool.with_connection_as(Viewer::User(user), async |connection| {
                query_session_summaries!(
                    // For row level security, as in select_own_sessions.
                    r#"(
                        SELECT set_config('request.jwt.claim.sub', $1::text, TRUE)::uuid AS user_id
                    ) AS viewer
                    CROSS JOIN LATERAL"#,
                    "viewer.user_id AND viewer.user_id IS NOT NULL",
                    user,
                    after,
                    limit
                )
                .fetch_all(connection)
                .await
            })
            .await
        });
        Ok(page.await?)
    }

    /// Makes an anonymous session the user's own. True also if the user owns the session already;
    /// false if there is no such session. One that has ended is to be merged into the user's memory
    /// if `is_remembered` and the memory is on.
    /// [`RepositoryError::UserNotFound`] if the account is gone.
    pub async fn claim_session(
        &self,
        user: Uuid,
        id: &SessionId,
        is_remembered: bool,
    ) -> Result<bool, RepositoryError> {
        let session = self.session_key(id).await?;
        if self.is_distributed().await? {
            return self.claim_on_its_node(user, session, is_remembered).await;
        }
        let claimed = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                        UPDATE public.sessions
                        SET user_id = $2,
                            memory_due = CASE
                                WHEN user_id IS NULL AND status = 'ended'
                                THEN $3 AND COALESCE((
                                    SELECT m.enabled FROM public.memories AS m
                                    WHERE m.user_id = $2
                                ), TRUE)
                                ELSE memory_due
                            END
                        WHERE id = $1 AND (user_id IS NULL OR user_id = $2)
                        "#,
                        session.uuid(),
                        user,
                        is_remembered,
                    )
                    .execute(connection)
                    .await
                })
            })
            .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// [`Self::claim_session`] on distributed tables, which have neither a foreign key to accounts
    /// nor a trigger for the owner of messages.
    async fn claim_on_its_node(
        &self,
        user: Uuid,
        session: SessionKey,
        is_remembered: bool,
    ) -> Result<bool, RepositoryError> {
        let claim = async |connection: &mut PgConnection| {
            if !share_user(connection, user).await? {
                return Ok(None);
            }
            let claim = sqlx::query_scalar!(
                r#"SELECT public.claim_session($1, $2, $3) AS "is_own!""#,
                session.uuid(),
                user,
                is_remembered,
            );
            Ok(Some(claim.fetch_one(connection).await?))
        };
        let claimed = self.database.retry_idempotent(|pool| pool.with_transaction(claim)).await?;
        claimed.ok_or(RepositoryError::UserNotFound)
    }

    /// Deletes a session of the viewer with its messages and idempotency keys; `None` if there is
    /// no such session.
    pub async fn delete_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Deleted>, RepositoryError> {
        let session = self.session_key(id).await?;
        // The key of its beginning stays: a repetition finds by it that the session is gone.
        let delete = sqlx::query!(
            r#"
            WITH session AS (
                DELETE FROM public.sessions
                WHERE id = $1 AND ($2 OR user_id IS NULL OR user_id = $3)
                RETURNING 1
            ), idempotency_keys AS (
                DELETE FROM public.idempotency_keys
                WHERE session_id = $1 AND scope = $4 AND EXISTS (SELECT FROM session)
                RETURNING 1
            )
            SELECT
                (SELECT count(*) FROM idempotency_keys) AS "idempotency_keys!",
                (SELECT count(*) FROM public.messages WHERE session_id = $1) AS "messages!",
                ARRAY(
                    SELECT message_id FROM public.messages
                    WHERE session_id = $1 AND sender = 'ai'
                ) AS "audio_message_ids!"
            FROM session
            "#,
            session.uuid(),
            viewer.is_service(),
            viewer.user_id(),
            id.as_str(),
        );
        let row = self
            .database
            .with_connection(async |connection| delete.fetch_optional(connection).await)
            .await?;
        Ok(row.map(|row| Deleted {
            messages: row.messages.unsigned_abs(),
            idempotency_keys: row.idempotency_keys.unsigned_abs(),
            memory: false,
            account: false,
            session_ids: vec![id.clone()],
            audio_message_ids: message_ids(&row.audio_message_ids),
        }))
    }

    /// Deletes all data of a user, and the account, in one transaction.
    pub async fn delete_user(&self, user: Uuid) -> Result<Deleted, RepositoryError> {
        let is_distributed = self.is_distributed().await?;
        let erase = async |connection: &mut PgConnection| match is_distributed {
            true => erase_on_all_nodes(connection, user).await,
            false => erase(connection, user).await,
        };
        let mut erased = self.database.with_transaction(&erase).await;
        // Requests of the user lock the same rows, on distributed tables in any order.
        for _ in 1..ERASURE_ATTEMPTS {
            if !matches!(erased, Err(DatabaseError::Deadlock(_))) {
                break;
            }
            erased = self.database.with_transaction(&erase).await;
        }
        let erased = erased?;
        Ok(Deleted {
            messages: erased.messages.unsigned_abs(),
            idempotency_keys: erased.idempotency_keys.unsigned_abs(),
            memory: erased.memory,
            account: erased.accounts == 1,
            session_ids: erased.sessions.iter().filter_map(|id| SessionId::parse(id)).collect(),
            audio_message_ids: message_ids(&erased.audio_message_ids),
        })
    }
}

/// What was deleted of a user.
struct Erased {
    /// Public ids.
    sessions: Vec<String>,
    idempotency_keys: i64,
    accounts: i64,
    memory: bool,
    messages: i64,
    /// Ids of the coach's messages.
    audio_message_ids: Vec<String>,
}

async fn erase(connection: &mut PgConnection, user: Uuid) -> Result<Erased, sqlx::Error> {
    // The lock first, in a statement of its own. Sessions that begin or are claimed, and tokens
    // that are issued, need the user's row: those before the lock are seen by the next
    // statement, and those after it find no user.
    // The memory next, as who changes it locks it before sessions.
    let lock = sqlx::query!(
        r#"
        WITH account AS (
            SELECT id FROM auth.users WHERE id = $1 FOR UPDATE
        )
        SELECT FROM account JOIN public.memories AS m ON m.user_id = account.id FOR UPDATE OF m
        "#,
        user,
    );
    lock.execute(&mut *connection).await?;
    delete_rows(connection, user).await
}

/// [`erase`] on distributed tables. The messages are counted by a statement of their own, since
/// that which deletes the sessions sees none any more.
async fn erase_on_all_nodes(
    connection: &mut PgConnection,
    user: Uuid,
) -> Result<Erased, sqlx::Error> {
    let lock_account = sqlx::query!("SELECT id FROM auth.users WHERE id = $1 FOR UPDATE", user);
    lock_account.fetch_optional(&mut *connection).await?;
    // By an update, as who changes a memory locks it: in Citus it locks the whole table.
    let lock_memory =
        sqlx::query!("UPDATE public.memories SET merge_lease = NULL WHERE user_id = $1", user);
    lock_memory.execute(&mut *connection).await?;
    // Turns wait, so that no message is added between the statements.
    let lock_sessions =
        sqlx::query!("UPDATE public.sessions SET turn_claim = NULL WHERE user_id = $1", user);
    lock_sessions.execute(&mut *connection).await?;
    let delete = sqlx::query!(
        "DELETE FROM public.messages WHERE user_id = $1 RETURNING message_id, sender",
        user,
    );
    let messages = delete.fetch_all(&mut *connection).await?;
    let erased = delete_rows(connection, user).await?;
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    let audio = messages.into_iter().filter(|row| row.sender == "ai").map(|row| row.message_id);
    Ok(Erased { messages: count, audio_message_ids: audio.collect(), ..erased })
}

async fn delete_rows(connection: &mut PgConnection, user: Uuid) -> Result<Erased, sqlx::Error> {
    // The statement sees rows as they were before it, so it can count the messages that the
    // cascade deletes.
    sqlx::query_as!(
        Erased,
        r#"
        WITH session AS (
            DELETE FROM public.sessions WHERE user_id = $1 RETURNING id, session_id
        ), idempotency_keys AS (
            DELETE FROM public.idempotency_keys
            WHERE scope = $1::uuid::text OR scope LIKE $1::uuid::text || '#%'
               OR scope IN (SELECT session_id FROM session)
            RETURNING 1
        ), tokens AS (
            DELETE FROM public.refresh_tokens WHERE user_id = $1
        ), memory AS (
            DELETE FROM public.memories WHERE user_id = $1
            RETURNING updated_at IS NOT NULL AS has_text
        ), account AS (
            DELETE FROM auth.users WHERE id = $1 RETURNING 1
        )
        SELECT
            ARRAY(SELECT session_id FROM session) AS "sessions!",
            (SELECT count(*) FROM idempotency_keys) AS "idempotency_keys!",
            (SELECT count(*) FROM account) AS "accounts!",
            EXISTS (SELECT FROM memory WHERE has_text) AS "memory!",
            (
                SELECT count(*) FROM public.messages AS m
                WHERE m.session_id IN (SELECT id FROM session)
            ) AS "messages!",
            ARRAY(
                SELECT m.message_id FROM public.messages AS m
                WHERE m.session_id IN (SELECT id FROM session) AND m.sender = 'ai'
            ) AS "audio_message_ids!"
        "#,
        user,
    )
    .fetch_one(connection)
    .await
}

fn message_ids(texts: &[String]) -> Vec<MessageId> {
    texts.iter().filter_map(MessageId::parse).collect()
}
