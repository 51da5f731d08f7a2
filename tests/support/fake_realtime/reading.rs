//! A sentence that the fake reads aloud.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{SinkExt, future::pending};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::sleep};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::PCM;

/// What happens to a sentence.
#[derive(Clone, Debug)]
pub enum Reading {
    /// The audio begins later.
    Slow(Duration),
    /// The model says something else.
    Reworded(&'static str),
    /// No transcript is sent.
    WithoutTranscript,
    /// An `error` event of this type and code.
    Error(&'static str, &'static str),
    /// The response ends with this status, after the first chunk of audio.
    Ends(&'static str, Value),
    /// The response fails before any audio with an error of this type.
    Fails(&'static str),
    CutBeforeAudio,
    CutAfterAudio,
    WithoutAudio,
    /// Audio that is no base64.
    Garbage,
    /// Nothing comes after the first chunk.
    Stalls,
    /// Pings, binary frames, unknown events, missing fields and audio of another response.
    Noise,
}

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Text of a `response.create`.
pub(super) fn text_of(create: &Value) -> String {
    create["response"]["input"][0]["content"][0]["text"].as_str().expect("a text").to_owned()
}

/// Sends an event; the client may be gone.
pub(super) async fn send(socket: &mut Socket, event: Value) {
    socket.send(Message::text(event.to_string())).await.ok();
}

/// Sends the events of a sentence; returns whether the connection stays.
pub(super) async fn read_aloud(
    socket: &mut Socket,
    create: &Value,
    reading: Option<Reading>,
    chunk_bytes: usize,
) -> bool {
    let text = text_of(create);
    let metadata = &create["response"]["metadata"];
    let part = |kind: &str, name: &str, value: Value| {
        json!({
            "type": kind, "event_id": "event_1", "response_id": "resp_1", "item_id": "item_1",
            "output_index": 0, "content_index": 0, name: value,
        })
    };
    let response = |kind: &str, status: &str, details: &Value| {
        let response = json!({
            "object": "realtime.response", "id": "resp_1", "status": status,
            "status_details": details, "metadata": metadata, "conversation_id": null,
        });
        json!({"type": kind, "event_id": "event_1", "response": response})
    };
    let delta = "response.output_audio.delta";
    let transcript = match reading {
        Some(Reading::Reworded(other)) => other.to_owned(),
        _ => text,
    };
    match &reading {
        Some(Reading::CutBeforeAudio) => return false,
        Some(Reading::Error(kind, code)) => {
            let error = json!({"type": kind, "code": code, "message": "vendor-canary"});
            send(socket, json!({"type": "error", "error": error})).await;
            return true;
        }
        Some(Reading::Slow(time)) => sleep(*time).await,
        _ => {}
    }
    send(socket, response("response.created", "in_progress", &Value::Null)).await;
    match &reading {
        Some(Reading::Fails(kind)) => {
            let details = json!({"type": "failed", "error": {"type": kind}});
            send(socket, response("response.done", "failed", &details)).await;
            return true;
        }
        Some(Reading::WithoutAudio) => {
            send(socket, response("response.done", "completed", &Value::Null)).await;
            return true;
        }
        Some(Reading::Garbage) => send(socket, part(delta, "delta", json!("no base64!"))).await,
        Some(Reading::Noise) => send_noise(socket).await,
        _ => {}
    }
    for word in transcript.split_inclusive(' ') {
        if matches!(reading, Some(Reading::WithoutTranscript)) {
            break;
        }
        let kind = "response.output_audio_transcript.delta";
        send(socket, part(kind, "delta", json!(word))).await;
    }
    for chunk in PCM.chunks(chunk_bytes) {
        send(socket, part(delta, "delta", json!(BASE64_STANDARD.encode(chunk)))).await;
        match &reading {
            Some(Reading::CutAfterAudio) => return false,
            Some(Reading::Stalls) => return pending().await,
            Some(Reading::Ends(status, details)) => {
                send(socket, response("response.done", status, details)).await;
                return true;
            }
            _ => {}
        }
    }
    send(socket, part("response.output_audio.done", "ignored", Value::Null)).await;
    if !matches!(reading, Some(Reading::WithoutTranscript)) {
        let kind = "response.output_audio_transcript.done";
        send(socket, part(kind, "transcript", json!(transcript))).await;
    }
    send(socket, response("response.done", "completed", &Value::Null)).await;
    send(socket, json!({"type": "rate_limits.updated", "rate_limits": []})).await;
    true
}

async fn send_noise(socket: &mut Socket) {
    for message in [
        Message::Ping("are you there?".into()),
        Message::Binary("\u{7}".into()),
        Message::text("no JSON"),
        Message::text("[]"),
        Message::text("{}"),
        Message::text(json!({"type": "response.something.new", "delta": {"a": 1}}).to_string()),
        Message::text(json!({"type": "response.output_audio_transcript.delta"}).to_string()),
        Message::text(
            json!({
                "type": "response.output_audio.delta", "response_id": "resp_other",
                "delta": BASE64_STANDARD.encode("not yours"),
            })
            .to_string(),
        ),
        Message::text(
            json!({"type": "response.output_audio.delta", "delta": "", "response_id": "resp_1"})
                .to_string(),
        ),
    ] {
        socket.send(message).await.ok();
    }
}
