//! The page at `/app/`, over HTTP. `tests/browser` has it in a browser.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header, redirect};
use serde_json::json;

use crate::{
    app::TestApp,
    fake_openai::FakeOpenAi,
    reply::{ReplyExt, RequestExt, body, refusal},
};

const SERVICE_KEY: &str = "canary-service-role-key";
/// What a browser sends when somebody types an address.
const BROWSER: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
/// Largest size of all files together.
const MAX_BYTES: usize = 100_000;

/// A request that follows no redirect.
fn request(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    let client = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
    client.build().expect("a client").request(method, app.url(path))
}

fn header_of(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(&name).map_or("", |value| value.to_str().expect("text"))
}

/// Names of the page's files.
fn files() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let entries = std::fs::read_dir(folder).expect("the folder");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}

#[tokio::test]
async fn browser_is_sent_to_the_page_and_a_program_gets_json() {
    let app = TestApp::spawn().await;
    for method in [Method::GET, Method::HEAD] {
        for accept in [BROWSER, "text/html", "text/html;q=0.8,*/*;q=0.9"] {
            let request = request(&app, method.clone(), "/").header(header::ACCEPT, accept);
            let response = request.response().await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{method} {accept}");
            assert_eq!(header_of(&response, header::LOCATION), "/app/");
            assert!(header_of(&response, header::VARY).contains("Accept"), "{response:?}");
        }
    }
    for accept in [
        "",
        "*/*",
        "application/json",
        "application/json, text/plain, */*",
        "text/*",
        "application/json,text/html",
        "text/html;q=0",
        "text/html;q=0.5,application/json",
        "nonsense",
    ] {
        let request = request(&app, Method::GET, "/").header(header::ACCEPT, accept);
        let response = request.response().await;
        assert_eq!(response.status(), StatusCode::OK, "{accept}");
        let vary = header_of(&response, header::VARY).to_owned();
        assert!(vary.split(',').any(|name| name.trim() == "Accept"), "{vary}");
        assert_eq!(body(response).await["message"], "Kuku Coach API", "{accept}");
    }
    let plain = request(&app, Method::GET, "/").response().await;
    assert_eq!(plain.status(), StatusCode::OK, "no Accept");
}

#[tokio::test]
async fn page_has_types_tags_and_a_strict_policy() {
    let app = TestApp::spawn().await;
    let mut size_bytes = 0;
    for name in files() {
        let path = format!("/app/{name}");
        let response = request(&app, Method::GET, &path).response().await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let expected = match name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(header_of(&response, header::CONTENT_TYPE), expected, "{path}");
        assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header_of(&response, header::REFERRER_POLICY), "no-referrer");
        let permissions = response.headers()["permissions-policy"].to_str().expect("text");
        assert!(permissions.contains("microphone=(self)"), "{permissions}");
        let policy = header_of(&response, header::CONTENT_SECURITY_POLICY).to_owned();
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        let tag = header_of(&response, header::ETAG).to_owned();
        let bytes = response.bytes().await.expect("a file");
        size_bytes += bytes.len();
        let head = request(&app, Method::HEAD, &path).response().await;
        assert_eq!(header_of(&head, header::CONTENT_LENGTH), bytes.len().to_string());
        assert!(head.bytes().await.expect("an end").is_empty());
        assert_tagged(&app, &path, &tag).await;
    }
    assert!(size_bytes <= MAX_BYTES, "{size_bytes} bytes");
}

/// A browser that has the file is not sent it again.
async fn assert_tagged(app: &TestApp, path: &str, tag: &str) {
    for (known, status) in [
        (tag.to_owned(), StatusCode::NOT_MODIFIED),
        (format!("\"other\", W/{tag}"), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"other\"".to_owned(), StatusCode::OK),
        ("nonsense".to_owned(), StatusCode::OK),
    ] {
        let request = request(app, Method::GET, path).header(header::IF_NONE_MATCH, &known);
        let response = request.response().await;
        assert_eq!(response.status(), status, "{path} {known}");
        assert_eq!(header_of(&response, header::ETAG), tag);
        let is_empty = response.bytes().await.expect("a body").is_empty();
        assert_eq!(is_empty, status == StatusCode::NOT_MODIFIED, "{path} {known}");
    }
}

#[tokio::test]
async fn page_names_no_other_host_and_has_no_inline_code() {
    for name in files() {
        let path = format!("{}/web/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("text");
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for part in ["http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval("]
        {
            assert!(!text.contains(part), "{part} in {name}");
        }
        if name.ends_with(".html") {
            for part in ["style=", "<style", "onclick", "javascript:", "<script>"] {
                assert!(!text.contains(part), "{part} in {name}");
            }
        }
    }
}

#[tokio::test]
async fn page_is_found_without_its_slash_and_nothing_else_is() {
    let app = TestApp::spawn().await;
    let response = request(&app, Method::GET, "/app").response().await;
    assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(header_of(&response, header::LOCATION), "/app/");
    let page = request(&app, Method::GET, "/app/").response().await;
    assert!(page.text().await.expect("a page").contains("<title>Kuku Coach</title>"));
    for path in ["/app/nothing.js", "/app/../Cargo.toml", "/app/%2e%2e/Cargo.toml", "/app/a/b"] {
        let response = request(&app, Method::GET, path).response().await;
        let expected = (StatusCode::NOT_FOUND, "UNKNOWN_ROUTE".to_owned());
        assert_eq!(refusal(response).await, expected, "{path}");
    }
}

#[tokio::test]
async fn page_that_is_off_leaves_the_json_of_before() {
    let app = TestApp::with(&[("KUKU_WEB_APP", "false")]).await;
    let request_of = |path| request(&app, Method::GET, path).header(header::ACCEPT, BROWSER);
    let response = request_of("/").response().await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body(response).await["message"], "Kuku Coach API");
    for path in ["/app", "/app/", "/app/index.html", "/app/config.json"] {
        let response = request_of(path).response().await;
        let expected = (StatusCode::NOT_FOUND, "UNKNOWN_ROUTE".to_owned());
        assert_eq!(refusal(response).await, expected, "{path}");
    }
}

#[tokio::test]
async fn config_says_what_the_server_offers() {
    let openai = FakeOpenAi::spawn().await;
    let plain = TestApp::spawn().await.get("/app/config.json").await;
    let speaking = TestApp::builder().with_openai(&openai).with_auth().spawn().await;
    let speaking = speaking.get("/app/config.json").await;
    let required = TestApp::with(&[("KUKU_AUTH__MODE", "required")]).await;
    let required = required.get("/app/config.json").await;
    let expected = |accounts: bool, is_required: bool, speech: bool| {
        json!({
            "accounts": accounts, "signInRequired": is_required, "searchNeedsAccount": accounts,
            "speechToText": speech, "textToSpeech": speech, "maxUploadBytes": 25 * 1024 * 1024,
            "memory": true, "operator": !accounts,
        })
    };
    assert_eq!(*plain.data(), expected(false, false, false));
    assert_eq!(*speaking.data(), expected(true, false, true));
    assert_eq!(*required.data(), expected(true, true, false));
}

#[tokio::test]
async fn status_is_for_the_operator_only() {
    let open = TestApp::spawn().await;
    assert_eq!(open.get("/api/status").await.data()["database"]["ready"], true);
    // Whoever a proxy on this machine forwards for may be anybody.
    let forwarded = open.http.get(open.url("/api/status")).header("x-forwarded-for", "192.0.2.1");
    let expected = (StatusCode::FORBIDDEN, "FORBIDDEN".to_owned());
    assert_eq!(refusal(forwarded.response().await).await, expected);
    let settings = [("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)];
    let app = TestApp::builder().with_auth().with_settings(&settings).spawn().await;
    let get = |token: Option<&str>| app.http.get(app.url("/api/status")).bearer(token);
    let account = app.post("/api/auth/anonymous", json!({})).await;
    let token = account.data()["accessToken"].as_str();
    assert_eq!(refusal(get(token).response().await).await, expected);
    let expected = (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".to_owned());
    assert_eq!(refusal(get(None).response().await).await, expected);
    assert_eq!(get(Some(SERVICE_KEY)).response().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn status_names_providers_and_the_last_days_of_models() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_shutdown_date("gpt-transcribe", "2026-01-31");
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let status = app.get("/api/status").await;
    let status = status.data();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    for stage in ["speechToText", "coach", "textToSpeech"] {
        assert_eq!(status[stage]["available"], true, "{status}");
    }
    let models = status["models"].as_array().expect("a list");
    let ending = models.iter().find(|model| model["model"] == "gpt-transcribe");
    let ending = ending.expect("the model of recordings");
    assert_eq!(ending["shutdownDate"], "2026-01-31");
    assert_eq!(ending["setting"], "KUKU_SPEECH_TO_TEXT__MODEL");
    assert!(ending["advice"].as_str().is_some_and(|advice| advice.contains("Set KUKU_")));
    let others = models.iter().filter(|model| model["model"] != "gpt-transcribe");
    assert!(others.clone().count() > 0 && others.clone().all(|m| m["shutdownDate"].is_null()));
}
