//! Cache of a Supabase project's public keys (JWKS).
//!
//! One request fetches the keys while others wait for it. An expired key set is used as long as it
//! cannot be renewed; a key that left the project disappears with the next fetch. An unknown key id
//! causes a fetch, rate limited by [`MIN_REFETCH_INTERVAL`] because anybody can invent key ids.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::{Client, redirect::Policy};
use tokio::sync::Mutex;

const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
/// Least time between two fetches.
const MIN_REFETCH_INTERVAL: Duration = Duration::from_secs(5);
/// Largest response; a key set has about 1 kB.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// The key is not cached, and the keys cannot be fetched now.
#[derive(Debug)]
pub struct Unavailable;

pub struct Jwks {
    client: Client,
    url: String,
    ttl: Duration,
    cached: RwLock<Arc<CachedKeys>>,
    /// Held during a fetch.
    fetch_lock: Mutex<()>,
}

#[derive(Default)]
struct CachedKeys {
    keys: Option<JwkSet>,
    /// Time of the fetch of `keys`.
    fetched_at: Option<Instant>,
    /// Time of the last fetch, and whether it succeeded.
    last_fetch: Option<(Instant, bool)>,
}

impl CachedKeys {
    fn find(&self, kid: &str) -> Option<Jwk> {
        self.keys.as_ref()?.find(kid).cloned()
    }

    fn is_fresh(&self, ttl: Duration) -> bool {
        self.fetched_at.is_some_and(|at| at.elapsed() < ttl)
    }

    /// Whether a fetch is allowed: after [`MIN_REFETCH_INTERVAL`], or when a fetched set expires.
    fn may_refetch(&self, ttl: Duration) -> bool {
        self.last_fetch.is_none_or(|(at, succeeded)| {
            at.elapsed() >= MIN_REFETCH_INTERVAL || (succeeded && at.elapsed() >= ttl)
        })
    }
}

/// A client of a Supabase project. It follows no redirect: a project never sends one, and it would
/// carry keys and tokens to another server.
pub fn supabase_client() -> Client {
    let client = Client::builder().redirect(Policy::none()).build();
    client.expect("plain options, and the TLS provider is installed")
}

impl Jwks {
    /// A cache that fetches from `url`; keys expire after `ttl`.
    pub fn new(url: String, ttl: Duration) -> Self {
        Self {
            client: supabase_client(),
            url,
            ttl,
            cached: RwLock::default(),
            fetch_lock: Mutex::new(()),
        }
    }

    /// The key with id `kid`; `None` if the project has none.
    ///
    /// # Errors
    /// [`Unavailable`] if the key is not cached and the last fetch failed.
    pub async fn find(&self, kid: &str) -> Result<Option<Jwk>, Unavailable> {
        let mut cached = self.cached();
        if self.needs_fetch(&cached, kid) {
            let _guard = match (self.fetch_lock.try_lock(), cached.find(kid)) {
                (Ok(guard), _) => guard,
                // Another request fetches; an expired key is good enough until then.
                (Err(_), Some(key)) => return Ok(Some(key)),
                (Err(_), None) => self.fetch_lock.lock().await,
            };
            // Another request may have fetched meanwhile.
            cached = self.cached();
            if self.needs_fetch(&cached, kid) {
                cached = self.refresh(&cached).await;
            }
        }
        match cached.find(kid) {
            Some(key) => Ok(Some(key)),
            None if cached.last_fetch.is_some_and(|(_, succeeded)| succeeded) => Ok(None),
            None => Err(Unavailable),
        }
    }

    /// Fetches the keys and counts them, for `kuku-coach doctor`; the error is the reason.
    pub async fn count(&self) -> Result<usize, &'static str> {
        Ok(self.fetch_jwks().await?.keys.len())
    }

    fn needs_fetch(&self, cached: &CachedKeys, kid: &str) -> bool {
        (!cached.is_fresh(self.ttl) || cached.find(kid).is_none()) && cached.may_refetch(self.ttl)
    }

    fn cached(&self) -> Arc<CachedKeys> {
        Arc::clone(&self.cached.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the keys, keeping the previous ones on failure.
    async fn refresh(&self, previous: &CachedKeys) -> Arc<CachedKeys> {
        let now = Instant::now();
        let cached = Arc::new(match self.fetch_jwks().await {
            Ok(keys) => CachedKeys {
                keys: Some(keys),
                fetched_at: Some(now),
                last_fetch: Some((now, true)),
            },
            Err(reason) => {
                tracing::warn!(reason, "cannot fetch the public keys of the Supabase project");
                CachedKeys {
                    keys: previous.keys.clone(),
                    fetched_at: previous.fetched_at,
                    last_fetch: Some((Instant::now(), false)),
                }
            }
        });
        *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&cached);
        cached
    }

    async fn fetch_jwks(&self) -> Result<JwkSet, &'static str> {
        let request = async {
            let mut response =
                self.client.get(&self.url).send().await.map_err(|_| "no response")?;
            if !response.status().is_success() {
                return Err("an error status");
            }
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|_| "the connection broke")? {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_RESPONSE_BYTES {
                    return Err("the response is too large");
                }
            }
            serde_json::from_slice(&body).map_err(|_| "the response is not a JWKS")
        };
        tokio::time::timeout(FETCH_TIMEOUT, request).await.unwrap_or(Err("time-out"))
    }
}
