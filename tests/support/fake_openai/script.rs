//! Responses as a test writes them: status, headers, and chunks of the body with pauses.

use std::{net::Shutdown, os::fd::OwnedFd, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use futures_util::stream;
use serde_json::{Value, json};

/// Time in which what was written reaches the client. Without it a connection that breaks at once
/// sends not even the head.
const FLUSH_TIME: Duration = Duration::from_millis(50);

/// A response, byte by byte.
#[derive(Clone, Debug)]
pub struct Script {
    status: u16,
    headers: Vec<(&'static str, String)>,
    /// Parts of the body, each with the pause before it.
    chunks: Vec<(Duration, Vec<u8>)>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Complete,
    /// The connection breaks after the chunks.
    Broken,
    /// The connection stays open.
    Open,
    /// The connection is closed instead of a response.
    NoHead,
}

impl Script {
    /// A response with this body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let chunks = vec![(Duration::ZERO, body.into())];
        Self { status, headers: Vec::new(), chunks, end: End::Complete }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).header("content-type", "application/json")
    }

    /// OpenAI's error.
    pub fn error(status: u16, code: &str, param: Option<&str>, message: &str) -> Self {
        let kind = "invalid_request_error";
        let error = json!({ "message": message, "type": kind, "param": param, "code": code });
        Self::json(status, &json!({ "error": error }))
    }

    /// A completion with this message and finish reason.
    pub fn completion(message: &Value, finish_reason: &Value) -> Self {
        let choice = json!({ "index": 0, "message": message, "finish_reason": finish_reason });
        Self::json(200, &json!({ "object": "chat.completion", "choices": [choice] }))
    }

    /// Server-sent events.
    pub fn events(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body).header("content-type", "text/event-stream")
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A further chunk after a pause.
    pub fn then(mut self, pause: Duration, body: impl Into<Vec<u8>>) -> Self {
        self.chunks.push((pause, body.into()));
        self
    }

    /// The same body, a byte at a time.
    pub fn byte_by_byte(mut self) -> Self {
        let bytes = self.chunks.iter().flat_map(|(_, chunk)| chunk.iter());
        self.chunks = bytes.map(|byte| (Duration::ZERO, vec![*byte])).collect();
        self
    }

    /// The connection breaks after the chunks.
    pub fn cut(mut self) -> Self {
        self.end = End::Broken;
        self
    }

    /// The connection stays open after the chunks.
    pub fn open_end(mut self) -> Self {
        self.end = End::Open;
        self
    }

    /// The connection is closed before the response.
    pub fn no_head() -> Self {
        Self { end: End::NoHead, ..Self::new(200, "") }
    }

    pub(super) fn response(self, request: &HttpRequest) -> HttpResponse {
        if self.end == End::NoHead {
            let connection = request.conn_data::<Connection>().expect("a connection");
            connection.0.shutdown(Shutdown::Both).expect("closed");
        }
        let mut response = HttpResponse::build(self.status.try_into().expect("a status"));
        for header in self.headers {
            response.insert_header(header);
        }
        let (end, chunks) = (self.end, self.chunks.into_iter());
        response.streaming(Box::pin(stream::unfold(chunks, move |mut chunks| async move {
            let Some((pause, chunk)) = chunks.next() else {
                return match end {
                    End::Complete | End::NoHead => None,
                    End::Broken => {
                        tokio::time::sleep(FLUSH_TIME).await;
                        Some((Err(std::io::Error::other("cut")), chunks))
                    }
                    End::Open => std::future::pending().await,
                };
            };
            tokio::time::sleep(pause).await;
            Some((Ok(Bytes::from(chunk)), chunks))
        })))
    }
}

/// The socket of a request's connection.
pub(super) struct Connection(std::net::TcpStream);

impl Connection {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self(socket.into())
    }
}
