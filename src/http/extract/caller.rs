//! Who is calling: the one way from a request to a [`Viewer`], without which the repository gives nothing out.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use uuid::Uuid;

use crate::http::{AppState, response::error::ApiError};
use crate::{auth::AuthError, domain::Viewer};

/// Whoever sent the request; extracting it turns bad tokens away.
#[derive(Debug, Clone, Copy)]
pub struct Caller(Viewer);

/// A user who sent the request; extracting it turns everybody else away.
#[derive(Debug, Clone, Copy)]
pub struct AuthenticatedUser(Uuid);

impl Caller {
    /// On whose behalf to ask.
    pub fn viewer(self) -> Viewer {
        self.0
    }
}

impl AuthenticatedUser {
    /// The user's id.
    pub fn id(self) -> Uuid {
        self.0
    }

    /// On whose behalf to ask.
    pub fn viewer(self) -> Viewer {
        Viewer::User(self.0)
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let token = bearer_token(request);
        Box::pin(async move {
            let state = state.ok_or(ApiError::Internal)?;
            // Where callers are not told apart, whoever knows an id may use it, and the header is somebody else's, such as a
            // proxy's.
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
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

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

/// The token of the request, if it has an `Authorization` header. One that holds something else is a bad token.
///
/// # Errors
/// [`ApiError::BadToken`]
pub fn bearer_token(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    });
    match (token, values.next()) {
        (Some(token), None) => Ok(Some(token)),
        _ => Err(ApiError::BadToken),
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
