//! Messages of a session: take a turn, list the history.

use std::{net::IpAddr, time::Duration};

use actix_web::http::{StatusCode, header::HeaderName, header::HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::{Deserialize, Deserializer, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::cursor,
    extract::discard_body::discard,
    extract::idempotency_key::idempotency_key,
    extract::json::{Json, JsonBody, has_content_type},
    extract::query_params::{QueryParams, limit, text},
    extract::recording::receive_recording,
    extract::requested_language::preferred_language,
    extract::session_id::SessionIdPath,
    response::envelope::{ApiResponse, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, ApiResult},
    response::error_language::in_session_language,
    response::history::{HistoryResponse, stream_history},
    response::message::TurnResponse,
    response::pieces::read_in_turn,
    response::sse::{accepts_event_stream, stream_error, stream_turn},
    routes::resource,
    upload_limits::Upload,
};
use crate::{
    domain::{Fingerprint, IdempotentRequest, MAX_TEXT_CHARACTERS, SessionId, Viewer},
    services::{
        Timing, TurnInput, TurnPermit,
        history::{MAX_PAGE_SIZE, read_page, stream_pages},
    },
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        resource("/api/sessions/{session_id}/messages", "GET, POST")
            .route(web::get().to(list))
            .route(web::post().to(create)),
    );
}

/// Query parameters of a history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Most messages on a page, which has some 256 kB of text at most; without it, all
    #[serde(deserialize_with = "limit::<MAX_PAGE_SIZE, _>")]
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u16>,
    /// nextCursor of the page before
    #[serde(deserialize_with = "text")]
    cursor: Option<String>,
}

/// A typed turn.
#[derive(Deserialize, ToSchema)]
pub struct TextTurnRequest {
    #[serde(deserialize_with = "turn_text")]
    #[schema(example = "My job wears me out, and I do not know what to do.")]
    text: String,
}

impl JsonBody for TextTurnRequest {
    /// A text of the greatest length with every character escaped, in 12 bytes at most.
    const MAX_BYTES: usize = 600_100;
    const TOO_LARGE: ApiError = ApiError::TextTooLong;
}

fn turn_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)
        .map_err(|_| D::Error::custom("The body needs a \"text\"."))?;
    if text.trim().is_empty() {
        return Err(D::Error::custom("The text is empty."));
    }
    if text.contains('\0') {
        return Err(D::Error::custom("The text holds a NUL character."));
    }
    Ok(text)
}

/// A spoken turn: one part named `audio`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is streamed")]
pub struct RecordingRequest {
    #[schema(format = Binary, content_media_type = "audio/webm")]
    audio: String,
}

/// Take a turn, spoken (multipart) or typed (JSON), and get the coach's reply.
///
/// With `Accept: text/event-stream` it comes as events: `transcript`, `delta` …, `audio` (with the
/// first sound), `message` (stored), and `done` with what the plain response holds, or `error`,
/// which stands for every failure with status 200. A second `transcript` means that the reply
/// starts anew; a second `audio` replaces the first.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/messages", tag = "messages",
    params(SessionIdPath),
    request_body(content(
        (RecordingRequest = "multipart/form-data"),
        (TextTurnRequest = "application/json"),
    )),
    responses(
        (status = 200, body = ApiResponse<TurnResponse>,
            description = "Both messages; or, with success false and nothing stored, \
                SESSION_NOT_FOUND, INVALID_AUDIO_FORMAT, RECORDING_TOO_LARGE, TEXT_TOO_LONG, \
                SESSION_NOT_ACTIVE, NOT_TRANSCRIBABLE, SPEECH_TO_TEXT_NOT_CONFIGURED, \
                SPEECH_TO_TEXT_UNAVAILABLE, COACH_UNAVAILABLE (a recording is kept and goes with \
                the next turn, if the text says so), COACH_DECLINED, SESSION_BUSY, \
                SESSION_FULL"),
        (status = 422, body = ErrorEnvelope,
            description = "Neither a form with a part `audio` nor JSON with a text"),
        (status = 408, body = ErrorEnvelope,
            description = "REQUEST_TIMEOUT: the body came too slowly"),
        (status = 429, description = "TOO_MANY_REQUESTS", body = ErrorEnvelope),
        (status = 503, body = ErrorEnvelope,
            description = "DATABASE_UNAVAILABLE, OVERLOADED, DISK_FULL"),
    ),
)]
pub async fn create(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> ApiResult {
    let viewer = caller.viewer();
    let key = idempotency_key(&request, viewer)?;
    let session = id.clone();
    let received = if has_content_type(&request, "multipart/form-data") {
        // Boxed: typed turns need no memory for it.
        Box::pin(receive_spoken_turn(viewer, id, &request, payload, &state)).await
    } else {
        receive_text_turn(viewer, id, &request, payload, &state).await
    };
    let (id, (input, fingerprint), permit) = match received {
        Ok(received) => received,
        Err(error) => return refuse_turn(error, session, viewer, &request, &state).await,
    };
    let idempotency = key.map(|key| IdempotentRequest { key, fingerprint });
    if accepts_event_stream(&request) {
        let (state, preferred) = (AppState::clone(&state), preferred_language(&request));
        return Ok(stream_turn(state, permit, viewer, id, input, idempotency, preferred));
    }
    let result =
        state.conversations.take_turn(permit, viewer, id, input, idempotency, None).await?;
    let (replayed, timing) = (result.replayed, result.timing);
    let mut response = success_or_replay(TurnResponse::from(result), replayed);
    if let Some(value) = timing.and_then(server_timing) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
    Ok(response)
}

/// The response to a turn that is not taken: the error, or an event if a person is to read it and
/// the client reads events.
async fn refuse_turn(
    error: ApiError,
    session: SessionIdPath,
    viewer: Viewer,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, ApiError> {
    if error.status_code() != StatusCode::OK || !accepts_event_stream(request) {
        return Err(error);
    }
    let (session, preferred) = (session.parse().ok(), preferred_language(request));
    let error = in_session_language(error, &state.db, viewer, session.as_ref(), preferred).await;
    Ok(stream_error(&error))
}

/// A turn that may be taken: the session is the caller's, and there is a permit.
type ReceivedTurn = (SessionId, (TurnInput, Fingerprint), TurnPermit);

/// Looks the session up first, so that no recording is received for a stranger.
async fn receive_spoken_turn(
    viewer: Viewer,
    id: SessionIdPath,
    request: &HttpRequest,
    mut payload: web::Payload,
    state: &AppState,
) -> Result<ReceivedTurn, ApiError> {
    let client = state.rate_limits.client_key(request);
    let (id, upload) = match admit_spoken_turn(viewer, id, request, client, state).await {
        Ok(admitted) => admitted,
        Err(error @ ApiError::Overloaded) => return Err(error),
        Err(error) => {
            discard(&mut payload, &state.body_limits).await?;
            return Err(error);
        }
    };
    let input = receive_recording(upload, request, payload, state).await?;
    let permit = state.conversations.acquire_permit(client).await?;
    Ok((id, input, permit))
}

async fn admit_spoken_turn(
    viewer: Viewer,
    id: SessionIdPath,
    request: &HttpRequest,
    client: Option<IpAddr>,
    state: &AppState,
) -> Result<(SessionId, Upload), ApiError> {
    let id = find_session(viewer, id, state).await?;
    state.rate_limits.check_turn(request, &id)?;
    let upload = state.upload_limits.start(&id, client)?;
    Ok((id, upload))
}

/// Takes a permit before the first query, so that overload does not reach the database, and before
/// the body is read, so that it does not fill the memory.
async fn receive_text_turn(
    viewer: Viewer,
    id: SessionIdPath,
    request: &HttpRequest,
    payload: web::Payload,
    state: &AppState,
) -> Result<ReceivedTurn, ApiError> {
    let body = Json::<TextTurnRequest>::new(request.clone(), payload);
    let (id, permit) = match admit_text_turn(viewer, id, request, state).await {
        Ok(admitted) => admitted,
        Err(error) => return Err(body.refuse(error, &state.body_limits).await),
    };
    let text = body.read().await?.text;
    if text.chars().count() > MAX_TEXT_CHARACTERS {
        return Err(ApiError::TextTooLong);
    }
    let fingerprint = Fingerprint::of(&text);
    Ok((id, (TurnInput::Text(text), fingerprint), permit))
}

async fn admit_text_turn(
    viewer: Viewer,
    id: SessionIdPath,
    request: &HttpRequest,
    state: &AppState,
) -> Result<(SessionId, TurnPermit), ApiError> {
    let client = state.rate_limits.client_key(request);
    let permit = state.conversations.acquire_permit(client).await?;
    let id = find_session(viewer, id, state).await?;
    state.rate_limits.check_turn(request, &id)?;
    Ok((id, permit))
}

/// The session's id, if the session exists and is the viewer's.
async fn find_session(
    viewer: Viewer,
    id: SessionIdPath,
    state: &AppState,
) -> Result<SessionId, ApiError> {
    let id = id.parse()?;
    match state.db.get_session(viewer, &id).await? {
        Some(_) => Ok(id),
        None => Err(ApiError::SessionNotFound(StatusCode::OK)),
    }
}

/// Durations in milliseconds, for the developer tools of browsers.
fn server_timing(timing: Timing) -> Option<HeaderValue> {
    let ms = |stage: Duration| stage.as_secs_f64() * 1_000.0;
    let value = format!(
        "listen;dur={:.1}, answer;dur={:.1}, save;dur={:.1}",
        ms(timing.transcription),
        ms(timing.reply),
        ms(timing.commit)
    );
    HeaderValue::try_from(value).ok()
}

/// List the messages of a session in order: a page with `limit`, all without.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}/messages", tag = "messages",
    params(SessionIdPath, HistoryParams),
    responses(
        (status = 200, body = ApiResponse<HistoryResponse>,
            description = "The messages, or SESSION_NOT_FOUND"),
        (status = 400, description = "BAD_QUERY", body = ErrorEnvelope),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn list(
    caller: Caller,
    id: SessionIdPath,
    QueryParams(HistoryParams { limit, cursor }): QueryParams<HistoryParams>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> ApiResult {
    let id = id.parse()?;
    let after = match cursor {
        Some(cursor) => cursor::decode(&cursor, id.as_str())?,
        None => 0,
    };
    let (viewer, page_size) = (caller.viewer(), limit.unwrap_or(MAX_PAGE_SIZE));
    let page = read_page(&state.db, &state.audio, viewer, &id, after, page_size).await?;
    let page = page.ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    match page.next {
        Some(next) if limit.is_none() => {
            let (db, audio) = (state.db.clone(), state.audio.clone());
            let rest = stream_pages(db, audio, viewer, id, next);
            let client = state.rate_limits.client_key(&request);
            let rest = read_in_turn(rest, client, state.page_reads.clone());
            Ok(stream_history(page.messages, rest))
        }
        next => {
            let next_cursor = next.map(|next| cursor::encode(&next, id.as_str()));
            Ok(success(HistoryResponse::new(page.messages, next_cursor)))
        }
    }
}
