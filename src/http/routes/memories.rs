//! The memory of a user.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::fields::FIELD,
    extract::json::{Json, JsonBody, text},
    extract::query_params::{QueryParams, param},
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    routes::resource,
};
use crate::{
    domain::{MAX_OWN_TEXT_CHARACTERS, Viewer},
    repository::{RepositoryError, StoredMemory},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        resource("/api/users/me/memory", "GET, PUT, DELETE")
            .route(web::get().to(show))
            .route(web::put().to(update))
            .route(web::delete().to(remove)),
    );
}

/// Whose memory it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemoryParams {
    /// For the service key, which has to name the user; others have their own memory only
    #[serde(deserialize_with = "user_id")]
    user_id: Option<Uuid>,
}

fn user_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    param(deserializer, "a UUID", |text| Uuid::parse_str(text).ok())
}

impl MemoryParams {
    /// The user whose memory `viewer` may read and change.
    fn user(&self, viewer: Viewer) -> Result<Uuid, ApiError> {
        match viewer {
            Viewer::User(own) if self.user_id.is_none_or(|user| user == own) => Ok(own),
            // Whether that user has a memory, or exists.
            Viewer::User(_) => Err(ApiError::Forbidden),
            Viewer::Anonymous => Err(ApiError::MissingToken),
            Viewer::Service => self.user_id.ok_or_else(|| {
                ApiError::BadQuery("Say whose memory it is: user_id is missing.".into())
            }),
        }
    }
}

/// Changes of a memory. What is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct UpdateMemoryRequest {
    /// Replaces the whole text. It stays word for word at the top, and sessions are added below.
    #[serde(deserialize_with = "own_text")]
    #[schema(max_length = 4_000, example = "I work nights. Ask me about my garden.")]
    text: Option<String>,
    /// While it is off, nothing is remembered and nothing used. What is there stays.
    #[serde(deserialize_with = "flag")]
    enabled: Option<bool>,
}

impl JsonBody for UpdateMemoryRequest {
    /// A text of the greatest length with every character escaped, in 12 bytes at most.
    const MAX_BYTES: usize = 12 * MAX_OWN_TEXT_CHARACTERS + 1_000;
}

fn own_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = text(deserializer)?;
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_OWN_TEXT_CHARACTERS) {
        return Err(D::Error::custom(format_args!(
            "{FIELD} may have at most {MAX_OWN_TEXT_CHARACTERS} characters."
        )));
    }
    Ok(text)
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        _ => Err(D::Error::custom(format_args!("{FIELD} must be true or false."))),
    }
}

/// The memory of a user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemoryResponse {
    /// False if the user or this server has memories turned off.
    enabled: bool,
    /// What the user wrote, and what was made of sessions below it.
    text: String,
    /// The last change of the text.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>)]
    updated_at: Option<OffsetDateTime>,
    /// Number of sessions in it.
    sessions: i32,
}

fn response(memory: &StoredMemory, state: &AppState) -> HttpResponse {
    success(MemoryResponse {
        enabled: memory.enabled && state.memories.is_enabled(),
        text: memory.text(),
        updated_at: memory.updated_at,
        sessions: memory.sessions,
    })
}

/// An account that does not exist is the fault of a token only if it is the token's.
fn change_error(viewer: Viewer, error: RepositoryError) -> ApiError {
    match (viewer, error) {
        (Viewer::Service, RepositoryError::UserNotFound) => ApiError::UserNotFound,
        (_, error) => error.into(),
    }
}

/// Show what the coach remembers of the user across sessions.
#[utoipa::path(
    get, path = "/api/users/me/memory", tag = "users", operation_id = "show_memory",
    params(MemoryParams),
    responses(
        (status = 200, body = Envelope<MemoryResponse>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    caller: Caller,
    QueryParams(params): QueryParams<MemoryParams>,
    state: web::Data<AppState>,
) -> ApiResult {
    let viewer = caller.viewer();
    let memory = state.db.get_memory(viewer, params.user(viewer)?).await?;
    Ok(response(&memory, &state))
}

/// Replace the text of the memory, or turn the memory on or off.
#[utoipa::path(
    put, path = "/api/users/me/memory", tag = "users", operation_id = "update_memory",
    params(MemoryParams),
    request_body = UpdateMemoryRequest,
    responses(
        (status = 200, body = Envelope<MemoryResponse>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN", body = ErrorEnvelope),
        (status = 404, description = "USER_NOT_FOUND", body = ErrorEnvelope),
        (status = 422, description = "MALFORMED_REQUEST", body = ErrorEnvelope),
    ),
)]
pub async fn update(
    caller: Caller,
    QueryParams(params): QueryParams<MemoryParams>,
    body: Json<UpdateMemoryRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let viewer = caller.viewer();
    let user = match params.user(viewer) {
        Ok(user) => user,
        Err(error) => return Err(body.refuse(error, &state.body_limits).await),
    };
    let UpdateMemoryRequest { text, enabled } = body.read().await?;
    let memory = match (&text, enabled) {
        (None, None) => state.db.get_memory(viewer, user).await?,
        _ => {
            let updated = state.db.update_memory(user, text.as_deref(), enabled).await;
            updated.map_err(|error| change_error(viewer, error))?
        }
    };
    Ok(response(&memory, &state))
}

/// Empty the memory. Sessions that are not in it yet are forgotten; it stays on or off.
#[utoipa::path(
    delete, path = "/api/users/me/memory", tag = "users", operation_id = "remove_memory",
    params(MemoryParams),
    responses(
        (status = 200, body = Envelope<MemoryResponse>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN", body = ErrorEnvelope),
        (status = 404, description = "USER_NOT_FOUND", body = ErrorEnvelope),
    ),
)]
pub async fn remove(
    caller: Caller,
    QueryParams(params): QueryParams<MemoryParams>,
    state: web::Data<AppState>,
) -> ApiResult {
    let viewer = caller.viewer();
    let deleted = state.db.delete_memory(params.user(viewer)?).await;
    Ok(response(&deleted.map_err(|error| change_error(viewer, error))?, &state))
}
