//! Sign-up, log-in, log-out and the account of a user, with any account provider.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::accounts::{AccountError, Credentials, SharedAccounts, UpdateAccount};
use crate::http::{
    AppState,
    extract::caller::{AuthenticatedUser, bearer_token},
    extract::discard_body::DiscardBody,
    extract::json::{Json, JsonBody, required_text, text},
    response::account::{AccountResponse, AuthResponse},
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    routes::resource,
    routes::users,
};

pub fn routes(config: &mut web::ServiceConfig) {
    for (path, route) in [
        ("/api/auth/signup", web::post().to(sign_up)),
        ("/api/auth/login", web::post().to(log_in)),
        ("/api/auth/refresh", web::post().to(refresh)),
        ("/api/auth/logout", web::post().to(log_out)),
        ("/api/auth/anonymous", web::post().to(sign_up_anonymously)),
    ] {
        config.service(resource(path, "POST").route(route));
    }
    config.service(
        resource("/api/users/me", "GET, PATCH, DELETE")
            .route(web::get().to(show))
            .route(web::patch().to(update))
            .route(web::delete().to(users::remove)),
    );
}

/// E-mail address and password.
#[derive(Deserialize, ToSchema)]
pub struct CredentialsRequest {
    #[serde(deserialize_with = "required_text")]
    #[schema(example = "ada@example.com")]
    email: String,
    /// 6 characters to 72 bytes.
    #[serde(deserialize_with = "required_text")]
    password: String,
    /// Stored with the account on sign-up, ignored on log-in.
    #[schema(value_type = Option<Object>)]
    data: Value,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshRequest {
    #[serde(deserialize_with = "required_text")]
    refresh_token: String,
}

/// Changes of an account; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
pub struct UpdateAccountRequest {
    #[serde(deserialize_with = "text")]
    email: Option<String>,
    #[serde(deserialize_with = "text")]
    password: Option<String>,
    #[serde(deserialize_with = "account_data")]
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
}

impl JsonBody for CredentialsRequest {}
impl JsonBody for RefreshRequest {}
impl JsonBody for UpdateAccountRequest {}

fn account_data<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        // Postgres stores no NUL in JSON.
        Value::Object(data) if !Value::Object(data.clone()).to_string().contains("\\u0000") => {
            Ok(Some(data))
        }
        _ => Err(D::Error::custom("data must be an object without NUL characters.")),
    }
}

/// The credentials without account data.
impl From<CredentialsRequest> for Credentials {
    fn from(request: CredentialsRequest) -> Self {
        Self { email: request.email, password: request.password.into(), data: Map::new() }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Refused(refusal) => Self::AccountRefused(refusal),
            AccountError::RateLimited(seconds) => Self::TooManyRequests(seconds),
            AccountError::Overloaded => Self::Overloaded,
            AccountError::Unavailable(_) => {
                tracing::warn!(%error, "request failed");
                Self::AccountsUnavailable
            }
            AccountError::Repository(error) => error.into(),
        }
    }
}

/// Create an account.
#[utoipa::path(
    post, path = "/api/auth/signup", tag = "users", request_body = CredentialsRequest,
    responses(
        (status = 200, body = Envelope<AuthResponse>),
        (status = 400, body = ErrorEnvelope,
            description = "email_address_invalid, validation_failed"),
        (status = 422, description = "user_already_exists, weak_password", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, description = "OVERLOADED", body = ErrorEnvelope),
    ),
)]
pub async fn sign_up(
    request: HttpRequest,
    body: Json<CredentialsRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let (accounts, client_ip) = rate_limited_accounts(&request, &state)?;
    let mut body = body.read().await?;
    let data = account_data(body.data.take())
        .map_err(|error| ApiError::MalformedRequest(error.to_string()))?;
    let credentials = Credentials { data: data.unwrap_or_default(), ..body.into() };
    let result = accounts.sign_up(credentials, client_ip).await?;
    Ok(success(AuthResponse::from(result)))
}

/// Create an anonymous account, to which nobody can log in again. It becomes permanent once it gets
/// an e-mail address and a password.
#[utoipa::path(
    post, path = "/api/auth/anonymous", tag = "users",
    responses(
        (status = 200, body = Envelope<AuthResponse>),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
    ),
)]
pub async fn sign_up_anonymously(
    request: HttpRequest,
    state: web::Data<AppState>,
    _: DiscardBody,
) -> ApiResult {
    let (accounts, client_ip) = rate_limited_accounts(&request, &state)?;
    let result = accounts.sign_up_anonymously(client_ip).await?;
    Ok(success(AuthResponse::from(result)))
}

/// Log in.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "users", request_body = CredentialsRequest,
    responses(
        (status = 200, body = Envelope<AuthResponse>),
        (status = 400, description = "invalid_credentials", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, description = "OVERLOADED", body = ErrorEnvelope),
    ),
)]
pub async fn log_in(
    request: HttpRequest,
    body: Json<CredentialsRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let (accounts, client_ip) = rate_limited_accounts(&request, &state)?;
    let credentials = body.read().await?.into();
    let result = accounts.log_in(credentials, client_ip).await?;
    Ok(success(AuthResponse::from(result)))
}

/// Exchange a refresh token for new tokens. One that is used again after 10 s ends its login.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "users", request_body = RefreshRequest,
    responses(
        (status = 200, body = Envelope<AuthResponse>),
        (status = 400, body = ErrorEnvelope,
            description = "refresh_token_not_found, refresh_token_already_used"),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
    ),
)]
pub async fn refresh(
    request: HttpRequest,
    body: Json<RefreshRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let (accounts, client_ip) = rate_limited_accounts(&request, &state)?;
    let token = body.read().await?.refresh_token.into();
    let result = accounts.refresh(token, client_ip).await?;
    Ok(success(AuthResponse::from(result)))
}

/// Revoke all of one's refresh tokens. Access tokens stay valid until they expire.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "users",
    responses(
        (status = 204),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn log_out(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
    _: DiscardBody,
) -> ApiResult {
    let accounts = accounts(&state)?;
    accounts.log_out(user.id(), &access_token(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Show one's account.
#[utoipa::path(
    get, path = "/api/users/me", tag = "users",
    responses(
        (status = 200, body = Envelope<AccountResponse>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> ApiResult {
    let accounts = accounts(&state)?;
    let account = accounts.show(user.id(), &access_token(&request)?).await?;
    Ok(success(AccountResponse::from(account)))
}

/// Change one's account.
#[utoipa::path(
    patch, path = "/api/users/me", tag = "users", request_body = UpdateAccountRequest,
    responses(
        (status = 200, body = Envelope<AccountResponse>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 422, body = ErrorEnvelope,
            description = "email_exists, weak_password, same_password"),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, description = "OVERLOADED", body = ErrorEnvelope),
    ),
)]
pub async fn update(
    user: AuthenticatedUser,
    request: HttpRequest,
    body: Json<UpdateAccountRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let accounts = accounts(&state)?;
    let body = body.read().await?;
    if body.password.is_some() {
        // Whether it is the present one shows in the answer.
        state.rate_limits.check_login(&request)?;
    }
    let changes = UpdateAccount {
        email: body.email,
        password: body.password.map(SecretString::from),
        data: body.data,
    };
    let token = access_token(&request)?;
    let account = accounts.update(user.id(), &token, changes).await?;
    Ok(success(AccountResponse::from(account)))
}

fn accounts(state: &AppState) -> Result<SharedAccounts, ApiError> {
    state.accounts.clone().ok_or(ApiError::AccountsDisabled)
}

/// The accounts and the client's address, for requests that may be guesses of a password.
fn rate_limited_accounts(
    request: &HttpRequest,
    state: &AppState,
) -> Result<(SharedAccounts, Option<IpAddr>), ApiError> {
    state.rate_limits.check_login(request)?;
    Ok((accounts(state)?, state.rate_limits.client_ip(request)))
}

/// The access token, which the extractor has verified.
fn access_token(request: &HttpRequest) -> Result<String, ApiError> {
    bearer_token(request)?.ok_or(ApiError::MissingToken)
}
