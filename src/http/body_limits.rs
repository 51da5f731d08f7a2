//! Time-outs of request bodies.

use std::time::Duration;

use tokio::time::timeout;

use crate::{http::response::error::ApiError, settings::LimitSettings};

/// Time-out of a whole body, as a multiple of the idle time-out.
const BODY_TIMEOUT_FACTOR: u32 = 15;

/// Time-out of a whole JSON body.
const JSON_TIMEOUT: Duration = Duration::from_secs(15);

/// Limits of request bodies.
#[derive(Clone)]
pub struct BodyLimits {
    idle_timeout: Duration,
}

impl BodyLimits {
    /// Limits by the settings.
    pub fn new(settings: &LimitSettings) -> Self {
        Self { idle_timeout: Duration::from_secs(settings.body_idle_timeout_seconds) }
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
