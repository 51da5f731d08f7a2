//! What can go wrong between us and Postgres.

use std::error::Error as _;

/// A failed read or write. Nothing of it is stored, half or whole.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Postgres cannot be reached, is starting, stopping or out of connections, or took longer than the statement
    /// time-out: the same call may succeed later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A token outlived its account.
    #[error("no such user")]
    UserNotFound,
    /// Somebody else has it already.
    #[error("taken")]
    EmailTaken,
    /// A defect: a statement or a stored value is not what the code expects.
    #[error("database error: {0}")]
    Unexpected(String),
}

impl From<sqlx::Error> for RepositoryError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error
            .as_database_error()
            .and_then(|error| error.constraint());
        if constraint == Some("sessions_user_id_fkey") {
            Self::UserNotFound
        } else if constraint == Some("users_email_key") {
            Self::EmailTaken
        } else if is_transient(&error) {
            Self::Unavailable(describe(&error))
        } else {
            Self::Unexpected(describe(&error))
        }
    }
}

impl RepositoryError {
    /// A stored value that no code of ours writes.
    pub(crate) fn invalid_column(column: &str) -> Self {
        Self::Unexpected(format!("unexpected value in column {column}"))
    }
}

/// Whether the same statement may succeed in a moment.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Protocol errors appear when a server dies in the middle of an answer.
        sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            // 08 connection, 53 resources, 57 operator intervention (shutdown, start-up, statement time-out),
            // 40 serialisation and deadlock, 25006 read-only after a failover, 55P03 lock time-out
            ["08", "53", "57", "40"]
                .iter()
                .any(|class| code.starts_with(class))
                || code == "25006"
                || code == "55P03"
        }),
        _ => false,
    }
}

/// The error in words, without the server's DETAIL, which quotes rows and thereby what people said.
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
