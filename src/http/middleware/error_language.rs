//! Errors with status 200 in the language of their reader.

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};

use crate::{
    domain::SessionId,
    http::{
        AppState,
        extract::{caller::Caller, requested_language::preferred_language},
        response::{error::ApiError, error_language::in_session_language},
    },
};

/// Middleware that replaces the English texts of such errors.
pub async fn error_language(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let Some(error) = error.filter(|_| response.status() == StatusCode::OK).cloned() else {
        return Ok(response.map_into_boxed_body());
    };
    let error = localize(error, response.request()).await;
    Ok(response.into_response(HttpResponse::from_error(error)))
}

async fn localize(error: ApiError, request: &HttpRequest) -> ApiError {
    let id = request.match_info().get("session_id").and_then(SessionId::parse);
    let state = request.app_data::<web::Data<AppState>>();
    let caller = Caller::from_request(request, &mut Payload::None).await;
    // An invalid token has been refused before, with a real status.
    let (Some(state), Ok(caller)) = (state, caller) else { return error };
    let preferred = preferred_language(request);
    in_session_language(error, &state.db, caller.viewer(), id.as_ref(), preferred).await
}
