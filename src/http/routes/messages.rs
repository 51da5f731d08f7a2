//! A turn, and the history of a session.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{
    HttpRequest, HttpResponse,
    body::BodyStream,
    http::header::{HeaderName, HeaderValue},
    web,
};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    body_limits::BodyLimits,
    extract::caller::Caller,
    extract::cursor,
    extract::json_body::{self as body, SessionIdPath},
    extract::query_params::QueryParams,
    extract::recording as upload,
    response::envelope::{ApiResponse, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, method_not_allowed},
    response::message::{MessageData, TurnData},
    response::sse,
};
use crate::{
    domain::{Fingerprint, IdempotentRequest, MAX_TEXT_CHARACTERS, Message, SessionId, Viewer},
    repository::ConversationPage,
    services::{Timing, TurnInput},
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// Most lines of a page, and what is read at a time of a whole history.
const HISTORY_PAGE: u16 = 500;
/// [`Envelope`] around the lines of a [`HistoryData`] that is sent in parts; a test compares both.
const HISTORY_BEGIN: &str = r#"{"success":true,"data":{"messages":["#;
const HISTORY_END: &str = r#"],"nextCursor":null},"error":null}"#;

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/api/sessions/{session_id}/messages")
            .route(web::get().to(list))
            .route(web::post().to(create))
            .default_service(method_not_allowed("GET, POST")),
    );
}

/// Lines in the order they were said.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryData {
    messages: Vec<MessageData>,
    /// For the next page; null on the last one, and where all was asked for.
    next_cursor: Option<String>,
}

/// A typed turn.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "documents the body, which is read field by field for clear errors"
)]
pub struct TypedTurn {
    #[schema(example = "My job wears me out, and I do not know what to do.")]
    text: String,
}

/// A spoken turn: one part named `audio`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is streamed")]
pub struct SpokenTurn {
    #[schema(format = Binary, content_media_type = "audio/webm")]
    audio: String,
}

/// Say something, spoken (multipart) or typed (JSON), and get the coach's answer.
///
/// With `Accept: text/event-stream` it comes as events: `transcript`, `delta` …, `message` (stored), `audio`, and `done` with what the
/// plain answer holds, or `error`. A second `transcript` means that the reply is begun anew.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/messages", tag = "messages",
    params(("session_id" = String, Path)),
    request_body(content(
        (SpokenTurn = "multipart/form-data"),
        (TypedTurn = "application/json"),
    )),
    responses(
        (
            status = 200,
            description = "Both lines; or, with success false and nothing stored, SESSION_NOT_FOUND, INVALID_AUDIO_FORMAT, \
                RECORDING_TOO_LARGE, TEXT_TOO_LONG, SESSION_NOT_ACTIVE, NOT_TRANSCRIBABLE, SPEECH_TO_TEXT_NOT_CONFIGURED, \
                SPEECH_TO_TEXT_UNAVAILABLE, COACH_UNAVAILABLE, SESSION_BUSY",
            body = ApiResponse<TurnData>
        ),
        (status = 422, description = "Neither a form with a part `audio` nor JSON with a text", body = ErrorEnvelope),
        (status = 408, description = "REQUEST_TIMEOUT: the body came too slowly", body = ErrorEnvelope),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, description = "The database is away, or the server OVERLOADED", body = ErrorEnvelope),
    ),
)]
pub async fn create(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let key = body::idempotency_key(&request)?;
    let (id, (input, fingerprint), place) = if body::is(&request, "multipart/form-data") {
        let id = match known(&caller, id, &state).await {
            Ok(id) => id,
            Err(error) => {
                body::drain(&mut payload, &state.body_limits).await?;
                return Err(error);
            }
        };
        state.rate_limits.check_turn(&request, &id)?;
        // Boxed: typed turns need no room for it.
        let recording = Box::pin(upload::recording(&request, payload, &state)).await?;
        (id, recording, state.conversations.acquire_permit().await?)
    } else {
        let text = typed(&request, &mut payload, &state.body_limits).await;
        // Before the database is asked for anything: refusing has to cost less than answering.
        let place = state.conversations.acquire_permit().await?;
        let id = known(&caller, id, &state).await?;
        state.rate_limits.check_turn(&request, &id)?;
        (id, text?, place)
    };
    let idempotency = key.map(|key| IdempotentRequest { key, fingerprint });
    if sse::accepts_event_stream(&request) {
        let conversations = state.conversations.clone();
        return Ok(sse::stream_turn(
            conversations, place, id, input, idempotency,
        ));
    }
    let turn = state
        .conversations
        .take_turn(place, id, input, idempotency, None)
        .await?;
    let (replayed, timing) = (turn.replayed, turn.timing);
    let mut response = success_or_replay(TurnData::from(turn), replayed);
    if let Some(value) = timing.and_then(|timing| HeaderValue::try_from(server_timing(timing)).ok())
    {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
    Ok(response)
}

/// The id of a session that is there, and the caller's to speak in.
async fn known(
    caller: &Caller,
    id: SessionIdPath,
    state: &AppState,
) -> Result<SessionId, ApiError> {
    let id = id.session()?;
    match state.db.get_session(caller.viewer(), &id).await? {
        Some(_) => Ok(id),
        None => Err(ApiError::SessionNotFound(StatusCode::OK)),
    }
}

/// What was said, in order; also after the session has ended. Everything, unless a `limit` asks for pages.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}/messages", tag = "messages",
    params(
        ("session_id" = String, Path),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "Size of a page; without it, all"),
        ("cursor" = Option<String>, Query, description = "nextCursor of the page before"),
    ),
    responses(
        (status = 200, description = "The lines, or SESSION_NOT_FOUND", body = ApiResponse<HistoryData>),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn list(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let query = QueryParams::parse(request.query_string(), &["limit", "cursor"])?;
    let limit = query.limit(HISTORY_PAGE)?;
    let id = id.session()?;
    let after = match query.get("cursor") {
        Some(cursor) => cursor::decode(cursor, id.as_str())?,
        None => 0,
    };
    let page_size = limit.unwrap_or(HISTORY_PAGE);
    // One more tells whether there is another page.
    let page = state
        .db
        .get_conversation_page(caller.viewer(), &id, after, i64::from(page_size) + 1)
        .await?
        .ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    let is_last = page.messages.len() <= usize::from(page_size);
    if limit.is_none() && !is_last {
        return Ok(stream_history(caller.viewer(), id, page, state));
    }
    let mut lines = page.messages;
    lines.truncate(usize::from(page_size));
    // Positions have no gaps, so the page behind a full one begins where it ends.
    let next_cursor = (!is_last).then(|| cursor::encode(&(page.last_position - 1), id.as_str()));
    Ok(success(HistoryData {
        messages: with_audio(lines, &state).await,
        next_cursor,
    }))
}

/// A long history, page by page as the client takes it: neither memory nor other requests feel its length. If a page cannot
/// be read, the connection breaks off, which no client takes for the end.
fn stream_history(
    viewer: Viewer,
    id: SessionId,
    first: ConversationPage,
    state: web::Data<AppState>,
) -> HttpResponse {
    let pages = stream::try_unfold((Some(first), true), move |(page, is_first)| {
        let (id, state) = (id.clone(), state.clone());
        async move {
            let Some(page) = page else {
                return Ok::<_, ApiError>(None);
            };
            let next = state
                .db
                .get_conversation_page(viewer, &id, page.last_position, i64::from(HISTORY_PAGE))
                .await?
                .filter(|next| !next.messages.is_empty());
            let mut text = String::from(if is_first { HISTORY_BEGIN } else { "," });
            let lines = with_audio(page.messages, &state).await;
            let lines = serde_json::to_string(&lines).map_err(|_| ApiError::Internal)?;
            text.push_str(&lines[1..lines.len() - 1]);
            if next.is_none() {
                text.push_str(HISTORY_END);
            }
            Ok(Some((Bytes::from(text), (next, false))))
        }
    });
    HttpResponse::Ok()
        .content_type("application/json")
        .body(BodyStream::new(Box::pin(pages)))
}

async fn with_audio(lines: Vec<Message>, state: &AppState) -> Vec<MessageData> {
    let has_audio = state.audio.existing(&lines).await;
    lines
        .into_iter()
        .map(|line| {
            let has_audio = has_audio.contains(&line.id);
            MessageData::new(line, has_audio)
        })
        .collect()
}

/// For the developer tools of browsers, in milliseconds.
fn server_timing(timing: Timing) -> String {
    let ms = |part: Duration| part.as_secs_f64() * 1_000.0;
    format!(
        "listen;dur={:.1}, answer;dur={:.1}, save;dur={:.1}",
        ms(timing.transcription),
        ms(timing.reply),
        ms(timing.commit)
    )
}

async fn typed(
    request: &HttpRequest,
    payload: &mut web::Payload,
    limits: &BodyLimits,
) -> Result<(TurnInput, Fingerprint), ApiError> {
    let mut object = body::json_object(request, payload, limits).await?;
    let Some(Value::String(text)) = object.remove("text") else {
        return Err(ApiError::MalformedRequest(
            "The body needs a \"text\".".into(),
        ));
    };
    if text.trim().is_empty() {
        return Err(ApiError::MalformedRequest("The text is empty.".into()));
    }
    if text.contains('\0') {
        return Err(ApiError::MalformedRequest(
            "The text holds a NUL character.".into(),
        ));
    }
    if text.chars().count() > MAX_TEXT_CHARACTERS {
        return Err(ApiError::TextTooLong);
    }
    let fingerprint = Fingerprint::of(&text);
    Ok((TurnInput::Text(text), fingerprint))
}
