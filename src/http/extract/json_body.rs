//! What comes in: ids in paths, JSON bodies.

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};
use serde_json::{Map, Value};

use crate::domain::{IdempotencyKey, SessionId};
use crate::http::{AppState, body_limits::BodyLimits, response::error::ApiError};

/// Largest JSON body: a line of the greatest length, with every character escaped.
const MAX_JSON_BYTES: usize = 1024 * 1024;
/// Largest JSON body about an account.
const MAX_SMALL_JSON_BYTES: usize = 64 * 1024;
/// A refused upload is read on, up to this much, since browsers only look at an answer once they have sent all.
const DRAIN_BYTES: u64 = 128 * 1024 * 1024;

/// The session id of a path, which may be none at all.
pub struct SessionIdPath(Option<SessionId>);

impl SessionIdPath {
    /// The id.
    ///
    /// # Errors
    /// [`ApiError::SessionNotFound`] where no session can have it.
    pub fn session(self) -> Result<SessionId, ApiError> {
        self.0.ok_or(ApiError::SessionNotFound(StatusCode::OK))
    }
}

impl FromRequest for SessionIdPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(
            request
                .match_info()
                .get("session_id")
                .and_then(SessionId::parse),
        )))
    }
}

/// The request's idempotency key, if it has one.
///
/// # Errors
/// [`ApiError::BadIdempotencyKey`] if it is empty, too long or unprintable, or if there are several.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = std::str::from_utf8(value.as_bytes())
        .ok()
        .and_then(IdempotencyKey::parse);
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(ApiError::BadIdempotencyKey),
    }
}

/// Reads a JSON object.
///
/// # Errors
/// [`ApiError::MalformedRequest`], whose text does not repeat the body; [`ApiError::TextTooLong`] beyond 1 MiB;
/// [`ApiError::RequestTimeout`].
pub async fn json_object(
    request: &HttpRequest,
    payload: &mut web::Payload,
    limits: &BodyLimits,
) -> Result<Map<String, Value>, ApiError> {
    let too_large = || ApiError::TextTooLong;
    limits
        .with_body_timeout(read_object(
            request, payload, limits, MAX_JSON_BYTES, too_large,
        ))
        .await
}

/// Reads a JSON object of at most 64 kB.
///
/// # Errors
/// [`ApiError::MalformedRequest`], whose text does not repeat the body; [`ApiError::BodyTooLarge`]; [`ApiError::RequestTimeout`].
pub async fn small_json_object(
    request: &HttpRequest,
    payload: &mut web::Payload,
    limits: &BodyLimits,
) -> Result<Map<String, Value>, ApiError> {
    let too_large = || ApiError::BodyTooLarge;
    limits
        .with_body_timeout(read_object(
            request, payload, limits, MAX_SMALL_JSON_BYTES, too_large,
        ))
        .await
}

async fn read_object(
    request: &HttpRequest,
    payload: &mut web::Payload,
    limits: &BodyLimits,
    max_bytes: usize,
    too_large: impl FnOnce() -> ApiError,
) -> Result<Map<String, Value>, ApiError> {
    if !is(request, "json") {
        drain(payload, limits).await?;
        return Err(ApiError::MalformedRequest(
            "Send JSON, with Content-Type: application/json.".into(),
        ));
    }
    let mut body = Vec::new();
    while let Some(chunk) = limits.next_chunk(payload.next()).await? {
        let chunk =
            chunk.map_err(|_| ApiError::MalformedRequest("The body ended too early.".into()))?;
        if body.len() + chunk.len() > max_bytes {
            drain(payload, limits).await?;
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::MalformedRequest(
            "The body must be a JSON object.".into(),
        )),
        Err(error) => Err(ApiError::MalformedRequest(format!(
            "The body is not valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        ))),
    }
}

/// Whether the request's content type names `kind`, whatever the case.
pub fn is(request: &HttpRequest, kind: &str) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains(kind))
}

/// Reads on and throws away, so that the answer reaches a client which is still sending.
///
/// # Errors
/// [`ApiError::RequestTimeout`]
pub async fn drain(payload: &mut web::Payload, limits: &BodyLimits) -> Result<(), ApiError> {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = limits.next_chunk(payload.next()).await? {
            read += chunk.len() as u64;
            if read > DRAIN_BYTES {
                break;
            }
        }
        Ok(())
    };
    limits.with_body_timeout(reading).await
}

/// A body that says nothing, read all the same: a connection on which one is left unread is closed behind the answer, and the
/// client's next request with it.
pub struct DiscardBody;

impl FromRequest for DiscardBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if matches!(payload, Payload::None) {
            return ready(Ok(Self)).boxed_local();
        }
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let body = web::Payload::from_request(request, payload).into_inner();
        async move {
            let (state, mut body) = (
                state.ok_or(ApiError::Internal)?,
                body.map_err(|_| ApiError::Internal)?,
            );
            drain(&mut body, &state.body_limits).await?;
            Ok(Self)
        }
        .boxed_local()
    }
}
