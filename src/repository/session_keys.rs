//! Keys of session rows: `sessions.id`, which is derived from the public id.
//!
//! Rows from before this was so have random keys until a job has rewritten them. Whoever needs the
//! key of a session asks [`DatabaseService::session_key`], or [`DatabaseService::key_to_read`],
//! which rewrite that row first.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::domain::SessionId;

/// The key of a session's row, if the session exists. As secret as the public id, whose bits it
/// has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(Uuid);

impl SessionKey {
    /// The value of the column.
    pub(super) fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// What is known of the rows that are left to rewrite.
#[derive(Default)]
pub(super) struct UnderivedKeys {
    /// Whether there are none. There will be none then: a trigger sets the keys of new rows.
    none_left: AtomicBool,
    /// Whether they were looked for.
    checked: OnceCell<()>,
}

impl DatabaseService {
    /// The key of a session to write, whether or not there is one.
    ///
    /// While rows are left to rewrite, another server may run beside this one that was started
    /// before the rewriting. It names sessions by their public ids, and notices nothing.
    pub(super) async fn session_key(&self, id: &SessionId) -> Result<SessionKey, RepositoryError> {
        if !self.has_only_derived_keys().await? {
            // As patient as the saving of a turn, which may follow.
            let rewrite = self.database.save_with_retry(|pool| {
                pool.with_connection(async |connection| derive_key(connection, id).await)
            });
            rewrite.await?;
        }
        Ok(SessionKey(id.key()))
    }

    /// The key of a session to read, whether or not there is one. The row's present key if it
    /// cannot be rewritten, as in a read-only database.
    pub(super) async fn key_to_read(&self, id: &SessionId) -> Result<SessionKey, RepositoryError> {
        let derived = id.key();
        if self.has_only_derived_keys().await? {
            return Ok(SessionKey(derived));
        }
        let present = self.present_key(id).await?;
        if present.is_none_or(|present| present == derived) {
            return Ok(SessionKey(derived));
        }
        let rewrite = self.database.with_connection(async |c| derive_key(c, id).await);
        match rewrite.await {
            Ok(()) => Ok(SessionKey(derived)),
            Err(error) => {
                let session = id.short();
                tracing::debug!(session, %error, "the key of a session could not be rewritten");
                // It may be rewritten all the same, if only the result was lost.
                Ok(SessionKey(self.present_key(id).await?.unwrap_or(derived)))
            }
        }
    }

    /// The key that the session's row has at present; `None` if there is no such session.
    async fn present_key(&self, id: &SessionId) -> Result<Option<Uuid>, RepositoryError> {
        let read = self.database.retry_idempotent(|pool| {
            pool.with_connection(async |connection| {
                sqlx::query_scalar!(
                    "SELECT id FROM public.sessions WHERE session_id = $1",
                    id.as_str()
                )
                .fetch_optional(connection)
                .await
            })
        });
        Ok(read.await?)
    }

    /// Whether every session's key is derived from its public id. Asks the database at the first
    /// call.
    async fn has_only_derived_keys(&self) -> Result<bool, RepositoryError> {
        let is_known = || self.shared.underived_keys.none_left.load(Ordering::Acquire);
        if is_known() {
            return Ok(true);
        }
        let check = || async { self.check_for_underived_keys().await.map(|_| ()) };
        self.shared.underived_keys.checked.get_or_try_init(check).await?;
        Ok(is_known())
    }

    /// Looks for rows that are left to rewrite, and returns whether there are any.
    pub async fn check_for_underived_keys(&self) -> Result<bool, RepositoryError> {
        if self.shared.underived_keys.none_left.load(Ordering::Acquire) {
            return Ok(false);
        }
        // They have a constraint, and no index: looking would read all sessions.
        if self.is_distributed().await? {
            self.shared.underived_keys.none_left.store(true, Ordering::Release);
            return Ok(false);
        }
        let are_left = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        r#"
                        SELECT EXISTS (
                            SELECT FROM public.sessions WHERE id <> public.session_key(session_id)
                        ) AS "exists!"
                        "#
                    )
                    .fetch_one(connection)
                    .await
                })
            })
            .await?;
        if !are_left {
            self.shared.underived_keys.none_left.store(true, Ordering::Release);
        }
        Ok(are_left)
    }

    /// Rewrites the keys of at most `limit` sessions, the newest first, and of their messages;
    /// returns the number of sessions. Rows in use are left to the next call.
    pub async fn derive_session_keys(&self, limit: i64) -> Result<u64, RepositoryError> {
        let rewrite = sqlx::query!(
            r#"
            WITH underived AS MATERIALIZED (
                SELECT id FROM public.sessions
                WHERE id <> public.session_key(session_id)
                ORDER BY created_at DESC
                LIMIT $1
                -- A turn may hold a row, and another server rewrite others.
                FOR UPDATE SKIP LOCKED
            )
            UPDATE public.sessions AS s SET id = public.session_key(s.session_id)
            FROM underived
            WHERE s.id = underived.id
            "#,
            limit,
        );
        // A session may have very many messages, and must not keep the others from being rewritten.
        let wait = sqlx::query!("SELECT set_config('statement_timeout', '0', TRUE)");
        let mut connection = self.database.primary().acquire().await?;
        let mut transaction = connection.begin().await?;
        wait.fetch_one(&mut *transaction).await?;
        let rewritten = rewrite.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rewritten.rows_affected())
    }
}

/// Derives the key of a session's row from its public id, unless it is derived.
async fn derive_key(connection: &mut PgConnection, id: &SessionId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        UPDATE public.sessions SET id = public.session_key(session_id)
        WHERE session_id = $1 AND id <> public.session_key(session_id)
        "#,
        id.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
