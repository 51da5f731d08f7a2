//! One OpenAI-compatible address: how it is called, and what becomes of its failures.

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
    providers::{MissingApiKey, ProviderError, circuit_breaker::CircuitBreaker},
    settings::Settings,
};

const VENDOR: &str = "openai";

/// One OpenAI-compatible address with its time-out.
pub(super) struct OpenAiClient {
    /// The section of the settings that names it.
    name: &'static str,
    pub(super) client: Client<OpenAIConfig>,
    /// What `client` sends by, for what it has no call of its own for; and what builds such a request.
    http: reqwest::Client,
    service: BoxCloneSyncService<HttpRequestFactory, Response, OpenAIError>,
    patience: Duration,
    breaker: CircuitBreaker,
}

impl OpenAiClient {
    /// By the settings of a stage, or where it has none by those for all.
    pub(super) fn new(
        name: &'static str,
        settings: &Settings,
        http: reqwest::Client,
        base_url: Option<&String>,
        api_key: Option<&SecretString>,
        timeout_seconds: u64,
    ) -> Result<Self, MissingApiKey> {
        let url = base_url
            .unwrap_or(&settings.openai.base_url)
            .trim_end_matches('/');
        let key = api_key.or(settings.openai.api_key.as_ref());
        if key.is_none() && url.contains("api.openai.com") {
            return Err(MissingApiKey { stage: name });
        }
        let config = OpenAIConfig::new()
            .with_api_base(url)
            .with_api_key(key.map(ExposeSecret::expose_secret).unwrap_or_default());
        // What its client is made of by itself, and a count of what is sent.
        let service = ServiceBuilder::new()
            .layer(OpenAIRetryLayer::default())
            .map_request(move |request: HttpRequestFactory| {
                metrics::record_attempt(name);
                request
            })
            .service(ReqwestService::new(http.clone()));
        let service = BoxCloneSyncService::new(service);
        Ok(Self {
            name,
            client: Client::with_config(config).with_http_service(service.clone()),
            http,
            service,
            patience: Duration::from_secs(timeout_seconds),
            breaker: CircuitBreaker::default(),
        })
    }

    /// Waits for a call at most as long as the stage may take, all retries included.
    pub(super) async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, OpenAIError>>,
    ) -> Result<T, ProviderError> {
        let bounded = async {
            metrics::record_provider_call(self.name);
            match timeout(self.patience, call).await {
                Ok(result) => result.map_err(without_vendor_text),
                Err(_) => Err(ProviderError::Unavailable {
                    vendor: VENDOR,
                    reason: format!("no answer within {} s", self.patience.as_secs()),
                }),
            }
        };
        self.breaker.call(VENDOR, bounded).await
    }

    /// Posts JSON, and returns the head of an answer that is no refusal, its body still to come.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, OpenAIError> {
        let config = self.client.config();
        let request = self
            .http
            .post(config.url(path))
            .headers(config.headers())
            .json(body)
            .build()?;
        let again = move || {
            let request = request.try_clone();
            ready(request.ok_or_else(|| {
                OpenAIError::InvalidArgument("a body that cannot be sent again".into())
            }))
        };
        let response = self
            .service
            .clone()
            .oneshot(HttpRequestFactory::new(again))
            .await?;
        Ok(response.error_for_status()?)
    }
}

/// It answered with something else than was asked for.
pub(super) fn unusable(what: &'static str) -> ProviderError {
    ProviderError::Unusable {
        vendor: VENDOR,
        what,
    }
}

fn unavailable(reason: &str) -> ProviderError {
    ProviderError::Unavailable {
        vendor: VENDOR,
        reason: reason.to_owned(),
    }
}

fn of_status(status: u16) -> ProviderError {
    match status {
        429 => unavailable("too many requests, or the quota is used up"),
        500.. => unavailable(&format!("status {status}")),
        _ => ProviderError::Refused {
            vendor: VENDOR,
            status: i32::from(status),
        },
    }
}

/// Keeps what kind of failure it was, and drops what the vendor wrote about it.
fn without_vendor_text(error: OpenAIError) -> ProviderError {
    match error {
        OpenAIError::ApiError(response) => of_status(response.status_code.as_u16()),
        OpenAIError::Reqwest(error) if error.status().is_some() => {
            of_status(error.status().map_or(0, |status| status.as_u16()))
        }
        OpenAIError::Reqwest(error) if error.is_connect() => unavailable("no connection"),
        OpenAIError::Reqwest(_) => unavailable("the connection broke"),
        OpenAIError::JSONDeserialize(..) => unusable("an answer that is not what was asked for"),
        OpenAIError::FileReadError(_) => unavailable("the recording could not be read"),
        OpenAIError::FileSaveError(_)
        | OpenAIError::StreamError(_)
        | OpenAIError::InvalidArgument(_)
        | OpenAIError::Boxed(_) => unusable("an unexpected failure of its client"),
    }
}
