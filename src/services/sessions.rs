//! Sessions: creation and deletion.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Conversations,
    idempotency::{Execution, IdempotencyError, IdempotencyService, parse_stored},
    users::{DeletionReceipt, delete_leftovers},
};
use crate::{
    domain::{IdempotentRequest, Session, SessionId, Viewer},
    repository::{DatabaseService, IdempotentResponse, RepositoryError},
    storage::AudioStore,
};

/// Name of this operation among requests with an idempotency key.
const OPERATION: &str = "create_session";

/// Stored response of a completed request.
#[derive(Serialize, Deserialize)]
struct StoredSession {
    session_id: String,
}

/// Creates a session of the viewer, or an anonymous one. A repeated request returns the session
/// that it created before, and true as the second value.
pub async fn create(
    db: &DatabaseService,
    requests: &IdempotencyService,
    viewer: Viewer,
    idempotency: Option<&IdempotentRequest>,
) -> Result<(Session, bool), IdempotencyError> {
    let scope = viewer.user_id().map(|user| user.to_string()).unwrap_or_default();
    let lease = match requests.begin(OPERATION, &scope, idempotency).await? {
        Execution::Run(lease) => lease,
        Execution::Replay(response) => return Ok((replay(db, viewer, response).await?, true)),
    };
    let id = SessionId::generate();
    let response = lease.as_ref().map(|lease| IdempotentResponse {
        lease: lease.lease(),
        response: json!(StoredSession { session_id: id.as_str().to_owned() }),
    });
    match db.create_session(viewer, &id, response.as_ref()).await {
        Ok(Some(session)) => Ok((session, false)),
        Ok(None) => Err(IdempotencyError::InProgress),
        Err(error) => {
            if let Some(lease) = lease {
                lease.release().await;
            }
            Err(error.into())
        }
    }
}

/// The session of an earlier request, in the state in which it was created.
async fn replay(
    db: &DatabaseService,
    viewer: Viewer,
    response: Value,
) -> Result<Session, IdempotencyError> {
    let stored: StoredSession = parse_stored(response)?;
    let id = SessionId::parse(&stored.session_id)
        .ok_or_else(|| RepositoryError::Unexpected("a stored session id is invalid".into()))?;
    // Absent only if it was deleted since.
    let session = db.get_session(viewer, &id).await?;
    let session = session.ok_or(IdempotencyError::InProgress)?;
    Ok(Session::new(id, session.created_at))
}

/// Deletes one session with its messages, audio and cached conversation; after an error all rows
/// are deleted, or none. `None` if there is no such session, or if it is not `viewer`'s to delete.
pub async fn delete(
    db: &DatabaseService,
    audio: &AudioStore,
    conversations: &Conversations,
    viewer: Viewer,
    id: &SessionId,
) -> Result<Option<DeletionReceipt>, RepositoryError> {
    match db.delete_session(viewer, id).await? {
        Some(deleted) => Ok(Some(delete_leftovers(deleted, audio, conversations).await)),
        None => Ok(None),
    }
}
