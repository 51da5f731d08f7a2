//! PoolStatus: shared ones, and for each worker of the HTTP server some of its own.
//!
//! A connection belongs to the reactor of the thread that opened it. Where another thread awaits its answers, each of them wakes two
//! threads instead of one, which costs more than the statement. So a worker opens its own, and turns to the shared ones, on which
//! turns run too, when its own are all in use.
//!
//! deadpool, and not sqlx's pool, because that one asks each connection whether it lives when it is given back: a second
//! round trip for every request. Here only those are asked on which something failed, or that rested for long.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{self, PoolConfig, PoolError, Timeouts},
};
use futures_util::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream,
};
use sqlx::{
    ConnectOptions, Connection as _, Describe, Either, Error, Execute, Executor, PgConnection,
    Postgres, SqlSafeStr, SqlStr,
    postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::time::timeout;

use super::{
    connection_manager::{ConnectionManager, PING_TIMEOUT},
    pooled_connection::PooledConnection,
};
use crate::settings::DatabaseSettings;

/// Of all connections, those that are the workers' own, in quarters.
const WORKER_SHARE_QUARTERS: u32 = 3;

/// PoolStatus to one database; a cheap clone.
#[derive(Clone)]
pub struct Pool {
    shared: managed::Pool<ConnectionManager>,
    own: Option<managed::Pool<ConnectionManager>>,
    /// All of this database, for a look at them and for the end.
    all: Arc<Mutex<Vec<managed::Pool<ConnectionManager>>>>,
    max_connections: u32,
}

/// The connections of a database at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// PoolStatus on which something runs.
    pub in_use: usize,
    /// PoolStatus on which nothing does.
    pub idle: usize,
    /// Statements that wait for a connection.
    pub waiting: usize,
}

impl Pool {
    /// At most `settings.max_connections` of them, none of which is open yet.
    pub(crate) fn new(options: PgConnectOptions, settings: &DatabaseSettings) -> Self {
        let patience = Duration::from_secs(settings.acquire_timeout_seconds);
        let opener = ConnectionManager {
            patience,
            // A statement may name a session, whose id opens it.
            options: options.disable_statement_logging(),
            statement_timeout: format!("{}s", settings.statement_timeout_seconds),
        };
        let timeouts = Timeouts {
            wait: Some(patience),
            create: Some(patience),
            recycle: Some(PING_TIMEOUT),
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
    pub(crate) fn divide(&self, workers: usize) -> Vec<Self> {
        let workers = u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
        let each = self.max_connections * WORKER_SHARE_QUARTERS / 4 / workers;
        if each == 0 {
            return vec![self.clone(); workers as usize];
        }
        self.shared
            .resize((self.max_connections - each * workers) as usize);
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
    pub(crate) async fn acquire(&self) -> Result<PooledConnection, Error> {
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
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                Error::PoolClosed
            }
        })?;
        Ok(PooledConnection::new(object))
    }

    /// A connection on which a transaction is open that `begin` begins; it is rolled back when this goes, after the answer.
    pub(crate) async fn begin(&self, begin: impl SqlSafeStr) -> Result<PooledConnection, Error> {
        let mut connection = self.acquire().await?;
        connection.begin_with(begin).await?;
        Ok(connection)
    }

    /// Most connections at a time.
    pub(crate) fn max_connections(&self) -> u32 {
        self.max_connections
    }

    /// How the connections stand.
    pub(crate) fn connections(&self) -> PoolStatus {
        let mut all = PoolStatus::default();
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
    pub(crate) fn drop_idle_connections(&self) {
        drop(self.drain_idle());
    }

    /// Closes the idle connections, and those in use when they are given back.
    pub(crate) async fn close(&self) {
        let idle = self.drain_idle();
        self.parts(|parts| parts.iter().for_each(managed::Pool::close));
        for connection in idle {
            // Whatever comes of the farewell, it is closed.
            let _ = timeout(PING_TIMEOUT, connection.close()).await;
        }
    }

    fn drain_idle(&self) -> Vec<PgConnection> {
        self.parts(|parts| {
            let idle = parts.iter().map(|part| part.retain(|_, _| false).removed);
            idle.flatten().collect()
        })
    }

    fn parts<T>(&self, look: impl FnOnce(&mut Vec<managed::Pool<ConnectionManager>>) -> T) -> T {
        look(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn part(
    opener: ConnectionManager,
    max_connections: u32,
    timeouts: Timeouts,
) -> managed::Pool<ConnectionManager> {
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

impl<'p> Executor<'p> for &'p Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async move {
            self.acquire()
                .await?
                .fetch_many(query)
                .try_collect::<Vec<_>>()
                .await
        }
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

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
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
