//! Memories, as their users see and change them. A missing row is an empty memory that is on.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::domain::{Memory, Viewer};

/// A memory as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMemory {
    /// Whether the user has it on.
    pub enabled: bool,
    /// What the user wrote.
    pub own_text: String,
    /// What was merged from sessions.
    pub merged_text: String,
    /// Number of merged sessions.
    pub sessions: i32,
    /// The last change of the text; `None` without one.
    pub updated_at: Option<OffsetDateTime>,
}

impl Default for StoredMemory {
    fn default() -> Self {
        let (own_text, merged_text) = (String::new(), String::new());
        Self { enabled: true, own_text, merged_text, sessions: 0, updated_at: None }
    }
}

impl StoredMemory {
    /// The whole text.
    pub fn text(&self) -> String {
        let (own_text, merged_text) = (self.own_text.clone(), self.merged_text.clone());
        Memory { own_text, merged_text, last_plan: String::new() }.text()
    }
}

impl DatabaseService {
    /// The memory of `user`, on behalf of `viewer`; an empty one if there is none, or if it is not
    /// the viewer's.
    pub async fn get_memory(
        &self,
        viewer: Viewer,
        user: Uuid,
    ) -> Result<StoredMemory, RepositoryError> {
        let memory = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection_as(viewer, async |connection| {
                    sqlx::query_as!(
                        StoredMemory,
                        r#"
                        SELECT memory.*
                        -- For row level security, as in select_own_sessions.
                        FROM (
                            SELECT set_config('request.jwt.claim.sub', $3::text, TRUE) AS user_id
                        ) AS viewer
                        CROSS JOIN LATERAL (
                            SELECT enabled, own_text, merged_text, sessions, updated_at
                            FROM public.memories
                            WHERE user_id = $1 AND viewer.user_id IS NOT NULL
                              AND ($2 OR user_id = NULLIF(viewer.user_id, '')::uuid)
                            OFFSET 0
                        ) AS memory
                        "#,
                        user,
                        viewer.is_service(),
                        viewer.user_id().map(|user| user.to_string()).unwrap_or_default(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(memory.unwrap_or_default())
    }

    /// Replaces the whole text of a memory, or turns it on or off, and returns it. A merge in
    /// progress is lost, since it has read what is replaced; its session stays due. Turning the
    /// memory off forgets the sessions that are due.
    /// [`RepositoryError::UserNotFound`] if there is no such account.
    pub async fn update_memory(
        &self,
        user: Uuid,
        text: Option<&str>,
        enabled: Option<bool>,
    ) -> Result<StoredMemory, RepositoryError> {
        let update = async |connection: &mut sqlx::PgConnection| {
            sqlx::query_as!(
                StoredMemory,
                r#"
                WITH account AS (
                    -- First, as an erasure does, which waits for sessions later. Distributed tables
                    -- allow no now() in CASE.
                    SELECT id, now() AS now FROM auth.users WHERE id = $1 FOR KEY SHARE
                ), memory AS (
                    INSERT INTO public.memories AS m (user_id, enabled, own_text, updated_at)
                    SELECT id, COALESCE($3, TRUE), COALESCE($2::text, ''),
                        CASE WHEN $2 IS NOT NULL THEN now END
                    FROM account
                    ON CONFLICT (user_id) DO UPDATE
                    SET enabled = COALESCE($3, m.enabled),
                        own_text = COALESCE($2, m.own_text),
                        merged_text = CASE WHEN $2 IS NULL THEN m.merged_text ELSE '' END,
                        last_plan = CASE WHEN $2 IS NULL THEN m.last_plan ELSE '' END,
                        sessions = CASE WHEN $2 = '' THEN 0 ELSE m.sessions END,
                        updated_at = COALESCE(EXCLUDED.updated_at, m.updated_at),
                        merge_lease = NULL, merge_lease_until = NULL,
                        merge_failures = 0, merge_failing_since = NULL, merge_retry_at = NULL
                    RETURNING user_id, enabled, own_text, merged_text, sessions, updated_at
                ), forgotten AS (
                    UPDATE public.sessions AS s SET memory_due = FALSE
                    FROM memory
                    WHERE s.user_id = memory.user_id AND NOT memory.enabled
                      AND s.memory_due AND s.status = 'ended'
                )
                SELECT enabled, own_text, merged_text, sessions, updated_at FROM memory
                "#,
                user,
                text,
                enabled,
            )
            .fetch_optional(connection)
            .await
        };
        let updated = self.database.retry_idempotent(|pool| pool.with_connection(update)).await?;
        updated.ok_or(RepositoryError::UserNotFound)
    }

    /// Empties a memory, and forgets the sessions that are due. It stays on or off.
    /// [`RepositoryError::UserNotFound`] if there is no such account.
    pub async fn delete_memory(&self, user: Uuid) -> Result<StoredMemory, RepositoryError> {
        let delete = async |connection: &mut sqlx::PgConnection| {
            sqlx::query_as!(
                StoredMemory,
                r#"
                WITH account AS (
                    SELECT id FROM auth.users WHERE id = $1 FOR KEY SHARE
                ), memory AS (
                    INSERT INTO public.memories AS m (user_id) SELECT id FROM account
                    ON CONFLICT (user_id) DO UPDATE
                    SET own_text = '', merged_text = '', last_plan = '', sessions = 0,
                        updated_at = NULL, merge_lease = NULL, merge_lease_until = NULL,
                        merge_failures = 0, merge_failing_since = NULL, merge_retry_at = NULL
                    RETURNING user_id, enabled, own_text, merged_text, sessions, updated_at
                ), forgotten AS (
                    UPDATE public.sessions AS s SET memory_due = FALSE
                    FROM memory
                    WHERE s.user_id = memory.user_id AND s.memory_due AND s.status = 'ended'
                )
                SELECT enabled, own_text, merged_text, sessions, updated_at FROM memory
                "#,
                user,
            )
            .fetch_optional(connection)
            .await
        };
        let deleted = self.database.retry_idempotent(|pool| pool.with_connection(delete)).await?;
        deleted.ok_or(RepositoryError::UserNotFound)
    }
}
