//! All that is a user's: to take along, and to have erased.

use actix_web::{HttpResponse, body::BodyStream, http::header::CONTENT_DISPOSITION, web};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::AuthenticatedUser,
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, method_not_allowed},
};
use crate::{
    domain::SessionId,
    repository::{Deleted, SessionSummary},
};

/// Sessions that are read at a time for an export.
const EXPORT_PAGE: i64 = 20;

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/users/me/export")
            .route(web::get().to(export))
            .default_service(method_not_allowed("GET")),
    );
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

/// Erase everything of one's own, the account included.
#[utoipa::path(
    delete, path = "/api/users/me", tag = "users",
    responses(
        (status = 200, body = Envelope<Receipt>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn remove(
    user: AuthenticatedUser,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let erased = state.db.delete_user(user.id()).await?;
    Ok(success(receipt(erased, &state).await))
}

/// Removes the audio of what was erased, and says how much that was.
pub async fn receipt(erased: Deleted, state: &AppState) -> Receipt {
    Receipt {
        audio: state.audio.remove(&erased.spoken).await,
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
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn export(
    user: AuthenticatedUser,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    // The first page before the status, so that a failure has its own.
    let first = state.db.list_sessions(user.id(), None, EXPORT_PAGE).await?;
    let pages = stream::try_unfold(Some(first), move |page| {
        let state = state.clone();
        async move {
            let Some(sessions) = page.filter(|sessions| !sessions.is_empty()) else {
                return Ok::<_, ApiError>(None);
            };
            let mut text = String::new();
            for session in &sessions {
                write_session(&mut text, user, session, &state).await?;
            }
            let last = sessions.last().map(SessionSummary::moment);
            let next = state.db.list_sessions(user.id(), last, EXPORT_PAGE).await?;
            Ok(Some((Bytes::from(text), Some(next))))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"kuku-coach.ndjson\"",
        ))
        .body(BodyStream::new(Box::pin(pages))))
}

async fn write_session(
    text: &mut String,
    user: AuthenticatedUser,
    session: &SessionSummary,
    state: &AppState,
) -> Result<(), ApiError> {
    let mut line = |value: serde_json::Value| {
        text.push_str(&value.to_string());
        text.push('\n');
    };
    line(json!({ "type": "session", "session": session }));
    let Some(id) = SessionId::parse(&session.session_id) else {
        return Ok(());
    };
    let history = state
        .db
        .get_conversation_history(user.viewer(), &id)
        .await?;
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
