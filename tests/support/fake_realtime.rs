//! A fake of OpenAI's Realtime API, in the shapes of its general availability, with faults that a
//! test can choose. All other requests go to the fake behind it.

mod reading;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{StreamExt, future::pending};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message, Utf8Bytes,
        handshake::server::{ErrorResponse, Request, Response},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{fake_openai::FakeOpenAi, lock};
pub use reading::Reading;
use reading::{Socket, read_aloud, send, text_of};

/// PCM of every sentence: 0.2 s.
pub const PCM: &[u8] = &[7; 9_600];

/// What happens to a new connection.
#[derive(Clone, Debug)]
pub enum Opening {
    /// The upgrade is refused, with a body.
    Refused(u16, &'static str),
    /// The upgrade is ignored: a page with status 200.
    Page,
    /// The connection is closed before any response.
    Reset,
    /// An `error` event in place of `session.created`.
    Error(Value),
    /// A close frame with a reason in place of `session.created`.
    Closed(&'static str),
    /// Nothing comes after the upgrade.
    Silent,
    /// `session.update` is refused, for this parameter.
    SessionRefused(&'static str),
}

/// A connection as the fake saw it.
#[derive(Clone, Debug, Default)]
pub struct Session {
    pub model: String,
    pub authorization: String,
    /// The last `session.update`.
    pub update: Value,
    /// The `response.create` events.
    pub sentences: Vec<Value>,
}

struct State {
    upstream: SocketAddr,
    openings: Mutex<VecDeque<Opening>>,
    readings: Mutex<VecDeque<Reading>>,
    sessions: Mutex<Vec<Session>>,
    connections: Mutex<JoinSet<()>>,
    chunk_bytes: Mutex<usize>,
}

pub struct FakeRealtime {
    pub base_url: String,
    state: Arc<State>,
    _accepting: JoinSet<()>,
}

impl FakeRealtime {
    pub async fn in_front_of(openai: &FakeOpenAi) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let upstream = openai.base_url.trim_start_matches("http://").trim_end_matches("/v1");
        let state = Arc::new(State {
            upstream: upstream.parse().expect("an address"),
            openings: Mutex::default(),
            readings: Mutex::default(),
            sessions: Mutex::default(),
            connections: Mutex::default(),
            chunk_bytes: Mutex::new(4_000),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&state)));
        Self { base_url, state, _accepting: accepting }
    }

    /// Settings of a server that uses this fake and the one behind it for all three stages.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![("OPENAI_API_KEY", "sk-canary-key"), ("OPENAI_BASE_URL", &self.base_url)]
    }

    /// What happens to the next connections, one for each.
    pub fn queue_openings(&self, openings: impl IntoIterator<Item = Opening>) {
        lock(&self.state.openings).extend(openings);
    }

    /// What happens to the next sentences, one for each.
    pub fn queue_readings(&self, readings: impl IntoIterator<Item = Reading>) {
        lock(&self.state.readings).extend(readings);
    }

    /// Size of the audio deltas.
    pub fn set_chunk_bytes(&self, bytes: usize) {
        *lock(&self.state.chunk_bytes) = bytes;
    }

    /// The connections so far, refused ones included.
    pub fn sessions(&self) -> Vec<Session> {
        lock(&self.state.sessions).clone()
    }

    /// The texts of all sentences so far.
    pub fn sentences(&self) -> Vec<String> {
        let sessions = self.sessions();
        sessions.iter().flat_map(|session| &session.sentences).map(text_of).collect()
    }

    /// Closes the WebSockets without a close frame, as a restart of the server does.
    pub async fn cut_connections(&self) {
        let mut connections = std::mem::take(&mut *lock(&self.state.connections));
        connections.shutdown().await;
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut tunnels = JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut start = [0; 16];
        let is_websocket = loop {
            match stream.peek(&mut start).await {
                Ok(16) => break start.starts_with(b"GET /v1/realtime"),
                Ok(1..) => sleep(Duration::from_millis(1)).await,
                Ok(0) | Err(_) => break false,
            }
        };
        if is_websocket {
            let serving = serve(stream, Arc::clone(&state));
            lock(&state.connections).spawn(serving);
        } else {
            let upstream = state.upstream;
            tunnels.spawn(async move {
                let mut server = TcpStream::connect(upstream).await.expect("the fake behind");
                // Ends with either connection.
                copy_bidirectional(&mut stream, &mut server).await.ok();
            });
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let opening = lock(&state.openings).pop_front();
    let index = lock(&state.sessions).len();
    lock(&state.sessions).push(Session::default());
    let refusal = match opening {
        Some(Opening::Reset) => return,
        Some(Opening::Page) => return send_page(stream).await,
        Some(Opening::Refused(status, body)) => Some((status, body)),
        _ => None,
    };
    let sessions = Arc::clone(&state);
    #[allow(clippy::result_large_err, reason = "the type of the library")]
    let record = move |request: &Request, response: Response| {
        let mut sessions = lock(&sessions.sessions);
        let query = request.uri().query().unwrap_or_default();
        sessions[index].model = query.trim_start_matches("model=").to_owned();
        let header = request.headers().get("authorization");
        sessions[index].authorization =
            header.map_or_else(String::new, |it| it.to_str().expect("text").to_owned());
        match refusal {
            None => Ok(response),
            Some((status, body)) => {
                let mut refused = ErrorResponse::new(Some(body.to_owned()));
                *refused.status_mut() = status.try_into().expect("a status");
                Err(refused)
            }
        }
    };
    if let Ok(socket) = accept_hdr_async(stream, record).await {
        // A client that is gone ends the session.
        converse(socket, &state, index, opening).await;
    }
}

/// Answers a request as a server without WebSockets does.
async fn send_page(mut stream: TcpStream) {
    let mut request = [0; 4_096];
    assert!(stream.read(&mut request).await.expect("a request") > 0);
    let page = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nHello";
    stream.write_all(page.as_bytes()).await.expect("sent");
}

async fn converse(mut socket: Socket, state: &State, index: usize, opening: Option<Opening>) {
    match &opening {
        Some(Opening::Error(error)) => {
            return send(&mut socket, json!({"type": "error", "error": error})).await;
        }
        Some(Opening::Closed(reason)) => {
            let reason = Utf8Bytes::from_static(reason);
            let frame = CloseFrame { code: CloseCode::Policy, reason };
            socket.close(Some(frame)).await.ok();
            return;
        }
        Some(Opening::Silent) => return pending().await,
        _ => {}
    }
    let session = json!({"type": "realtime", "id": "sess_1"});
    send(&mut socket, json!({"type": "session.created", "session": session})).await;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let event: Value = serde_json::from_str(&text).expect("JSON");
        match event["type"].as_str().expect("a type") {
            "session.update" => {
                let param = match opening {
                    Some(Opening::SessionRefused(param)) => Some(param),
                    // As the server does with the events of the beta.
                    _ if event["session"]["type"] != "realtime" => Some("session.type"),
                    _ => None,
                };
                if let Some(param) = param {
                    let error = json!({
                        "type": "invalid_request_error", "code": "invalid_value", "param": param,
                        "message": "vendor-canary", "event_id": event["event_id"],
                    });
                    send(&mut socket, json!({"type": "error", "error": error})).await;
                }
                lock(&state.sessions)[index].update = event;
            }
            "response.create" => {
                lock(&state.sessions)[index].sentences.push(event.clone());
                let reading = lock(&state.readings).pop_front();
                let chunk_bytes = *lock(&state.chunk_bytes);
                if !read_aloud(&mut socket, &event, reading, chunk_bytes).await {
                    return;
                }
            }
            other => panic!("unknown event {other}"),
        }
    }
}
