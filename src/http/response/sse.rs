//! A turn as server-sent events, for clients that show and play an answer while it is being made.
//!
//! `transcript`, `delta` …, `message`, `audio`, and `done`; or `error` in the end. What is stored is what the plain answer would
//! have stored, whether anybody listens to the end or not.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, body::BodyStream, http::header::ACCEPT, rt};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};

use crate::http::{
    response::envelope::error_body,
    response::error::ApiError,
    response::message::{MessageData, TurnData},
};
use crate::{
    domain::{IdempotentRequest, SessionId},
    services::{ConversationError, Conversations, TurnEvent, TurnInput, TurnPermit, TurnResult},
    storage::AudioStore,
};

/// So that no proxy takes a slow provider for a dead connection.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Whether the client wants events.
pub fn wanted(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/event-stream"))
}

/// Takes the turn, and tells what happens in it.
pub fn answer(
    conversations: Conversations,
    place: TurnPermit,
    id: SessionId,
    input: TurnInput,
    idempotency: Option<IdempotentRequest>,
) -> HttpResponse {
    let (events, coming) = unbounded_channel();
    // At once: a client that hangs up before it reads anything has said what it said.
    let turn = rt::spawn(async move {
        conversations
            .take_turn(place, id, input, idempotency, Some(events))
            .await
    });
    let body = stream::unfold(State::Going(coming, turn), |state| async move {
        let State::Going(mut coming, turn) = state else {
            return None;
        };
        match timeout(SIGN_OF_LIFE, coming.recv()).await {
            Err(_) => Some((
                Ok(Bytes::from_static(b": wait\n\n")),
                State::Going(coming, turn),
            )),
            Ok(Some(event)) => Some((
                Ok::<_, std::io::Error>(of(event)),
                State::Going(coming, turn),
            )),
            Ok(None) => Some((Ok(end(turn).await), State::Over)),
        }
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // nginx would keep them back.
        .insert_header(("X-Accel-Buffering", "no"))
        .body(BodyStream::new(Box::pin(body)))
}

enum State {
    Going(
        UnboundedReceiver<TurnEvent>,
        JoinHandle<Result<TurnResult, ConversationError>>,
    ),
    Over,
}

fn of(event: TurnEvent) -> Bytes {
    match event {
        TurnEvent::Transcript(text) => write("transcript", &json!({ "text": text })),
        TurnEvent::Delta(text) => write("delta", &json!({ "text": text })),
        TurnEvent::MessagesStored(user, ai) => write(
            "message",
            &json!({ "messages": [MessageData::new(user, false), MessageData::new(ai, false)] }),
        ),
        TurnEvent::AudioReady(id) => write(
            "audio",
            &json!({ "id": id.as_str(), "audioUrl": AudioStore::url(&id) }),
        ),
    }
}

/// What the plain answer would hold.
async fn end(turn: JoinHandle<Result<TurnResult, ConversationError>>) -> Bytes {
    let error = match turn.await {
        Ok(Ok(answer)) => return write("done", &TurnData::from(answer)),
        Ok(Err(error)) => ApiError::from(error),
        Err(_) => ApiError::Internal,
    };
    write("error", &error_body(error.code(), error.to_string()))
}

fn write(name: &str, data: &impl Serialize) -> Bytes {
    // JSON has no line breaks of its own.
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    format!("event: {name}\ndata: {data}\n\n").into()
}
