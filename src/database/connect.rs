//! Connecting at start-up: a pool to a supported server with all migrations applied.

use sqlx::{PgConnection, postgres::PgConnectOptions};

use super::{
    connect_options::{ConnectError, unreachable},
    migrations::migrate,
    pool::Pool,
};
use crate::settings::DatabaseSettings;

/// The oldest supported server, as `server_version_num`.
const MIN_SERVER_VERSION: i32 = 140_000;

/// Connects as `settings` say, and applies the migrations unless they are turned off.
pub async fn connect(
    options: PgConnectOptions,
    settings: &DatabaseSettings,
) -> Result<Pool, ConnectError> {
    let pool = Pool::new(options.clone(), settings);
    pool.with_connection(check_server).await.map_err(|error| unreachable(&options, &error))??;
    if settings.migrate {
        migrate(&options).await?;
    }
    Ok(pool)
}

/// Fails on a server or a database that the program is not made for, before anything is changed.
pub(super) async fn check_server(
    connection: &mut PgConnection,
) -> Result<Result<(), ConnectError>, sqlx::Error> {
    let server = sqlx::query!(
        r#"
        SELECT current_setting('server_version_num')::integer AS "number!",
            current_setting('server_version') AS "version!",
            current_setting('server_encoding') AS "encoding!",
            current_database()::text AS "database!"
        "#
    )
    .fetch_one(connection)
    .await?;
    if server.number < MIN_SERVER_VERSION {
        return Ok(Err(ConnectError::UnsupportedVersion(server.version)));
    }
    if server.encoding != "UTF8" {
        let (database, encoding) = (server.database, server.encoding);
        return Ok(Err(ConnectError::Encoding { database, encoding }));
    }
    Ok(Ok(()))
}
