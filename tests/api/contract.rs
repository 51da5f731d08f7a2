//! The contract with the frontend, route by route, with the scripted coach.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    app::TestApp,
    reply::{ReplyExt, RequestExt, assert_refused, body, refusal, text},
};

/// Parses a time of the API.
#[track_caller]
pub fn assert_time(value: &Value) -> OffsetDateTime {
    let text = text(value);
    assert!(text.ends_with('Z'), "UTC: {text}");
    OffsetDateTime::parse(&text, &Rfc3339).expect("ISO 8601")
}

#[tokio::test]
async fn health_and_root_have_no_envelope() {
    let app = TestApp::spawn().await;
    let health = app.get("/health").await;
    assert_eq!(health["status"], "healthy");
    assert_time(&health["timestamp"]);
    assert_eq!(health.as_object().expect("an object").len(), 2);
    let root = app.get("/").await;
    assert_eq!(root["message"], "Kuku Coach API");
    assert_eq!(root["version"], "1.0.0");
    assert_eq!(root["docs"], "/docs");
    assert_eq!(root["health"], "/health");
    assert!(text(&root["coach"]).contains("offline"), "{root}");
}

#[tokio::test]
async fn session_is_created_with_any_body() {
    let app = TestApp::spawn().await;
    for (name, content_type, content) in [
        ("none with a JSON type", Some("application/json"), ""),
        ("an object", Some("application/json"), "{}"),
        ("malformed", Some("application/json"), "{not json"),
        ("no type", None, "anything"),
    ] {
        let mut request = app.http.post(app.url("/api/sessions")).body(content);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let response = request.response().await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let reply = body(response).await;
        assert_eq!(reply["success"], true, "{name}: {reply}");
        assert_eq!(reply["error"], Value::Null, "{name}");
        assert!(reply.get("code").is_none(), "{name}");
        let id = reply.session_id();
        let digits = id.strip_prefix("session-").expect("a session id");
        assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
    }
}

#[tokio::test]
async fn session_data_is_complete_and_persistent() {
    let app = TestApp::spawn().await;
    let created = app.post("/api/sessions", json!({})).await["data"].clone();
    assert_time(&created["createdAt"]);
    assert_time(&created["updatedAt"]);
    let expected = json!({
        "sessionId": created["sessionId"],
        "createdAt": created["createdAt"],
        "updatedAt": created["updatedAt"],
        "status": "active",
        "messageCount": 0,
        "wrapUpCooldown": 0,
        "timeExtensionMinutes": 0,
        "ignoreContentWrapUp": false,
        "awaitingWrapUpConfirmation": false,
        "rating": null,
        "feedback": null,
        "language": null,
        "remembers": false,
    });
    assert_eq!(created, expected);
    assert_eq!(app.session(&text(&created["sessionId"])).await, expected);
}

#[tokio::test]
async fn missing_session_is_not_found_on_every_route() {
    let app = TestApp::spawn().await;
    let long = "x".repeat(3_000);
    for id in [
        "session-00000000000000000000000000000000",
        "nope",
        "a%20b",
        "%00",
        "%FF",
        "a'--",
        "é",
        long.as_str(),
    ] {
        for (method, path, json) in [
            (Method::GET, "", None),
            (Method::GET, "/messages", None),
            (Method::POST, "/messages", Some(json!({"text": "hello"}))),
            (Method::POST, "/end", Some(json!({}))),
            (Method::POST, "/rating", Some(json!({"rating": 5}))),
            (Method::POST, "/rate", Some(json!({"rating": 5}))),
            (Method::GET, "/rating", None),
        ] {
            let mut request =
                app.http.request(method.clone(), app.url(&format!("/api/sessions/{id}{path}")));
            if let Some(json) = &json {
                request = request.json(json);
            }
            let response = request.response().await;
            assert_eq!(response.status(), StatusCode::OK, "{method} {path} of {id}");
            assert_refused(&body(response).await, "SESSION_NOT_FOUND", "Session not found");
        }
    }
}

#[tokio::test]
async fn typed_turn_gets_a_reply_and_is_stored() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let reply = app.say(&id, "  My job wears me out\n").await;
    assert_eq!(reply["success"], true, "{reply}");
    let data = reply["data"].as_object().expect("data");
    assert_eq!(data.keys().collect::<Vec<_>>(), ["messages"], "no other keys in a plain turn");
    let [user, ai] = data["messages"].as_array().expect("messages").as_slice() else {
        panic!("not two messages: {reply}")
    };
    assert_eq!(user["sender"], "user");
    assert_eq!(user["text"], "My job wears me out");
    assert_eq!(user["audioUrl"], Value::Null);
    assert_eq!(ai["sender"], "ai");
    assert!(text(&ai["text"]).ends_with('?'), "{ai}");
    assert_eq!(ai["audioUrl"], Value::Null, "no speech is configured");
    assert!(assert_time(&user["timestamp"]) <= assert_time(&ai["timestamp"]));
    assert_eq!(app.history(&id).await, vec![user.clone(), ai.clone()], "ids and times are stored");
    let session = app.session(&id).await;
    assert_eq!(session["messageCount"], 2);
    assert!(assert_time(&session["updatedAt"]) > assert_time(&session["createdAt"]));
}

#[tokio::test]
async fn history_of_a_new_session_is_empty() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    assert!(app.history(&id).await.is_empty());
}

#[tokio::test]
async fn ending_a_session_returns_a_summary_and_is_idempotent() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    app.say(&id, "My job wears me out").await;
    app.say(&id, "I will talk to my boss on Monday").await;
    let path = format!("/api/sessions/{id}/end");
    let first = app.post(&path, json!({})).await;
    assert_eq!(first["success"], true, "{first}");
    let data = &first["data"];
    assert_eq!(data["sessionId"], id);
    assert_eq!(data["messageCount"], 4);
    assert!(data["duration"].is_u64(), "{data}");
    let summary = text(&data["summary"]);
    for heading in ["KEY DISCUSSION POINTS:", "MAIN BREAKTHROUGHS:", "ACTION PLAN:", "FINAL NOTE:"]
    {
        assert!(summary.lines().any(|line| line.starts_with(heading)), "{heading} in {summary}");
    }
    assert!(summary.contains("I will talk to my boss on Monday"), "{summary}");
    let malformed = app
        .http
        .post(app.url(&path))
        .header(header::CONTENT_TYPE, "application/json")
        .body("{")
        .response()
        .await;
    assert_eq!(body(malformed).await, first, "the stored answer again");
    assert_eq!(app.session(&id).await["status"], "ended");
    assert_eq!(app.history(&id).await.len(), 4, "the history stays readable");
    assert_refused(&app.say(&id, "hello?").await, "SESSION_NOT_ACTIVE", "Session is not active");
    assert_eq!(app.history(&id).await.len(), 4, "nothing is added");
}

#[tokio::test]
async fn session_without_messages_can_be_ended() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let reply = app.end(&id).await;
    assert_eq!(reply["success"], true, "{reply}");
    assert_eq!(reply["data"]["messageCount"], 0);
    assert!(text(&reply["data"]["summary"]).starts_with("KEY DISCUSSION POINTS:"));
}

#[tokio::test]
async fn unknown_route_or_method_gets_the_error_envelope() {
    let app = TestApp::spawn().await;
    for path in ["/nope", "/api", "/api/sessions/x/nope", "/api/search", "/audio", "/audio/a/b.mp3"]
    {
        let response = app.http.get(app.url(path)).response().await;
        assert_eq!(
            refusal(response).await,
            (StatusCode::NOT_FOUND, "UNKNOWN_ROUTE".into()),
            "{path}"
        );
    }
    for (method, path, allow) in [
        (Method::PUT, "/api/sessions", "GET, POST"),
        (Method::PUT, "/api/sessions/x", "GET, DELETE"),
        (Method::GET, "/api/sessions/x/claim", "POST"),
        (Method::GET, "/api/auth/login", "POST"),
        (Method::POST, "/api/users/me", "GET, PATCH, DELETE"),
        (Method::POST, "/api/users/me/export", "GET"),
        (Method::POST, "/api/users/me/memory", "GET, PUT, DELETE"),
        (Method::PUT, "/api/sessions/x/messages", "GET, POST"),
        (Method::GET, "/api/sessions/x/end", "POST"),
        (Method::DELETE, "/api/sessions/x/rating", "GET, POST"),
        (Method::GET, "/api/sessions/x/rate", "POST"),
        (Method::POST, "/api/search/messages", "GET"),
        (Method::POST, "/health", "GET, HEAD"),
        (Method::POST, "/ready", "GET, HEAD"),
        (Method::POST, "/", "GET, HEAD"),
        (Method::POST, "/api/status", "GET"),
        (Method::POST, "/app/", "GET, HEAD"),
        (Method::PUT, "/app/config.json", "GET, HEAD"),
        (Method::POST, "/audio/x.mp3", "GET, HEAD"),
    ] {
        let response = app.http.request(method.clone(), app.url(path)).response().await;
        assert_eq!(response.headers()[header::ALLOW], allow, "{method} {path}");
        assert_eq!(
            refusal(response).await,
            (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED".into()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let app = TestApp::spawn().await;
    for path in ["/", "/health", "/ready"] {
        let get = app.http.get(app.url(path)).response().await;
        let head = app.http.head(app.url(path)).response().await;
        assert_eq!(head.status(), StatusCode::OK, "{path}");
        assert_eq!(
            head.headers()[header::CONTENT_TYPE],
            get.headers()[header::CONTENT_TYPE],
            "{path}"
        );
        assert!(head.bytes().await.expect("an end").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn every_response_has_its_own_request_id() {
    let app = TestApp::spawn().await;
    let mut seen = std::collections::HashSet::new();
    for path in
        ["/health", "/", "/nope", "/api/sessions/x", "/audio/x.mp3", "/openapi.json", "/health"]
    {
        let response = app.http.get(app.url(path)).response().await;
        let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        assert!(seen.insert(id), "{path}");
    }
}

#[tokio::test]
async fn api_docs_work_without_internet() {
    let app = TestApp::spawn().await;
    let page = app.http.get(app.url("/docs")).response().await;
    assert_eq!(page.status(), StatusCode::OK);
    let html = page.text().await.expect("a page");
    assert!(html.contains("swagger-ui"), "{html}");
    assert!(!html.contains("https://"), "no foreign asset: {html}");
    for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let response = app.http.get(app.url(&format!("/docs/{asset}"))).response().await;
        assert_eq!(response.status(), StatusCode::OK, "{asset}");
    }
    let api = app.get("/openapi.json").await;
    let paths: Vec<&String> = api["paths"].as_object().expect("paths").keys().collect();
    for path in [
        "/",
        "/health",
        "/ready",
        "/api/sessions",
        "/api/sessions/{session_id}",
        "/api/sessions/{session_id}/messages",
        "/api/sessions/{session_id}/end",
        "/api/sessions/{session_id}/rating",
        "/api/sessions/{session_id}/rate",
        "/api/search/messages",
        "/api/users/me/memory",
        "/api/status",
        "/audio/{file}",
    ] {
        assert!(paths.iter().any(|known| *known == path), "{path} in {paths:?}");
    }
    let operations = api["paths"].as_object().expect("paths").values();
    let operations = operations.flat_map(|path| path.as_object().expect("methods").values());
    let mut ids = std::collections::HashSet::new();
    for id in operations.map(|operation| text(&operation["operationId"])) {
        assert!(ids.insert(id.clone()), "{id} occurs twice");
    }
    let fields = &api["components"]["schemas"]["SessionResponse"]["properties"];
    assert!(fields.get("awaitingWrapUpConfirmation").is_some(), "{fields}");
}
