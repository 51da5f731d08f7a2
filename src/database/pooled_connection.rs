//! A connection in use, and what has to happen before somebody else can use it.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use deadpool::managed::Object;
use futures_util::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture, stream, stream::BoxStream,
};
use sqlx::{
    Connection as _, Describe, Either, Error, Execute, Executor, PgConnection, Postgres,
    SqlSafeStr, SqlStr,
    postgres::{PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::{runtime::Handle, time::timeout};

use super::connection_manager::{ConnectionManager, PING_TIMEOUT};

/// A connection in use. It goes back by itself: at once after statements that came to their end, otherwise once it is tidy.
pub(crate) struct PooledConnection {
    /// `None` only while it goes back.
    object: Option<Object<ConnectionManager>>,
    leaving: Cleanup,
}

/// What has to happen before a connection can be used again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cleanup {
    /// Nothing.
    None,
    /// A statement did not come to its end: it has to answer.
    Ping,
    /// A transaction is open.
    Rollback,
}

impl PooledConnection {
    pub(crate) fn new(object: Object<ConnectionManager>) -> Self {
        Self {
            object: Some(object),
            leaving: Cleanup::Ping,
        }
    }

    /// Opens a transaction by `begin`, which is rolled back behind the answer.
    pub(crate) async fn begin_with(&mut self, begin: impl SqlSafeStr) -> Result<(), Error> {
        self.leaving = Cleanup::Rollback;
        sqlx::raw_sql(begin).execute(&mut **self.object()).await?;
        Ok(())
    }

    fn object(&mut self) -> &mut Object<ConnectionManager> {
        self.object
            .as_mut()
            .expect("taken only when this is dropped")
    }

    /// Runs one statement on it. After an answer, good or bad, it is tidy; where the wait was broken off it is not.
    pub(crate) async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let leaving = self.leaving;
        if leaving == Cleanup::None {
            self.leaving = Cleanup::Ping;
        }
        let result = work(&mut **self.object()).await;
        if leaving != Cleanup::Rollback && matches!(result, Ok(_) | Err(Error::Database(_))) {
            self.leaving = Cleanup::None;
        }
        result
    }
}

impl Deref for PooledConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.object
            .as_ref()
            .expect("taken only when this is dropped")
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        // What is done with it is not seen.
        if self.leaving == Cleanup::None {
            self.leaving = Cleanup::Ping;
        }
        self.object()
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledConnection").finish_non_exhaustive()
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else {
            return;
        };
        let leaving = self.leaving;
        if leaving == Cleanup::None {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            drop(Object::take(object));
            return;
        };
        runtime.spawn(async move {
            let tidying = async {
                match leaving {
                    Cleanup::Rollback => sqlx::raw_sql("ROLLBACK")
                        .execute(&mut *object)
                        .await
                        .map(|_| ()),
                    Cleanup::None | Cleanup::Ping => object.ping().await,
                }
            };
            // One that does not become tidy is closed, and its place is free.
            if !matches!(timeout(PING_TIMEOUT, tidying).await, Ok(Ok(()))) {
                drop(Object::take(object));
            }
        });
    }
}

impl<'c> Executor<'c> for &'c mut PooledConnection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
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

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
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
