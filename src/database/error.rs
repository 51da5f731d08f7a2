//! Errors of database calls, and what each kind means for the connection and for a retry.

use std::{error::Error as _, io};

use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// SQLSTATE of a cancelled statement, mostly by statement_timeout: the connection is still usable.
const QUERY_CANCELED: &str = "57014";
/// SQLSTATE of a write in a read-only transaction: a full disk, or a replica after a failover.
const READ_ONLY: &str = "25006";
/// SQLSTATE of a lock that was not available within lock_timeout.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// SQLSTATE of a connection beyond the number that is allowed.
const TOO_MANY_CONNECTIONS: &str = "53300";

/// SQLSTATE of a deadlock, within a server or over the nodes of a Citus cluster.
const DEADLOCK: &str = "40P01";

/// A failed database call. Nothing was stored if the server reported the error. If the connection
/// broke or a time-out was exceeded, the call may have been committed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Postgres is unreachable, starting, stopping, read-only, out of connections, or exceeded a
    /// time-out: the same call may succeed later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The server has rolled the call back, since it and others waited for each other.
    #[error("database unavailable: {0}")]
    Deadlock(String),
    /// A defect or a violated constraint.
    #[error("{}", describe(.0))]
    Query(sqlx::Error),
    /// A batched query without a result, which is a defect.
    #[error("{0}")]
    Batch(&'static str),
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match retry_kind(&error) {
            _ if is_deadlock(&error) => Self::Deadlock(describe(&error)),
            RetryKind::Never => Self::Query(error),
            RetryKind::Reconnect | RetryKind::Once | RetryKind::Later => {
                Self::Unavailable(describe(&error))
            }
        }
    }
}

/// When the same operation may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryKind {
    /// Not at all: a defect, or a violated constraint.
    Never,
    /// At once, on another connection: this one is broken.
    Reconnect,
    /// Perhaps at once: a deadlock, a full table of connections, a failover.
    Once,
    /// Later: the operation has waited as long as it may.
    Later,
}

pub(super) fn retry_kind(error: &sqlx::Error) -> RetryKind {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => RetryKind::Later,
        error if is_connect_failure(error) => RetryKind::Later,
        error if is_broken(error) => RetryKind::Reconnect,
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some(LOCK_NOT_AVAILABLE) => RetryKind::Later,
            Some(READ_ONLY | QUERY_CANCELED) => RetryKind::Once,
            // 53 resources, 40 serialisation and deadlock
            Some(code) if code.starts_with("53") || code.starts_with("40") => RetryKind::Once,
            _ => RetryKind::Never,
        },
        _ => RetryKind::Never,
    }
}

/// Whether the connection cannot be used again. The server ends it after a FATAL or PANIC error,
/// and after those of class 57 (operator intervention) and 08 (connection). After an I/O or
/// protocol error, such as by a server that dies while sending a result, its state is unknown.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => !is_connect_failure(error),
        sqlx::Error::Database(database) => {
            let severity =
                database.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
            matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
                || database.code().is_some_and(|code| {
                    code != QUERY_CANCELED && (code.starts_with("57") || code.starts_with("08"))
                })
        }
        _ => false,
    }
}

/// Whether the server has ended a transaction that waited in a circle with others.
fn is_deadlock(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some(DEADLOCK))
}

/// Whether a server, a database or a role has as many connections as it may.
pub(super) fn is_too_many_connections(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some(TOO_MANY_CONNECTIONS))
}

/// Whether a write was refused because the transaction is read-only.
pub(super) fn is_read_only(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some(READ_ONLY))
}

/// Why no connection could be opened. Inside [`sqlx::Error::Io`], since repository methods pass
/// sqlx's errors on.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect: {0}")]
struct ConnectFailure(String);

/// Whatever fails while connecting means that the database is unavailable, even errors that would
/// be defects of a statement.
pub(super) fn connect_failure(error: &sqlx::Error) -> sqlx::Error {
    let reason = match error {
        // Before a statement ran, the server's text holds no user content.
        sqlx::Error::Database(database) => {
            format!("{} (SQLSTATE {})", database.message(), database.code().unwrap_or_default())
        }
        sqlx::Error::PoolTimedOut => "no response in time".into(),
        other => describe(other),
    };
    sqlx::Error::Io(io::Error::other(ConnectFailure(reason)))
}

pub(super) fn is_connect_failure(error: &sqlx::Error) -> bool {
    let sqlx::Error::Io(error) = error else { return false };
    error.get_ref().is_some_and(|inner| inner.is::<ConnectFailure>())
}

/// The error's text without the server's DETAIL, which quotes rows and thereby conversations.
fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let constraint = database.constraint().unwrap_or("-");
            format!("SQLSTATE {code}, constraint {constraint}")
        }
        sqlx::Error::Io(error) => error.to_string(),
        other => {
            let mut text = other.to_string();
            let mut source = other.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_connection_differ_from_those_while_connecting() {
        let broken = || sqlx::Error::Io(io::ErrorKind::ConnectionReset.into());
        assert_eq!(retry_kind(&broken()), RetryKind::Reconnect);
        let failure = connect_failure(&broken());
        assert_eq!((retry_kind(&failure), is_broken(&failure)), (RetryKind::Later, false));
        let unavailable = DatabaseError::from(failure).to_string();
        assert_eq!(unavailable, "database unavailable: cannot connect: connection reset");
    }
}
