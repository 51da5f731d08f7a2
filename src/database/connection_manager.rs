//! How connections are opened, and when an old one still serves.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use sqlx::{ConnectOptions, Connection as _, Error, PgConnection, postgres::PgConnectOptions};
use tokio::time::sleep;

/// A connection that rested longer is asked whether it lives: firewalls drop what is silent for minutes.
const PING_AFTER_IDLE: Duration = Duration::from_secs(60);
/// Longest wait for what a connection says to that, and for its tidying up after a statement that was broken off.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection is replaced after this long, so that what a backend has gathered does not stay for good.
const MAX_LIFETIME: Duration = Duration::from_secs(1_800);
/// Pauses between attempts to connect, growing from the first to the last.
const INITIAL_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(250);

/// Opens connections by the rules of the settings.
#[derive(Clone)]
pub(crate) struct ConnectionManager {
    pub options: PgConnectOptions,
    /// As Postgres takes it, with its unit.
    pub statement_timeout: String,
    /// Longest wait of a caller.
    pub patience: Duration,
}

impl ConnectionManager {
    async fn open(&self) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        // Not start-up parameters: poolers refuse those that they do not know. No statement here is worth other processes, or being
        // compiled, which the planner would do for searches in tables of 100 million lines, at 20 to 190 ms each.
        sqlx::query!(
            r#"
            SELECT set_config('statement_timeout', $1, false) AS longest,
                set_config('max_parallel_workers_per_gather', '0', false) AS helpers,
                set_config('jit', 'off', false) AS compiler
            "#,
            self.statement_timeout
        )
        .fetch_one(&mut connection)
        .await?;
        Ok(connection)
    }

    /// Connects, and tries again while the server is starting or full, almost as long as a caller waits: then the cause is told.
    async fn connect(&self) -> Result<PgConnection, Error> {
        let deadline = Instant::now() + self.patience * 9 / 10;
        let mut pause = INITIAL_BACKOFF;
        loop {
            let error = match self.options.connect().await {
                Err(error)
                    if is_transient_connect_error(&error) && Instant::now() + pause < deadline =>
                {
                    error
                }
                other => return other,
            };
            tracing::debug!(%error, "no connection yet, trying again");
            sleep(pause).await;
            pause = (pause * 2).min(MAX_BACKOFF);
        }
    }
}

/// Whether a server that is starting, or has no place just now, refused us.
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
        // Boxed: every request waits for a connection, few for one that is opened, and a future holds room for the largest of
        // what it may wait for.
        Box::pin(self.open()).await
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<Error> {
        if metrics.age() > MAX_LIFETIME {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() > PING_AFTER_IDLE {
            Box::pin(connection.ping()).await?;
        }
        Ok(())
    }
}
