//! A user's own data: export and deletion. The route of [`remove`] is in `accounts.rs`, with the
//! other methods of `/api/users/me`.

use std::mem;

use actix_web::{HttpResponse, body::BodyStream, http::header::CONTENT_DISPOSITION, web};
use bytes::Bytes;
use futures_util::TryStreamExt;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::AuthenticatedUser,
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    response::session::SessionSummaryResponse,
    routes::resource,
};
use crate::{
    domain::Message,
    services::users::{self, DeletionReceipt, SessionExport},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(resource("/api/users/me/export", "GET").route(web::get().to(export)));
}

/// A line of an export.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum ExportLine<'a> {
    Session {
        session: &'a SessionSummaryResponse,
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

/// Export one's data, one JSON object a line: sessions, newest first, each before its messages.
#[utoipa::path(
    get, path = "/api/users/me/export", tag = "users",
    responses(
        (status = 200, content_type = "application/x-ndjson",
            description = "Lines with type session, message or unansweredRecording"),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
    ),
)]
pub async fn export(user: AuthenticatedUser, state: web::Data<AppState>) -> ApiResult {
    let pages = users::export(state.db.clone(), user.id()).await?;
    let pages = pages.map_err(ApiError::from).and_then(async |sessions| {
        let mut text = Vec::new();
        for session in sessions {
            write_session(&mut text, session)?;
        }
        Ok(Bytes::from(text))
    });
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"kuku-coach.ndjson\""))
        .body(BodyStream::new(Box::pin(pages))))
}

fn write_session(
    text: &mut Vec<u8>,
    (mut session, messages): SessionExport,
) -> Result<(), ApiError> {
    let unanswered = mem::take(&mut session.unanswered_recordings);
    let session = SessionSummaryResponse::from(session);
    write_line(text, &ExportLine::Session { session: &session })?;
    for Message { id, sender, text: message, created_at } in &messages {
        let line = ExportLine::Message {
            session_id: &session.session_id,
            id: id.as_str(),
            sender: sender.as_str(),
            text: message,
            timestamp: *created_at,
        };
        write_line(text, &line)?;
    }
    for recording in unanswered.as_slice() {
        let session_id = &session.session_id;
        let line = ExportLine::UnansweredRecording { session_id, text: &recording.text };
        write_line(text, &line)?;
    }
    Ok(())
}

fn write_line(text: &mut Vec<u8>, line: &ExportLine) -> Result<(), ApiError> {
    serde_json::to_writer(&mut *text, line).map_err(|_| ApiError::Internal)?;
    text.push(b'\n');
    Ok(())
}
