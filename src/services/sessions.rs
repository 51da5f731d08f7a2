//! Sessions: creation and deletion.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Conversations,
    idempotency::{Execution, IdempotencyError, IdempotencyService, parse_stored},
    lease::LeaseGuard,
    users::{DeletionReceipt, delete_leftovers},
};
use crate::{
    domain::{IdempotentRequest, Session, SessionId, SessionLanguage, Viewer},
    repository::{Creation, DatabaseService, IdempotentResponse, Origin, RepositoryError},
    storage::AudioStore,
};

/// Name of this operation among requests with an idempotency key.
const OPERATION: &str = "create_session";

/// Most sessions of one key that a request goes through. Usually it is one, or two.
const MAX_ATTEMPTS: usize = 100;

/// Stored response of a completed request.
#[derive(Serialize, Deserialize)]
struct StoredSession {
    session_id: String,
    /// The number of sessions that the key had begun before. Earlier versions count none.
    #[serde(default)]
    counter: u32,
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
    if let Some(request) = idempotency {
        // The leases of earlier sessions' keys are released whatever happens.
        let mut passed = Vec::new();
        let beginning = Beginning { db, requests, viewer, language, request };
        let created = beginning.create_once(&mut passed).await;
        for lease in passed {
            lease.release().await;
        }
        return created;
    }
    match db.create_session(viewer, &SessionId::generate(), language, None).await? {
        Creation::Created(session) => Ok((*session, false)),
        Creation::LeaseLost | Creation::IdTaken => {
            Err(RepositoryError::Unexpected("a random id is taken".into()).into())
        }
    }
}

/// A request with an idempotency key to begin a session.
///
/// The session's id is derived from the key and a counter, so that both rows lie together. The
/// counter moves on when the session of the one before is gone, or when it exists from before the
/// time for which keys are kept.
struct Beginning<'a> {
    db: &'a DatabaseService,
    requests: &'a IdempotencyService,
    viewer: Viewer,
    language: SessionLanguage,
    request: &'a IdempotentRequest,
}

impl Beginning<'_> {
    async fn create_once(
        &self,
        passed: &mut Vec<LeaseGuard>,
    ) -> Result<(Session, bool), IdempotencyError> {
        let user = self.viewer.user_id();
        let mut counter = 0;
        for _ in 0..MAX_ATTEMPTS {
            let origin = Origin::Beginning { user, counter };
            match self.requests.begin_as(OPERATION, &origin, self.request).await? {
                Execution::Run(Some(lease)) => match self.insert(counter, lease, passed).await? {
                    Some(session) => return Ok((session, false)),
                    None => counter += 1,
                },
                Execution::Run(None) => return Err(IdempotencyError::InProgress),
                Execution::Replay(response) => {
                    let stored: StoredSession = parse_stored(response)?;
                    let id = stored.id()?;
                    if let Some(session) = self.find_created(&id).await? {
                        return Ok((session, true));
                    }
                    counter = stored.counter.max(counter) + 1;
                }
            }
        }
        Err(IdempotencyError::InProgress)
    }

    /// Creates the session under the lease of its key; `None` if one exists from before the lease.
    async fn insert(
        &self,
        counter: u32,
        lease: LeaseGuard,
        passed: &mut Vec<LeaseGuard>,
    ) -> Result<Option<Session>, IdempotencyError> {
        let (user, key) = (self.viewer.user_id(), &self.request.key);
        let id = match self.db.id_of_beginning(user, counter, key).await {
            Ok(id) => id,
            Err(error) => {
                passed.push(lease);
                return Err(error.into());
            }
        };
        let response = json!(StoredSession { session_id: id.as_str().to_owned(), counter });
        let stored = IdempotentResponse { lease: lease.lease(), response: response.clone() };
        let created = self.db.create_session(self.viewer, &id, self.language, Some(&stored)).await;
        match created {
            Ok(Creation::Created(session)) => {
                if counter > 0 {
                    // Not needed for the response. Later requests go through more keys without it.
                    let redirected = self.db.redirect_beginning(OPERATION, user, key, &response);
                    if let Err(error) = redirected.await {
                        tracing::warn!(%error, "the first key of a session was not updated");
                    }
                }
                Ok(Some(*session))
            }
            Ok(Creation::IdTaken) => {
                passed.push(lease);
                Ok(None)
            }
            Ok(Creation::LeaseLost) => Err(IdempotencyError::InProgress),
            Err(error) => {
                passed.push(lease);
                Err(error.into())
            }
        }
    }

    /// The session of an earlier request, in the state in which it was created; `None` if the
    /// viewer may not see it any more.
    async fn find_created(&self, id: &SessionId) -> Result<Option<Session>, RepositoryError> {
        let session = self.db.get_session(self.viewer, id).await?;
        Ok(session.map(|session| {
            Session::new(id.clone(), session.created_at, self.language, session.remembers)
        }))
    }
}

impl StoredSession {
    fn id(&self) -> Result<SessionId, RepositoryError> {
        SessionId::parse(&self.session_id)
            .ok_or_else(|| RepositoryError::Unexpected("a stored session id is invalid".into()))
    }
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
