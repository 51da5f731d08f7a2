//! Web pages that a person visits: without accounts, only those of this machine may call the API.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    app::{TestApp, refusal},
    reply::RequestExt,
};

/// Origins of pages that others may have written.
const FOREIGN_ORIGINS: [&str; 14] = [
    "https://evil.example",
    "http://evil.example:8000",
    "null",
    "",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example:8000",
    "http://evil.example#localhost",
    "http://localhost@evil.example",
    "http://evillocalhost",
    "http://192.168.1.7:3000",
    "http://[::2]:3000",
    "http://0.0.0.0:8000",
    "chrome-extension://localhost",
    "localhost",
];

/// A request as a page of this origin makes it, with a body that needs no preflight.
async fn request_from(app: &TestApp, origin: &str, method: Method, path: &str) -> Response {
    app.http
        .request(method, app.url(path))
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "text/plain")
        .body("{}")
        .response()
        .await
}

/// Sends a raw request and returns the response.
async fn raw(app: &TestApp, request: &str) -> String {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut response = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut response)).await;
    read.expect("in time").expect("a response");
    String::from_utf8_lossy(&response).into_owned()
}

/// A request of a search with these lines as its header.
async fn search_with(app: &TestApp, version: &str, headers: &str) -> String {
    let request =
        format!("GET /api/search/messages?q=job {version}\r\n{headers}Connection: close\r\n\r\n");
    raw(app, &request).await
}

fn assert_served(name: &str, response: &str) {
    assert!(response.contains(" 200 OK\r\n"), "{name}: {response}");
    assert!(response.contains("\"messages\":["), "{name}: {response}");
}

fn assert_refused(name: &str, response: &str, code: &str) {
    assert!(response.contains(" 403 Forbidden\r\n"), "{name}: {response}");
    assert!(response.contains(&format!("\"code\":\"{code}\"")), "{name}: {response}");
    assert!(!response.contains("\"messages\":["), "{name}: {response}");
}

async fn sessions(app: &TestApp) -> i64 {
    let mut connection = app.database.connect().await;
    let count = sqlx::query_scalar("SELECT count(*) FROM public.sessions");
    count.fetch_one(&mut connection).await.expect("a count")
}

#[tokio::test]
async fn foreign_web_page_is_refused_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    for origin in FOREIGN_ORIGINS {
        for (method, path) in [
            (Method::GET, "/api/search/messages?q=job".to_owned()),
            (Method::GET, "/health".to_owned()),
            (Method::POST, "/api/sessions".to_owned()),
            (Method::POST, format!("/api/sessions/{id}/rating")),
            (Method::DELETE, format!("/api/sessions/{id}")),
            (Method::GET, "/docs/".to_owned()),
            (Method::GET, "/nope".to_owned()),
        ] {
            let response = request_from(&app, origin, method.clone(), &path).await;
            let cors = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(cors, None, "{origin} {method} {path}");
            let expected = (StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED".into());
            assert_eq!(refusal(response).await, expected, "{origin} {method} {path}");
        }
        let preflight = app
            .http
            .request(Method::OPTIONS, app.url("/api/sessions"))
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .response()
            .await;
        assert_eq!(preflight.status(), StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(preflight.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN), None, "{origin}");
    }
    let two = "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n";
    assert_refused(two, &search_with(&app, "HTTP/1.1", two).await, "ORIGIN_NOT_ALLOWED");
    assert_eq!(sessions(&app).await, 1, "nothing was created or deleted");
    assert_eq!(app.session(&id).await["rating"], serde_json::Value::Null);
}

#[tokio::test]
async fn page_of_this_machine_is_served_with_cors_headers() {
    let app = TestApp::spawn().await;
    for origin in [
        "http://localhost:5173",
        "https://localhost",
        "http://localhost.:3000",
        "http://coach.localhost:3000",
        "http://127.0.0.1:3000",
        "http://127.0.0.2",
        "http://[::1]:4173",
        &app.base,
    ] {
        let response = request_from(&app, origin, Method::POST, "/api/sessions").await;
        assert_eq!(response.status(), StatusCode::OK, "{origin}");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        let vary = response.headers()[header::VARY].to_str().expect("text");
        assert!(vary.contains("Origin"), "{vary}");
    }
    assert_eq!(sessions(&app).await, 8);
    // Programs send no Origin.
    assert_eq!(app.get("/api/search/messages?q=job").await["success"], true);
}

#[tokio::test]
async fn host_of_another_name_is_refused_without_accounts() {
    let app = TestApp::spawn().await;
    app.given_ended_session().await;
    for host in [
        "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example",
        "evillocalhost", "localhost@evil.example", "evil.example@localhost", "localhost:x",
        "localhost..", "192.168.1.7:8000", "[::2]:8000", "::1", "",
    ] {
        let headers = format!("Host: {host}\r\n");
        let response = search_with(&app, "HTTP/1.1", &headers).await;
        assert_refused(host, &response, "HOST_NOT_ALLOWED");
        // After DNS rebinding, a page's requests are same-origin.
        let headers = format!("Host: {host}\r\nOrigin: http://{host}\r\n");
        let response = search_with(&app, "HTTP/1.1", &headers).await;
        assert_refused(host, &response, "HOST_NOT_ALLOWED");
    }
    for host in [
        "localhost",
        "LocalHost:8000",
        "localhost.:8000",
        "localhost:",
        "coach.localhost",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.9.1",
        "[::1]",
        "[::1]:8000",
        "[::ffff:127.0.0.1]:8000",
    ] {
        let headers = format!("Host: {host}\r\nOrigin: http://{host}\r\n");
        assert_served(host, &search_with(&app, "HTTP/1.1", &headers).await);
    }
}

#[tokio::test]
async fn every_name_of_a_request_counts_and_none_is_needed() {
    let app = TestApp::spawn().await;
    assert_served("HTTP/1.0", &search_with(&app, "HTTP/1.0", "").await);
    let two = "Host: localhost\r\nHost: evil.example\r\n";
    let response = search_with(&app, "HTTP/1.1", two).await;
    assert!(!response.contains(" 200 OK\r\n"), "{response}");
    let absolute = "GET http://evil.example/api/search/messages?q=job HTTP/1.1\r\n\
        Host: localhost\r\nConnection: close\r\n\r\n";
    assert_refused(absolute, &raw(&app, absolute).await, "HOST_NOT_ALLOWED");
}

#[tokio::test]
async fn named_origins_and_hosts_are_served_without_accounts() {
    let app = TestApp::with(&[
        ("KUKU_ALLOWED_ORIGINS", "https://app.example, capacitor://localhost"),
        ("KUKU_ALLOWED_HOSTS", "coach.example, 192.168.1.7,[fd00::7]"),
    ])
    .await;
    for origin in ["https://app.example", "capacitor://localhost", "http://localhost:5173"] {
        let headers = format!("Host: localhost\r\nOrigin: {origin}\r\n");
        assert_served(origin, &search_with(&app, "HTTP/1.1", &headers).await);
    }
    for host in ["coach.example", "Coach.example.:8000", "192.168.1.7:80", "[fd00::7]", "[::1]"] {
        // A page of the server itself, perhaps on another port: proxies may drop the port.
        let headers = format!("Host: {host}\r\nOrigin: http://{}:9\r\n", name(host));
        assert_served(host, &search_with(&app, "HTTP/1.1", &headers).await);
    }
    for (headers, code) in [
        ("Host: localhost\r\nOrigin: http://app.example\r\n", "ORIGIN_NOT_ALLOWED"),
        ("Host: localhost\r\nOrigin: https://app.example:444\r\n", "ORIGIN_NOT_ALLOWED"),
        ("Host: localhost\r\nOrigin: http://coach.example\r\n", "ORIGIN_NOT_ALLOWED"),
        ("Host: app.example\r\n", "HOST_NOT_ALLOWED"),
    ] {
        assert_refused(headers, &search_with(&app, "HTTP/1.1", headers).await, code);
    }
}

/// The host of a `Host` header as a browser writes it in an origin.
fn name(host: &str) -> String {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name.to_lowercase(),
        _ => host.to_lowercase(),
    }
}

#[tokio::test]
async fn open_server_answers_any_host_but_only_named_pages() {
    let open = ("KUKU_AUTH__ALLOW_UNAUTHENTICATED", "true");
    let app = TestApp::with(&[open, ("HOST", "0.0.0.0")]).await;
    let own_page = "Host: coach.example\r\nOrigin: https://coach.example\r\n";
    let foreign_page = "Host: coach.example\r\nOrigin: https://evil.example\r\n";
    let health_check = "Host: 10.0.0.5:8000\r\n";
    assert_served("own page", &search_with(&app, "HTTP/1.1", own_page).await);
    assert_served("health check", &search_with(&app, "HTTP/1.1", health_check).await);
    let response = search_with(&app, "HTTP/1.1", foreign_page).await;
    assert_refused("foreign page", &response, "ORIGIN_NOT_ALLOWED");

    let app = TestApp::with(&[open, ("KUKU_ALLOWED_ORIGINS", "*")]).await;
    assert_served("any page", &search_with(&app, "HTTP/1.1", foreign_page).await);

    let app = TestApp::with(&[open, ("KUKU_ALLOWED_HOSTS", "coach.example")]).await;
    assert_served("own page", &search_with(&app, "HTTP/1.1", own_page).await);
    let response = search_with(&app, "HTTP/1.1", health_check).await;
    assert_refused("another host", &response, "HOST_NOT_ALLOWED");
}

#[tokio::test]
async fn server_with_accounts_answers_any_host_and_origin() {
    let app = TestApp::builder().with_auth().with_setting("HOST", "0.0.0.0").spawn().await;
    for headers in [
        "Host: 10.0.0.5:8000\r\n",
        "Host: coach.example\r\nOrigin: https://app.example\r\n",
        "Host: coach.example\r\nOrigin: null\r\n",
    ] {
        let request = format!("GET /health HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        let response = raw(&app, &request).await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{headers}: {response}");
        let is_page = headers.contains("Origin");
        assert_eq!(response.contains("access-control-allow-origin: *"), is_page, "{response}");
    }
}
