//! What belongs to a user: their list of sessions, taking one over, all of it to take along, and its end.

use actix_web::{HttpRequest, HttpResponse, body::BodyStream, http::header::CONTENT_DISPOSITION, web};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    Services,
    body::PathId,
    caller::{Caller, User},
    cursor,
    envelope::{Envelope, Failure, success},
    error::{ApiError, only},
    query::Query,
    sessions::SessionData,
};
use crate::{
    domain::{Moment, SessionId},
    repository::{Erased, ListedSession},
};

const DEFAULT_LIMIT: u16 = 20;
const MAX_LIMIT: u16 = 100;
/// Sessions that are read at a time for an export.
const EXPORT_PAGE: i64 = 20;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/sessions/{session_id}/claim")
                .route(web::post().to(claim))
                .default_service(only("POST")),
        )
        .service(
            web::resource("/api/users/me/export")
                .route(web::get().to(export))
                .default_service(only("GET")),
        );
}

/// A page of one's sessions, newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    #[schema(value_type = Vec<SessionListItem>)]
    sessions: Vec<ListedSession>,
    /// For the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A session in a list, as [`ListedSession`] is sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what the repository's row is sent as")]
pub struct SessionListItem {
    session_id: String,
    status: String,
    created_at: String,
    updated_at: String,
    message_count: i32,
    summary: Option<String>,
    duration_seconds: Option<i32>,
    rating: Option<i32>,
    feedback: Option<String>,
}

/// A time as it stands everywhere else.
#[derive(Serialize)]
struct Timestamp(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

/// What was erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    sessions: u64,
    messages: u64,
    stored_answers: u64,
    /// Spoken replies that were removed before their time.
    audio: u64,
    /// Whether the account is gone.
    account: bool,
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
        (status = 400, description = "BAD_QUERY", body = Failure),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = Failure),
    ),
)]
pub async fn list(user: User, request: HttpRequest, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let query = Query::parse(request.query_string(), &["limit", "cursor"])?;
    let limit = query.limit(MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    let question = user.id().to_string();
    let after: Option<Moment> = query
        .get("cursor")
        .map(|cursor| cursor::open(cursor, &question))
        .transpose()?;
    let mut sessions = services
        .db
        .list_sessions(user.id(), after, i64::from(limit) + 1)
        .await?;
    let more = sessions.len() > usize::from(limit);
    sessions.truncate(usize::from(limit));
    Ok(success(SessionList {
        next_cursor: sessions
            .last()
            .filter(|_| more)
            .map(|last| cursor::seal(&last.moment(), &question)),
        sessions,
    }))
}

/// Make a session that was begun without a token one's own, once; its id is needed.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/claim", tag = "users",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, body = Envelope<SessionData>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = Failure),
        (status = 404, description = "SESSION_NOT_FOUND", body = Failure),
    ),
)]
pub async fn claim(user: User, id: PathId, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let id = known(id)?;
    if !services.db.claim_session(user.id(), &id).await? {
        return Err(ApiError::NoSuchSession);
    }
    let session = services.db.get_session(user.viewer(), &id).await?;
    Ok(success(SessionData::from(session.ok_or(ApiError::NoSuchSession)?)))
}

/// Erase a session: one's own, or by its id one that is nobody's.
#[utoipa::path(
    delete, path = "/api/sessions/{session_id}", tag = "sessions",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, body = Envelope<Receipt>),
        (status = 404, description = "SESSION_NOT_FOUND", body = Failure),
    ),
)]
pub async fn remove_session(
    caller: Caller,
    id: PathId,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let id = known(id)?;
    let erased = services.db.delete_session(caller.viewer(), &id).await?;
    let receipt = receipt(erased.ok_or(ApiError::NoSuchSession)?, &services).await;
    services.conversations.forget(&id);
    Ok(success(receipt))
}

/// Erase everything of one's own, the account included.
#[utoipa::path(
    delete, path = "/api/users/me", tag = "users",
    responses(
        (status = 200, body = Envelope<Receipt>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = Failure),
    ),
)]
pub async fn remove(user: User, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    let erased = services.db.delete_user(user.id()).await?;
    Ok(success(receipt(erased, &services).await))
}

async fn receipt(erased: Erased, services: &Services) -> Receipt {
    Receipt {
        audio: services.audio.remove(&erased.spoken).await,
        sessions: erased.sessions,
        messages: erased.messages,
        stored_answers: erased.stored_answers,
        account: erased.account,
    }
}

/// Everything of one's own, a JSON object a line: the sessions, newest first, each followed by its lines.
#[utoipa::path(
    get, path = "/api/users/me/export", tag = "users",
    responses(
        (status = 200, content_type = "application/x-ndjson", description = "Lines with type session or message"),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = Failure),
    ),
)]
pub async fn export(user: User, services: web::Data<Services>) -> Result<HttpResponse, ApiError> {
    // The first page before the status, so that a failure has its own.
    let first = services.db.list_sessions(user.id(), None, EXPORT_PAGE).await?;
    let pages = stream::try_unfold(Some(first), move |page| {
        let services = services.clone();
        async move {
            let Some(sessions) = page.filter(|sessions| !sessions.is_empty()) else {
                return Ok::<_, ApiError>(None);
            };
            let mut text = String::new();
            for session in &sessions {
                write_session(&mut text, user, session, &services).await?;
            }
            let last = sessions.last().map(ListedSession::moment);
            let next = services.db.list_sessions(user.id(), last, EXPORT_PAGE).await?;
            Ok(Some((Bytes::from(text), Some(next))))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"kuku-coach.ndjson\""))
        .body(BodyStream::new(Box::pin(pages))))
}

async fn write_session(
    text: &mut String,
    user: User,
    session: &ListedSession,
    services: &Services,
) -> Result<(), ApiError> {
    let mut line = |value: serde_json::Value| {
        text.push_str(&value.to_string());
        text.push('\n');
    };
    line(json!({ "type": "session", "session": session }));
    let Some(id) = SessionId::parse(&session.session_id) else {
        return Ok(());
    };
    let history = services.db.get_conversation_history(user.viewer(), &id).await?;
    for message in history.into_iter().flatten() {
        line(json!({
            "type": "message",
            "sessionId": session.session_id,
            "id": message.id.as_str(),
            "sender": message.sender.as_str(),
            "text": message.text,
            "timestamp": Timestamp(message.created_at),
        }));
    }
    Ok(())
}

fn known(id: PathId) -> Result<SessionId, ApiError> {
    id.session().map_err(|_| ApiError::NoSuchSession)
}
