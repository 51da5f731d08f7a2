//! Rating an ended session.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset};

use super::{
    idempotency::{Execution, IdempotencyError, IdempotencyService, parse_stored},
    lease::LeaseGuard,
};
use crate::{
    domain::{Feedback, IdempotentRequest, Rating, SessionId, Viewer},
    repository::{DatabaseService, RepositoryError},
};

/// Name of this operation among those with idempotency keys.
const OPERATION: &str = "rate_session";

/// Why a session was not rated. Nothing has changed then, unless the connection to Postgres broke
/// after the commit.
#[derive(Debug, thiserror::Error)]
pub enum RatingError {
    /// The session does not exist.
    #[error("session not found")]
    NotFound,
    /// The session is still active.
    #[error("session has not ended")]
    NotEnded,
    /// The request's idempotency key is in use.
    #[error(transparent)]
    Request(#[from] IdempotencyError),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Response stored by [`DatabaseService::rate_session`] under an idempotency key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredRating {
    #[serde(with = "time::serde::rfc3339")]
    rated_at: OffsetDateTime,
}

/// Rates a session, replacing an earlier rating, and returns the time of the rating. The second
/// value is true if the response is replayed.
pub async fn rate(
    db: &DatabaseService,
    requests: &IdempotencyService,
    viewer: Viewer,
    id: &SessionId,
    rating: Rating,
    feedback: Option<&Feedback>,
    idempotency: Option<&IdempotentRequest>,
) -> Result<(OffsetDateTime, bool), RatingError> {
    // A replayed response would tell other users that the session exists.
    if idempotency.is_some() && db.get_session(viewer, id).await?.is_none() {
        return Err(RatingError::NotFound);
    }
    let request = match requests.begin(OPERATION, id, idempotency).await? {
        Execution::Run(request) => request,
        Execution::Replay(response) => {
            let stored: StoredRating = parse_stored(response)?;
            // A node of distributed tables writes it in its own time zone.
            return Ok((stored.rated_at.to_offset(UtcOffset::UTC), true));
        }
    };
    let lease = request.as_ref().map(LeaseGuard::lease);
    let rated = match db.rate_session(viewer, id, rating, feedback, lease).await {
        Ok(Some(rated_at)) => Ok((rated_at, false)),
        Ok(None) => match db.get_session(viewer, id).await {
            Ok(Some(_)) => Err(RatingError::NotEnded),
            Ok(None) => Err(RatingError::NotFound),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    };
    if let (Err(_), Some(request)) = (&rated, request) {
        request.release().await;
    }
    rated
}
