//! Claims that are kept alive while their work goes on, and requests that are carried out once.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    domain::Once,
    metrics::{self, Sweep},
    repository::{CLAIM, Claim, Claimed, DatabaseService, RepositoryError},
};

/// How often a claim is renewed: twice may fail before it lapses.
const RENEWAL: Duration = Duration::from_secs(CLAIM.as_secs() / 3);

/// A claim that is renewed until this value goes.
pub struct Held {
    db: DatabaseService,
    claim: Claim,
    renewal: JoinHandle<()>,
}

/// Requests with an idempotency key.
#[derive(Clone)]
pub struct Requests {
    db: DatabaseService,
    keep: Duration,
}

/// How a request begins.
pub enum Begun {
    /// It is to be carried out; under a claim, if it has an idempotency key.
    ToDo(Option<Held>),
    /// It was carried out before.
    Done(Value),
}

/// Why a request with an idempotency key is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It is being carried out.
    #[error("a request with this key is being carried out")]
    Running,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    OtherRequest,
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl Held {
    /// Keeps `claim` alive.
    pub fn new(db: DatabaseService, claim: Claim) -> Self {
        let (renewing, renewed) = (db.clone(), claim.clone());
        let renewal = tokio::spawn(async move {
            let mut ticks = interval(RENEWAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                if let Err(error) = renewing.renew(&renewed).await {
                    tracing::warn!(%error, "claim not renewed");
                }
            }
        });
        Self { db, claim, renewal }
    }

    /// The claim.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Gives it back; work that was done keeps its answer. If that fails it lapses by itself.
    pub async fn release(self) {
        self.renewal.abort();
        if let Err(error) = self.db.release(&self.claim).await {
            tracing::warn!(%error, "claim not given back");
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl Requests {
    /// Remembers answers for `keep`.
    pub fn new(db: DatabaseService, keep: Duration) -> Self {
        Self { db, keep }
    }

    /// Whether to carry a request out. One without a key always is; keys of different scopes (a session's id, a user's, or
    /// empty) are different keys.
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn begin(
        &self,
        route: &'static str,
        scope: &str,
        once: Option<&Once>,
    ) -> Result<Begun, RequestError> {
        let Some(once) = once else {
            return Ok(Begun::ToDo(None));
        };
        match self.db.claim_request(route, scope, once, self.keep).await? {
            Claimed::Ours(claim) => Ok(Begun::ToDo(Some(Held::new(self.db.clone(), claim)))),
            Claimed::Answered(answer) => Ok(Begun::Done(answer)),
            Claimed::Running => Err(RequestError::Running),
            Claimed::OtherRequest => Err(RequestError::OtherRequest),
        }
    }

    /// Forgets answers whose time is over, now and every hour; never returns.
    pub async fn sweep(self) {
        let mut ticks = interval(Duration::from_secs(3_600).min(self.keep));
        loop {
            ticks.tick().await;
            match self.db.forget_requests(self.keep).await {
                Ok(0) => {}
                Ok(requests) => {
                    metrics::swept(Sweep::StoredAnswers, requests);
                    tracing::info!(requests, "forgot old requests");
                }
                Err(error) => tracing::warn!(%error, "could not forget old requests"),
            }
        }
    }
}
