//! Errors of database calls.

use std::error::Error as _;

/// A failed database call. Nothing was stored, unless the connection broke after the commit.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Postgres is unreachable, starting, stopping, out of connections, or exceeded a time-out:
    /// the same call may succeed later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A defect or a violated constraint.
    #[error("{}", describe(.0))]
    Query(sqlx::Error),
    /// A batched query without a result, which is a defect.
    #[error("{0}")]
    Batch(&'static str),
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) { Self::Unavailable(describe(&error)) } else { Self::Query(error) }
    }
}

/// Whether the same statement may succeed in a moment.
pub(super) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // A server that dies while sending a result causes a protocol error.
        sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // 08 connection, 53 resources, 57 operator intervention (shutdown, start-up, statement
            // time-out), 40 serialisation and deadlock, 25006 read-only after a failover,
            // 55P03 lock time-out
            ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class))
                || code == "25006"
                || code == "55P03"
        }),
        _ => false,
    }
}

/// The error's text without the server's DETAIL, which quotes rows and thereby conversations.
fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            let constraint = database.constraint().unwrap_or("-");
            format!("SQLSTATE {code}, constraint {constraint}")
        }
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
