//! The public keys of a Supabase project, kept for a while.
//!
//! One request fetches, the others wait for it. A set whose time is over serves on while it cannot be renewed; a key that
//! left the set is gone with the next one. Unknown keys make for one more fetch, but not for one each: anybody can make
//! such tokens up.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::Client;
use tokio::sync::Mutex;

/// Longest wait for the keys.
const PATIENCE: Duration = Duration::from_secs(3);
/// No two fetches are closer to each other than this.
const PAUSE: Duration = Duration::from_secs(5);
/// A set of keys has about 1 kB.
const MAX_BYTES: usize = 64 * 1024;

/// The keys are not known, and cannot be fetched just now.
#[derive(Debug)]
pub struct Unavailable;

pub struct Jwks {
    client: Client,
    url: String,
    keep: Duration,
    known: RwLock<Arc<Known>>,
    /// Whoever fetches holds it.
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<JwkSet>,
    /// When `keys` came.
    fetched: Option<Instant>,
    /// When it was last tried, and whether that went well.
    tried: Option<(Instant, bool)>,
}

impl Known {
    fn find(&self, kid: &str) -> Option<Jwk> {
        self.keys.as_ref()?.find(kid).cloned()
    }

    fn is_fresh(&self, keep: Duration) -> bool {
        self.fetched.is_some_and(|at| at.elapsed() < keep)
    }

    fn may_try(&self) -> bool {
        self.tried.is_none_or(|(at, _)| at.elapsed() >= PAUSE)
    }
}

impl Jwks {
    /// Fetches from `url` and keeps for `keep`.
    pub fn new(url: String, keep: Duration) -> Self {
        Self {
            client: Client::new(),
            url,
            keep,
            known: RwLock::default(),
            fetching: Mutex::new(()),
        }
    }

    /// The key of that name; `None` if the project has none.
    ///
    /// # Errors
    /// [`Unavailable`] if it may have one that we do not know.
    pub async fn find(&self, kid: &str) -> Result<Option<Jwk>, Unavailable> {
        let mut known = self.known();
        let wants = |known: &Known| !known.is_fresh(self.keep) || known.find(kid).is_none();
        if wants(&known) && may_fetch(&known, self.keep) {
            let _turn = match (self.fetching.try_lock(), known.find(kid)) {
                (Ok(turn), _) => turn,
                // Somebody is about to know better; a key that was good a moment ago need not wait for that.
                (Err(_), Some(key)) => return Ok(Some(key)),
                (Err(_), None) => self.fetching.lock().await,
            };
            // Somebody else may have fetched meanwhile.
            known = self.known();
            if wants(&known) && may_fetch(&known, self.keep) {
                known = self.fetch(&known).await;
            }
        }
        match known.find(kid) {
            Some(key) => Ok(Some(key)),
            None if known.tried.is_some_and(|(_, well)| well) => Ok(None),
            None => Err(Unavailable),
        }
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self, before: &Known) -> Arc<Known> {
        let now = Instant::now();
        let known = Arc::new(match self.ask().await {
            Ok(keys) => Known {
                keys: Some(keys),
                fetched: Some(now),
                tried: Some((now, true)),
            },
            Err(reason) => {
                tracing::warn!(reason, "the project's keys cannot be fetched");
                Known {
                    keys: before.keys.clone(),
                    fetched: before.fetched,
                    tried: Some((Instant::now(), false)),
                }
            }
        });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&known);
        known
    }

    async fn ask(&self) -> Result<JwkSet, &'static str> {
        let asking = async {
            let response = self
                .client
                .get(&self.url)
                .send()
                .await
                .map_err(|_| "no answer")?;
            if !response.status().is_success() {
                return Err("another status than success");
            }
            let mut body = Vec::new();
            let mut parts = response.bytes_stream();
            while let Some(part) = parts.next().await {
                body.extend_from_slice(&part.map_err(|_| "the connection broke")?);
                if body.len() > MAX_BYTES {
                    return Err("too long an answer");
                }
            }
            serde_json::from_slice(&body).map_err(|_| "an answer that is no set of keys")
        };
        tokio::time::timeout(PATIENCE, asking)
            .await
            .unwrap_or(Err("no answer in time"))
    }
}

/// After a pause; or at once where a set was good until now and its time is over.
fn may_fetch(known: &Known, keep: Duration) -> bool {
    known.may_try()
        || known
            .tried
            .is_some_and(|(at, well)| well && at.elapsed() >= keep)
}
