//! A connection in use, and its cleanup before the next use.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use deadpool::managed::Object;
use sqlx::{Connection as _, Error, PgConnection, SqlSafeStr};
use tokio::{runtime::Handle, time::timeout};

use super::{
    connection_manager::{ConnectionManager, PING_TIMEOUT},
    error::{is_broken, is_read_only},
    node::Node,
};

/// Age from which a read-only connection is replaced, in case that writes are possible again.
const READ_ONLY_RECHECK: Duration = Duration::from_secs(1);

/// A connection in use. Returned to the pool on drop: immediately if the last statement completed,
/// otherwise after a ping or ROLLBACK. A broken one is closed, and with it all others that are open
/// at that moment: one restart of the server breaks them all.
pub(crate) struct PooledConnection {
    /// `None` only during drop.
    object: Option<Object<ConnectionManager>>,
    cleanup: Cleanup,
}

/// The work needed before a connection can be used again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cleanup {
    None,
    /// The last statement may not have completed.
    Ping,
    /// A transaction is open.
    Rollback,
    /// The connection is broken.
    Close,
}

impl PooledConnection {
    pub(super) fn new(object: Object<ConnectionManager>) -> Self {
        Self { object: Some(object), cleanup: Cleanup::Ping }
    }

    /// Opens a transaction by the statements `begin`. It is rolled back on drop.
    pub(super) async fn begin_with(&mut self, begin: impl SqlSafeStr) -> Result<(), Error> {
        self.cleanup = Cleanup::Rollback;
        let result = sqlx::raw_sql(begin).execute(&mut **self.object()).await;
        self.check(&result);
        result.map(drop)
    }

    /// Waits for the server's answer to an empty statement. For statements that must not be
    /// repeated: most connections that a restart has broken are found out before.
    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        let result = self.object().ping().await;
        self.check(&result);
        result
    }

    /// Condemns the connection if an error says that it is broken. Also if it is read-only: an
    /// earlier primary may have become a replica, and a connection opened while the database was
    /// read-only stays so. A new one shows the present state.
    fn check<T>(&mut self, result: &Result<T, Error>) {
        let Err(error) = result else { return };
        let object = self.object();
        if is_read_only(error)
            && let Some(node) = node_of(object)
        {
            // A demoted node. Its coordinator may know the new one already.
            node.set_unreachable(error);
        }
        let is_new = Object::metrics(object).age() < READ_ONLY_RECHECK;
        if is_broken(error) || (is_read_only(error) && !is_new) {
            condemn(object);
            self.cleanup = Cleanup::Close;
        }
    }

    fn object(&mut self) -> &mut Object<ConnectionManager> {
        self.object.as_mut().expect("taken only on drop")
    }

    /// Runs `operation` on the connection. The connection needs no cleanup after a result or an
    /// error of the server, but a ping if this future is dropped before that.
    pub(crate) async fn with_connection<T>(
        &mut self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let cleanup = self.cleanup;
        let result = operation(&mut **self).await;
        if cleanup != Cleanup::Rollback && matches!(result, Ok(_) | Err(Error::Database(_))) {
            self.cleanup = Cleanup::None;
        }
        self.check(&result);
        result
    }
}

/// Marks all connections as stale that are open by now.
fn condemn(object: &Object<ConnectionManager>) {
    if let Some(pool) = Object::pool(object) {
        pool.manager().stale.condemn(Object::metrics(object).created);
    }
}

/// The node that the connection leads to.
fn node_of(object: &Object<ConnectionManager>) -> Option<Arc<Node>> {
    Object::pool(object)?.manager().node.clone()
}

impl Deref for PooledConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.object.as_ref().expect("taken only on drop")
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        // Whether a statement on it completes is not known here.
        if self.cleanup == Cleanup::None {
            self.cleanup = Cleanup::Ping;
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
        let cleanup = self.cleanup;
        if cleanup == Cleanup::None {
            return;
        }
        let runtime = match Handle::try_current() {
            Ok(runtime) if cleanup != Cleanup::Close => runtime,
            _ => return drop(Object::take(object)),
        };
        runtime.spawn(async move {
            let cleaning = async {
                if cleanup == Cleanup::Rollback {
                    sqlx::raw_sql("ROLLBACK").execute(&mut *object).await?;
                    return Ok(());
                }
                object.ping().await
            };
            // A failed cleanup closes the connection and frees its slot in the pool.
            if !matches!(timeout(PING_TIMEOUT, cleaning).await, Ok(Ok(()))) {
                // A node that does not answer any more would hold up each of its connections.
                if let Some(node) = node_of(&object) {
                    node.set_unreachable(&Error::PoolTimedOut);
                }
                drop(Object::take(object));
            }
        });
    }
}
