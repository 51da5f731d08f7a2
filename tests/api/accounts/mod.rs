//! Callers, what they may see, and accounts, with Supabase and without it.

mod anonymous_sessions;
pub mod erasure;
mod lists;
mod local_accounts;
mod message_owner;
mod ownership;
mod refresh_tokens;
mod row_level_security;
mod session_cache;
mod signing_keys;
mod supabase;
mod tokens;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, TestAppBuilder},
    fake_supabase::{FakeSupabase, Key},
    reply::{ReplyExt, RequestExt, body, refusal},
};

const ADA: &str = "0000000a-0000-4000-8000-000000000000";
const BOB: &str = "0000000b-0000-4000-8000-000000000000";
/// The service key of [`FakeSupabase`].
const SERVICE_KEY: &str = "canary-service-role-key";

/// A server of a Supabase project with one ES256 key, and the tokens of two users.
struct Project {
    supabase: FakeSupabase,
    key: Key,
    app: TestApp,
    ada: String,
    bob: String,
}

impl Project {
    async fn spawn(settings: &[(&str, &str)]) -> Self {
        Self::spawn_with(TestApp::builder().with_settings(settings)).await
    }

    async fn on_ordinary_tables() -> Self {
        Self::spawn_with(TestApp::builder().on_ordinary_tables()).await
    }

    async fn spawn_with(builder: TestAppBuilder) -> Self {
        let key = Key::es256("first");
        let supabase = FakeSupabase::spawn(vec![key.clone()]).await;
        let app = builder.with_supabase(&supabase).spawn().await;
        app.database
            .execute(&format!("INSERT INTO auth.users (id) VALUES ('{ADA}'), ('{BOB}')"))
            .await;
        let (ada, bob) = (key.sign(&supabase.claims(ADA)), key.sign(&supabase.claims(BOB)));
        Self { supabase, key, app, ada, bob }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        json: Option<Value>,
    ) -> Response {
        send(&self.app, method, path, token, json).await
    }

    async fn get_raw(&self, path: &str, token: Option<&str>) -> Response {
        self.send(Method::GET, path, token, None).await
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Value {
        body(self.get_raw(path, token).await).await
    }

    async fn given_session(&self, token: Option<&str>) -> String {
        let json = Some(json!({}));
        let response = self.send(Method::POST, "/api/sessions", token, json).await;
        body(response).await.session_id()
    }

    async fn say(&self, id: &str, words: &str, token: Option<&str>) -> Value {
        let path = format!("/api/sessions/{id}/messages");
        let json = Some(json!({ "text": words }));
        body(self.send(Method::POST, &path, token, json).await).await
    }
}

async fn send(
    app: &TestApp,
    method: Method,
    path: &str,
    token: Option<&str>,
    json: Option<Value>,
) -> Response {
    let request = app.http.request(method, app.url(path)).bearer(token);
    match json {
        Some(json) => request.json(&json).response().await,
        None => request.response().await,
    }
}

async fn assert_status_and_code(response: Response, status: StatusCode, code: &str) {
    assert_eq!(refusal(response).await, (status, code.to_owned()));
}

/// Every route that identifies its caller, with a body where the route takes one.
fn routes(id: &str, audio: &str) -> Vec<(Method, String, Option<Value>)> {
    let session = |rest: &str| format!("/api/sessions/{id}{rest}");
    let rating = || Some(json!({"rating": 3}));
    vec![
        (Method::POST, "/api/sessions".into(), Some(json!({}))),
        (Method::GET, "/api/sessions".into(), None),
        (Method::GET, session(""), None),
        (Method::GET, session("/messages"), None),
        (Method::POST, session("/messages"), Some(json!({"text": "hello"}))),
        (Method::GET, session("/rating"), None),
        (Method::POST, session("/rating"), rating()),
        (Method::POST, session("/rate"), rating()),
        (Method::POST, session("/end"), Some(json!({}))),
        (Method::POST, session("/claim"), None),
        (Method::DELETE, session(""), None),
        (Method::GET, "/api/search/messages?q=secret".into(), None),
        (Method::GET, format!("/audio/{audio}.mp3"), None),
        (Method::GET, "/api/status".into(), None),
        (Method::GET, "/api/users/me".into(), None),
        (Method::PATCH, "/api/users/me".into(), Some(json!({}))),
        (Method::DELETE, "/api/users/me".into(), None),
        (Method::GET, "/api/users/me/export".into(), None),
        (Method::GET, "/api/users/me/memory".into(), None),
        (Method::PUT, "/api/users/me/memory".into(), Some(json!({"text": "Mine"}))),
        (Method::DELETE, "/api/users/me/memory".into(), None),
        (Method::POST, "/api/auth/logout".into(), None),
    ]
}

/// Signs up at a server with accounts of its own; the data of the response.
async fn sign_up(app: &TestApp, email: &str) -> Value {
    let credentials = json!({"email": email, "password": "a good password"});
    let reply = app.post("/api/auth/signup", credentials).await;
    reply.data().clone()
}
