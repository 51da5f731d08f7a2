//! How often Postgres is asked for a request, so that no round trip creeps in.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{RequestExt, text},
};

/// Requests are made three times: the first one prepares its statements, and a search those for the way that it found.
async fn round_trips(
    app: &TestApp,
    proxy: &Proxy,
    make: impl Fn() -> reqwest::RequestBuilder,
) -> usize {
    let mut asked = 0;
    for _ in 0..3 {
        proxy.query_count();
        let response = make().response().await;
        assert!(response.status().is_success(), "{response:?}");
        response.bytes().await.expect("a body");
        // A connection is given back, and a transaction rolled back, behind the answer.
        tokio::time::sleep(Duration::from_millis(100)).await;
        asked = proxy.query_count();
    }
    assert_eq!(app.get("/ready").await["status"], "ready");
    asked
}

#[tokio::test]
async fn request_sends_the_expected_number_of_queries() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let url = database.url_through(proxy.address);
    // One connection, so that whatever was prepared is there.
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
    let begin = async |token: Option<&str>| {
        let request = app.http.post(app.url("/api/sessions"));
        let request = request.bearer(token);
        text(&request.reply().await["data"]["sessionId"])
    };
    let (id, own, ended) = (
        begin(None).await,
        begin(Some(&token)).await,
        app.given_ended_session().await,
    );
    let (nobody, user, service) = (None, Some(token.as_str()), Some("the service caller"));
    for (name, method, path, caller, json, expected) in [
        (
            "begin",
            Method::POST,
            "/api/sessions".to_owned(),
            nobody,
            Some(json!({})),
            1,
        ),
        (
            "look",
            Method::GET,
            format!("/api/sessions/{id}"),
            nobody,
            None,
            1,
        ),
        (
            "history",
            Method::GET,
            format!("/api/sessions/{id}/messages"),
            nobody,
            None,
            1,
        ),
        // Look up, claim (which gives the row), save.
        (
            "turn",
            Method::POST,
            format!("/api/sessions/{id}/messages"),
            nobody,
            Some(json!({"text": "hello"})),
            3,
        ),
        (
            "rating",
            Method::GET,
            format!("/api/sessions/{id}/rating"),
            nobody,
            None,
            1,
        ),
        (
            "rate",
            Method::POST,
            format!("/api/sessions/{ended}/rating"),
            nobody,
            Some(json!({"rating": 4})),
            1,
        ),
        // Look up, claim in vain, read twice.
        (
            "end again",
            Method::POST,
            format!("/api/sessions/{ended}/end"),
            nobody,
            None,
            4,
        ),
        // As a user: begin with the role, ask, and roll back behind the answer.
        (
            "own look",
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
        // Which finds nothing, and looks whether that is because of the words.
        (
            "own search",
            Method::GET,
            "/api/search/messages?q=hello".to_owned(),
            user,
            None,
            4,
        ),
        (
            "search everywhere",
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
