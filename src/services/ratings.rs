//! Rating a session that has ended.

use time::OffsetDateTime;

use crate::{
    domain::{Feedback, Rating, SessionId},
    repository::{DatabaseService, RepositoryError},
};

/// Why a session was not rated.
#[derive(Debug, thiserror::Error)]
pub enum RatingError {
    /// There is no such session.
    #[error("session not found")]
    NotFound,
    /// It is still active.
    #[error("session has not ended")]
    NotEnded,
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Rates a session, in place of an earlier rating, and tells when.
///
/// # Errors
/// [`RatingError`]; nothing is changed then.
pub async fn rate(
    db: &DatabaseService,
    id: &SessionId,
    rating: Rating,
    feedback: Option<&Feedback>,
) -> Result<OffsetDateTime, RatingError> {
    if let Some(rated_at) = db.rate_session(id, rating, feedback).await? {
        return Ok(rated_at);
    }
    match db.get_session(id).await? {
        Some(_) => Err(RatingError::NotEnded),
        None => Err(RatingError::NotFound),
    }
}
