//! Cross-origin requests of browsers (CORS). What is refused without accounts is in
//! `../limits/web_pages.rs`.

use reqwest::{Method, StatusCode, header};

use crate::{app::TestApp, reply::RequestExt};

/// A frontend of this machine without accounts, any with them; and the header that it gets.
const FRONTENDS: [(&str, &str, &str); 2] = [
    ("off", "http://localhost:5173", "http://localhost:5173"),
    ("optional", "https://coach.example", "*"),
];

#[tokio::test]
async fn cors_allows_the_frontend_by_default() {
    for (mode, origin, allowed) in FRONTENDS {
        let app = TestApp::with(&[("KUKU_AUTH__MODE", mode)]).await;
        for (method, path) in [
            (Method::GET, "/health"),
            (Method::POST, "/api/sessions"),
            (Method::GET, "/nope"),
            (Method::GET, "/audio/x.mp3"),
            (Method::DELETE, "/health"),
        ] {
            let request = app.http.request(method.clone(), app.url(path));
            let response = request.header(header::ORIGIN, origin).response().await;
            let headers = response.headers();
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], allowed, "{method} {path}");
            assert!(headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
        }
    }
}

#[tokio::test]
async fn preflight_request_is_answered_on_every_route() {
    for (mode, origin, allowed) in FRONTENDS {
        let app = TestApp::with(&[("KUKU_AUTH__MODE", mode)]).await;
        for path in [
            "/api/sessions", "/api/sessions/x/end", "/api/sessions/x/rating", "/audio/x.mp3",
            "/nope",
        ] {
            let response = app
                .http
                .request(Method::OPTIONS, app.url(path))
                .header(header::ORIGIN, origin)
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
                .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type")
                .response()
                .await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let headers = response.headers();
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], allowed, "{path}");
            let methods = headers[header::ACCESS_CONTROL_ALLOW_METHODS].to_str().expect("text");
            assert!(methods.contains("POST"), "{methods}");
            let headers_allowed =
                headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().expect("text");
            assert!(headers_allowed.eq_ignore_ascii_case("content-type"), "{headers_allowed}");
            assert_eq!(headers[header::ACCESS_CONTROL_MAX_AGE], "86400", "{path}");
            assert!(headers.contains_key("x-request-id"));
        }
    }
}

#[tokio::test]
async fn cors_with_accounts_allows_the_named_origins_only() {
    let app = TestApp::builder()
        .with_auth()
        .with_setting("KUKU_ALLOWED_ORIGINS", "https://coach.example, https://b.example")
        .spawn()
        .await;
    for (origin, allowed) in [
        ("https://coach.example", true),
        ("https://b.example", true),
        ("https://evil.example", false),
        ("http://localhost:5173", false),
    ] {
        let response =
            app.http.get(app.url("/health")).header(header::ORIGIN, origin).response().await;
        assert_eq!(response.status(), StatusCode::OK, "{origin}");
        let header = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        assert_eq!(header.map(|h| h == origin), allowed.then_some(true), "{origin}");
    }
}
