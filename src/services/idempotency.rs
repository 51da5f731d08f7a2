//! Idempotent requests: a request with an idempotency key is executed once, and its response is
//! stored and replayed.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::lease::LeaseGuard;
use crate::{
    domain::{IdempotentRequest, SessionId},
    repository::{DatabaseService, KeyState, Origin, RepositoryError},
};

/// Stores idempotency keys and the responses to their requests; a cheap clone.
#[derive(Clone)]
pub struct IdempotencyService {
    db: DatabaseService,
    retention: Duration,
}

/// Whether to execute a request.
pub enum Execution {
    /// Execute it; under the lease of its idempotency key, if it has one.
    Run(Option<LeaseGuard>),
    /// Return the stored response of an earlier execution.
    Replay(Value),
}

/// Why a request with an idempotency key is not executed.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// A request with the same key is in progress.
    #[error("a request with this key is in progress")]
    InProgress,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl IdempotencyService {
    /// Keeps stored responses for `retention`.
    pub fn new(db: DatabaseService, retention: Duration) -> Self {
        Self { db, retention }
    }

    /// Whether to execute a request to a session; one without a key always is.
    pub async fn begin(
        &self,
        operation: &'static str,
        session: &SessionId,
        idempotency: Option<&IdempotentRequest>,
    ) -> Result<Execution, IdempotencyError> {
        match idempotency {
            Some(request) => self.begin_as(operation, &Origin::Session(session), request).await,
            None => Ok(Execution::Run(None)),
        }
    }

    /// Whether to execute a request of this origin, which has a key.
    pub(super) async fn begin_as(
        &self,
        operation: &'static str,
        origin: &Origin<'_>,
        request: &IdempotentRequest,
    ) -> Result<Execution, IdempotencyError> {
        let state =
            self.db.acquire_idempotency_key(operation, origin, request, self.retention).await?;
        match state {
            KeyState::Acquired(lease) => {
                let guard = LeaseGuard::new(self.db.clone(), lease);
                Ok(Execution::Run(Some(guard)))
            }
            KeyState::Completed(response) => Ok(Execution::Replay(response)),
            KeyState::InProgress => Err(IdempotencyError::InProgress),
            KeyState::KeyReused => Err(IdempotencyError::KeyReused),
        }
    }

    /// Deletes expired keys with their stored responses, and returns how many.
    pub async fn delete_expired(&self) -> Result<u64, RepositoryError> {
        self.db.delete_expired_keys(self.retention).await
    }
}

/// Reads a stored response; [`RepositoryError::Unexpected`] if it has another shape.
pub(super) fn parse_stored<T: DeserializeOwned>(response: Value) -> Result<T, RepositoryError> {
    serde_json::from_value(response)
        .map_err(|_| RepositoryError::Unexpected("a stored response cannot be read".into()))
}
