//! Opens connections, and decides when an old one is still usable.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use sqlx::{ConnectOptions, Connection as _, Error, PgConnection, postgres::PgConnectOptions};

use super::backoff::Backoff;

/// A connection that was idle for longer is pinged: firewalls drop connections that are silent
/// for minutes.
const PING_AFTER_IDLE: Duration = Duration::from_secs(60);
/// Time-out of that ping, and of the cleanup of a connection.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Age at which a connection is replaced, which frees the memory of its backend.
const MAX_LIFETIME: Duration = Duration::from_secs(1_800);
/// Delays between attempts to connect.
const INITIAL_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(250);

/// deadpool's manager of Postgres connections.
#[derive(Clone)]
pub(super) struct ConnectionManager {
    pub options: PgConnectOptions,
    /// With a unit, as Postgres expects it.
    pub statement_timeout: String,
    /// Longest wait of a caller for a connection.
    pub acquire_timeout: Duration,
}

impl ConnectionManager {
    async fn open(&self) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        // Not start-up parameters: poolers refuse unknown ones. No parallel workers and no JIT: at
        // 100 million messages the planner would compile searches, which takes 20 to 190 ms each.
        sqlx::query!(
            r#"
            SELECT set_config('statement_timeout', $1, false) AS statement_timeout,
                set_config('max_parallel_workers_per_gather', '0', false) AS parallel_workers,
                set_config('jit', 'off', false) AS jit
            "#,
            self.statement_timeout
        )
        .fetch_one(&mut connection)
        .await?;
        Ok(connection)
    }

    /// Connects, and retries while the server is starting or full. Stops before the caller's
    /// time-out, so that the caller gets the cause.
    async fn connect(&self) -> Result<PgConnection, Error> {
        let deadline = Instant::now() + self.acquire_timeout * 9 / 10;
        let mut backoff = Backoff::new(INITIAL_BACKOFF, MAX_BACKOFF);
        loop {
            let error = match self.options.connect().await {
                Err(error) if is_transient_connect_error(&error) => error,
                result => return result,
            };
            if Instant::now() + backoff.delay >= deadline {
                return Err(error);
            }
            tracing::debug!(%error, "connecting failed and is retried");
            backoff.wait().await;
        }
    }
}

/// Whether the connection was refused because the server is starting (57P03) or out of
/// connections (53300).
fn is_transient_connect_error(error: &Error) -> bool {
    match error {
        Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

impl managed::Manager for ConnectionManager {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> Result<PgConnection, Error> {
        // Boxed, since connecting is rare: inline, it would enlarge the future of every request.
        Box::pin(self.open()).await
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<Error> {
        if metrics.age() > MAX_LIFETIME {
            return Err(RecycleError::message("maximum lifetime reached"));
        }
        if metrics.last_used() > PING_AFTER_IDLE {
            Box::pin(connection.ping()).await?;
        }
        Ok(())
    }
}
