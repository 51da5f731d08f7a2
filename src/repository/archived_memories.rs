//! Memories in the files of `export` and `import`.

use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError,
    accounts::share_user,
    archive::{ImportOutcome, Snapshot, insert_missing_account, outcome_of},
};

/// A memory with all its columns, except leases and failures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedMemory {
    user_id: Uuid,
    enabled: bool,
    own_text: String,
    merged_text: String,
    last_plan: String,
    sessions: i32,
    #[serde(with = "time::serde::rfc3339::option")]
    updated_at: Option<OffsetDateTime>,
}

impl ExportedMemory {
    /// The user whose memory it is.
    pub fn user(&self) -> Uuid {
        self.user_id
    }

    /// The last change of the text; `None` without one.
    pub fn updated_at(&self) -> Option<OffsetDateTime> {
        self.updated_at
    }
}

impl Snapshot {
    /// The next memories after the user `after`, by user. Those that are on and empty are left out,
    /// as a missing one is the same.
    pub async fn memories(
        &mut self,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ExportedMemory>, RepositoryError> {
        let memories = sqlx::query_as!(
            ExportedMemory,
            r#"
            SELECT user_id, enabled, own_text, merged_text, last_plan, sessions, updated_at
            FROM public.memories
            WHERE ($1::uuid IS NULL OR user_id > $1) AND (NOT enabled OR updated_at IS NOT NULL)
            ORDER BY user_id
            LIMIT $2
            "#,
            after,
            limit,
        );
        Ok(memories.fetch_all(&mut *self.0).await?)
    }
}

impl DatabaseService {
    /// Stores a memory unchanged. One that is there is left as it is, unless it is empty and on.
    pub async fn import_memory(
        &self,
        memory: &ExportedMemory,
    ) -> Result<ImportOutcome, RepositoryError> {
        let is_distributed = self.is_distributed().await?;
        let mut connection = self.database.primary().acquire().await?;
        outcome_of(import(&mut connection, memory, is_distributed).await)
    }
}

async fn import(
    connection: &mut PgConnection,
    memory: &ExportedMemory,
    is_distributed: bool,
) -> Result<ImportOutcome, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    insert_missing_account(&mut transaction, memory.user_id).await?;
    if is_distributed && !share_user(&mut transaction, memory.user_id).await? {
        return Ok(ImportOutcome::UnknownUser);
    }
    let insert = sqlx::query!(
        r#"
        INSERT INTO public.memories AS m
            (user_id, enabled, own_text, merged_text, last_plan, sessions, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (user_id) DO UPDATE
        SET enabled = EXCLUDED.enabled, own_text = EXCLUDED.own_text,
            merged_text = EXCLUDED.merged_text, last_plan = EXCLUDED.last_plan,
            sessions = EXCLUDED.sessions, updated_at = EXCLUDED.updated_at,
            merge_lease = NULL, merge_lease_until = NULL
        WHERE m.enabled AND m.updated_at IS NULL
        "#,
        memory.user_id,
        memory.enabled,
        memory.own_text,
        memory.merged_text,
        memory.last_plan,
        memory.sessions,
        memory.updated_at,
    );
    let inserted = insert.execute(&mut *transaction).await?.rows_affected() == 1;
    transaction.commit().await?;
    Ok(if inserted { ImportOutcome::Imported } else { ImportOutcome::Exists })
}
