//! What an operator should know of a database: for `kuku-coach doctor`.

use sqlx::{PgPool, postgres::PgConnectOptions};
use time::OffsetDateTime;

use super::{
    connect::{ConnectError, single, unreachable},
    replica::{committed, replica_options, system},
};
use crate::settings::DatabaseSettings;

/// What the server and our role on it are like.
pub struct ServerDiagnostics {
    /// Such as `15.4`.
    pub version: String,
    /// Whether this connection is encrypted.
    pub encrypted: bool,
    /// Most connections that the server takes.
    pub max_connections: i32,
    /// Of these, connections that are open.
    pub open_connections: i64,
    /// Our role.
    pub role: String,
    /// Whether row level security does not hold for it.
    pub bypasses_policies: bool,
    /// Whether it may become `authenticated`, as reads for users do.
    pub can_assume_authenticated: bool,
    /// The server's clock.
    pub now: OffsetDateTime,
    /// Tables of ours that `anon` may read or write.
    pub open_to_anon: Vec<String>,
    /// Indexes that a migration has made and that are gone.
    pub missing_indexes: Vec<String>,
}

/// What a replica is like beside its primary.
pub struct ReplicaDiagnostics {
    /// Whether it is a copy of the primary.
    pub same_cluster: bool,
    /// Whether it still follows it: one that was promoted does not.
    pub follows: bool,
    /// How much the primary had written that it had not replayed yet, a moment later.
    pub bytes_behind: i64,
}

/// The indexes that make a difference when they are missing.
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

/// Asks the database what it is like. Nothing is changed.
///
/// # Errors
/// [`ConnectError::Unreachable`]
pub async fn diagnose_server(
    options: &PgConnectOptions,
) -> Result<ServerDiagnostics, ConnectError> {
    let pool = single(options).await?;
    let facts = ask(&pool)
        .await
        .map_err(|error| unreachable(options, &error));
    pool.close().await;
    facts
}

async fn ask(pool: &PgPool) -> Result<ServerDiagnostics, sqlx::Error> {
    let indexes: Vec<String> = INDEXES.iter().map(|name| (*name).to_owned()).collect();
    let row = sqlx::query!(
        r#"
        SELECT
            current_setting('server_version') AS "version!",
            COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS "encrypted!",
            current_setting('max_connections')::integer AS "max_connections!",
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS "open_connections!",
            current_user::text AS "role!",
            (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = current_user) AS "bypasses!",
            COALESCE(
                (SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = 'authenticated'), FALSE
            ) AS "may_become!",
            clock_timestamp() AS "now!",
            ARRAY(
                SELECT DISTINCT table_name::text FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND grantee IN ('anon', 'PUBLIC')
                  AND table_name IN ('sessions', 'messages', 'idempotency_keys', 'refresh_tokens')
            ) AS "open_to_anon!",
            ARRAY(
                SELECT wanted FROM unnest($1::text[]) AS wanted
                WHERE to_regclass('public.sessions') IS NOT NULL AND to_regclass('public.' || wanted) IS NULL
            ) AS "missing_indexes!"
        "#,
        &indexes,
    )
    .fetch_one(pool)
    .await?;
    Ok(ServerDiagnostics {
        version: row.version,
        encrypted: row.encrypted,
        max_connections: row.max_connections,
        open_connections: row.open_connections,
        role: row.role,
        bypasses_policies: row.bypasses,
        can_assume_authenticated: row.may_become,
        now: row.now,
        open_to_anon: row.open_to_anon,
        missing_indexes: row.missing_indexes,
    })
}

/// Asks the replica that the settings name, and its primary; `None` if they name none. Nothing is changed.
///
/// # Errors
/// [`ConnectError`], with which of both cannot be reached.
pub async fn diagnose_replica(
    primary: &PgConnectOptions,
    settings: &DatabaseSettings,
) -> Result<Option<ReplicaDiagnostics>, ConnectError> {
    let Some(replica) = replica_options(settings)? else {
        return Ok(None);
    };
    let (ours, its) = (single(primary).await?, single(&replica).await?);
    let written = async { Ok((system(&ours).await?, committed(&ours).await?)) };
    let (system_of_primary, written) = written
        .await
        .map_err(|error| unreachable(primary, &error))?;
    let replayed = async {
        let replayed = sqlx::query!(
            r#"
            SELECT pg_is_in_recovery() AS "follows!",
                coalesce(pg_wal_lsn_diff($1::text::pg_lsn, pg_last_wal_replay_lsn()), 0)::bigint AS "behind!"
            "#,
            written,
        );
        Ok((system(&its).await?, replayed.fetch_one(&its).await?))
    };
    let (system_of_replica, replayed) = replayed
        .await
        .map_err(|error| unreachable(&replica, &error))?;
    ours.close().await;
    its.close().await;
    Ok(Some(ReplicaDiagnostics {
        same_cluster: system_of_primary == system_of_replica,
        follows: replayed.follows,
        bytes_behind: replayed.behind.max(0),
    }))
}
