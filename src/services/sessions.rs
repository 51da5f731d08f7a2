//! Sessions: creation and deletion.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Conversations,
    idempotency::{Execution, IdempotencyError, IdempotencyService, parse_stored},
    lease::LeaseGuard,
    users::{DeletionReceipt, delete_leftovers},
};
use crate::{
    domain::{IdempotentRequest, Session, SessionId, SessionLanguage, Viewer},
    repository::{DatabaseService, IdempotentResponse, RepositoryError},
    storage::AudioStore,
};

/// Name of this operation among requests with an idempotency key.
const OPERATION: &str = "create_session";

/// A session that is deleted between two attempts costs another one.
const MAX_ATTEMPTS: usize = 3;

/// Stored response of a completed request.
#[derive(Serialize, Deserialize)]
struct StoredSession {
    session_id: String,
}

/// Creates a session of the viewer, or an anonymous one. A repeated request returns the session
/// that it created before, and true as the second value; another session if that one was deleted
/// or claimed since.
pub async fn create(
    db: &DatabaseService,
    requests: &IdempotencyService,
    viewer: Viewer,
    language: SessionLanguage,
    idempotency: Option<&IdempotentRequest>,
) -> Result<(Session, bool), IdempotencyError> {
    let scope = viewer.user_id().map(|user| user.to_string()).unwrap_or_default();
    for _ in 0..MAX_ATTEMPTS {
        let response = match requests.begin(OPERATION, &scope, idempotency).await? {
            Execution::Run(lease) => {
                return Ok((insert(db, viewer, language, lease).await?, false));
            }
            Execution::Replay(response) => response,
        };
        if let Some(session) = find_created(db, viewer, language, &response).await? {
            return Ok((session, true));
        }
        requests.forget(OPERATION, &scope, idempotency, &response).await?;
    }
    Err(IdempotencyError::InProgress)
}

/// Creates a session, under the lease of the request's idempotency key if it has one.
async fn insert(
    db: &DatabaseService,
    viewer: Viewer,
    language: SessionLanguage,
    lease: Option<LeaseGuard>,
) -> Result<Session, IdempotencyError> {
    let id = SessionId::generate();
    let response = lease.as_ref().map(|lease| IdempotentResponse {
        lease: lease.lease(),
        response: json!(StoredSession { session_id: id.as_str().to_owned() }),
    });
    match db.create_session(viewer, &id, language, response.as_ref()).await {
        Ok(session) => session.ok_or(IdempotencyError::InProgress),
        Err(error) => {
            if let Some(lease) = lease {
                lease.release().await;
            }
            Err(error.into())
        }
    }
}

/// The session of an earlier request, in the state in which it was created; `None` if the viewer
/// may not see it any more.
async fn find_created(
    db: &DatabaseService,
    viewer: Viewer,
    language: SessionLanguage,
    response: &Value,
) -> Result<Option<Session>, IdempotencyError> {
    let stored: StoredSession = parse_stored(response.clone())?;
    let id = SessionId::parse(&stored.session_id)
        .ok_or_else(|| RepositoryError::Unexpected("a stored session id is invalid".into()))?;
    let session = db.get_session(viewer, &id).await?;
    Ok(session.map(|session| Session::new(id, session.created_at, language, session.remembers)))
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
