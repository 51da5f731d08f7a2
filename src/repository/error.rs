//! Errors of the repository.

use crate::database::DatabaseError;

/// A failed read or write. After `Unavailable` the write may be stored all the same,
/// if its result was lost; after other errors nothing is.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Postgres is unreachable, starting, stopping, out of connections, or exceeded a time-out:
    /// the same call may succeed later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The account of a valid token does not exist any more.
    #[error("no such user")]
    UserNotFound,
    /// The e-mail address belongs to another account.
    #[error("e-mail address taken")]
    EmailTaken,
    /// A defect: a statement or a stored value is not what the code expects.
    #[error("database error: {0}")]
    Unexpected(String),
}

impl From<DatabaseError> for RepositoryError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(reason) | DatabaseError::Deadlock(reason) => {
                Self::Unavailable(reason)
            }
            DatabaseError::Query(sqlx::Error::Database(error))
                if matches!(
                    error.constraint(),
                    Some(
                        "sessions_user_id_fkey"
                            | "refresh_tokens_user_id_fkey"
                            | "memories_user_id_fkey"
                    )
                ) =>
            {
                Self::UserNotFound
            }
            DatabaseError::Query(sqlx::Error::Database(error))
                if error.constraint() == Some("users_email_key") =>
            {
                Self::EmailTaken
            }
            DatabaseError::Query(_) | DatabaseError::Batch(_) => {
                Self::Unexpected(error.to_string())
            }
        }
    }
}

impl From<sqlx::Error> for RepositoryError {
    fn from(error: sqlx::Error) -> Self {
        DatabaseError::from(error).into()
    }
}
