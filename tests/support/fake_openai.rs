//! A local server that speaks OpenAI's language, and misbehaves when told to.

use std::{
    collections::VecDeque,
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use futures_util::{StreamExt, future::ready, stream};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// MP3 as far as anyone looks: a tag, and some frames' worth of bytes.
pub const MP3: &[u8] = &{
    let mut bytes = [0u8; 2_000];
    bytes[0] = b'I';
    bytes[1] = b'D';
    bytes[2] = b'3';
    bytes[3] = 4;
    bytes
};

pub const SUMMARY: &str = "KEY DISCUSSION POINTS:\n- Work\n\nMAIN BREAKTHROUGHS:\n- Saying no\n\nACTION PLAN:\n- Prompt on Monday\n\nFinal Note: Well done.";

/// What an endpoint does instead of answering well.
#[derive(Clone, Debug)]
pub enum Fault {
    Status(u16),
    Slow(Duration),
    Garbage,
    /// Promises more than it sends, and hangs up.
    Cut,
    /// Ends a stream in the middle as if that were its end.
    BreaksOff,
    /// A megabyte where a few words are due.
    Endless,
    Says(&'static str),
    /// One half of the speech at once; when told to, the other one, or an end in the middle.
    Halves(Arc<Notify>, End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Whole,
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Transcription,
    Reply,
    Decision,
    Closing,
    Merge,
    Speech,
}

pub struct Call {
    pub endpoint: Endpoint,
    pub authorization: String,
    pub body: Vec<u8>,
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

#[derive(Default)]
struct State {
    faults: Mutex<Vec<(Endpoint, VecDeque<Fault>)>>,
    calls: Mutex<Vec<Call>>,
    spoken: Mutex<VecDeque<String>>,
    delay: Mutex<Duration>,
}

pub struct FakeOpenAi {
    pub base_url: String,
    state: Arc<State>,
    server: ServerHandle,
}

impl FakeOpenAi {
    pub async fn spawn() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let state = Arc::new(State::default());
        let data = web::Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(64 * 1024 * 1024))
                .route("/v1/audio/transcriptions", web::post().to(transcriptions))
                .route("/v1/chat/completions", web::post().to(completions))
                .route("/v1/audio/speech", web::post().to(speech))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            base_url,
            state,
            server: handle,
        }
    }

    /// The environment of a server that uses this one for everything.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            ("OPENAI_API_KEY", "sk-canary-key"),
            ("OPENAI_BASE_URL", &self.base_url),
        ]
    }

    /// What the next recordings say; "My job wears me out" once these are used up.
    pub fn will_hear(&self, texts: &[&str]) {
        lock(&self.state.spoken).extend(texts.iter().map(|text| (*text).to_owned()));
    }

    /// What an endpoint does at its next calls, one after another.
    pub fn fail(&self, endpoint: Endpoint, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state.faults).push((endpoint, faults.into_iter().collect()));
    }

    /// How long every answer takes.
    pub fn delay(&self, delay: Duration) {
        *lock(&self.state.delay) = delay;
    }

    pub fn calls(&self, endpoint: Endpoint) -> Vec<Call> {
        let mut calls = lock(&self.state.calls);
        let (wanted, others) = calls.drain(..).partition(|call| call.endpoint == endpoint);
        *calls = others;
        wanted
    }

    pub async fn stop(&self) {
        self.server.stop(false).await;
    }
}

impl State {
    async fn fault(
        &self,
        endpoint: Endpoint,
        request: &HttpRequest,
        body: &web::Bytes,
    ) -> Option<HttpResponse> {
        let authorization = request.headers().get("authorization");
        lock(&self.calls).push(Call {
            endpoint,
            authorization: authorization
                .map_or_else(String::new, |v| v.to_str().expect("text").to_owned()),
            body: body.to_vec(),
        });
        let delay = *lock(&self.delay);
        tokio::time::sleep(delay).await;
        let fault = lock(&self.faults)
            .iter_mut()
            .find(|(of, faults)| *of == endpoint && !faults.is_empty())
            .and_then(|(_, faults)| faults.pop_front())?;
        match fault {
            Fault::Status(status) => Some(
                HttpResponse::build(status.try_into().expect("a status"))
                    .json(json!({"error": {"message": "vendor-canary: overloaded", "type": "server_error"}})),
            ),
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                None
            }
            Fault::Garbage => Some(HttpResponse::Ok().body("vendor-canary: <html>not what you wanted</html>")),
            Fault::Cut => Some(HttpResponse::Ok().streaming(futures_util::stream::iter([
                Ok(web::Bytes::from_static(b"{\"choices\": [{\"mess")),
                Err(std::io::Error::other("cut")),
            ]))),
            Fault::BreaksOff => Some(
                HttpResponse::Ok()
                    .content_type("text/event-stream")
                    .body("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"That sounds\"}}]}\n\n"),
            ),
            Fault::Endless => {
                let words = "vendor-canary ".repeat(80_000);
                Some(match endpoint {
                    Endpoint::Transcription => HttpResponse::Ok().json(json!({ "text": words })),
                    _ => completion(&words),
                })
            }
            Fault::Says(text) => Some(completion(text)),
            Fault::Halves(told, end) => {
                let rest = async move {
                    told.notified().await;
                    match end {
                        End::Whole => Ok(web::Bytes::from_static(&MP3[MP3.len() / 2..])),
                        End::Cut => Err(std::io::Error::other("cut")),
                    }
                };
                let first = web::Bytes::from_static(&MP3[..MP3.len() / 2]);
                let halves = stream::once(ready(Ok(first))).chain(stream::once(rest));
                Some(
                    HttpResponse::Ok()
                        .content_type("audio/mpeg")
                        .streaming(Box::pin(halves)),
                )
            }
        }
    }
}

async fn transcriptions(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    if let Some(response) = state.fault(Endpoint::Transcription, &request, &body).await {
        return response;
    }
    let text = lock(&state.spoken)
        .pop_front()
        .unwrap_or_else(|| "My job wears me out".into());
    HttpResponse::Ok().json(json!({ "text": text }))
}

async fn completions(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    let system = asked["messages"][0]["content"]
        .as_str()
        .expect("a system prompt");
    let (endpoint, answer) = if system.contains("one word, yes or no") {
        (Endpoint::Decision, "No.")
    } else if system.contains("KEY DISCUSSION POINTS:") {
        (Endpoint::Closing, SUMMARY)
    } else if system.contains("the memory of a coach") {
        (Endpoint::Merge, "The person is worn out by work.")
    } else {
        (
            Endpoint::Reply,
            "That sounds heavy. What would you like to be different?",
        )
    };
    match state.fault(endpoint, &request, &body).await {
        Some(response) => response,
        None if asked["stream"] == true => streamed(answer),
        None => completion(answer),
    }
}

/// Word by word.
fn streamed(text: &str) -> HttpResponse {
    let part = |delta: Value, reason: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let words = text
        .split_inclusive(' ')
        .map(|word| part(json!({"content": word}), Value::Null));
    let parts = [part(json!({"role": "assistant"}), Value::Null)]
        .into_iter()
        .chain(words)
        .chain([part(json!({}), json!("stop"))]);
    let body: String = parts.map(|part| format!("data: {part}\n\n")).collect();
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .body(body + "data: [DONE]\n\n")
}

async fn speech(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    match state.fault(Endpoint::Speech, &request, &body).await {
        Some(response) => response,
        None => HttpResponse::Ok().content_type("audio/mpeg").body(MP3),
    }
}

fn completion(text: &str) -> HttpResponse {
    // Only what every such server sends.
    HttpResponse::Ok().json(json!({
        "id": "x", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
    }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}
