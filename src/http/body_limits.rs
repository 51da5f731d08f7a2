//! Limits of request bodies: time-outs, and how many large ones are buffered at a time.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    http::response::error::ApiError,
    settings::LimitSettings,
    shares::{Share, Shares, client_share},
};

/// Time-out of a whole body, as a multiple of the idle time-out.
const BODY_TIMEOUT_FACTOR: u32 = 15;

/// Time-out of a whole JSON body.
const JSON_TIMEOUT: Duration = Duration::from_secs(15);

/// Most large JSON bodies that are buffered at a time. A body has up to 600 kB, and hardly a person
/// types a large one; all turns that may run together would hold 600 MB.
const MAX_LARGE_BODIES: usize = 64;

/// Limits of request bodies; clones share them.
#[derive(Clone)]
pub struct BodyLimits {
    idle_timeout: Duration,
    large_bodies: Arc<Semaphore>,
    /// How many large bodies each client sends.
    large_bodies_of_clients: Shares<IpAddr>,
}

/// A place among the large bodies; given back on drop.
pub struct LargeBody {
    _permit: OwnedSemaphorePermit,
    _of_client: Option<Share<IpAddr>>,
}

impl LargeBody {
    /// Bytes beyond which a body is large.
    pub const MIN_BYTES: usize = 64 * 1024;
}

impl BodyLimits {
    /// Limits by the settings.
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            idle_timeout: Duration::from_secs(settings.body_idle_timeout_seconds),
            large_bodies: Arc::new(Semaphore::new(MAX_LARGE_BODIES)),
            large_bodies_of_clients: Shares::default(),
        }
    }

    /// A place for a body of more than `LargeBody::MIN_BYTES`. `ApiError::Overloaded` if none is
    /// free, or if `client` has a tenth of all.
    pub fn start_large(&self, client: Option<IpAddr>) -> Result<LargeBody, ApiError> {
        let share = client_share(MAX_LARGE_BODIES);
        let of_client = client
            .map(|client| self.large_bodies_of_clients.try_take(&client, share))
            .map(|share| share.ok_or(ApiError::Overloaded))
            .transpose()?;
        let permit = Arc::clone(&self.large_bodies).try_acquire_owned();
        let permit = permit.map_err(|_| ApiError::Overloaded)?;
        Ok(LargeBody { _permit: permit, _of_client: of_client })
    }

    /// Waits for the next chunk of a body, within the idle time-out.
    pub async fn next_chunk<T>(&self, next: impl Future<Output = T>) -> Result<T, ApiError> {
        timeout(self.idle_timeout, next).await.map_err(|_| ApiError::RequestTimeout)
    }

    /// Waits for a whole body, for 15 times as long.
    pub async fn with_body_timeout<T>(
        &self,
        body: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        timeout(self.idle_timeout * BODY_TIMEOUT_FACTOR, body)
            .await
            .unwrap_or(Err(ApiError::RequestTimeout))
    }

    /// Waits for a whole JSON body, for 15 s: it is buffered, and small.
    pub async fn with_json_timeout<T>(
        &self,
        body: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        timeout(JSON_TIMEOUT, body).await.unwrap_or(Err(ApiError::RequestTimeout))
    }
}
