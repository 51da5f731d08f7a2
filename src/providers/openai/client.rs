//! HTTP client of one stage: an OpenAI-compatible API with time-out, retries and circuit breaker.

use std::{future::ready, time::Duration};

use async_openai::{
    Client,
    config::{Config, OpenAIConfig},
    error::OpenAIError,
    middleware::{HttpRequestFactory, ReqwestService, retry::OpenAIRetryLayer},
};
use reqwest::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::time::timeout;
use tower::{ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use crate::{
    metrics,
    providers::{MissingApiKey, ProviderError, Result, circuit_breaker::CircuitBreaker},
    settings::OpenAiSettings,
};

pub(super) const VENDOR: &str = "openai";

/// Client of one stage's API.
pub(super) struct OpenAiClient {
    stage: &'static str,
    pub(super) client: Client<OpenAIConfig>,
    /// Builds requests that `client` has no method for.
    http: reqwest::Client,
    /// Sends requests, with retries.
    service: BoxCloneSyncService<HttpRequestFactory, Response, OpenAIError>,
    timeout: Duration,
    circuit_breaker: CircuitBreaker,
}

impl OpenAiClient {
    /// The client of a stage, named by its section of the settings. Without `base_url` or `api_key`
    /// those of `defaults` are used.
    pub(super) fn new(
        stage: &'static str,
        base_url: &Option<String>,
        api_key: &Option<SecretString>,
        timeout_seconds: u64,
        defaults: &OpenAiSettings,
        http: reqwest::Client,
    ) -> Result<Self, MissingApiKey> {
        let url = base_url.as_ref().unwrap_or(&defaults.base_url).trim_end_matches('/');
        let key = api_key.as_ref().or(defaults.api_key.as_ref());
        if key.is_none() && url.contains("api.openai.com") {
            return Err(MissingApiKey { stage });
        }
        let openai_config = OpenAIConfig::new()
            .with_api_base(url)
            .with_api_key(key.map(ExposeSecret::expose_secret).unwrap_or_default());
        // The stack that async-openai builds by default, and a count of the requests.
        let service = ServiceBuilder::new()
            .layer(OpenAIRetryLayer::default())
            .map_request(move |request: HttpRequestFactory| {
                metrics::record_attempt(stage);
                request
            })
            .service(ReqwestService::new(http.clone()));
        let service = BoxCloneSyncService::new(service);
        Ok(Self {
            stage,
            client: Client::with_config(openai_config).with_http_service(service.clone()),
            http,
            service,
            timeout: Duration::from_secs(timeout_seconds),
            circuit_breaker: CircuitBreaker::default(),
        })
    }

    /// Awaits `request` within the stage's time-out, retries included.
    pub(super) async fn call<T>(
        &self,
        request: impl Future<Output = Result<T, OpenAIError>>,
    ) -> Result<T> {
        let call = async {
            metrics::record_provider_call(self.stage);
            match timeout(self.timeout, request).await {
                Ok(result) => result.map_err(without_vendor_text),
                Err(_) => Err(ProviderError::Unavailable {
                    vendor: VENDOR,
                    reason: format!("time-out after {} s", self.timeout.as_secs()),
                }),
            }
        };
        self.circuit_breaker.call(VENDOR, call).await
    }

    /// Posts JSON, and returns the response, with its body still to be read, if its status is a
    /// success.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, OpenAIError> {
        let config = self.client.config();
        let request =
            self.http.post(config.url(path)).headers(config.headers()).json(body).build()?;
        let factory =
            move || {
                let request = request.try_clone();
                ready(request.ok_or_else(|| {
                    OpenAIError::InvalidArgument("a body that cannot be cloned".into())
                }))
            };
        let response = self.service.clone().oneshot(HttpRequestFactory::new(factory)).await?;
        Ok(response.error_for_status()?)
    }
}

/// Error for a result that cannot be used.
pub(super) fn unusable(what: &'static str) -> ProviderError {
    ProviderError::Unusable { vendor: VENDOR, what }
}

fn unavailable(reason: &str) -> ProviderError {
    ProviderError::Unavailable { vendor: VENDOR, reason: reason.to_owned() }
}

fn status_error(status: u16) -> ProviderError {
    match status {
        429 => unavailable("rate limit or quota exceeded"),
        500.. => unavailable(&format!("status {status}")),
        _ => ProviderError::Refused { vendor: VENDOR, status: i32::from(status) },
    }
}

/// Keeps the kind of failure, and drops the vendor's text.
fn without_vendor_text(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::ApiError(response) => status_error(response.status_code.as_u16()),
        OpenAIError::Reqwest(error) if error.status().is_some() => {
            status_error(error.status().map_or(0, |status| status.as_u16()))
        }
        OpenAIError::Reqwest(error) if error.is_connect() => unavailable("no connection"),
        OpenAIError::Reqwest(_) => unavailable("the connection broke"),
        OpenAIError::JSONDeserialize(..) => unusable("a response of another shape"),
        OpenAIError::FileReadError(_) => unavailable("the recording could not be read"),
        OpenAIError::FileSaveError(_)
        | OpenAIError::StreamError(_)
        | OpenAIError::InvalidArgument(_)
        | OpenAIError::Boxed(_) => unusable("an unexpected error of the client library"),
    }
}
