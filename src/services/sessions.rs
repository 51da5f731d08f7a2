//! Beginning a session.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::leases::{Execution, IdempotencyError, IdempotencyService};
use crate::{
    domain::{IdempotentRequest, Session, SessionId, Viewer},
    repository::{DatabaseService, IdempotentResponse, RepositoryError},
};

/// Name of the request among those with an idempotency key.
const ROUTE: &str = "create_session";

/// What is kept of an answered request.
#[derive(Serialize, Deserialize)]
struct Remembered {
    session_id: String,
}

/// Begins a session of the viewer's (of nobody's, if that is no user), or gives the one that the same request began before; then the second value is true.
///
/// # Errors
/// [`IdempotencyError`]; no session has begun then.
pub async fn create_session(
    db: &DatabaseService,
    requests: &IdempotencyService,
    viewer: Viewer,
    idempotency: Option<&IdempotentRequest>,
) -> Result<(Session, bool), IdempotencyError> {
    let scope = viewer
        .user_id()
        .map(|user| user.to_string())
        .unwrap_or_default();
    let held = match requests.begin(ROUTE, &scope, idempotency).await? {
        Execution::Run(held) => held,
        Execution::Replay(answer) => {
            let id = serde_json::from_value::<Remembered>(answer)
                .ok()
                .and_then(|known| SessionId::parse(&known.session_id))
                .ok_or_else(|| {
                    RepositoryError::Unexpected("a remembered answer cannot be read".into())
                })?;
            // As it was when it began; gone only if somebody has deleted it since.
            let session = db
                .get_session(viewer, &id)
                .await?
                .ok_or(IdempotencyError::InProgress)?;
            return Ok((Session::new(id, session.created_at), true));
        }
    };
    let id = SessionId::generate();
    let request = held.as_ref().map(|held| IdempotentResponse {
        lease: held.lease(),
        response: json!(Remembered {
            session_id: id.as_str().to_owned()
        }),
    });
    match db.create_session(viewer, &id, request.as_ref()).await {
        Ok(Some(session)) => Ok((session, false)),
        Ok(None) => Err(IdempotencyError::InProgress),
        Err(error) => {
            if let Some(held) = held {
                held.release().await;
            }
            Err(error.into())
        }
    }
}
