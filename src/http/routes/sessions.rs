//! Beginning, looking at, listing, ending, claiming and erasing sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::{AuthenticatedUser, Caller},
    extract::cursor,
    extract::json_body::{DiscardBody, SessionIdPath, idempotency_key},
    extract::query_params::QueryParams,
    response::envelope::{ApiResponse, Envelope, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, method_not_allowed},
    response::session::SessionSummaryResponse,
    routes::users::DeletionResponse,
};
use crate::{
    domain::{Fingerprint, IdempotentRequest, KeysetCursor, Session, SessionId},
    repository::EndedSession,
    services::sessions,
};

const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/sessions")
                .route(web::get().to(list))
                .route(web::post().to(create))
                .default_service(method_not_allowed("GET, POST")),
        )
        .service(
            web::resource("/api/sessions/{session_id}")
                .route(web::get().to(show))
                .route(web::delete().to(remove))
                .default_service(method_not_allowed("GET, DELETE")),
        )
        .service(
            web::resource("/api/sessions/{session_id}/claim")
                .route(web::post().to(claim))
                .default_service(method_not_allowed("POST")),
        )
        .service(
            web::resource("/api/sessions/{session_id}/end")
                .route(web::post().to(end))
                .default_service(method_not_allowed("POST")),
        );
}

/// A session as the frontend knows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionData {
    #[schema(example = "session-5f0c6c1f0b8e4f0c9a3d2e1f00112233")]
    session_id: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// `active` or `ended`.
    #[schema(example = "active")]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Lines stored, the person's and the coach's.
    message_count: i32,
    /// Replies to go before the coach may offer to wrap up again.
    wrap_up_cooldown: i32,
    /// Minutes beyond the first 30.
    time_extension_minutes: i32,
    /// Whether the person has declined to wrap up once.
    ignore_content_wrap_up: bool,
    /// Whether the coach has asked to wrap up and waits for the answer.
    awaiting_wrap_up_confirmation: bool,
    /// 1 to 5, once rated.
    rating: Option<i32>,
    feedback: Option<String>,
}

/// How a session ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndData {
    session_id: String,
    /// Text with the sections KEY DISCUSSION POINTS, MAIN BREAKTHROUGHS, ACTION PLAN and Final Note.
    summary: String,
    /// Whole seconds.
    duration: i32,
    message_count: i32,
}

/// A page of one's sessions, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    sessions: Vec<SessionSummaryResponse>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

impl From<Session> for SessionData {
    fn from(session: Session) -> Self {
        Self {
            session_id: session.id.as_str().to_owned(),
            created_at: session.created_at,
            status: session.status.as_str(),
            updated_at: session.updated_at,
            message_count: session.message_count,
            wrap_up_cooldown: session.wrap_up.cooldown,
            time_extension_minutes: session.wrap_up.extension_minutes,
            ignore_content_wrap_up: session.wrap_up.skip_progress_check,
            awaiting_wrap_up_confirmation: session.wrap_up.awaiting_confirmation,
            rating: session.rating,
            feedback: session.feedback,
        }
    }
}

impl EndData {
    fn new(id: &SessionId, ended: EndedSession) -> Self {
        Self {
            session_id: id.as_str().to_owned(),
            summary: ended.summary,
            duration: ended.duration_seconds,
            message_count: ended.message_count,
        }
    }
}

/// Begin a session. The body is ignored.
#[utoipa::path(
    post, path = "/api/sessions", tag = "sessions",
    responses(
        (status = 200, body = ApiResponse<SessionData>),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn create(
    caller: Caller,
    request: HttpRequest,
    _: DiscardBody,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let idempotency = once_without_body(&request)?;
    let (session, replayed) = sessions::create(
        &state.db,
        &state.idempotency,
        caller.viewer(),
        idempotency.as_ref(),
    )
    .await?;
    Ok(success_or_replay(SessionData::from(session), replayed))
}

/// A session as it stands.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}", tag = "sessions",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, description = "The session, or SESSION_NOT_FOUND", body = ApiResponse<SessionData>),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    caller: Caller,
    id: SessionIdPath,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let session = state
        .db
        .get_session(caller.viewer(), &id.session()?)
        .await?;
    Ok(success(SessionData::from(
        session.ok_or(ApiError::SessionNotFound(StatusCode::OK))?,
    )))
}

/// End a session with a summary. A session that has ended answers with the stored one. The body is ignored.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/end", tag = "sessions",
    params(("session_id" = String, Path)),
    responses(
        (
            status = 200,
            description = "The summary, or SESSION_NOT_FOUND, COACH_UNAVAILABLE (the session stays active), SESSION_BUSY",
            body = ApiResponse<EndData>
        ),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn end(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    _: DiscardBody,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let idempotency = once_without_body(&request)?;
    let id = id.session()?;
    let (ended, replayed) = state
        .conversations
        .end(caller.viewer(), id.clone(), idempotency)
        .await?;
    Ok(success_or_replay(EndData::new(&id, ended), replayed))
}

/// One's own sessions, newest first, without what was said.
#[utoipa::path(
    get, path = "/api/sessions", tag = "users",
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "nextCursor of the page before"),
    ),
    responses(
        (status = 200, body = Envelope<SessionList>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn list(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let query = QueryParams::parse(request.query_string(), &["limit", "cursor"])?;
    let limit = query.limit(MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    let question = user.id().to_string();
    let after: Option<KeysetCursor> = query
        .get("cursor")
        .map(|cursor| cursor::decode(cursor, &question))
        .transpose()?;
    // One session more shows whether there is another page.
    let mut sessions = state
        .db
        .list_sessions(user.id(), after, i64::from(limit) + 1)
        .await?;
    let has_more = sessions.len() > usize::from(limit);
    sessions.truncate(usize::from(limit));
    let last = sessions.last().filter(|_| has_more);
    Ok(success(SessionList {
        next_cursor: last.map(|last| cursor::encode(&last.cursor(), &question)),
        sessions: sessions
            .into_iter()
            .map(SessionSummaryResponse::from)
            .collect(),
    }))
}

/// Make a session that was begun without a token one's own, once; its id is needed.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/claim", tag = "users",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, body = Envelope<SessionData>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 404, description = "SESSION_NOT_FOUND", body = ErrorEnvelope),
    ),
)]
pub async fn claim(
    user: AuthenticatedUser,
    id: SessionIdPath,
    _: DiscardBody,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = known(id)?;
    if !state.db.claim_session(user.id(), &id).await? {
        return Err(ApiError::SessionNotFound(StatusCode::NOT_FOUND));
    }
    let session = state.db.get_session(user.viewer(), &id).await?;
    Ok(success(SessionData::from(session.ok_or(
        ApiError::SessionNotFound(StatusCode::NOT_FOUND),
    )?)))
}

/// Erase a session: one's own, or by its id one that is nobody's.
#[utoipa::path(
    delete, path = "/api/sessions/{session_id}", tag = "sessions",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, body = Envelope<DeletionResponse>),
        (status = 404, description = "SESSION_NOT_FOUND", body = ErrorEnvelope),
    ),
)]
pub async fn remove(
    caller: Caller,
    id: SessionIdPath,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = known(id)?;
    let (audio, conversations) = (&state.audio, &state.conversations);
    let receipt = sessions::delete(&state.db, audio, conversations, caller.viewer(), &id).await?;
    Ok(success(DeletionResponse::from(receipt.ok_or(
        ApiError::SessionNotFound(StatusCode::NOT_FOUND),
    )?)))
}

/// The id of a path, on routes that the frontend does not know.
fn known(id: SessionIdPath) -> Result<SessionId, ApiError> {
    id.session()
        .map_err(|_| ApiError::SessionNotFound(StatusCode::NOT_FOUND))
}

/// Of a request whose body is ignored, so that any body is the same.
fn once_without_body(request: &HttpRequest) -> Result<Option<IdempotentRequest>, ApiError> {
    Ok(idempotency_key(request)?.map(|key| IdempotentRequest {
        key,
        fingerprint: Fingerprint::of(""),
    }))
}
