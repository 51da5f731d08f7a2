//! A user's own data: export and deletion. The route of [`remove`] is in `accounts.rs`, with the
//! other methods of `/api/users/me`.

use actix_web::{
    HttpRequest, HttpResponse, body::BodyStream, http::header::CONTENT_DISPOSITION, web,
};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::AuthenticatedUser,
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    response::pieces::{pieces, read_in_turn},
    response::session::SessionSummaryResponse,
    routes::resource,
};
use crate::{
    domain::{Message, UnansweredRecording},
    repository::{SessionSummary, StoredMemory},
    services::users::{self, DeletionReceipt, ExportPart},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(resource("/api/users/me/export", "GET").route(web::get().to(export)));
}

/// A line of an export.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum ExportLine<'a> {
    Session {
        session: SessionSummaryResponse,
    },
    #[serde(rename_all = "camelCase")]
    Message {
        session_id: &'a str,
        id: &'a str,
        sender: &'static str,
        text: &'a str,
        #[serde(with = "time::serde::rfc3339")]
        timestamp: OffsetDateTime,
    },
    /// What the coach remembers across sessions, unless that is nothing.
    #[serde(rename_all = "camelCase")]
    Memory {
        enabled: bool,
        text: String,
        #[serde(with = "time::serde::rfc3339::option")]
        updated_at: Option<OffsetDateTime>,
        sessions: i32,
    },
    /// A recording that has not been answered yet, and is in no message.
    #[serde(rename_all = "camelCase")]
    UnansweredRecording {
        session_id: &'a str,
        text: &'a str,
    },
}

/// Counts of what was deleted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionResponse {
    sessions: u64,
    messages: u64,
    /// Stored responses of requests with an idempotency key.
    stored_answers: u64,
    /// Audio files that had not expired yet.
    audio: u64,
    /// Whether there was a memory.
    memory: bool,
    /// Whether the account was deleted.
    account: bool,
}

impl From<DeletionReceipt> for DeletionResponse {
    fn from(receipt: DeletionReceipt) -> Self {
        Self {
            sessions: receipt.sessions,
            messages: receipt.messages,
            stored_answers: receipt.idempotency_keys,
            audio: receipt.audio_files,
            memory: receipt.memory,
            account: receipt.account,
        }
    }
}

/// Delete one's account and everything that belongs to it.
#[utoipa::path(
    delete, path = "/api/users/me", tag = "users",
    responses(
        (status = 200, body = Envelope<DeletionResponse>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn remove(user: AuthenticatedUser, state: web::Data<AppState>) -> ApiResult {
    let receipt = users::erase(&state.db, &state.audio, &state.conversations, user.id()).await?;
    Ok(success(DeletionResponse::from(receipt)))
}

/// Export one's data, one JSON object a line: the memory, then sessions, newest first, each before
/// its messages.
#[utoipa::path(
    get, path = "/api/users/me/export", tag = "users",
    responses(
        (status = 200, content_type = "application/x-ndjson",
            description = "Lines with type memory, session, message or unansweredRecording"),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn export(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> ApiResult {
    let parts = users::export(state.db.clone(), user.id()).await?;
    let client = state.rate_limits.client_key(&request);
    let parts = read_in_turn(parts, client, state.page_reads.clone());
    let text = parts.map_err(ApiError::from).map_ok(|part| stream::iter(lines(part))).try_flatten();
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"kuku-coach.ndjson\""))
        .body(BodyStream::new(Box::pin(text))))
}

/// What a line of an export holds.
enum LineItem {
    Memory(StoredMemory),
    Session(SessionSummary),
    Message(Message),
    UnansweredRecording(UnansweredRecording),
}

/// The lines of a part of an export, in pieces.
fn lines(part: ExportPart) -> impl Iterator<Item = Result<Bytes, ApiError>> {
    let ExportPart { memory, session_id, session, messages, unanswered_recordings } = part;
    let items = memory.map(LineItem::Memory).into_iter();
    let items = items.chain(session.map(LineItem::Session));
    let items = items.chain(messages.into_iter().map(LineItem::Message));
    let recordings = unanswered_recordings.into_iter().map(LineItem::UnansweredRecording);
    pieces(items.chain(recordings), move |item, text| match item {
        LineItem::Memory(memory) => {
            let line = ExportLine::Memory {
                enabled: memory.enabled,
                text: memory.text(),
                updated_at: memory.updated_at,
                sessions: memory.sessions,
            };
            write_line(text, &line)
        }
        LineItem::Session(session) => {
            write_line(text, &ExportLine::Session { session: session.into() })
        }
        LineItem::Message(message) => {
            let line = ExportLine::Message {
                session_id: &session_id,
                id: message.id.as_str(),
                sender: message.sender.as_str(),
                text: &message.text,
                timestamp: message.created_at,
            };
            write_line(text, &line)
        }
        LineItem::UnansweredRecording(recording) => {
            let line =
                ExportLine::UnansweredRecording { session_id: &session_id, text: &recording.text };
            write_line(text, &line)
        }
    })
}

fn write_line(text: &mut Vec<u8>, line: &ExportLine) -> Result<(), ApiError> {
    serde_json::to_writer(&mut *text, line).map_err(|_| ApiError::Internal)?;
    text.push(b'\n');
    Ok(())
}
