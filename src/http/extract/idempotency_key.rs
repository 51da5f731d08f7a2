//! The `Idempotency-Key` header.

use actix_web::HttpRequest;

use crate::domain::IdempotencyKey;
use crate::http::response::error::ApiError;

/// The request's idempotency key, if it has one. Several keys are an error, as is one that is
/// empty, too long or unprintable.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = std::str::from_utf8(value.as_bytes()).ok().and_then(IdempotencyKey::parse);
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(ApiError::BadIdempotencyKey),
    }
}
