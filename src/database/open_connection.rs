//! Opens connections: waits for a server that refuses them, and sets the session's options.

use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Error, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout_at;

use super::backoff::Backoff;

/// Delays between attempts to connect.
const INITIAL_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(250);

/// Connects; attempts that fail by an error for which `is_temporary` are repeated within `limit`.
///
/// # Errors
/// The error of the last attempt; [`Error::PoolTimedOut`] if it got no result.
pub(super) async fn open_connection(
    options: &PgConnectOptions,
    statement_timeout: &str,
    limit: Duration,
    is_temporary: impl Fn(&Error) -> bool,
) -> Result<PgConnection, Error> {
    let deadline = Instant::now() + limit;
    let mut backoff = Backoff::new(INITIAL_BACKOFF, MAX_BACKOFF);
    loop {
        let attempt = connect(options, statement_timeout);
        let error = match timeout_at(deadline.into(), attempt).await {
            Ok(Err(error)) if is_temporary(&error) => error,
            Ok(result) => return result,
            Err(_) => return Err(Error::PoolTimedOut),
        };
        if Instant::now() + backoff.delay >= deadline {
            return Err(error);
        }
        tracing::debug!(%error, "connecting failed and is retried");
        backoff.wait().await;
    }
}

async fn connect(
    options: &PgConnectOptions,
    statement_timeout: &str,
) -> Result<PgConnection, Error> {
    let mut connection = options.connect().await?;
    // Not start-up parameters: poolers refuse unknown ones. These override what an operator has
    // set for the role, the database or the server. `search_path`: a schema before `public` could
    // hold a table of the same name. `lock_timeout`: statement_timeout limits waits for locks. No
    // parallel workers and no JIT: at 100 million messages the planner would compile searches,
    // which takes 20 to 190 ms each.
    sqlx::query!(
        r#"
        SELECT set_config('search_path', 'public', FALSE) AS search_path,
            set_config('statement_timeout', $1, FALSE) AS statement_timeout,
            set_config('lock_timeout', '0', FALSE) AS lock_timeout,
            set_config('max_parallel_workers_per_gather', '0', FALSE) AS parallel_workers,
            set_config('jit', 'off', FALSE) AS jit
        "#,
        statement_timeout
    )
    .fetch_one(&mut connection)
    .await?;
    Ok(connection)
}

/// A connection for work that may take any time, such as migrations: without time-outs.
///
/// # Errors
/// As [`open_connection`]
pub(super) async fn open_unlimited_connection(
    options: &PgConnectOptions,
    limit: Duration,
    is_temporary: impl Fn(&Error) -> bool,
) -> Result<PgConnection, Error> {
    // sqlx would log whole migrations as slow statements.
    let options = options.clone().disable_statement_logging();
    let mut connection = open_connection(&options, "0", limit, is_temporary).await?;
    // transaction_timeout exists since Postgres 17.
    sqlx::query!(
        r#"
        SELECT set_config(name, '0', FALSE) AS value
        FROM pg_settings
        WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')
        "#
    )
    .fetch_all(&mut connection)
    .await?;
    Ok(connection)
}
