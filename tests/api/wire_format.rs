//! Snapshots of the wire format: the OpenAPI document, and the JSON of every route's responses with
//! types in place of values. A change of the wire format shows as a changed file in
//! `tests/api/snapshots`.
//!
//! A difference fails the test and prints it. To accept an intended change, run
//! `INSTA_UPDATE=always cargo test --test api wire_format` and commit the changed files.

use std::collections::BTreeMap;

use insta::assert_json_snapshot;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::{
    app::{TestApp, webm},
    fake_openai::FakeOpenAi,
    reply::{ReplyExt, RequestExt, text},
    server_process::{command, open_folder},
};

/// Strings that are part of the wire format and stay as they are.
const FIXED_STRINGS: [&str; 7] =
    ["code", "error", "sender", "status", "tokenType", "type", "query"];

/// The shape of JSON: types in place of values, and each shape of an array's elements once.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => json!("boolean"),
        Value::Number(number) if number.is_f64() => json!("number"),
        Value::Number(_) => json!("integer"),
        Value::String(_) => json!("string"),
        Value::Array(elements) => {
            let mut shapes: Vec<Value> = elements.iter().map(shape).collect();
            shapes.dedup();
            Value::Array(shapes)
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let fixed = value.is_string() && FIXED_STRINGS.contains(&name.as_str());
                let value = if fixed { value.clone() } else { shape(value) };
                (name.clone(), value)
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

/// The status and the shapes of responses, by a name for each.
#[derive(Default)]
struct Responses(BTreeMap<&'static str, Value>);

impl Responses {
    /// Sends a request and records its response; returns the JSON.
    async fn record(&mut self, name: &'static str, request: RequestBuilder) -> Value {
        let response = request.response().await;
        let status = response.status().as_u16();
        let body = response.text().await.expect("a body");
        let json: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        let recorded = json!({"status": status, "body": shape(&json)});
        self.0.insert(name, recorded);
        json
    }
}

/// A server with a fake of OpenAI's API, and requests of one caller.
struct Client {
    app: TestApp,
    _openai: FakeOpenAi,
    token: Option<String>,
}

impl Client {
    async fn anonymous() -> Self {
        let openai = FakeOpenAi::spawn().await;
        let app = TestApp::builder().with_openai(&openai).with_auth().spawn().await;
        Self { app, _openai: openai, token: None }
    }

    async fn with_account() -> Self {
        let mut client = Self::anonymous().await;
        let account = client.app.post("/api/auth/anonymous", Value::Null).await;
        client.token = Some(text(&account.data()["accessToken"]));
        client
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.http.request(method, self.app.url(path));
        request.bearer(self.token.as_deref())
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn post(&self, path: &str, json: Value) -> RequestBuilder {
        self.request(Method::POST, path).json(&json)
    }
}

#[test]
fn openapi_document_matches_its_snapshot() {
    let folder = open_folder();
    let output = command(folder.path(), &[]).arg("openapi").output();
    let document = output.expect("the command runs").stdout;
    let document: Value = serde_json::from_slice(&document).expect("JSON");
    assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn service_responses_match_their_snapshot() {
    let (client, mut responses) = (Client::anonymous().await, Responses::default());
    responses.record("GET /", client.get("/")).await;
    responses.record("GET /health", client.get("/health")).await;
    responses.record("GET /ready", client.get("/ready")).await;
    let unknown = client.get("/nope");
    responses.record("unknown route", unknown).await;
    let open = TestApp::builder().with_openai(&client._openai).spawn().await;
    let status = open.http.get(open.url("/api/status"));
    responses.record("GET /api/status", status).await;
    let method = client.request(Method::PUT, "/health");
    responses.record("unknown method", method).await;
    assert_json_snapshot!("service", responses.0);
}

#[tokio::test]
async fn session_responses_match_their_snapshot() {
    let (client, mut responses) = (Client::with_account().await, Responses::default());
    let create = client.post("/api/sessions", json!({}));
    let session = responses.record("POST /api/sessions", create).await;
    let path = format!("/api/sessions/{}", session.session_id());
    client.post("/api/sessions", json!({})).reply().await.data();
    let show = client.get(&path);
    responses.record("GET /api/sessions/{id}", show).await;
    let missing = client.get("/api/sessions/session-x");
    responses.record("missing session", missing).await;
    let list = client.get("/api/sessions");
    responses.record("GET /api/sessions", list).await;
    let page = client.get("/api/sessions?limit=1");
    responses.record("GET /api/sessions, a page", page).await;
    let invalid = client.get("/api/sessions?limit=x");
    responses.record("invalid query", invalid).await;
    let anonymous = client.app.given_session().await;
    let claim = client.post(&format!("/api/sessions/{anonymous}/claim"), json!({}));
    responses.record("POST /api/sessions/{id}/claim", claim).await;
    let end = client.post(&format!("{path}/end"), json!({}));
    responses.record("POST /api/sessions/{id}/end", end).await;
    let delete = client.request(Method::DELETE, &path);
    responses.record("DELETE /api/sessions/{id}", delete).await;
    assert_json_snapshot!("sessions", responses.0);
}

#[tokio::test]
async fn message_responses_match_their_snapshot() {
    let (client, mut responses) = (Client::anonymous().await, Responses::default());
    let id = client.app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    let say = |words: &str| client.post(&path, json!({ "text": words }));
    responses.record("empty history", client.get(&path)).await;
    responses.record("typed turn", say("My job wears me out")).await;
    let spoken = client.app.speak(&id, webm(6_000), "audio/webm").await;
    responses.0.insert("spoken turn", shape(&spoken));
    responses.record("turn with a wrap-up offer", say("let's wrap up")).await;
    responses.record("turn that ends the session", say("yes")).await;
    responses.record("turn in an ended session", say("hello?")).await;
    responses.record("malformed turn", client.post(&path, json!({}))).await;
    responses.record("history", client.get(&path)).await;
    let page = client.get(&format!("{path}?limit=1"));
    responses.record("history, a page", page).await;
    let audio = client.get("/audio/msg-gone.mp3");
    responses.record("missing audio", audio).await;
    assert_json_snapshot!("messages", responses.0);
}

#[tokio::test]
async fn sse_events_match_their_snapshot() {
    let client = Client::anonymous().await;
    let id = client.app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    let mut turns = BTreeMap::new();
    for words in ["hello", "let's wrap up", "yes", "hello?"] {
        let request = client.post(&path, json!({ "text": words }));
        let request = request.header("accept", "text/event-stream");
        let body = request.response().await.text().await.expect("events");
        let mut events: Vec<Value> = body
            .split_terminator("\n\n")
            .filter_map(|event| event.split_once("\ndata: "))
            .map(|(name, data)| {
                let data: Value = serde_json::from_str(data).expect("JSON");
                json!({"event": name.trim_start_matches("event: "), "data": shape(&data)})
            })
            .collect();
        // The audio comes as soon as there is some.
        events.sort_by_key(|event| event["event"] == "audio");
        events.dedup();
        turns.insert(words, events);
    }
    assert_json_snapshot!("sse", turns);
}

#[tokio::test]
async fn rating_responses_match_their_snapshot() {
    let (client, mut responses) = (Client::anonymous().await, Responses::default());
    let id = client.app.given_ended_session().await;
    let path = format!("/api/sessions/{id}/rating");
    let rate = |json: Value| client.post(&path, json);
    responses.record("no rating", client.get(&path)).await;
    let rating = rate(json!({"rating": 4, "feedback": "good"}));
    responses.record("POST rating", rating).await;
    responses.record("GET rating", client.get(&path)).await;
    let out_of_range = rate(json!({"rating": 6}));
    responses.record("out of range", out_of_range).await;
    let malformed = rate(json!({"rating": "many"}));
    responses.record("malformed", malformed).await;
    let active = client.app.given_session().await;
    let early = client.post(&format!("/api/sessions/{active}/rating"), json!({"rating": 4}));
    responses.record("active session", early).await;
    assert_json_snapshot!("ratings", responses.0);
}

#[tokio::test]
async fn search_responses_match_their_snapshot() {
    let (client, mut responses) = (Client::with_account().await, Responses::default());
    let session = client.post("/api/sessions", json!({})).reply().await;
    let path = format!("/api/sessions/{}/messages", session.session_id());
    for words in ["the river again", "the river and the sea"] {
        let turn = client.post(&path, json!({ "text": words }));
        turn.reply().await.data();
    }
    let search = |query: &str| client.get(&format!("/api/search/messages?{query}"));
    responses.record("hits", search("q=river")).await;
    responses.record("a page", search("q=river&limit=1")).await;
    responses.record("no hit", search("q=mountain")).await;
    responses.record("no words", search("q=")).await;
    responses.record("invalid query", search("q=river&sender=x")).await;
    assert_json_snapshot!("search", responses.0);
}

#[tokio::test]
async fn account_responses_match_their_snapshot() {
    let (mut client, mut responses) = (Client::anonymous().await, Responses::default());
    let credentials = json!({"email": "ada@example.com", "password": "a good password"});
    let anonymous = client.post("/api/auth/anonymous", json!({}));
    responses.record("POST anonymous", anonymous).await;
    let sign_up = client.post("/api/auth/signup", credentials.clone());
    responses.record("POST signup", sign_up).await;
    let sign_up = client.post("/api/auth/signup", credentials.clone());
    responses.record("signup of a taken address", sign_up).await;
    let log_in = client.post("/api/auth/login", credentials);
    let login = responses.record("POST login", log_in).await;
    let refresh = json!({"refreshToken": login.data()["refreshToken"]});
    let refresh = client.post("/api/auth/refresh", refresh);
    let login = responses.record("POST refresh", refresh).await;
    let without_token = client.get("/api/users/me");
    responses.record("request without a token", without_token).await;
    client.token = Some("x.y.z".into());
    let invalid_token = client.get("/api/users/me");
    responses.record("invalid token", invalid_token).await;
    client.token = Some(text(&login.data()["accessToken"]));
    responses.record("GET me", client.get("/api/users/me")).await;
    let change = client.request(Method::PATCH, "/api/users/me");
    let change = change.json(&json!({"data": {"name": "Ada"}}));
    responses.record("PATCH me", change).await;
    let change = client.request(Method::PUT, "/api/users/me/memory").json(&json!({"text": "Mine"}));
    responses.record("PUT memory", change).await;
    responses.record("GET memory", client.get("/api/users/me/memory")).await;
    let empty = client.request(Method::DELETE, "/api/users/me/memory");
    responses.record("DELETE memory", empty).await;
    let log_out = client.post("/api/auth/logout", json!({}));
    responses.record("POST logout", log_out).await;
    let erase = client.request(Method::DELETE, "/api/users/me");
    responses.record("DELETE me", erase).await;
    assert_json_snapshot!("accounts", responses.0);
}

#[tokio::test]
async fn export_lines_match_their_snapshot() {
    let client = Client::with_account().await;
    let memory = client.request(Method::PUT, "/api/users/me/memory");
    memory.json(&json!({"text": "Mine"})).reply().await.data();
    let session = client.post("/api/sessions", json!({})).reply().await;
    let path = format!("/api/sessions/{}/messages", session.session_id());
    let turn = client.post(&path, json!({"text": "hello"}));
    turn.reply().await.data();
    let export = client.get("/api/users/me/export").response().await;
    let lines: Vec<Value> = export
        .text()
        .await
        .expect("lines")
        .lines()
        .map(|line| shape(&serde_json::from_str(line).expect("JSON")))
        .collect();
    assert_json_snapshot!("export", lines);
}
