//! The `Idempotency-Key` header.

use actix_web::HttpRequest;

use crate::domain::{IdempotencyKey, Viewer};
use crate::http::response::error::ApiError;

/// The request's idempotency key, if it has one. Several keys are an error, as is one that is
/// empty, too long or unprintable.
///
/// Callers who are not a user share their keys: whoever sends the same key gets the stored
/// response. Their keys must be long enough to be secrets.
pub fn idempotency_key(
    request: &HttpRequest,
    viewer: Viewer,
) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = request.headers().get_all("idempotency-key");
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = std::str::from_utf8(value.as_bytes()).ok().and_then(IdempotencyKey::parse);
    match (key, values.next()) {
        (Some(key), None) if viewer.user_id().is_some() || key.can_be_secret() => Ok(Some(key)),
        _ => Err(ApiError::BadIdempotencyKey),
    }
}
