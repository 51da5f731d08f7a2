//! HTTP client of one stage: an OpenAI-compatible API with time-out, retries and circuit breaker.

use std::{future::ready, io, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    multipart::Form,
};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    VENDOR,
    endpoint::Endpoint,
    refusal::{Refusal, SendError},
    retry::{RetrySchedule, retry_after},
};
use crate::{
    metrics,
    providers::{MissingApiKey, ProviderError, Result, circuit_breaker::CircuitBreaker},
    settings::OpenAiSettings,
};

/// Most of an error's body that is read, and the longest time for it.
const MAX_ERROR_BYTES: usize = 64 * 1024;
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// Largest response that is parsed as a whole.
const MAX_JSON_BYTES: usize = 4 * 1024 * 1024;

/// Client of one stage's API.
pub(super) struct OpenAiClient {
    stage: &'static str,
    pub(super) endpoint: Endpoint,
    http: reqwest::Client,
    timeout: Duration,
    circuit_breaker: CircuitBreaker,
}

/// A call in progress: requests, within one time-out.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    client: &'a OpenAiClient,
    deadline: Instant,
}

/// Result of one attempt that may be repeated.
struct Transient {
    error: SendError,
    retry_after: Option<Duration>,
}

impl OpenAiClient {
    /// The client of a stage, named by its section of the settings. Without `base_url` that of
    /// `defaults` is used; for the key see [`Endpoint::new`].
    pub(super) fn new(
        stage: &'static str,
        base_url: &Option<String>,
        api_key: &Option<SecretString>,
        timeout_seconds: u64,
        defaults: &OpenAiSettings,
        http: reqwest::Client,
    ) -> Result<Self, MissingApiKey> {
        Ok(Self {
            stage,
            endpoint: Endpoint::new(stage, base_url.as_deref(), api_key.as_ref(), defaults)?,
            http,
            timeout: Duration::from_secs(timeout_seconds),
            circuit_breaker: CircuitBreaker::default(),
        })
    }

    /// The stage's time-out.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes a call within the stage's time-out, which includes retries and reading the response.
    ///
    /// While the circuit breaker is open, the call fails at once.
    pub(super) async fn call<'a, T, F>(&'a self, work: impl FnOnce(Call<'a>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T, SendError>>,
    {
        self.call_within(self.timeout, work).await
    }

    /// [`call`](Self::call) with another time-out.
    pub(super) async fn call_within<'a, T, F>(
        &'a self,
        timeout: Duration,
        work: impl FnOnce(Call<'a>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, SendError>>,
    {
        let call = async {
            metrics::record_provider_call(self.stage);
            let deadline = Instant::now() + timeout;
            match timeout_at(deadline, work(Call { client: self, deadline })).await {
                Ok(result) => result.map_err(ProviderError::from),
                Err(_) => Err(unavailable(format!("time-out after {} s", timeout.as_secs()))),
            }
        };
        self.circuit_breaker.call(VENDOR, call).await
    }

    /// Variable of a setting of this stage, such as `KUKU_COACH__MODEL`.
    pub(super) fn variable(&self, name: &str) -> String {
        format!("KUKU_{}__{name}", self.stage.to_uppercase())
    }

    /// A `GET` without retries, time-out and circuit breaker; the response has any status.
    pub(super) async fn get(&self, path: &str) -> reqwest::Result<Response> {
        let request = self.http.get(self.endpoint.url(path));
        request.headers(self.endpoint.headers().clone()).send().await
    }

    /// What a status of 3xx or 4xx means, for the log and `doctor`.
    fn advice(&self, status: StatusCode) -> String {
        let Endpoint { key_variable, base_url_variable, .. } = &self.endpoint;
        let model = self.variable("MODEL");
        match status.as_u16() {
            300..=399 => format!("the server moved: set {base_url_variable} to its new address"),
            401 => format!("the key is missing or not accepted: check {key_variable}"),
            402 => format!("the account of {key_variable} has no credit"),
            403 => {
                format!("the key of {key_variable} has no access: check its rights, and {model}")
            }
            404 | 405 => format!(
                "the server has no such address or model: check {base_url_variable} and {model}"
            ),
            410 => format!("the model is gone: set {model} to another one"),
            413 => "the request is too large for the server".into(),
            429 => format!("the quota of {key_variable} is used up"),
            _ => "the server does not accept this request".into(),
        }
    }
}

impl<'a> Call<'a> {
    /// Posts JSON. For the result see [`send`](Self::send).
    pub(super) async fn post_json(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Response, SendError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| unavailable(format!("POST {path}: no JSON ({error})")))?;
        let body = Bytes::from(body);
        self.send(Method::POST, path, |request| {
            let request = request.header(CONTENT_TYPE, "application/json");
            ready(Ok(request.body(body.clone())))
        })
        .await
    }

    /// Posts a form, built anew for each attempt. For the result see [`send`](Self::send).
    pub(super) async fn post_form<F>(
        self,
        path: &str,
        form: impl Fn() -> F,
    ) -> Result<Response, SendError>
    where
        F: Future<Output = io::Result<Form>>,
    {
        self.send(Method::POST, path, |request| {
            let form = form();
            async { Ok(request.multipart(form.await?)) }
        })
        .await
    }

    /// Asks for a WebSocket with `key`; the response has status 101, or ignored the wish.
    ///
    /// # Errors
    /// As of [`send`](Self::send).
    pub(super) async fn upgrade(
        self,
        path: &str,
        query: &[(&str, &str)],
        key: &str,
    ) -> Result<Response, SendError> {
        self.send(Method::GET, path, |request| {
            let request = request
                .query(query)
                .header(CONNECTION, "Upgrade")
                .header(UPGRADE, "websocket")
                .header(SEC_WEBSOCKET_VERSION, "13")
                .header(SEC_WEBSOCKET_KEY, key);
            ready(Ok(request))
        })
        .await
    }

    /// The call, ending in `timeout` at the latest.
    pub(super) fn within(self, timeout: Duration) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + timeout), ..self }
    }

    /// Sends a request, and returns the response if its status is a success; the body is still to
    /// be read. Failed connections, 408, 409, 429 and 5xx are retried within ten seconds. A server
    /// that asks for a longer pause gets it: calls of this stage then fail at once.
    ///
    /// # Errors
    /// [`SendError::Refused`] for a status of 3xx or 4xx, whatever the body is.
    async fn send<F>(
        self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> F,
    ) -> Result<Response, SendError>
    where
        F: Future<Output = io::Result<RequestBuilder>>,
    {
        let client = self.client;
        let route = format!("{method} {path}");
        let mut schedule = RetrySchedule::new(self.deadline);
        loop {
            let request = client.http.request(method.clone(), client.endpoint.url(path));
            let request = fill(request.headers(client.endpoint.headers().clone()))
                .await
                .map_err(|error| unavailable(format!("{route}: {}", error.kind())))?;
            metrics::record_attempt(client.stage);
            let transient = match self.judge(request.send().await, &route).await? {
                Ok(response) => return Ok(response),
                Err(transient) => transient,
            };
            match (schedule.next_delay(transient.retry_after), transient.retry_after) {
                (Some(delay), _) => tokio::time::sleep(delay).await,
                (None, Some(pause)) => {
                    client.circuit_breaker.pause(pause);
                    return Err(transient.error);
                }
                (None, None) => return Err(transient.error),
            }
        }
    }

    /// The outcome of an attempt, by its status: a response, a failure that may pass, or a refusal.
    async fn judge(
        self,
        result: reqwest::Result<Response>,
        route: &str,
    ) -> Result<Result<Response, Transient>, SendError> {
        let transient = |reason: String, retry_after| {
            let error = SendError::Failed(unavailable(format!("{route}: {reason}")));
            Ok(Err(Transient { error, retry_after }))
        };
        let response = match result {
            Ok(response) => response,
            Err(error) if error.is_builder() => {
                let reason = format!("{route}: the address is not valid");
                return Err(unavailable(reason).into());
            }
            Err(error) if error.is_connect() => {
                let server = &self.client.endpoint.base_url_variable;
                return transient(format!("no connection to the server of {server}"), None);
            }
            Err(_) => return transient("the connection broke".into(), None),
        };
        let (status, pause) = (response.status(), retry_after(response.headers()));
        if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Ok(response));
        }
        // 501 is a route that is not there.
        let has_failed = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
        if has_failed || status == StatusCode::REQUEST_TIMEOUT {
            return transient(format!("status {}", status.as_u16()), pause);
        }
        let body = error_body(response).await;
        let advice = self.client.advice(status);
        let refusal = Box::new(Refusal::new(status, route.to_owned(), advice, &body));
        match status {
            StatusCode::TOO_MANY_REQUESTS if !refusal.is_quota() => {
                transient("status 429, too many requests".into(), pause)
            }
            StatusCode::CONFLICT => {
                Ok(Err(Transient { error: SendError::Refused(refusal), retry_after: pause }))
            }
            _ => Err(SendError::Refused(refusal)),
        }
    }
}

/// The whole body of a successful response, up to 4 MiB.
pub(super) async fn read_body(mut response: Response) -> Result<Bytes, SendError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| connection_broke())? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_JSON_BYTES {
            return Err(unusable("a response that is too long").into());
        }
    }
    Ok(body.freeze())
}

/// A response's JSON; unknown fields are ignored.
///
/// JSON of another shape, or none, means that the server is broken: it counts as unavailable.
pub(super) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, SendError> {
    let without_bom = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(without_bom)
        .map_err(|_| unavailable("the response has another shape").into())
}

/// Error for a broken connection while a body is read.
pub(super) fn connection_broke() -> SendError {
    unavailable("the connection broke in the middle of a response").into()
}

/// Error for a result that cannot be used, from a server that works.
pub(super) fn unusable(what: &'static str) -> ProviderError {
    ProviderError::Unusable { vendor: VENDOR, what }
}

/// Error of a server that does not work; `reason` is in this program's words.
pub(super) fn unavailable(reason: impl Into<String>) -> ProviderError {
    ProviderError::Unavailable { vendor: VENDOR, reason: reason.into() }
}

/// The beginning of an error's body; what does not come in time is left out.
async fn error_body(mut response: Response) -> BytesMut {
    let mut body = BytesMut::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ERROR_BYTES {
                break;
            }
        }
    };
    // What has arrived is judged; the status is known.
    timeout(ERROR_BODY_TIMEOUT, reading).await.ok();
    body
}
