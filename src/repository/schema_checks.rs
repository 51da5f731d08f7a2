//! Checks of our tables' indexes and grants, for `kuku-coach doctor`.

use sqlx::postgres::PgConnectOptions;

use crate::database::{ConnectError, single_connection_pool, unreachable};

/// Problems of our tables.
pub struct SchemaDiagnostics {
    /// Tables that `anon` may read or write.
    pub open_to_anon: Vec<String>,
    /// Indexes that a migration has created and that do not exist any more.
    pub missing_indexes: Vec<String>,
}

/// The indexes without which requests become slow.
const INDEXES: &[&str] = &[
    "sessions_session_id_key",
    "idx_sessions_user_id_created_at",
    "idx_sessions_active_created_at",
    "idx_sessions_ended_at",
    "messages_session_id_position_key",
    "messages_message_id_key",
    "idx_messages_text_search",
    "idx_messages_created_at",
    "idx_idempotency_keys_created_at",
];

/// Checks the indexes and grants of our tables. Nothing is changed.
pub async fn diagnose_schema(
    options: &PgConnectOptions,
) -> Result<SchemaDiagnostics, ConnectError> {
    let pool = single_connection_pool(options).await?;
    let indexes: Vec<String> = INDEXES.iter().map(|name| (*name).to_owned()).collect();
    let result = sqlx::query_as!(
        SchemaDiagnostics,
        r#"
        SELECT
            ARRAY(
                SELECT DISTINCT table_name::text FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND grantee IN ('anon', 'PUBLIC')
                  AND table_name IN ('sessions', 'messages', 'idempotency_keys', 'refresh_tokens')
            ) AS "open_to_anon!",
            ARRAY(
                SELECT name FROM unnest($1::text[]) AS name
                WHERE to_regclass('public.sessions') IS NOT NULL
                  AND to_regclass('public.' || name) IS NULL
            ) AS "missing_indexes!"
        "#,
        &indexes,
    )
    .fetch_one(&pool)
    .await;
    pool.close().await;
    result.map_err(|error| unreachable(options, &error))
}
