//! Clients of HTTP/1.0: proxies that were not told otherwise.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    app::TestApp,
    postgres::TestDatabase,
    server_process::{ServerProcess, open_folder},
};

/// Sends the parts of a request, and reads the response to the end of the connection.
async fn send(base: &str, parts: &[&str]) -> (String, String) {
    let address = base.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.set_nodelay(true).expect("no delay");
    for part in parts {
        stream.write_all(part.as_bytes()).await.expect("sent");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("a response");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).expect(body)
}

#[tokio::test]
async fn http10_post_without_a_body_is_answered() {
    let app = TestApp::spawn().await;
    for parts in [
        // As nginx sends it.
        &["POST /api/sessions HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"][..],
        &["POST /api/sessions HTTP/1.0\r\n\r\n"],
        &["POS", "T /api/sessions HTTP", "/1.0\r\nHost: localhost\r", "\n\r", "\n"],
        &["POST /api/sessions HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
        // With a length, as before.
        &["POST /api/sessions HTTP/1.0\r\nContent-Length: 2\r\n\r\n", "{}"],
    ] {
        let (head, body) = send(&app.base, parts).await;
        assert!(head.starts_with("HTTP/1.0 200") && head.contains("x-request-id"), "{head}");
        assert_eq!(json(&body)["success"], true, "{body}");
    }
    for (path, status, code) in [
        ("/nope", "404", "UNKNOWN_ROUTE"),
        ("/health", "405", "METHOD_NOT_ALLOWED"),
        ("/api/sessions/x/messages", "200", "SESSION_NOT_FOUND"),
    ] {
        let request = format!("POST {path} HTTP/1.0\r\n\r\n");
        let (head, body) = send(&app.base, &[&request]).await;
        assert!(head.starts_with(&format!("HTTP/1.0 {status}")), "{head}");
        assert_eq!(json(&body)["code"], code);
    }
    // What follows is no second request.
    let smuggled = "POST /api/sessions HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let (_, body) = send(&app.base, &[smuggled, "GET /health HTTP/1.0\r\n\r\n"]).await;
    assert!(body.ends_with("\"error\":null}") && !body.contains("healthy"), "{body}");
}

#[tokio::test]
async fn http10_streams_end_with_the_connection() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let body = r#"{"text": "hello there"}"#;
    let request = format!(
        "POST /api/sessions/{id}/messages HTTP/1.0\r\nContent-Type: application/json\r\n\
         Connection: keep-alive\r\nAccept: text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (head, events) = send(&app.base, &[&request]).await;
    assert!(head.starts_with("HTTP/1.0 200") && !head.contains("chunked"), "{head}");
    assert!(events.starts_with("event: transcript\ndata: "), "{events}");
    assert!(events.contains("\n\nevent: done\ndata: "), "{events}");
    let request = format!("GET /api/sessions/{id}/messages HTTP/1.0\r\n\r\n");
    let (_, history) = send(&app.base, &[&request]).await;
    assert_eq!(json(&history)["data"]["messages"].as_array().expect("messages").len(), 2);
}

#[tokio::test]
async fn http10_requests_are_logged() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let server = ServerProcess::start(folder.path(), &[("DATABASE_URL", &database.url)]);
    send(&server.base, &["POST /api/sessions HTTP/1.0\r\n\r\n"]).await;
    // A body without a length may be a second request.
    let (head, _) = send(&server.base, &["POST /api/sessions HTTP/1.0\r\n\r\n{}"]).await;
    assert!(head.starts_with("HTTP/1.0 400") || head.starts_with("HTTP/1.1 400"), "{head}");
    let log = server.stop();
    let completed = |line: &&str| line.contains("/api/sessions") && line.contains("status=200");
    assert_eq!(log.lines().filter(completed).count(), 1, "{log}");
    assert!(log.contains("INVALID_HTTP"), "{log}");
}
