//! Server-sent events of a turn, for clients that show and play a reply while it is generated.
//!
//! Events are `transcript`, `delta` (repeated), `message` and `done`, or `error` at the end, and
//! `audio` as soon as there is some, perhaps before `message`. The turn is completed and stored
//! even if the client disconnects.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::BodyStream,
    http::header::{ACCEPT, CACHE_CONTROL},
    rt,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};
use tracing::Instrument;

use crate::{
    domain::{IdempotentRequest, LanguageTag, SessionId, Viewer},
    http::{
        AppState,
        response::{
            envelope::error_body,
            error::ApiError,
            error_language::in_session_language,
            message::{MessageResponse, TurnResponse},
        },
    },
    metrics,
    services::{TurnEvent, TurnInput, TurnPermit, TurnResult},
    storage::AudioStore,
};

/// Interval of keep-alive comments: proxies close connections that are idle for too long.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

type TurnTask = JoinHandle<Result<TurnResult, ApiError>>;

/// Events of a turn in progress; `None` after the last one.
type State = Option<(UnboundedReceiver<TurnEvent>, TurnTask)>;

/// Whether the client accepts an event stream.
pub fn accepts_event_stream(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/event-stream"))
}

/// Starts the turn, and streams its events. An error text is in the language of the session, or
/// `preferred`.
pub fn stream_turn(
    state: AppState,
    permit: TurnPermit,
    viewer: Viewer,
    id: SessionId,
    input: TurnInput,
    idempotency: Option<IdempotentRequest>,
    preferred: Option<LanguageTag>,
) -> HttpResponse {
    let (sender, events) = unbounded_channel();
    // Spawned before the response is polled: a client may disconnect without reading it.
    let work = async move {
        let AppState { conversations, db, .. } = state;
        let events = Some(sender);
        match conversations.take_turn(permit, viewer, id.clone(), input, idempotency, events).await
        {
            Ok(turn) => Ok(turn),
            Err(error) => {
                Err(in_session_language(error.into(), &db, viewer, Some(&id), preferred).await)
            }
        }
    };
    let turn = rt::spawn(work.in_current_span());
    let body = stream::unfold(Some((events, turn)), next_frame);
    event_stream().body(BodyStream::new(Box::pin(body)))
}

/// The stream of a turn that is refused before it starts: one `error` event.
pub fn stream_error(error: &ApiError) -> HttpResponse {
    event_stream().body(error_event(error))
}

fn event_stream() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        // A proxy that compresses events may hold them back.
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        // Turns off nginx's response buffering.
        .insert_header(("X-Accel-Buffering", "no"));
    response
}

async fn next_frame(state: State) -> Option<(Result<Bytes, Infallible>, State)> {
    let (mut events, turn) = state?;
    let frame = match timeout(KEEP_ALIVE, events.recv()).await {
        Err(_) => Bytes::from_static(b": wait\n\n"),
        Ok(Some(event)) => encode(event),
        Ok(None) => return Some((Ok(final_event(turn).await), None)),
    };
    Some((Ok(frame), Some((events, turn))))
}

fn encode(event: TurnEvent) -> Bytes {
    match event {
        TurnEvent::Transcript(text) => frame("transcript", &json!({ "text": text })),
        TurnEvent::Delta(text) => frame("delta", &json!({ "text": text })),
        TurnEvent::MessagesStored(user, ai) => {
            let messages = [user, ai].map(|message| MessageResponse::from((message, None)));
            frame("message", &json!({ "messages": messages }))
        }
        TurnEvent::Audio(id, format) => {
            frame("audio", &json!({ "id": id.as_str(), "audioUrl": AudioStore::url(&id, format) }))
        }
    }
}

/// `done` with the data of the plain JSON response, or `error`.
async fn final_event(turn: TurnTask) -> Bytes {
    let error = match turn.await {
        Ok(Ok(result)) => return frame("done", &TurnResponse::from(result)),
        Ok(Err(error)) => error,
        Err(_) => ApiError::Internal,
    };
    error_event(&error)
}

fn error_event(error: &ApiError) -> Bytes {
    metrics::record_error(error.code());
    frame("error", &error_body(error.code(), error.to_string()))
}

/// One event; JSON data has no line breaks.
fn frame(event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    format!("event: {event}\ndata: {data}\n\n").into()
}
