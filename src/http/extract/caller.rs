//! Authentication: the only way from a request to a [`Viewer`], which every repository read needs.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;

use crate::http::{AppState, response::error::ApiError};
use crate::{auth::AuthError, domain::Viewer};

/// The authenticated or anonymous sender of a request. Invalid tokens are rejected.
#[derive(Debug, Clone, Copy)]
pub struct Caller(Viewer);

/// The authenticated sender of a request. Requests without a user's token are rejected.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticatedUser(Uuid);

impl Caller {
    /// The viewer for reads of the repository.
    pub fn viewer(self) -> Viewer {
        self.0
    }
}

impl AuthenticatedUser {
    /// The user's id.
    pub fn id(self) -> Uuid {
        self.0
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let token = bearer_token(request);
        Box::pin(async move {
            let state = state.ok_or(ApiError::Internal)?;
            // Without authentication, a session id is enough, and the header may be for a proxy.
            if !state.auth.is_enabled() {
                return Ok(Self(Viewer::Service));
            }
            let viewer = state.auth.authenticate(token?.as_deref()).await?;
            Ok(Self(viewer))
        })
    }
}

impl FromRequest for AuthenticatedUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        Box::pin(async move {
            match caller.await?.viewer() {
                Viewer::User(id) => Ok(Self(id)),
                Viewer::Anonymous | Viewer::Service => Err(ApiError::MissingToken),
            }
        })
    }
}

/// The bearer token of a request, if it has an `Authorization` header. Several headers are an
/// error, as is one without a bearer token.
pub fn bearer_token(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    match (token, values.next()) {
        (Some(token), None) => Ok(Some(token)),
        _ => {
            tracing::info!(reason = "Authorization is not one bearer token", "token refused");
            Err(ApiError::BadToken)
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => Self::MissingToken,
            AuthError::Invalid => Self::BadToken,
            AuthError::JwksUnavailable => Self::JwksUnavailable,
        }
    }
}
