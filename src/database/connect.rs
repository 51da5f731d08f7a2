//! Connecting at start-up: a pool to a supported server with all migrations applied.

use sqlx::postgres::PgConnectOptions;

use super::{
    connect_error::ConnectError,
    connect_options::unreachable,
    migrations::{apply_pending, connect_at_start},
    pool::Pool,
    supported_server::check_server,
};
use crate::settings::DatabaseSettings;

/// Connects as `settings` say, and applies the migrations unless they are turned off.
pub async fn connect(
    options: PgConnectOptions,
    settings: &DatabaseSettings,
) -> Result<Pool, ConnectError> {
    let mut connection = connect_at_start(&options).await?;
    check_server(&mut connection).await.map_err(|error| unreachable(&options, &error))??;
    if settings.migrate {
        apply_pending(&options, &mut connection).await?;
    }
    Ok(Pool::new(options, settings))
}
