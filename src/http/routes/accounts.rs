//! Signing up, in and out, and one's account. The same on Supabase and without it.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::{
    Account, AccountError, AuthResult, Credentials, SharedAccounts, UpdateAccount,
};
use crate::http::{
    AppState,
    extract::caller::{AuthenticatedUser, bearer_token},
    extract::json_body::{self as body, DiscardBody},
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, method_not_allowed},
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
        config.service(
            web::resource(path)
                .route(route)
                .default_service(method_not_allowed("POST")),
        );
    }
    config.service(
        web::resource("/api/users/me")
            .route(web::get().to(show))
            .route(web::patch().to(update))
            .route(web::delete().to(users::remove))
            .default_service(method_not_allowed("GET, PATCH, DELETE")),
    );
}

/// E-mail address and password.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "documents the body, which is read field by field for clear errors"
)]
pub struct CredentialsBody {
    #[schema(example = "ada@example.com")]
    email: String,
    /// 6 characters to 72 bytes.
    password: String,
    /// Kept with the account; for signing up.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

/// A refresh token.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "documents the body, which is read field by field for clear errors"
)]
pub struct RefreshBody {
    refresh_token: String,
}

/// What to change; what is left out stays.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "documents the body, which is read field by field for clear errors"
)]
pub struct ChangesBody {
    email: Option<String>,
    password: Option<String>,
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountData {
    id: Uuid,
    email: Option<String>,
    is_anonymous: bool,
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Tokens; all null where the address has to be confirmed first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInData {
    /// For `Authorization: Bearer`.
    access_token: Option<String>,
    /// For one refresh.
    refresh_token: Option<String>,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds that the access token is good for.
    expires_in: Option<i64>,
    /// Second since 1970 in which that ends.
    expires_at: Option<i64>,
    user: AccountData,
}

impl From<Account> for AccountData {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            is_anonymous: account.is_anonymous,
            data: account.data,
        }
    }
}

impl From<AuthResult> for SignedInData {
    fn from(signed_in: AuthResult) -> Self {
        let tokens = signed_in.tokens;
        Self {
            token_type: "bearer",
            expires_in: tokens.as_ref().map(|tokens| tokens.expires_in),
            expires_at: tokens.as_ref().map(|tokens| tokens.expires_at),
            refresh_token: tokens.as_ref().map(|tokens| tokens.refresh.clone()),
            access_token: tokens.map(|tokens| tokens.access),
            user: signed_in.account.into(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Refused(refusal) => Self::AccountRefused(refusal),
            AccountError::RateLimited(seconds) => Self::TooManyRequests(seconds),
            AccountError::Unavailable(_) => {
                tracing::warn!(%error, "request failed");
                Self::AccountsUnavailable
            }
            AccountError::Repository(error) => error.into(),
        }
    }
}

/// Make an account.
#[utoipa::path(
    post, path = "/api/auth/signup", tag = "users", request_body = CredentialsBody,
    responses(
        (status = 200, body = Envelope<SignedInData>),
        (status = 400, description = "email_address_invalid, validation_failed", body = ErrorEnvelope),
        (status = 422, description = "user_already_exists, weak_password", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
    ),
)]
pub async fn sign_up(
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let accounts = admitted(&request, &state)?;
    let mut object = body::small_json_object(&request, &mut payload, &state.body_limits).await?;
    let data = data(&mut object)?.unwrap_or_default();
    let credentials = credentials(&mut object, data)?;
    let signed_in = accounts
        .sign_up(credentials, state.rate_limits.client_ip(&request))
        .await?;
    Ok(success(SignedInData::from(signed_in)))
}

/// Make an account that nobody can sign in to again; it becomes a permanent one by adding an e-mail address and a password.
#[utoipa::path(
    post, path = "/api/auth/anonymous", tag = "users",
    responses((status = 200, body = Envelope<SignedInData>), (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope)),
)]
pub async fn sign_up_anonymously(
    request: HttpRequest,
    state: web::Data<AppState>,
    _: DiscardBody,
) -> Result<HttpResponse, ApiError> {
    let accounts = admitted(&request, &state)?;
    let signed_in = accounts
        .sign_up_anonymously(state.rate_limits.client_ip(&request))
        .await?;
    Ok(success(SignedInData::from(signed_in)))
}

/// Sign in.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "users", request_body = CredentialsBody,
    responses(
        (status = 200, body = Envelope<SignedInData>),
        (status = 400, description = "invalid_credentials", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
    ),
)]
pub async fn log_in(
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let accounts = admitted(&request, &state)?;
    let mut object = body::small_json_object(&request, &mut payload, &state.body_limits).await?;
    let credentials = credentials(&mut object, Map::new())?;
    let signed_in = accounts
        .log_in(credentials, state.rate_limits.client_ip(&request))
        .await?;
    Ok(success(SignedInData::from(signed_in)))
}

/// New tokens for a refresh token, which is used up. One that comes back ends its login.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "users", request_body = RefreshBody,
    responses(
        (status = 200, body = Envelope<SignedInData>),
        (status = 400, description = "refresh_token_not_found, refresh_token_already_used", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
    ),
)]
pub async fn refresh(
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let accounts = admitted(&request, &state)?;
    let mut object = body::small_json_object(&request, &mut payload, &state.body_limits).await?;
    let token = text(&mut object, "refreshToken")?.ok_or_else(|| needs("refreshToken"))?;
    let signed_in = accounts
        .refresh(token.into(), state.rate_limits.client_ip(&request))
        .await?;
    Ok(success(SignedInData::from(signed_in)))
}

/// End all of one's refresh tokens; access tokens are good until their time is over.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "users",
    responses((status = 204), (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope)),
)]
pub async fn log_out(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
    _: DiscardBody,
) -> Result<HttpResponse, ApiError> {
    accounts(&state)?
        .log_out(user.id(), &access(&request)?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One's account.
#[utoipa::path(
    get, path = "/api/users/me", tag = "users",
    responses((status = 200, body = Envelope<AccountData>), (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope)),
)]
pub async fn show(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let account = accounts(&state)?
        .show(user.id(), &access(&request)?)
        .await?;
    Ok(success(AccountData::from(account)))
}

/// Change one's account.
#[utoipa::path(
    patch, path = "/api/users/me", tag = "users", request_body = ChangesBody,
    responses(
        (status = 200, body = Envelope<AccountData>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 422, description = "email_exists, weak_password, same_password", body = ErrorEnvelope),
    ),
)]
pub async fn update(
    user: AuthenticatedUser,
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let accounts = accounts(&state)?;
    let mut object = body::small_json_object(&request, &mut payload, &state.body_limits).await?;
    let changes = UpdateAccount {
        email: text(&mut object, "email")?,
        password: text(&mut object, "password")?.map(SecretString::from),
        data: data(&mut object)?,
    };
    let account = accounts
        .update(user.id(), &access(&request)?, changes)
        .await?;
    Ok(success(AccountData::from(account)))
}

fn accounts(state: &AppState) -> Result<SharedAccounts, ApiError> {
    state.accounts.clone().ok_or(ApiError::AccountsDisabled)
}

/// Who may be guessing passwords is let in only so often.
fn admitted(request: &HttpRequest, state: &AppState) -> Result<SharedAccounts, ApiError> {
    state.rate_limits.check_login(request)?;
    accounts(state)
}

/// The token that the extractor has verified.
fn access(request: &HttpRequest) -> Result<String, ApiError> {
    bearer_token(request)?.ok_or(ApiError::MissingToken)
}

fn credentials(
    object: &mut Map<String, Value>,
    data: Map<String, Value>,
) -> Result<Credentials, ApiError> {
    Ok(Credentials {
        email: text(object, "email")?.ok_or_else(|| needs("email"))?,
        password: text(object, "password")?
            .ok_or_else(|| needs("password"))?
            .into(),
        data,
    })
}

fn text(object: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ApiError> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.contains('\0') => Ok(Some(text)),
        Some(_) => Err(ApiError::MalformedRequest(format!(
            "{name} must be a text."
        ))),
    }
}

fn data(object: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, ApiError> {
    match object.remove("data") {
        None | Some(Value::Null) => Ok(None),
        // Postgres keeps no NUL in its JSON.
        Some(Value::Object(data))
            if !Value::Object(data.clone()).to_string().contains("\\u0000") =>
        {
            Ok(Some(data))
        }
        Some(_) => Err(ApiError::MalformedRequest(
            "data must be an object without NUL characters.".into(),
        )),
    }
}

fn needs(name: &str) -> ApiError {
    ApiError::MalformedRequest(format!("The body needs a \"{name}\"."))
}
