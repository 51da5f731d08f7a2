//! Envelope of every JSON response: `{"success", "data", "error"}`, with `"code"` in errors.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

/// Marks a stored response that is replayed for an idempotency key, as Stripe does.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A successful response.
#[derive(Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// The result.
    data: T,
    /// Always null.
    #[schema(value_type = Option<String>)]
    error: Option<()>,
}

/// An error response.
#[derive(Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// Always null.
    #[schema(value_type = Option<Object>)]
    data: Option<()>,
    /// Error text, for people.
    #[schema(example = "Session not found")]
    error: String,
    /// Stable error code, for programs.
    #[schema(example = "SESSION_NOT_FOUND")]
    code: &'static str,
}

/// A 200 response of the deployed frontend's routes: a result, or an error that a user can fix.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "documents a response that is built as one of two types")]
pub enum ApiResponse<T> {
    /// `success` is true.
    Ok(Envelope<T>),
    /// `success` is false, and nothing has changed.
    Err(ErrorEnvelope),
}

/// 200 with `data`.
pub fn success<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Ok().json(Envelope { success: true, data, error: None })
}

/// 200 with `data`, marked if it is a replayed response.
pub fn success_or_replay<T: Serialize>(data: T, replayed: bool) -> HttpResponse {
    let mut response = success(data);
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Body of an error response.
pub fn error_body(code: &'static str, error: String) -> ErrorEnvelope {
    ErrorEnvelope { success: false, data: None, error, code }
}
