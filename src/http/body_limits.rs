//! Limits of request bodies: time-outs, and how many large ones are buffered at a time.

use std::{net::IpAddr, time::Duration};

use tokio::time::timeout;

use crate::{
    http::response::error::ApiError,
    settings::LimitSettings,
    shares::{ClientPermit, ClientPermits},
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
    large_bodies: ClientPermits,
}

/// A place among the large bodies; given back on drop.
pub struct LargeBody {
    _permit: ClientPermit,
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
            large_bodies: ClientPermits::new(MAX_LARGE_BODIES),
        }
    }

    /// A place for a body of more than `LargeBody::MIN_BYTES`. `ApiError::Overloaded` if none is
    /// free, or if `client` has a tenth of all.
    pub fn start_large(&self, client: Option<IpAddr>) -> Result<LargeBody, ApiError> {
        let permit = self.large_bodies.try_acquire(client);
        permit.map(|permit| LargeBody { _permit: permit }).ok_or(ApiError::Overloaded)
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
