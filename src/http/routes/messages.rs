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
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
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
    domain::{Fingerprint, IdempotentRequest, MAX_TEXT_CHARACTERS, Message, SessionId},
    repository::RepositoryError,
    services::{
        Timing, TurnInput,
        history::{MAX_PAGE_SIZE, read_page, stream_pages},
    },
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// JSON around the messages of a [`HistoryData`] that is sent in pages; a test compares both.
const HISTORY_START: &str = r#"{"success":true,"data":{"messages":["#;
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
    let limit = query.limit(MAX_PAGE_SIZE)?;
    let id = id.session()?;
    let after = match query.get("cursor") {
        Some(cursor) => cursor::decode(cursor, id.as_str())?,
        None => 0,
    };
    let (viewer, page_size) = (caller.viewer(), limit.unwrap_or(MAX_PAGE_SIZE));
    let page = read_page(&state.db, &state.audio, viewer, &id, after, page_size).await?;
    let page = page.ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    match page.next {
        Some(next) if limit.is_none() => {
            let (db, audio) = (state.db.clone(), state.audio.clone());
            let rest = stream_pages(db, audio, viewer, id, next);
            stream_history(page.messages, rest)
        }
        next => Ok(success(HistoryData {
            messages: page.messages.into_iter().map(MessageData::from).collect(),
            next_cursor: next.map(|next| cursor::encode(&next, id.as_str())),
        })),
    }
}

/// Sends a long history page by page. If a page cannot be read, the connection is closed, which
/// clients do not mistake for the end.
fn stream_history(
    first: Vec<(Message, bool)>,
    rest: impl Stream<Item = Result<Vec<(Message, bool)>, RepositoryError>> + 'static,
) -> Result<HttpResponse, ApiError> {
    let first = [HISTORY_START.to_owned(), json_items(first)?].concat();
    let rest = rest
        .map_err(ApiError::from)
        .and_then(async |page| Ok(Bytes::from([",".to_owned(), json_items(page)?].concat())));
    let body = stream::once(async { Ok(Bytes::from(first)) })
        .chain(rest)
        .chain(stream::once(async { Ok(Bytes::from(HISTORY_END)) }));
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(BodyStream::new(Box::pin(body))))
}

/// The messages as items of a JSON array, without its brackets.
fn json_items(messages: Vec<(Message, bool)>) -> Result<String, ApiError> {
    let messages: Vec<_> = messages.into_iter().map(MessageData::from).collect();
    let array = serde_json::to_string(&messages).map_err(|_| ApiError::Internal)?;
    Ok(array[1..array.len() - 1].to_owned())
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
