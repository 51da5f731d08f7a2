//! Session ids in paths.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use utoipa::IntoParams;

use crate::domain::SessionId;
use crate::http::response::error::ApiError;

/// The `{session_id}` of a path, which may be no valid id.
#[derive(Clone, IntoParams)]
#[into_params(names("session_id"), parameter_in = Path)]
pub struct SessionIdPath(#[param(value_type = String)] Option<SessionId>);

impl SessionIdPath {
    /// The session id; "Session not found" with status 200 if it is invalid.
    pub fn parse(self) -> Result<SessionId, ApiError> {
        self.0.ok_or(ApiError::SessionNotFound(StatusCode::OK))
    }

    /// The same with status 404, for routes that the frontend does not use.
    pub fn parse_or_404(self) -> Result<SessionId, ApiError> {
        self.0.ok_or(ApiError::SessionNotFound(StatusCode::NOT_FOUND))
    }
}

impl FromRequest for SessionIdPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("session_id");
        ready(Ok(Self(id.and_then(SessionId::parse))))
    }
}
