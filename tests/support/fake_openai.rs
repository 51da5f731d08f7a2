//! A fake of OpenAI's API, with faults and models that a test can choose.

mod models;
mod script;

use std::{
    collections::{HashMap, VecDeque},
    net::TcpListener,
    os::fd::AsFd,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use futures_util::{StreamExt, future::ready, stream};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::lock;
pub use models::Catalog;
use script::Connection;
pub use script::Script;

/// Enough of an MP3 file for its readers here: an ID3 tag and 2 kB.
pub const MP3: &[u8] = &{
    let mut bytes = [0u8; 2_000];
    bytes[0] = b'I';
    bytes[1] = b'D';
    bytes[2] = b'3';
    bytes[3] = 4;
    bytes
};

pub const SUMMARY: &str = "KEY DISCUSSION POINTS:\n- Work\n\nMAIN BREAKTHROUGHS:\n- Saying no\n\n\
    ACTION PLAN:\n- Prompt on Monday\n\nFINAL NOTE: Well done.";

/// A fault of one call to an endpoint.
#[derive(Clone, Debug)]
pub enum Fault {
    Status(u16),
    Slow(Duration),
    Garbage,
    /// The connection breaks in the middle of the body.
    Cut,
    /// The event stream ends early, without an error.
    EndsEarly,
    /// A megabyte of text.
    TooLong,
    /// Not a fault of the server: this text instead of the usual one.
    Reply(&'static str),
    /// These bytes.
    Respond(Script),
    /// Half of the speech at once. After the notification the other half, or a broken connection.
    PausedSpeech(Arc<Notify>, SpeechEnd),
    /// A streamed reply: the first text at once, the second one after the notification.
    PausedReply(&'static str, Arc<Notify>, &'static str),
    /// This status, after the notification.
    PausedStatus(Arc<Notify>, u16),
    /// Not a fault: these bytes as speech.
    Speech(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeechEnd {
    Complete,
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Transcription,
    Reply,
    Decision,
    /// The meaning of a short text.
    Intent,
    Closing,
    Merge,
    /// Merging a session into a memory.
    Memory,
    Speech,
}

pub struct Call {
    pub endpoint: Endpoint,
    pub authorization: String,
    pub headers: HashMap<String, String>,
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
    transcriptions: Mutex<VecDeque<Value>>,
    delay: Mutex<Duration>,
    catalog: Mutex<Catalog>,
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
                .route("/v1/models/{id}", web::get().to(model))
        })
        .on_connect(|connection, data| {
            if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
                data.insert(Connection::new(stream.as_fd().try_clone_to_owned().expect("a copy")));
            }
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base_url, state, server: handle }
    }

    /// Settings of a server that uses this fake for all three stages.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![("OPENAI_API_KEY", "sk-canary-key"), ("OPENAI_BASE_URL", &self.base_url)]
    }

    /// The transcripts of the next recordings. Those after them are "My job wears me out".
    pub fn queue_transcripts(&self, texts: &[&str]) {
        lock(&self.state.transcriptions).extend(texts.iter().map(|text| json!({ "text": text })));
    }

    /// Like `queue_transcripts`, with the whole response of each recording.
    pub fn queue_transcriptions(&self, responses: &[Value]) {
        lock(&self.state.transcriptions).extend(responses.iter().cloned());
    }

    /// The faults of an endpoint's next calls, one for each.
    pub fn queue_faults(&self, endpoint: Endpoint, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state.faults).push((endpoint, faults.into_iter().collect()));
    }

    /// Sets which models there are, and what they refuse. Without it every model exists.
    pub fn set_catalog(&self, catalog: Catalog) {
        *lock(&self.state.catalog) = catalog;
    }

    /// The day on which a model ends.
    pub fn set_shutdown_date(&self, model: &str, date: &str) {
        lock(&self.state.catalog).set_shutdown_date(model, date);
    }

    /// Removes the faults of an endpoint's next calls.
    pub fn clear_faults(&self, endpoint: Endpoint) {
        lock(&self.state.faults).retain(|(of, _)| *of != endpoint);
    }

    /// Counts the calls that an endpoint has received, without removing them.
    pub fn count_calls(&self, endpoint: Endpoint) -> usize {
        lock(&self.state.calls).iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// Delays every response.
    pub fn set_delay(&self, delay: Duration) {
        *lock(&self.state.delay) = delay;
    }

    /// Removes and returns the calls that an endpoint has received.
    pub fn take_calls(&self, endpoint: Endpoint) -> Vec<Call> {
        let mut calls = lock(&self.state.calls);
        let (wanted, others) = calls.drain(..).partition(|call| call.endpoint == endpoint);
        *calls = others;
        wanted
    }

    /// The JSON of the last call to an endpoint; the calls are removed.
    #[track_caller]
    pub fn last_call(&self, endpoint: Endpoint) -> Value {
        match self.take_calls(endpoint).pop() {
            Some(call) => call.json(),
            None => panic!("no call of {endpoint:?}"),
        }
    }

    /// Waits for a call to an endpoint, and removes it.
    pub async fn wait_for_call(&self, endpoint: Endpoint) {
        while self.take_calls(endpoint).is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
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
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
                .collect(),
            body: body.to_vec(),
        });
        let delay = *lock(&self.delay);
        tokio::time::sleep(delay).await;
        let fault = lock(&self.faults)
            .iter_mut()
            .find(|(of, faults)| *of == endpoint && !faults.is_empty())
            .and_then(|(_, faults)| faults.pop_front())?;
        fault.response(endpoint, request).await
    }
}

impl Fault {
    /// The response of a call with this fault; `None` for the usual response.
    async fn response(self, endpoint: Endpoint, request: &HttpRequest) -> Option<HttpResponse> {
        Some(match self {
            Self::Status(status) => {
                HttpResponse::build(status.try_into().expect("a status")).json(json!({
                    "error": {"message": "vendor-canary: overloaded", "type": "server_error"},
                }))
            }
            Self::Slow(time) => {
                tokio::time::sleep(time).await;
                return None;
            }
            Self::Garbage => {
                HttpResponse::Ok().body("vendor-canary: <html>not what you wanted</html>")
            }
            Self::Cut => Script::new(200, "{\"choices\": [{\"mess").cut().response(request),
            Self::EndsEarly => HttpResponse::Ok().content_type("text/event-stream").body(
                "data: {\"choices\": [{\"index\": 0, \
                 \"delta\": {\"content\": \"That sounds\"}}]}\n\n",
            ),
            Self::TooLong => {
                let words = "vendor-canary ".repeat(80_000);
                match endpoint {
                    Endpoint::Transcription => HttpResponse::Ok().json(json!({ "text": words })),
                    _ => completion(&words),
                }
            }
            Self::Reply(text) => completion(text),
            Self::Respond(script) => script.response(request),
            Self::PausedSpeech(resume, end) => paused_speech(resume, end),
            Self::PausedReply(first, resume, second) => paused_reply(first, resume, second),
            Self::PausedStatus(resume, status) => {
                resume.notified().await;
                HttpResponse::build(status.try_into().expect("a status")).finish()
            }
            Self::Speech(bytes) => HttpResponse::Ok().content_type("audio/mpeg").body(bytes),
        })
    }
}

fn paused_speech(resume: Arc<Notify>, end: SpeechEnd) -> HttpResponse {
    let (first, second) = MP3.split_at(MP3.len() / 2);
    let rest = async move {
        resume.notified().await;
        match end {
            SpeechEnd::Complete => Ok(web::Bytes::from_static(second)),
            SpeechEnd::Cut => Err(std::io::Error::other("cut")),
        }
    };
    let first = ready(Ok(web::Bytes::from_static(first)));
    HttpResponse::Ok()
        .content_type("audio/mpeg")
        .streaming(Box::pin(stream::once(first).chain(stream::once(rest))))
}

fn paused_reply(first: &'static str, resume: Arc<Notify>, second: &'static str) -> HttpResponse {
    let event = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        format!("data: {}\n\n", json!({ "choices": [choice] }))
    };
    let first = event(json!({"content": first}), Value::Null);
    let rest = event(json!({"content": second}), Value::Null)
        + &event(json!({}), json!("stop"))
        + "data: [DONE]\n\n";
    let rest = async move {
        resume.notified().await;
        Ok(web::Bytes::from(rest))
    };
    let first = ready(Ok::<_, std::io::Error>(web::Bytes::from(first)));
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(Box::pin(stream::once(first).chain(stream::once(rest))))
}

async fn transcriptions(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    if let Some(response) = state.fault(Endpoint::Transcription, &request, &body).await {
        return response;
    }
    let form = String::from_utf8_lossy(&body);
    if let Some(refusal) = lock(&state.catalog).refusal_of_transcription(&form) {
        return refusal.response(&request);
    }
    let queued = lock(&state.transcriptions).pop_front();
    HttpResponse::Ok().json(queued.unwrap_or_else(|| json!({ "text": "My job wears me out" })))
}

async fn completions(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    let request_json: Value = serde_json::from_slice(&body).expect("JSON");
    let system = request_json["messages"][0]["content"].as_str().expect("a system prompt");
    let remembered;
    let (endpoint, text) = if system.contains("what a coach remembers") {
        remembered = remember(request_json["messages"][1]["content"].as_str().expect("a text"));
        (Endpoint::Memory, remembered.as_str())
    } else if system.contains("one word, yes or no") {
        (Endpoint::Decision, "No.")
    } else if system.contains("Answer with one word: ") {
        (Endpoint::Intent, "other")
    } else if system.contains("KEY DISCUSSION POINTS:") {
        (Endpoint::Closing, SUMMARY)
    } else if system.contains("the memory of a coach") {
        (Endpoint::Merge, "The person is worn out by work.")
    } else {
        (Endpoint::Reply, "That sounds heavy. What would you like to be different?")
    };
    if let Some(response) = state.fault(endpoint, &request, &body).await {
        return response;
    }
    if let Some(refusal) = lock(&state.catalog).refusal_of_chat(&request_json) {
        return refusal.response(&request);
    }
    if request_json["stream"] == true { streamed(text) } else { completion(text) }
}

/// What a good model remembers: all that was, and whatever the person has said since.
fn remember(task: &str) -> String {
    let within = |name: &str| {
        let (_, inside) = task.split_once(&format!("<{name}>\n"))?;
        inside.split_once(&format!("\n</{name}>")).map(|(inside, _)| inside)
    };
    let before = within("remembered").unwrap_or_default().lines().map(str::to_owned);
    let messages = within("last_messages").unwrap_or_default().lines();
    let said = messages.filter_map(|line| line.strip_prefix("Person: "));
    let said = said.map(|text| format!("- {text}"));
    before.chain(said).collect::<Vec<_>>().join("\n")
}

/// An event stream with one event for each word.
fn streamed(text: &str) -> HttpResponse {
    let part = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
        json!({ "choices": [choice] })
    };
    let words = text.split_inclusive(' ').map(|word| part(json!({"content": word}), Value::Null));
    let parts = [part(json!({"role": "assistant"}), Value::Null)]
        .into_iter()
        .chain(words)
        .chain([part(json!({}), json!("stop"))]);
    let body: String = parts.map(|part| format!("data: {part}\n\n")).collect();
    HttpResponse::Ok().content_type("text/event-stream").body(body + "data: [DONE]\n\n")
}

async fn speech(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    if let Some(response) = state.fault(Endpoint::Speech, &request, &body).await {
        return response;
    }
    let request_json: Value = serde_json::from_slice(&body).expect("JSON");
    match lock(&state.catalog).refusal_of_speech(&request_json) {
        Some(refusal) => refusal.response(&request),
        None => HttpResponse::Ok().content_type("audio/mpeg").body(MP3),
    }
}

async fn model(id: web::Path<String>, state: web::Data<State>) -> HttpResponse {
    lock(&state.catalog).show(&id)
}

fn completion(text: &str) -> HttpResponse {
    // Only the fields that every compatible server sends.
    HttpResponse::Ok().json(json!({
        "id": "x", "object": "chat.completion", "model": "m",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": text},
        }],
    }))
}
