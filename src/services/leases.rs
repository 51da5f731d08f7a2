//! Claims that are kept alive while their work goes on, and requests that are carried out once.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    domain::IdempotentRequest,
    metrics::{self, CleanupKind},
    repository::{DatabaseService, KeyState, LEASE_DURATION, Lease, RepositoryError},
};

/// How often a claim is renewed: twice may fail before it lapses.
const RENEWAL: Duration = Duration::from_secs(LEASE_DURATION.as_secs() / 3);

/// A claim that is renewed until this value goes.
pub struct LeaseGuard {
    db: DatabaseService,
    claim: Lease,
    renewal: JoinHandle<()>,
}

/// Requests with an idempotency key.
#[derive(Clone)]
pub struct IdempotencyService {
    db: DatabaseService,
    keep: Duration,
}

/// How a request begins.
pub enum Execution {
    /// It is to be carried out; under a claim, if it has an idempotency key.
    Run(Option<LeaseGuard>),
    /// It was carried out before.
    Replay(Value),
}

/// Why a request with an idempotency key is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// It is being carried out.
    #[error("a request with this key is being carried out")]
    InProgress,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl LeaseGuard {
    /// Keeps `claim` alive.
    pub fn new(db: DatabaseService, claim: Lease) -> Self {
        let (renewing, renewed) = (db.clone(), claim.clone());
        let renewal = tokio::spawn(async move {
            let mut ticks = interval(RENEWAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                if let Err(error) = renewing.renew_lease(&renewed).await {
                    tracing::warn!(%error, "claim not renewed");
                }
            }
        });
        Self { db, claim, renewal }
    }

    /// The claim.
    pub fn lease(&self) -> &Lease {
        &self.claim
    }

    /// Gives it back; work that was done keeps its answer. If that fails it lapses by itself.
    pub async fn release(self) {
        self.renewal.abort();
        if let Err(error) = self.db.release_lease(&self.claim).await {
            tracing::warn!(%error, "claim not given back");
        }
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl IdempotencyService {
    /// Remembers answers for `keep`.
    pub fn new(db: DatabaseService, keep: Duration) -> Self {
        Self { db, keep }
    }

    /// Whether to carry a request out. One without a key always is; keys of different scopes (a session's id, a user's, or
    /// empty) are different keys.
    ///
    /// # Errors
    /// [`IdempotencyError`]
    pub async fn begin(
        &self,
        route: &'static str,
        scope: &str,
        idempotency: Option<&IdempotentRequest>,
    ) -> Result<Execution, IdempotencyError> {
        let Some(idempotency) = idempotency else {
            return Ok(Execution::Run(None));
        };
        match self
            .db
            .acquire_idempotency_key(route, scope, idempotency, self.keep)
            .await?
        {
            KeyState::Acquired(claim) => Ok(Execution::Run(Some(LeaseGuard::new(
                self.db.clone(),
                claim,
            )))),
            KeyState::Completed(answer) => Ok(Execution::Replay(answer)),
            KeyState::InProgress => Err(IdempotencyError::InProgress),
            KeyState::KeyReused => Err(IdempotencyError::KeyReused),
        }
    }

    /// Forgets answers whose time is over, now and every hour; never returns.
    pub async fn sweep(self) {
        let mut ticks = interval(Duration::from_secs(3_600).min(self.keep));
        loop {
            ticks.tick().await;
            match self.db.delete_expired_keys(self.keep).await {
                Ok(0) => {}
                Ok(requests) => {
                    metrics::record_cleanup(CleanupKind::StoredAnswers, requests);
                    tracing::info!(requests, "forgot old requests");
                }
                Err(error) => tracing::warn!(%error, "could not forget old requests"),
            }
        }
    }
}
