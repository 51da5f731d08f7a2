//! The shape of every answer: `{"success", "data", "error"}`, and `"code"` beside an error.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// Marks the answer to a request that was answered before, as Stripe does.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A successful answer.
#[derive(Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// What was asked for.
    data: T,
    /// Always null.
    #[schema(value_type = Option<String>)]
    error: Option<()>,
}

/// An answer that something did not work.
#[derive(Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// Always null.
    #[schema(value_type = Option<Object>)]
    data: Option<()>,
    /// What went wrong, for people.
    #[schema(example = "Session not found")]
    error: String,
    /// What went wrong, for programs; stable.
    #[schema(example = "SESSION_NOT_FOUND")]
    code: &'static str,
}

/// What a 200 of the frontend's routes holds: it reads no other body, so what a person can act on comes with it as well.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "documents what either of two types is sent as")]
pub enum ApiResponse<T> {
    /// `success` is true.
    Ok(Envelope<T>),
    /// `success` is false; nothing has changed.
    Err(ErrorEnvelope),
}

/// 200 with `data`.
pub fn success<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Ok().json(Envelope {
        success: true,
        data,
        error: None,
    })
}

/// 200 with `data`, and whether it is the answer to a request that was answered before.
pub fn success_or_replay<T: Serialize>(data: T, replayed: bool) -> HttpResponse {
    let mut response = success(data);
    if replayed {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// `status` with what went wrong.
pub fn failure(status: StatusCode, code: &'static str, error: String) -> HttpResponse {
    HttpResponse::build(status).json(error_body(code, error))
}

/// What went wrong.
pub fn error_body(code: &'static str, error: String) -> ErrorEnvelope {
    ErrorEnvelope {
        success: false,
        data: None,
        error,
        code,
    }
}
