//! Cross-origin requests of browsers (CORS).

use reqwest::{Method, StatusCode, header};

use crate::{app::TestApp, reply::RequestExt};

#[tokio::test]
async fn cors_allows_any_origin_by_default() {
    let app = TestApp::spawn().await;
    for (method, path) in [
        (Method::GET, "/health"),
        (Method::POST, "/api/sessions"),
        (Method::GET, "/nope"),
        (Method::GET, "/audio/x.mp3"),
        (Method::DELETE, "/health"),
    ] {
        let response = app
            .http
            .request(method.clone(), app.url(path))
            .header(header::ORIGIN, "https://coach.example")
            .response()
            .await;
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{method} {path}");
        assert!(response.headers().get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
    }
}

#[tokio::test]
async fn preflight_request_is_answered_on_every_route() {
    let app = TestApp::spawn().await;
    for path in
        ["/api/sessions", "/api/sessions/x/end", "/api/sessions/x/rating", "/audio/x.mp3", "/nope"]
    {
        let response = app
            .http
            .request(Method::OPTIONS, app.url(path))
            .header(header::ORIGIN, "https://coach.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type")
            .response()
            .await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let headers = response.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert!(
            headers[header::ACCESS_CONTROL_ALLOW_METHODS].to_str().expect("text").contains("POST")
        );
        let allowed = headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().expect("text");
        assert!(allowed.eq_ignore_ascii_case("content-type"), "{allowed}");
        assert!(headers.contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn cors_refuses_origins_that_are_not_configured() {
    let app = TestApp::builder()
        .with_setting("KUKU_ALLOWED_ORIGINS", "https://coach.example, https://b.example")
        .spawn()
        .await;
    for (origin, allowed) in [
        ("https://coach.example", true),
        ("https://b.example", true),
        ("https://evil.example", false),
    ] {
        let response =
            app.http.get(app.url("/health")).header(header::ORIGIN, origin).response().await;
        let header = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        assert_eq!(header.map(|h| h == origin), allowed.then_some(true), "{origin}");
    }
}
