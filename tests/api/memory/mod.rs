//! What the coach remembers of a user across sessions.

mod api;
mod archive;
mod merges;
mod offline;
mod prompts;
mod races;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::{
    app::{TestApp, eventually},
    fake_openai::FakeOpenAi,
    reply::{ReplyExt, RequestExt, body, text},
};

const PATH: &str = "/api/users/me/memory";

/// A server with the fake model and accounts, on a database of its own.
async fn app(openai: &FakeOpenAi) -> TestApp {
    TestApp::builder().with_openai(openai).with_auth().spawn().await
}

/// The token of a new account.
async fn given_user(app: &TestApp) -> String {
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    text(&account.data()["accessToken"])
}

async fn send(app: &TestApp, method: Method, path: &str, token: &str, json: Value) -> Response {
    let request = app.http.request(method, app.url(path)).bearer_auth(token);
    request.json(&json).response().await
}

async fn data(app: &TestApp, method: Method, path: &str, token: &str, json: Value) -> Value {
    body(send(app, method, path, token, json).await).await.data().clone()
}

async fn memory(app: &TestApp, token: &str) -> Value {
    body(app.http.get(app.url(PATH)).bearer_auth(token).response().await).await.data().clone()
}

async fn put(app: &TestApp, token: &str, json: Value) -> Value {
    data(app, Method::PUT, PATH, token, json).await
}

/// A session of this user in which these texts were said.
async fn given_session(app: &TestApp, token: &str, said: &[&str]) -> String {
    let session = data(app, Method::POST, "/api/sessions", token, json!({})).await;
    let id = text(&session["sessionId"]);
    for words in said {
        let path = format!("/api/sessions/{id}/messages");
        data(app, Method::POST, &path, token, json!({ "text": words })).await;
    }
    id
}

async fn end(app: &TestApp, token: &str, id: &str) {
    data(app, Method::POST, &format!("/api/sessions/{id}/end"), token, json!({})).await;
}

/// The same, and the session has ended.
async fn given_ended_session(app: &TestApp, token: &str, said: &[&str]) -> String {
    let id = given_session(app, token, said).await;
    end(app, token, &id).await;
    id
}

/// Waits until so many sessions are in the memory, and returns it.
async fn memory_of(app: &TestApp, token: &str, sessions: i64) -> Value {
    eventually("the sessions are merged", async || {
        memory(app, token).await["sessions"] == sessions && value(app, DUE).await == 0
    })
    .await;
    memory(app, token).await
}

/// Sessions that are still to be merged.
const DUE: &str = "SELECT count(*) FROM public.sessions \
    WHERE memory_due AND status = 'ended' AND user_id IS NOT NULL";

/// A number from the database.
async fn value(app: &TestApp, sql: &str) -> i64 {
    let mut connection = app.database.connect().await;
    let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
    query.fetch_one(&mut connection).await.expect("a number")
}
