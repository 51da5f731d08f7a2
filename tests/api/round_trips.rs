//! The number of database queries of each request, so that an additional round trip is noticed.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    distribution::is_distributed,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{ReplyExt, RequestExt, text},
};

const SERVICE_KEY: &str = "the service caller";

/// A request, by whom it is sent, and its number of queries.
struct Case<'a> {
    name: &'static str,
    method: Method,
    path: String,
    token: Option<&'a str>,
    json: Option<Value>,
    queries: usize,
}

impl<'a> Case<'a> {
    fn get(name: &'static str, path: &str, token: Option<&'a str>, queries: usize) -> Self {
        Self { name, method: Method::GET, path: path.to_owned(), token, json: None, queries }
    }

    /// A request of an anonymous caller.
    fn post(name: &'static str, path: &str, json: Value, queries: usize) -> Self {
        Self { method: Method::POST, json: Some(json), ..Self::get(name, path, None, queries) }
    }

    fn put(name: &'static str, path: &str, queries: usize) -> Self {
        let json = Some(json!({"text": "Mine"}));
        Self { method: Method::PUT, json, ..Self::get(name, path, None, queries) }
    }

    fn request(&self, app: &TestApp) -> RequestBuilder {
        let request = app.http.request(self.method.clone(), app.url(&self.path));
        let request = request.bearer(self.token);
        match &self.json {
            Some(json) => request.json(json),
            None => request,
        }
    }
}

/// The queries of the last of three equal requests. The earlier ones prepare its statements.
async fn count_queries(app: &TestApp, proxy: &Proxy, case: &Case<'_>) -> usize {
    let mut queries = 0;
    for _ in 0..3 {
        proxy.query_count();
        let response = case.request(app).response().await;
        assert!(response.status().is_success(), "{response:?}");
        response.bytes().await.expect("a body");
        // After the response the connection is returned and its transaction rolled back.
        tokio::time::sleep(Duration::from_millis(100)).await;
        queries = proxy.query_count();
    }
    assert_eq!(app.get("/ready").await["status"], "ready");
    queries
}

/// Enough for one connection of each worker with the role of users.
const ENOUGH_CONNECTIONS: usize = 24;

#[tokio::test]
async fn request_sends_the_expected_number_of_queries() {
    count_all(ENOUGH_CONNECTIONS, 1).await;
}

#[tokio::test]
async fn single_connection_needs_two_more_queries_for_a_user() {
    // The role in a transaction, the query, and the rollback after the response.
    count_all(1, 3).await;
}

/// Counts the queries of all requests; `own_read` is the number for a read of a user.
async fn count_all(connections: usize, own_read: usize) {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let app = TestApp::builder()
        .through_proxy(&database, &proxy)
        .with_setting("KUKU_DATABASE__MAX_CONNECTIONS", connections)
        .with_auth()
        .with_setting("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
        // Its job asks for due sessions once a second, on the connection that is watched.
        .with_setting("KUKU_MEMORY__ENABLED", false)
        .spawn()
        .await;
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    let token = text(&account.data()["accessToken"]);
    let create = app.http.post(app.url("/api/sessions")).bearer_auth(&token);
    let (id, own, ended) = (
        app.given_session().await,
        create.reply().await.session_id(),
        app.given_ended_session().await,
    );
    for case in
        anonymous_cases(&id, &ended).into_iter().chain(cases_with_token(&own, &token, own_read))
    {
        let queries = count_queries(&app, &proxy, &case).await;
        assert_eq!(queries, case.queries, "{}", case.name);
    }
}

fn anonymous_cases(id: &str, ended: &str) -> Vec<Case<'static>> {
    let session = format!("/api/sessions/{id}");
    let messages = format!("{session}/messages");
    let rating = format!("{session}/rating");
    let (rate, end) =
        (format!("/api/sessions/{ended}/rating"), format!("/api/sessions/{ended}/end"));
    vec![
        Case::post("create session", "/api/sessions", json!({}), 1),
        Case::get("read session", &session, None, 1),
        Case::get("history", &messages, None, 1),
        // Read the session, acquire the lease, save the turn.
        Case::post("turn", &messages, json!({"text": "hello"}), 3),
        Case::get("rating", &rating, None, 1),
        Case::post("rate", &rate, json!({"rating": 4}), 1),
        // Read the session, fail to acquire the lease, read twice.
        Case::post("end of an ended session", &end, json!({}), 4),
    ]
}

fn cases_with_token<'a>(own: &str, token: &'a str, own_read: usize) -> Vec<Case<'a>> {
    let session = format!("/api/sessions/{own}");
    let messages = format!("{session}/messages");
    let search = "/api/search/messages?q=hello";
    let user = Some(token);
    // On distributed tables, functions take the role for reads of a session. A read of many names
    // its user in a transaction, and searches ask for the languages before.
    let (session_read, list, own_search, global_search) =
        if is_distributed() { (1, 3, 5, 4) } else { (own_read, own_read, own_read + 1, 1) };
    vec![
        Case::get("own session", &session, user, session_read),
        Case::get("own history", &messages, user, session_read),
        Case::get("list", "/api/sessions", user, list),
        Case::get("own memory", "/api/users/me/memory", user, own_read),
        Case { token: user, ..Case::put("change memory", "/api/users/me/memory", 1) },
        // Without a hit, whether the search had any term.
        Case::get("own search", search, user, own_search),
        Case::get("global search", search, Some(SERVICE_KEY), global_search),
    ]
}
