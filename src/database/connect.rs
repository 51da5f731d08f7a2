//! Connecting at start-up: a pool to a supported server with all migrations applied.

use sqlx::postgres::PgConnectOptions;

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
    let server = pool
        .with_connection(async |connection| {
            sqlx::query!(
                r#"
                SELECT current_setting('server_version_num')::integer AS "number!",
                    current_setting('server_version') AS "name!"
                "#
            )
            .fetch_one(connection)
            .await
        })
        .await
        .map_err(|error| unreachable(&options, &error))?;
    if server.number < MIN_SERVER_VERSION {
        return Err(ConnectError::UnsupportedVersion(server.name));
    }
    if settings.migrate {
        migrate(&options).await?;
    }
    Ok(pool)
}
