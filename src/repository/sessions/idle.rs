//! Idle sessions: those that a job ends, or removes because nothing was said.

use std::time::Duration;

use sqlx::PgConnection;

use crate::{
    domain::SessionId,
    repository::{DatabaseService, DeletedBatch, RepositoryError},
};

/// A session without activity.
pub struct IdleSession {
    /// Public id.
    pub id: SessionId,
    /// Closing summaries in a row that failed.
    pub closing_failures: i32,
}

impl DatabaseService {
    /// At most `limit` active sessions without activity for `idle`, oldest first: those in which
    /// something was said, and whose next closing summary is due.
    pub async fn list_idle_sessions(
        &self,
        idle: Duration,
        limit: i64,
    ) -> Result<Vec<IdleSession>, RepositoryError> {
        let rows = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    SELECT session_id, closing_failures
                    FROM public.sessions
                    WHERE status = 'active' AND updated_at < now() - make_interval(secs => $1)
                      -- implied by the conditions above, and covered by an index
                      AND ended_at IS NULL AND created_at < now() - make_interval(secs => $1)
                      AND (closing_retry_at IS NULL OR closing_retry_at < now())
                      -- others are deleted
                      AND (message_count > 0 OR unanswered_recordings <> '[]')
                    ORDER BY created_at
                    LIMIT $2
                    "#,
                        idle.as_secs_f64(),
                        limit,
                    )
                    .map(|row| (row.session_id, row.closing_failures))
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        let idle = |(id, closing_failures): (String, i32)| {
            Some(IdleSession { id: SessionId::parse(&id)?, closing_failures })
        };
        Ok(rows.into_iter().filter_map(idle).collect())
    }

    /// Counts a closing summary that failed. The next one is due after `delay`, twice that after
    /// the second failure, and so on.
    pub async fn postpone_closing(
        &self,
        id: &SessionId,
        delay: Duration,
    ) -> Result<(), RepositoryError> {
        let session = self.session_key(id).await?;
        // updated_at stays, since it is the time of the person's last activity.
        let update = sqlx::query!(
            r#"
            UPDATE public.sessions
            SET closing_failures = closing_failures + 1,
                -- not now() plus an interval, which depends on the time zone, of a column
                closing_retry_at = to_timestamp(
                    extract(epoch FROM now())::double precision
                    + $2 * power(2, least(closing_failures, 10))
                )
            WHERE id = $1 AND status = 'active'
            "#,
            session.uuid(),
            delay.as_secs_f64(),
        );
        self.database.with_connection(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    /// Deletes at most `limit` sessions in which nothing was said for `age`, and their stored
    /// responses. A recording that waits for an answer was said.
    pub async fn delete_empty_sessions(
        &self,
        age: Duration,
        limit: i64,
    ) -> Result<DeletedBatch, RepositoryError> {
        let list = sqlx::query_scalar!(
            r#"
            SELECT id FROM public.sessions AS s
            WHERE message_count = 0 AND unanswered_recordings = '[]' AND rating IS NULL
              -- messages that something else than this server has written
              AND NOT EXISTS (SELECT FROM public.messages AS m WHERE m.session_id = s.id)
              AND updated_at < now() - make_interval(secs => $1)
              AND created_at < now() - make_interval(secs => $1)
              -- a turn is being taken
              AND (turn_claim IS NULL OR turn_claimed_until < now())
            LIMIT $2
            "#,
            age.as_secs_f64(),
            limit,
        );
        let list = async |connection: &mut PgConnection| list.fetch_all(connection).await;
        let keys = self.database.with_connection(list).await?;
        let mut deleted = 0;
        // In statements of their own, which name the session, and look again at what they lock.
        for key in &keys {
            let delete = sqlx::query_scalar!(
                r#"
                WITH empty AS (
                    SELECT FROM public.sessions
                    WHERE id = $1 AND message_count = 0 AND unanswered_recordings = '[]'
                      AND rating IS NULL AND updated_at < now() - make_interval(secs => $2)
                      AND (turn_claim IS NULL OR turn_claimed_until < now())
                    -- skips a session in use
                    FOR UPDATE SKIP LOCKED
                ), deleted AS (
                    DELETE FROM public.sessions
                    WHERE id = $1 AND EXISTS (SELECT FROM empty)
                      AND NOT EXISTS (SELECT FROM public.messages WHERE session_id = $1)
                    RETURNING session_id
                ), stored_responses AS (
                    DELETE FROM public.idempotency_keys
                    WHERE session_id = $1 AND scope IN (SELECT session_id FROM deleted)
                )
                SELECT count(*) AS "count!" FROM deleted
                "#,
                key,
                age.as_secs_f64(),
            );
            let delete = async |connection: &mut PgConnection| delete.fetch_one(connection).await;
            deleted += self.database.with_connection(delete).await?.unsigned_abs();
        }
        Ok(DeletedBatch { found: keys.len() as u64, deleted })
    }
}
