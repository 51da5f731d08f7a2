//! The number of database queries of each request, so that an additional round trip is noticed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{RequestExt, text},
};

/// The queries of the last of three equal requests. The earlier ones prepare its statements.
async fn round_trips(
    app: &TestApp,
    proxy: &Proxy,
    make: impl Fn() -> reqwest::RequestBuilder,
) -> usize {
    let mut queries = 0;
    for _ in 0..3 {
        proxy.query_count();
        let response = make().response().await;
        assert!(response.status().is_success(), "{response:?}");
        response.bytes().await.expect("a body");
        // After the response the connection is returned and its transaction rolled back.
        tokio::time::sleep(Duration::from_millis(100)).await;
        queries = proxy.query_count();
    }
    assert_eq!(app.get("/ready").await["status"], "ready");
    queries
}

#[tokio::test]
async fn request_sends_the_expected_number_of_queries() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let url = database.url_through(proxy.address);
    // A single connection, so that statements are prepared once.
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("KUKU_DATABASE__MAX_CONNECTIONS", "1"),
        ("KUKU_AUTH__MODE", "optional"),
        ("SUPABASE_SERVICE_ROLE_KEY", "the service caller"),
    ];
    let app = TestApp::builder()
        .sharing(&database)
        .with_settings(&variables)
        .spawn()
        .await;
    let user = app.post("/api/auth/anonymous", Value::Null).await;
    let token = text(&user["data"]["accessToken"]);
    let create = async |token: Option<&str>| {
        let request = app.http.post(app.url("/api/sessions"));
        let request = request.bearer(token);
        text(&request.reply().await["data"]["sessionId"])
    };
    let (id, own, ended) = (
        create(None).await,
        create(Some(&token)).await,
        app.given_ended_session().await,
    );
    let (anonymous, user, service) = (None, Some(token.as_str()), Some("the service caller"));
    for (name, method, path, caller, json, expected) in [
        (
            "create session",
            Method::POST,
            "/api/sessions".to_owned(),
            anonymous,
            Some(json!({})),
            1,
        ),
        (
            "read session",
            Method::GET,
            format!("/api/sessions/{id}"),
            anonymous,
            None,
            1,
        ),
        (
            "history",
            Method::GET,
            format!("/api/sessions/{id}/messages"),
            anonymous,
            None,
            1,
        ),
        // Read the session, acquire the lease, save the turn.
        (
            "turn",
            Method::POST,
            format!("/api/sessions/{id}/messages"),
            anonymous,
            Some(json!({"text": "hello"})),
            3,
        ),
        (
            "rating",
            Method::GET,
            format!("/api/sessions/{id}/rating"),
            anonymous,
            None,
            1,
        ),
        (
            "rate",
            Method::POST,
            format!("/api/sessions/{ended}/rating"),
            anonymous,
            Some(json!({"rating": 4})),
            1,
        ),
        // Read the session, fail to acquire the lease, read twice.
        (
            "end of an ended session",
            Method::POST,
            format!("/api/sessions/{ended}/end"),
            anonymous,
            None,
            4,
        ),
        // For a user: begin with the role, query, and roll back after the response.
        (
            "own session",
            Method::GET,
            format!("/api/sessions/{own}"),
            user,
            None,
            3,
        ),
        (
            "own history",
            Method::GET,
            format!("/api/sessions/{own}/messages"),
            user,
            None,
            3,
        ),
        (
            "list",
            Method::GET,
            "/api/sessions".to_owned(),
            user,
            None,
            3,
        ),
        // Without a hit a further query checks whether the search had any term.
        (
            "own search",
            Method::GET,
            "/api/search/messages?q=hello".to_owned(),
            user,
            None,
            4,
        ),
        (
            "global search",
            Method::GET,
            "/api/search/messages?q=hello".to_owned(),
            service,
            None,
            1,
        ),
    ] {
        let make = || {
            let request = app.http.request(method.clone(), app.url(&path));
            let request = request.bearer(caller);
            json.iter().fold(request, reqwest::RequestBuilder::json)
        };
        assert_eq!(round_trips(&app, &proxy, make).await, expected, "{name}");
    }
}
