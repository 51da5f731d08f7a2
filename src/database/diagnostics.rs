//! Diagnostics of the server and its replica, for `kuku-coach doctor`.

use sqlx::{PgConnection, PgPool, postgres::PgConnectOptions};
use time::OffsetDateTime;

use super::{
    connect_error::ConnectError,
    connect_options::{single_connection_pool, unreachable},
    replica::{flush_lsn, replica_options},
    server_identity::system_identifier,
};
use crate::settings::DatabaseSettings;

/// Properties of the server and of our role on it.
pub struct ServerDiagnostics {
    /// Such as `15.4`.
    pub version: String,
    /// Whether this connection is encrypted.
    pub encrypted: bool,
    /// The server's limit of connections.
    pub max_connections: i32,
    /// Open connections of all clients.
    pub open_connections: i64,
    /// Our role.
    pub role: String,
    /// Whether our role may switch to `authenticated`, as reads for users do.
    pub can_assume_authenticated: bool,
    /// Such as `UTF8`.
    pub encoding: String,
    /// Whether it is a hot standby.
    pub in_recovery: bool,
    /// Whether transactions of our role are read-only by default.
    pub read_only: bool,
    /// The server's clock.
    pub now: OffsetDateTime,
}

/// The state of a replica.
pub struct ReplicaDiagnostics {
    /// Whether it is a copy of the primary.
    pub same_cluster: bool,
    /// Whether it replays the primary's WAL; a promoted replica does not.
    pub is_streaming: bool,
    /// WAL that the primary had flushed and the replica had not yet replayed.
    pub bytes_behind: i64,
}

/// Queries the server's properties. Nothing is changed.
pub async fn diagnose_server(
    options: &PgConnectOptions,
) -> Result<ServerDiagnostics, ConnectError> {
    let pool = single_connection_pool(options).await?;
    let result = query_server(&pool).await;
    pool.close().await;
    result.map_err(|error| unreachable(options, &error))
}

async fn query_server(pool: &PgPool) -> Result<ServerDiagnostics, sqlx::Error> {
    sqlx::query_as!(
        ServerDiagnostics,
        r#"
        SELECT
            current_setting('server_version') AS "version!",
            COALESCE(
                (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE
            ) AS "encrypted!",
            current_setting('max_connections')::integer AS "max_connections!",
            (
                SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
            ) AS "open_connections!",
            current_user::text AS "role!",
            COALESCE(
                (
                    -- Since 16, membership alone does not allow SET ROLE.
                    SELECT pg_has_role(current_user, oid, CASE
                        WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET'
                        ELSE 'MEMBER'
                    END)
                    FROM pg_roles
                    WHERE rolname = 'authenticated'
                ), FALSE
            ) AS "can_assume_authenticated!",
            current_setting('server_encoding') AS "encoding!",
            pg_is_in_recovery() AS "in_recovery!",
            current_setting('default_transaction_read_only')::boolean AS "read_only!",
            clock_timestamp() AS "now!"
        "#,
    )
    .fetch_one(pool)
    .await
}

/// Compares the replica with its primary; `None` if the settings name no replica. Nothing is
/// changed.
pub async fn diagnose_replica(
    primary: &PgConnectOptions,
    settings: &DatabaseSettings,
) -> Result<Option<ReplicaDiagnostics>, ConnectError> {
    let Some(replica) = replica_options(settings)? else {
        return Ok(None);
    };
    let primary_pool = single_connection_pool(primary).await?;
    let replica_pool = single_connection_pool(&replica).await?;
    let flushed = async {
        let mut connection = primary_pool.acquire().await?;
        Ok((system_identifier(&mut connection).await?, flush_lsn(&mut connection).await?))
    };
    let (primary_identifier, lsn) = flushed.await.map_err(|error| unreachable(primary, &error))?;
    let replayed = async {
        let mut connection = replica_pool.acquire().await?;
        query_replica(&mut connection, primary_identifier, &lsn).await
    };
    let diagnostics = replayed.await.map_err(|error| unreachable(&replica, &error))?;
    primary_pool.close().await;
    replica_pool.close().await;
    Ok(Some(diagnostics))
}

async fn query_replica(
    connection: &mut PgConnection,
    primary_identifier: i64,
    primary_lsn: &str,
) -> Result<ReplicaDiagnostics, sqlx::Error> {
    let same_cluster = system_identifier(connection).await? == primary_identifier;
    let replayed = sqlx::query!(
        r#"
        SELECT pg_is_in_recovery() AS "is_streaming!", coalesce(
            pg_wal_lsn_diff($1::text::pg_lsn, pg_last_wal_replay_lsn()), 0
        )::bigint AS "bytes_behind!"
        "#,
        primary_lsn,
    )
    .fetch_one(connection)
    .await?;
    Ok(ReplicaDiagnostics {
        same_cluster,
        is_streaming: replayed.is_streaming,
        bytes_behind: replayed.bytes_behind.max(0),
    })
}
