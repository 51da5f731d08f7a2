//! Admission of requests: refused during a shutdown, with large headers and over the rate limit.

use std::sync::atomic::Ordering;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use crate::http::{AppState, response::error::ApiError};

/// Largest total size of headers; an access token has up to 2 kB.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Middleware that passes admitted requests on and answers the others with an error.
pub async fn admission(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<AppState>>();
    match state.map_or(Ok(()), |state| admit(&request, state)) {
        Err(error) => Ok(request.error_response(error)),
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

fn admit(request: &ServiceRequest, state: &AppState) -> Result<(), ApiError> {
    let is_health_check = matches!(request.path(), "/health" | "/ready");
    if state.shutting_down.load(Ordering::Acquire) && !is_health_check {
        return Err(ApiError::ShuttingDown);
    }
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if header_bytes > MAX_HEADER_BYTES {
        return Err(ApiError::HeadersTooLarge);
    }
    state.rate_limits.check_request(request.request())
}
