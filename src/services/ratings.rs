//! Rating a session that has ended.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::leases::{Execution, IdempotencyError, IdempotencyService};
use crate::{
    domain::{Feedback, IdempotentRequest, Rating, SessionId, Viewer},
    repository::{DatabaseService, RepositoryError},
};

/// Name of the request among those with an idempotency key.
const ROUTE: &str = "rate_session";

/// Why a session was not rated.
#[derive(Debug, thiserror::Error)]
pub enum RatingError {
    /// There is no such session.
    #[error("session not found")]
    NotFound,
    /// It is still active.
    #[error("session has not ended")]
    NotEnded,
    /// The request's key stands in the way.
    #[error(transparent)]
    Request(#[from] IdempotencyError),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What [`DatabaseService::rate_session`] keeps of an answered request.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    #[serde(with = "time::serde::rfc3339")]
    rated_at: OffsetDateTime,
}

/// Rates a session, in place of an earlier rating, and tells when; the second value tells whether the same request had
/// done it before.
///
/// # Errors
/// [`RatingError`]; nothing is changed then.
pub async fn rate(
    db: &DatabaseService,
    requests: &IdempotencyService,
    viewer: Viewer,
    id: &SessionId,
    rating: Rating,
    feedback: Option<&Feedback>,
    idempotency: Option<&IdempotentRequest>,
) -> Result<(OffsetDateTime, bool), RatingError> {
    // Before a remembered answer tells somebody that there is such a session.
    if idempotency.is_some() && db.get_session(viewer, id).await?.is_none() {
        return Err(RatingError::NotFound);
    }
    let held = match requests.begin(ROUTE, id.as_str(), idempotency).await? {
        Execution::Run(held) => held,
        Execution::Replay(answer) => {
            let known: Remembered = serde_json::from_value(answer).map_err(|_| {
                RepositoryError::Unexpected("a remembered answer cannot be read".into())
            })?;
            return Ok((known.rated_at, true));
        }
    };
    let claim = held.as_ref().map(|held| held.lease());
    let rated = match db.rate_session(viewer, id, rating, feedback, claim).await {
        Ok(Some(rated_at)) => Ok((rated_at, false)),
        Ok(None) => match db.get_session(viewer, id).await {
            Ok(Some(_)) => Err(RatingError::NotEnded),
            Ok(None) => Err(RatingError::NotFound),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    };
    if let (Err(_), Some(held)) = (&rated, held) {
        held.release().await;
    }
    rated
}
