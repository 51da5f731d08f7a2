//! Connections: shared ones, and for each worker of the HTTP server some of its own.
//!
//! A connection belongs to the reactor of the thread that opened it. Where another thread awaits its answers, each of them wakes two
//! threads instead of one, which costs more than the statement. So a worker opens its own, and turns to the shared ones, on which
//! turns run too, when its own are all in use.
//!
//! deadpool, and not sqlx's pool, because that one asks each connection whether it lives when it is given back: a second
//! round trip for every request. Here only those are asked on which something failed, or that rested for long.

use std::{
    fmt,
    io::ErrorKind,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, PoolConfig, PoolError, RecycleError, RecycleResult, Timeouts},
};
use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    ConnectOptions, Connection as _, Describe, Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr,
    postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use crate::settings::DatabaseSettings;

/// A connection that rested longer is asked whether it lives: firewalls drop what is silent for minutes.
const TRUSTED_REST: Duration = Duration::from_secs(60);
/// Longest wait for what a connection says to that, and for its tidying up after a statement that was broken off.
const PING_PATIENCE: Duration = Duration::from_secs(2);
/// A connection is replaced after this long, so that what a backend has gathered does not stay for good.
const LIFETIME: Duration = Duration::from_secs(1_800);
/// Pauses between attempts to connect, growing from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// Of all connections, those that are the workers' own, in quarters.
const QUARTERS_OF_WORKERS: u32 = 3;

/// Connections to one database; a cheap clone.
#[derive(Clone)]
pub struct Pool {
    shared: managed::Pool<Opener>,
    own: Option<managed::Pool<Opener>>,
    /// All of this database, for a look at them and for the end.
    all: Arc<Mutex<Vec<managed::Pool<Opener>>>>,
    max_connections: u32,
}

/// The connections of a database at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// Connections on which something runs.
    pub in_use: usize,
    /// Connections on which nothing does.
    pub idle: usize,
    /// Statements that wait for a connection.
    pub waiting: usize,
}

/// A connection in use. It goes back by itself: at once after statements that came to their end, otherwise once it is tidy.
pub(super) struct Connection {
    /// `None` only while it goes back.
    object: Option<Object<Opener>>,
    leaving: Leaving,
}

/// What has to happen before a connection can be used again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// Nothing.
    AsItIs,
    /// A statement did not come to its end: it has to answer.
    Ping,
    /// A transaction is open.
    RollBack,
}

/// Opens connections by the rules of the settings.
#[derive(Clone)]
struct Opener {
    options: PgConnectOptions,
    statement_timeout: String,
    /// Longest wait of a caller.
    patience: Duration,
}

impl Opener {
    async fn open(&self) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        // Not start-up parameters: poolers refuse those that they do not know. No statement here is worth other processes, and that a
        // search has stop words only is no news.
        sqlx::query!(
            r#"
            SELECT set_config('statement_timeout', $1, false) AS longest,
                set_config('max_parallel_workers_per_gather', '0', false) AS helpers,
                set_config('client_min_messages', 'warning', false) AS notices
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
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.options.connect().await {
                Err(error) if is_passing_at_the_door(&error) && Instant::now() + pause < deadline => error,
                other => return other,
            };
            tracing::debug!(%error, "no connection yet, trying again");
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether a server that is starting, or has no place just now, refused us.
fn is_passing_at_the_door(error: &Error) -> bool {
    match error {
        Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

impl managed::Manager for Opener {
    type Type = PgConnection;
    type Error = Error;

    async fn create(&self) -> Result<PgConnection, Error> {
        // Boxed: every request waits for a connection, few for one that is opened, and a future holds room for the largest of
        // what it may wait for.
        Box::pin(self.open()).await
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<Error> {
        if metrics.age() > LIFETIME {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() > TRUSTED_REST {
            Box::pin(connection.ping()).await?;
        }
        Ok(())
    }
}

impl Pool {
    /// At most `settings.max_connections` of them, none of which is open yet.
    pub(super) fn new(options: PgConnectOptions, settings: &DatabaseSettings) -> Self {
        let patience = Duration::from_secs(settings.acquire_timeout_seconds);
        let opener = Opener {
            patience,
            // A statement may name a session, whose id opens it.
            options: options.disable_statement_logging(),
            statement_timeout: format!("{}s", settings.statement_timeout_seconds),
        };
        let timeouts = Timeouts {
            wait: Some(patience),
            create: Some(patience),
            recycle: Some(PING_PATIENCE),
        };
        let shared = part(opener, settings.max_connections, timeouts);
        Self {
            all: Arc::new(Mutex::new(vec![shared.clone()])),
            shared,
            own: None,
            max_connections: settings.max_connections,
        }
    }

    /// Takes connections of their own for `workers` threads out of the shared ones, where there are enough.
    pub(super) fn divide(&self, workers: usize) -> Vec<Self> {
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        let each = self.max_connections * QUARTERS_OF_WORKERS / 4 / workers;
        if each == 0 {
            return vec![self.clone(); workers as usize];
        }
        self.shared.resize((self.max_connections - each * workers) as usize);
        let divide = |_| {
            let timeouts = Timeouts {
                // Where they are all in use, there are the shared ones.
                wait: Some(Duration::ZERO),
                ..self.shared.timeouts()
            };
            let own = part(self.shared.manager().clone(), each, timeouts);
            self.parts(|all| all.push(own.clone()));
            Self {
                own: Some(own),
                ..self.clone()
            }
        };
        (0..workers).map(divide).collect()
    }

    /// A connection, of this thread's own if one is free.
    pub(super) async fn acquire(&self) -> Result<Connection, Error> {
        let object = match &self.own {
            Some(own) => match own.get().await {
                Err(PoolError::Timeout(managed::TimeoutType::Wait)) => self.shared.get().await,
                other => other,
            },
            None => self.shared.get().await,
        };
        let object = object.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => Error::PoolTimedOut,
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => Error::PoolClosed,
        })?;
        Ok(Connection {
            object: Some(object),
            leaving: Leaving::Ping,
        })
    }

    /// A connection on which a transaction is open that `begin` begins; it is rolled back when this goes, after the answer.
    pub(super) async fn begin(&self, begin: impl sqlx::SqlSafeStr) -> Result<Connection, Error> {
        let mut connection = self.acquire().await?;
        connection.leaving = Leaving::RollBack;
        sqlx::raw_sql(begin).execute(&mut **connection.object()).await?;
        Ok(connection)
    }

    /// Most connections at a time.
    pub(super) fn max_connections(&self) -> u32 {
        self.max_connections
    }

    /// How the connections stand.
    pub(super) fn connections(&self) -> Connections {
        let mut all = Connections::default();
        self.parts(|parts| {
            for part in parts {
                let status = part.status();
                all.in_use += status.size.saturating_sub(status.available);
                all.idle += status.available;
                all.waiting += status.waiting;
            }
        });
        all
    }

    /// Gives up the idle connections: their server is gone, or another one by now.
    pub(super) fn forget_idle(&self) {
        drop(self.take_idle());
    }

    /// Closes the idle connections, and those in use when they are given back.
    pub(super) async fn close(&self) {
        let idle = self.take_idle();
        self.parts(|parts| parts.iter().for_each(managed::Pool::close));
        for connection in idle {
            // Whatever comes of the farewell, it is closed.
            let _ = timeout(PING_PATIENCE, connection.close()).await;
        }
    }

    fn take_idle(&self) -> Vec<PgConnection> {
        self.parts(|parts| {
            let idle = parts.iter().map(|part| part.retain(|_, _| false).removed);
            idle.flatten().collect()
        })
    }

    fn parts<T>(&self, look: impl FnOnce(&mut Vec<managed::Pool<Opener>>) -> T) -> T {
        look(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn part(opener: Opener, max_connections: u32, timeouts: Timeouts) -> managed::Pool<Opener> {
    let config = PoolConfig {
        timeouts,
        ..PoolConfig::new(max_connections as usize)
    };
    managed::Pool::builder(opener)
        .config(config)
        .runtime(Runtime::Tokio1)
        .build()
        .expect("a runtime for the time-outs is given, and nothing else can be missing")
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connections().fmt(f)
    }
}

impl Connection {
    fn object(&mut self) -> &mut Object<Opener> {
        self.object.as_mut().expect("taken only when this is dropped")
    }

    /// Runs one statement on it. After an answer, good or bad, it is tidy; where the wait was broken off it is not.
    async fn run<T>(&mut self, work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>) -> Result<T, Error> {
        let leaving = self.leaving;
        if leaving == Leaving::AsItIs {
            self.leaving = Leaving::Ping;
        }
        let result = work(&mut **self.object()).await;
        if leaving != Leaving::RollBack && matches!(result, Ok(_) | Err(Error::Database(_))) {
            self.leaving = Leaving::AsItIs;
        }
        result
    }
}

impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.object.as_ref().expect("taken only when this is dropped")
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        // What is done with it is not seen.
        if self.leaving == Leaving::AsItIs {
            self.leaving = Leaving::Ping;
        }
        self.object()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else {
            return;
        };
        let leaving = self.leaving;
        if leaving == Leaving::AsItIs {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            drop(Object::take(object));
            return;
        };
        runtime.spawn(async move {
            let tidying = async {
                match leaving {
                    Leaving::RollBack => sqlx::raw_sql("ROLLBACK").execute(&mut *object).await.map(|_| ()),
                    Leaving::AsItIs | Leaving::Ping => object.ping().await,
                }
            };
            // One that does not become tidy is closed, and its place is free.
            if !matches!(timeout(PING_PATIENCE, tidying).await, Ok(Ok(()))) {
                drop(Object::take(object));
            }
        });
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        // All before the first: whoever wants less says so in the statement.
        self.run(async |connection| connection.fetch_many(query).try_collect::<Vec<_>>().await)
            .map_ok(|all| stream::iter(all).map(Ok))
            .try_flatten_stream()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.run(async |connection| connection.fetch_optional(query).await)
            .boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        (&mut **self).prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        (&mut **self).describe(sql)
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async move { self.acquire().await?.fetch_many(query).try_collect::<Vec<_>>().await }
            .map_ok(|all| stream::iter(all).map(Ok))
            .try_flatten_stream()
            .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async move { self.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        async move { self.acquire().await?.prepare_with(sql, parameters).await }.boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        async move { self.acquire().await?.describe(sql).await }.boxed()
    }
}
