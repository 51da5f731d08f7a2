//! CORS: origins whose pages may call the API.

use actix_cors::Cors;
use actix_web::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, RETRY_AFTER,
};

use crate::settings::WebAccess;

/// CORS middleware for the origins that `access` allows, all routes and methods, without
/// credentials.
///
/// With accounts, requests of other origins are processed, but their responses have no CORS
/// headers.
pub fn cors(access: &WebAccess) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers([
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("idempotent-replayed"),
            RETRY_AFTER,
            ACCEPT_RANGES,
            CONTENT_LENGTH,
            CONTENT_RANGE,
            ETAG,
        ])
        .block_on_origin_mismatch(false)
        .max_age(86_400);
    if access.origins.is_none() {
        return cors.allow_any_origin().send_wildcard();
    }
    let access = access.clone();
    cors.allowed_origin_fn(move |origin, request| access.allows(origin, request))
}
