//! Accounts of a server without Supabase.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::Connection;

use super::{assert_status_and_code, send, sign_up};
use crate::{
    app::TestApp,
    reply::{ReplyExt, RequestExt, body, refusal, text},
};

pub(super) const PASSWORD: &str = "a good password";

pub(super) async fn given_app() -> TestApp {
    TestApp::builder().with_auth().spawn().await
}

/// Posts to a route of accounts; the status and the reply.
pub(super) async fn post(app: &TestApp, route: &str, json: Value) -> (u16, Value) {
    let response = app.post_raw(&format!("/api/auth/{route}"), json).await;
    (response.status().as_u16(), body(response).await)
}

pub(super) async fn log_in(app: &TestApp, email: &str) -> Value {
    let (_, reply) = post(app, "login", json!({"email": email, "password": PASSWORD})).await;
    reply.data().clone()
}

pub(super) async fn refresh(app: &TestApp, token: &str) -> (u16, Value) {
    post(app, "refresh", json!({ "refreshToken": token })).await
}

/// Moves the use of all used refresh tokens into the past.
pub(super) async fn use_earlier(app: &TestApp, interval: &str) {
    let sql = "UPDATE public.refresh_tokens SET used_at = used_at - interval";
    app.database.execute(&format!("{sql} '{interval}'")).await;
}

#[tokio::test]
async fn local_account_signs_up_logs_in_and_out() {
    let app = given_app().await;
    let account = sign_up(&app, " Ada@Example.com").await;
    assert_eq!(account["user"]["email"], "ada@example.com");
    assert_eq!(account["tokenType"], "bearer");
    assert_eq!(account["expiresIn"], 3_600);

    let login = log_in(&app, "ADA@example.com").await;
    let (access, refresh_token) = (text(&login["accessToken"]), text(&login["refreshToken"]));
    let me = send(&app, Method::GET, "/api/users/me", Some(&access), None).await;
    assert_eq!(body(me).await.data()["id"], account["user"]["id"]);

    let logout = send(&app, Method::POST, "/api/auth/logout", Some(&access), None).await;
    assert_eq!(logout.status(), StatusCode::NO_CONTENT);
    let (_, refused) = refresh(&app, &refresh_token).await;
    assert_eq!(refused.code(), "refresh_token_not_found");
}

#[tokio::test]
async fn invalid_credentials_are_refused() {
    let app = given_app().await;
    sign_up(&app, "ada@example.com").await;
    let credentials = |email: &str, password: &str| json!({"email": email, "password": password});
    let long = "b".repeat(70_000);
    let nul_in_data =
        json!({"email": "bob@example.com", "password": PASSWORD, "data": {"a": "\u{0}"}});
    for (route, json, status, code) in [
        ("signup", credentials("ada@example.com", PASSWORD), 422, "user_already_exists"),
        ("signup", credentials("bob@example.com", "short"), 422, "weak_password"),
        ("signup", credentials("bob@example.com", &"x".repeat(73)), 400, "validation_failed"),
        ("signup", credentials("bob", PASSWORD), 400, "email_address_invalid"),
        ("signup", json!({"email": "bob@example.com"}), 422, "MALFORMED_REQUEST"),
        ("signup", credentials("b\u{0}@example.com", PASSWORD), 422, "MALFORMED_REQUEST"),
        ("signup", nul_in_data, 422, "MALFORMED_REQUEST"),
        ("signup", credentials(&long, PASSWORD), 413, "BODY_TOO_LARGE"),
        ("login", credentials("ada@example.com", "another password"), 400, "invalid_credentials"),
        ("login", credentials("nobody@example.com", PASSWORD), 400, "invalid_credentials"),
        ("refresh", json!({"refreshToken": "x"}), 400, "refresh_token_not_found"),
        ("refresh", json!({}), 422, "MALFORMED_REQUEST"),
    ] {
        let (got, reply) = post(&app, route, json).await;
        assert_eq!((got, reply.code()), (status, code), "{route}: {reply}");
    }
}

#[tokio::test]
async fn reused_refresh_token_ends_its_own_login_only() {
    let app = given_app().await;
    let other_login = sign_up(&app, "ada@example.com").await;
    let login = log_in(&app, "ada@example.com").await;
    let first = text(&login["refreshToken"]);
    let (_, reply) = refresh(&app, &first).await;
    let second = text(&reply.data()["refreshToken"]);
    use_earlier(&app, "11 seconds").await;

    let (status, reused) = refresh(&app, &first).await;
    assert_eq!((status, reused.code()), (400, "refresh_token_already_used"));
    let (_, ended) = refresh(&app, &second).await;
    assert_eq!(ended.code(), "refresh_token_not_found");
    let (status, other) = refresh(&app, &text(&other_login["refreshToken"])).await;
    assert_eq!(status, 200, "{other}");
}

#[tokio::test]
async fn passwords_and_refresh_tokens_are_stored_hashed() {
    let app = given_app().await;
    let account = sign_up(&app, "ada@example.com").await;
    let token = text(&account["refreshToken"]);
    let mut connection = app.database.connect().await;
    let stored: String = sqlx::query_scalar(
        "SELECT (SELECT string_agg(u::text, ' ') FROM auth.users AS u)
             || COALESCE((SELECT string_agg(t::text, ' ') FROM public.refresh_tokens AS t), '')",
    )
    .fetch_one(&mut connection)
    .await
    .expect("read");
    assert!(stored.contains("$argon2id$"), "{stored}");
    assert!(!stored.contains(PASSWORD) && !stored.contains(&token), "{stored}");
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn anonymous_account_becomes_permanent() {
    let app = given_app().await;
    let anonymous = app.post("/api/auth/anonymous", Value::Null).await;
    let anonymous = anonymous.data();
    assert_eq!(anonymous["user"]["isAnonymous"], true);
    assert_eq!(anonymous["user"]["email"], Value::Null);
    let token = text(&anonymous["accessToken"]);
    let session = send(&app, Method::POST, "/api/sessions", Some(&token), None).await;
    let id = body(session).await.session_id();
    let change = async |json: Value| {
        let json = Some(json);
        let response = send(&app, Method::PATCH, "/api/users/me", Some(&token), json).await;
        (response.status().as_u16(), body(response).await)
    };

    sign_up(&app, "taken@example.com").await;
    for (json, status, code) in [
        (json!({ "password": PASSWORD }), 400, "validation_failed"),
        (json!({"email": "taken@example.com"}), 422, "email_exists"),
        (json!({"email": "x"}), 400, "email_address_invalid"),
        (json!({"data": [1]}), 422, "MALFORMED_REQUEST"),
    ] {
        let (got, reply) = change(json).await;
        assert_eq!((got, reply.code()), (status, code), "{reply}");
    }

    let permanent =
        json!({"email": "ada@example.com", "password": PASSWORD, "data": {"name": "Ada"}});
    let (_, reply) = change(permanent).await;
    assert_eq!(reply.data()["isAnonymous"], false, "{reply}");
    assert_eq!(reply["data"]["data"], json!({"name": "Ada"}), "{reply}");
    let (_, reply) = change(json!({"data": {"voice": "nova"}})).await;
    let merged = json!({"name": "Ada", "voice": "nova"});
    assert_eq!(reply["data"]["data"], merged, "{reply}");
    let (_, reply) = change(json!({ "password": PASSWORD })).await;
    assert_eq!(reply.code(), "same_password");

    // The sessions of the anonymous account belong to the permanent one.
    let token = text(&log_in(&app, "ada@example.com").await["accessToken"]);
    let list = send(&app, Method::GET, "/api/sessions", Some(&token), None).await;
    assert_eq!(body(list).await.data()["sessions"][0]["sessionId"], id);
}

#[tokio::test]
async fn spellings_of_an_address_are_one_account() {
    let app = given_app().await;
    sign_up(&app, "jose\u{301}@example.com").await;
    let credentials = |email: &str| json!({"email": email, "password": PASSWORD});
    for (email, status, code) in [
        ("jos\u{e9}@example.com", 422, "user_already_exists"),
        ("JOSE\u{301}@Example.com", 422, "user_already_exists"),
        ("jos\u{e9}\u{200b}@example.com", 400, "email_address_invalid"),
        ("\u{202e}jos\u{e9}@example.com", 400, "email_address_invalid"),
        ("jos\u{e9}@example..com", 400, "email_address_invalid"),
    ] {
        let (got, reply) = post(&app, "signup", credentials(email)).await;
        assert_eq!((got, reply.code()), (status, code), "{email:?}: {reply}");
    }
    for email in ["jos\u{e9}@example.com", "jose\u{301}@example.com"] {
        log_in(&app, email).await;
    }
}

#[tokio::test]
async fn account_data_has_64_kb_in_all() {
    let app = given_app().await;
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    let token = text(&account.data()["accessToken"]);
    let mut statuses = Vec::new();
    for name in ["a", "b", "c"] {
        let json = Some(json!({"data": {name: "x".repeat(30_000)}}));
        let response = send(&app, Method::PATCH, "/api/users/me", Some(&token), json).await;
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 422]);
    let me = send(&app, Method::GET, "/api/users/me", Some(&token), None).await;
    let names = body(me).await.data()["data"].as_object().map(|data| data.len());
    assert_eq!(names, Some(2));
}

#[tokio::test]
async fn refused_change_leaves_no_lock_on_the_account() {
    let app = given_app().await;
    let taken = json!({"email": "ada@example.com", "password": "a good password"});
    app.post("/api/auth/signup", taken.clone()).await.data();
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    let token = text(&account.data()["accessToken"]);
    let large = json!({"data": {"a": "x".repeat(40_000), "b": "x".repeat(23_000)}});
    send(&app, Method::PATCH, "/api/users/me", Some(&token), Some(large)).await;
    let more = json!({"data": {"c": "x".repeat(10_000)}});
    for (name, change) in [("data too large", more), ("address taken", taken)] {
        let response = send(&app, Method::PATCH, "/api/users/me", Some(&token), Some(change)).await;
        assert!(response.status().is_client_error(), "{name}: {}", response.status());
        let lock =
            "BEGIN; SET LOCAL lock_timeout = '1s'; SELECT FROM auth.users FOR UPDATE; COMMIT";
        app.database.execute(lock).await;
    }
}

#[tokio::test]
async fn login_attempts_are_rate_limited_per_client_address() {
    let app = TestApp::builder()
        .with_auth()
        .with_setting("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", 3)
        .with_setting("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1")
        .spawn()
        .await;
    let log_in_from = async |address: &str| {
        let request = app.http.post(app.url("/api/auth/login"));
        let request = request.header("X-Forwarded-For", address);
        let request = request.json(&json!({"email": "a@example.com", "password": "guess 1"}));
        request.response().await.status().as_u16()
    };
    for expected in [400, 400, 400, 429] {
        assert_eq!(log_in_from("203.0.113.7").await, expected);
    }
    assert_eq!(log_in_from("203.0.113.8").await, 400);
}

#[tokio::test]
async fn request_with_large_headers_is_refused() {
    let app = given_app().await;
    let request = app.http.get(app.url("/api/sessions/x"));
    let response = request.bearer_auth("x".repeat(9_000)).response().await;
    assert_eq!(refusal(response).await.1, "HEAD_TOO_LARGE");
}

#[tokio::test]
async fn server_without_accounts_refuses_logins_and_ignores_tokens() {
    let app = TestApp::spawn().await;
    let credentials = json!({"email": "a@example.com", "password": "x"});
    let response = app.post_raw("/api/auth/login", credentials).await;
    assert_status_and_code(response, StatusCode::NOT_FOUND, "NO_ACCOUNTS").await;
    for authorization in ["Basic YTpi", "Bearer x"] {
        // A proxy may add a header of its own.
        let request = app.http.post(app.url("/api/sessions"));
        let request = request.header(header::AUTHORIZATION, authorization);
        request.reply().await.data();
    }
    let response = send(&app, Method::GET, "/api/users/me", Some("x"), None).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "TOKEN_NEEDED").await;
}
