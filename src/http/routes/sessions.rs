//! Sessions: create, show, list, end, claim and delete.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    AppState,
    extract::caller::{AuthenticatedUser, Caller},
    extract::cursor,
    extract::discard_body::DiscardBody,
    extract::idempotency_key::idempotency_key,
    extract::query_params::{QueryParams, limit, text},
    extract::requested_language::RequestedLanguage,
    extract::session_id::SessionIdPath,
    response::envelope::{ApiResponse, Envelope, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, ApiResult},
    response::session::{SessionResponse, SessionSummaryResponse},
    routes::resource,
    routes::users::DeletionResponse,
};
use crate::{
    domain::{Fingerprint, IdempotentRequest, KeysetCursor, Viewer, fitting_items},
    repository::SessionSummary,
    services::sessions,
};

const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/sessions", "GET, POST")
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/api/sessions/{session_id}", "GET, DELETE")
                .route(web::get().to(show))
                .route(web::delete().to(remove)),
        )
        .service(resource("/api/sessions/{session_id}/claim", "POST").route(web::post().to(claim)))
        .service(resource("/api/sessions/{session_id}/end", "POST").route(web::post().to(end)));
}

/// Query parameters of a list of sessions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// 20 if left out; a page has some 256 kB of text at most
    #[serde(deserialize_with = "limit::<MAX_LIMIT, _>")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// nextCursor of the page before
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// The language of a new session.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, any other form of which is ignored")]
pub struct CreateSessionRequest {
    /// BCP 47 tag; without it, the preference of the browser counts until the person has spoken.
    #[schema(example = "de")]
    language: Option<String>,
}

/// Result of a session that has ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndResponse {
    session_id: String,
    /// Text with the sections KEY DISCUSSION POINTS, MAIN BREAKTHROUGHS, ACTION PLAN and FINAL
    /// NOTE.
    summary: String,
    /// Whole seconds.
    duration: i32,
    message_count: i32,
}

/// A page of one's sessions, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionListResponse {
    sessions: Vec<SessionSummaryResponse>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Create a session. Any body but `{"language": …}` is ignored.
#[utoipa::path(
    post, path = "/api/sessions", tag = "sessions",
    request_body = Option<CreateSessionRequest>,
    responses(
        (status = 200, body = ApiResponse<SessionResponse>),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn create(
    caller: Caller,
    request: HttpRequest,
    RequestedLanguage(language): RequestedLanguage,
    state: web::Data<AppState>,
) -> ApiResult {
    state.rate_limits.check_session(&request)?;
    let viewer = caller.viewer();
    // Of what is not ignored of the body.
    let body = language.certain().map(|language| language.as_str().to_owned()).unwrap_or_default();
    let idempotency = idempotency_key(&request, viewer)?
        .map(|key| IdempotentRequest { key, fingerprint: Fingerprint::of(&body) });
    let (session, replayed) =
        sessions::create(&state.db, &state.idempotency, viewer, language, idempotency.as_ref())
            .await?;
    let response = SessionResponse::new(session, state.memories.is_enabled());
    Ok(success_or_replay(response, replayed))
}

/// Show a session.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}", tag = "sessions",
    params(SessionIdPath),
    responses(
        (status = 200, body = ApiResponse<SessionResponse>,
            description = "The session, or SESSION_NOT_FOUND"),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn show(caller: Caller, id: SessionIdPath, state: web::Data<AppState>) -> ApiResult {
    let session = state.db.get_session(caller.viewer(), &id.parse()?).await?;
    let session = session.ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    Ok(success(SessionResponse::new(session, state.memories.is_enabled())))
}

/// End a session with a summary. If it has ended already, the stored summary is returned. The body
/// is ignored.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/end", tag = "sessions",
    params(SessionIdPath),
    responses(
        (status = 200, body = ApiResponse<EndResponse>,
            description = "The summary, or SESSION_NOT_FOUND, COACH_UNAVAILABLE or \
                COACH_DECLINED (the session stays active), SESSION_BUSY"),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn end(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    _: DiscardBody,
    state: web::Data<AppState>,
) -> ApiResult {
    let idempotency = idempotency_without_body(&request, caller.viewer())?;
    let id = id.parse()?;
    let client = state.rate_limits.client_key(&request);
    let permit = state.conversations.acquire_permit(client).await?;
    let (ended, replayed) =
        state.conversations.end(permit, caller.viewer(), id.clone(), idempotency).await?;
    let response = EndResponse {
        session_id: id.as_str().to_owned(),
        summary: ended.summary,
        duration: ended.duration_seconds,
        message_count: ended.message_count,
    };
    Ok(success_or_replay(response, replayed))
}

/// List one's own sessions, newest first, without their messages.
#[utoipa::path(
    get, path = "/api/sessions", tag = "users",
    params(ListParams),
    responses(
        (status = 200, body = Envelope<SessionListResponse>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn list(
    user: AuthenticatedUser,
    QueryParams(params): QueryParams<ListParams>,
    state: web::Data<AppState>,
) -> ApiResult {
    let limit = usize::from(params.limit.unwrap_or(DEFAULT_LIMIT));
    let scope = user.id().to_string();
    let after: Option<KeysetCursor> =
        params.cursor.map(|cursor| cursor::decode(&cursor, &scope)).transpose()?;
    // One session more shows whether there is another page.
    let mut sessions = state.db.list_sessions(user.id(), after, limit as i64 + 1).await?;
    let fitting = fitting_items(&sessions, limit, SessionSummary::text_bytes);
    let has_more = sessions.len() > fitting;
    sessions.truncate(fitting);
    let last = sessions.last().filter(|_| has_more);
    Ok(success(SessionListResponse {
        next_cursor: last.map(|last| cursor::encode(&last.cursor(), &scope)),
        sessions: sessions.into_iter().map(SessionSummaryResponse::from).collect(),
    }))
}

/// Make an anonymous session one's own, by its id. A session can be claimed once.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/claim", tag = "users",
    params(SessionIdPath),
    responses(
        (status = 200, body = Envelope<SessionResponse>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 404, description = "SESSION_NOT_FOUND", body = ErrorEnvelope),
    ),
)]
pub async fn claim(
    user: AuthenticatedUser,
    id: SessionIdPath,
    _: DiscardBody,
    state: web::Data<AppState>,
) -> ApiResult {
    let id = id.parse_or_404()?;
    if !state.db.claim_session(user.id(), &id, state.memories.is_enabled()).await? {
        return Err(ApiError::SessionNotFound(StatusCode::NOT_FOUND));
    }
    let session = state.db.get_session(Viewer::User(user.id()), &id).await?;
    let session = session.ok_or(ApiError::SessionNotFound(StatusCode::NOT_FOUND))?;
    Ok(success(SessionResponse::new(session, state.memories.is_enabled())))
}

/// Delete a session: one's own, or an anonymous one by its id.
#[utoipa::path(
    delete, path = "/api/sessions/{session_id}", tag = "sessions",
    params(SessionIdPath),
    responses(
        (status = 200, body = Envelope<DeletionResponse>),
        (status = 404, description = "SESSION_NOT_FOUND", body = ErrorEnvelope),
    ),
)]
pub async fn remove(caller: Caller, id: SessionIdPath, state: web::Data<AppState>) -> ApiResult {
    let id = id.parse_or_404()?;
    let (audio, conversations) = (&state.audio, &state.conversations);
    let receipt = sessions::delete(&state.db, audio, conversations, caller.viewer(), &id).await?;
    let receipt = receipt.ok_or(ApiError::SessionNotFound(StatusCode::NOT_FOUND))?;
    Ok(success(DeletionResponse::from(receipt)))
}

/// The idempotency key of a request whose body is ignored, so that all bodies count as the same.
fn idempotency_without_body(
    request: &HttpRequest,
    viewer: Viewer,
) -> Result<Option<IdempotentRequest>, ApiError> {
    Ok(idempotency_key(request, viewer)?
        .map(|key| IdempotentRequest { key, fingerprint: Fingerprint::of("") }))
}
