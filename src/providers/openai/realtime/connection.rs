//! One connection to the Realtime API, on which one sentence at a time is read aloud.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use reqwest::{StatusCode, Upgraded, header::SEC_WEBSOCKET_ACCEPT};
use serde_json::Value;
use tokio::time::{Duration, Instant, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    events::{Event, ResponseEnd, response_create, session_update},
    failure::{Failure, broken, overloaded},
};
use crate::providers::openai::{
    client::{Call, unavailable, unusable},
    refusal::{Refusal, SendError},
};

/// A session lasts at most 60 minutes; the last sentence may take its whole time-out.
const MAX_AGE: Duration = Duration::from_secs(50 * 60);
/// Bytes read at a time. The library's 128 KiB would be much for a thousand connections.
const READ_BUFFER_BYTES: usize = 16 * 1024;
/// Longest message; a delta of audio has some 10 kB.
const MAX_MESSAGE_BYTES: usize = 8 * 1024 * 1024;
/// Longest wait for the goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// An open session, in which nothing is being read.
pub(super) struct Connection {
    socket: WebSocketStream<Upgraded>,
    opened: Instant,
    sentences: u64,
    /// For errors: what to look at if the server refuses the session or a sentence.
    advice: String,
}

/// A sentence that is being read aloud. Dropped before its end, it closes the connection.
pub(super) struct Reading {
    connection: Connection,
    sentence: String,
    response_id: Option<String>,
    transcript: String,
    has_ended: bool,
}

impl Connection {
    /// Opens a connection and its session. All time-outs are the caller's.
    pub(super) async fn open(
        call: Call<'_>,
        model: &str,
        voice: &str,
        advice: String,
    ) -> Result<Self, Failure> {
        let key = generate_key();
        let response = call.upgrade("/realtime", &[("model", model)], &key).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Failure::NotOffered(unusable("a page in place of a WebSocket")));
        }
        let accept = response.headers().get(SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| accept != derive_accept_key(key.as_bytes()).as_str()) {
            return Err(unavailable("the WebSocket was opened for another key").into());
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE_BYTES));
        let socket = response.upgrade().await.map_err(|_| broken())?;
        let socket = WebSocketStream::from_raw_socket(socket, Role::Client, Some(config)).await;
        let mut connection = Self { socket, opened: Instant::now(), sentences: 0, advice };
        loop {
            let event = connection.next_event().await?;
            match event.kind() {
                "session.created" => break,
                "error" => return Err(connection.failure(&event)),
                _ => {}
            }
        }
        // The answer is not awaited: an error comes before or in place of the first audio.
        connection.send(&session_update(voice)).await?;
        Ok(connection)
    }

    /// Whether a further sentence may be read: the session is not about to end.
    pub(super) fn is_young(&self) -> bool {
        self.opened.elapsed() < MAX_AGE
    }

    /// Begins to read `text` aloud.
    pub(super) async fn read_aloud(mut self, text: &str) -> Result<Reading, Failure> {
        self.sentences += 1;
        let sentence = format!("sentence-{}", self.sentences);
        self.send(&response_create(text, &sentence)).await?;
        Ok(Reading {
            connection: self,
            sentence,
            response_id: None,
            transcript: String::new(),
            has_ended: false,
        })
    }

    /// Answers pings until the server closes the connection.
    pub(super) async fn closed(&mut self) {
        while let Some(Ok(_)) = self.socket.next().await {}
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        // The connection is dropped either way.
        timeout(CLOSE_TIMEOUT, self.socket.close(None)).await.ok();
    }

    async fn send(&mut self, event: &Value) -> Result<(), Failure> {
        self.socket.send(Message::text(event.to_string())).await.map_err(|_| broken())
    }

    /// The next event; pings, pongs and binary messages are passed over.
    async fn next_event(&mut self) -> Result<Event, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Event::parse(&text)),
                Some(Ok(Message::Close(Some(frame)))) if !frame.reason.is_empty() => {
                    return Err(Failure::Closed(self.refusal(frame.reason.as_bytes())));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(broken()),
                Some(Ok(
                    Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_),
                )) => {}
            }
        }
    }

    /// What an `error` event means.
    fn failure(&self, event: &Event) -> Failure {
        if event.is_session_end() {
            return broken();
        }
        if event.is_transient_error() {
            return overloaded();
        }
        let mut refusal = self.refusal(event.to_json().as_bytes());
        if refusal.is_quota() {
            refusal.advice = "the quota of the key is used up".into();
        }
        match event.is_about_session() {
            true => Failure::SessionRefused(refusal),
            false => Failure::Send(SendError::Refused(refusal)),
        }
    }

    fn refusal(&self, body: &[u8]) -> Box<Refusal> {
        let route = "Realtime API".to_owned();
        Box::new(Refusal::new(StatusCode::BAD_REQUEST, route, self.advice.clone(), body))
    }
}

impl Reading {
    /// The next PCM of the sentence, which is never empty; `None` after its end.
    pub(super) async fn next_audio(&mut self) -> Result<Option<Bytes>, Failure> {
        while !self.has_ended {
            let event = self.connection.next_event().await?;
            if self.is_of_another_response(&event) {
                continue;
            }
            match event.kind() {
                "response.created" => {
                    self.response_id = event.response_id().map(str::to_owned);
                }
                "response.output_audio.delta" => {
                    let audio = event.audio().ok_or_else(|| unusable("audio that is no base64"))?;
                    if !audio.is_empty() {
                        return Ok(Some(audio));
                    }
                }
                "response.output_audio_transcript.delta" => {
                    self.transcript.push_str(event.delta());
                }
                "response.output_audio_transcript.done" => {
                    if let Some(transcript) = event.transcript() {
                        self.transcript = transcript.to_owned();
                    }
                }
                "response.done" => {
                    self.has_ended = true;
                    match event.response_end() {
                        ResponseEnd::Completed => {}
                        ResponseEnd::Incomplete => {
                            return Err(unusable("a speech that was cut").into());
                        }
                        ResponseEnd::Unavailable => return Err(overloaded()),
                        ResponseEnd::Failed => {
                            return Err(unusable("a speech that has failed").into());
                        }
                    }
                }
                "error" => return Err(self.connection.failure(&event)),
                // Progress of parts, rate limits, and what servers add.
                _ => {}
            }
        }
        Ok(None)
    }

    /// The connection, and what was spoken in words; empty if the server did not say.
    pub(super) fn finish(self) -> (Connection, String) {
        (self.connection, self.transcript)
    }

    /// Whether an event belongs to a response that this program did not ask for.
    fn is_of_another_response(&self, event: &Event) -> bool {
        if event.kind() == "response.created" {
            return event.sentence().is_some_and(|sentence| sentence != self.sentence);
        }
        match (event.response_id(), &self.response_id) {
            (Some(id), Some(own)) => id != own,
            (_, None) | (None, _) => false,
        }
    }
}
