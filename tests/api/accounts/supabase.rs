//! Account requests of a server with Supabase, which forwards them to the auth service.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{ADA, Project};
use crate::reply::{ReplyExt, RequestExt, body};

/// A user as the auth service describes one.
fn user() -> Value {
    json!({
        "id": ADA, "email": "ada@example.com", "is_anonymous": false,
        "user_metadata": {"name": "Ada"}, "aud": "authenticated",
    })
}

/// A login as the auth service describes one.
fn login() -> Value {
    json!({
        "access_token": "a", "refresh_token": "r", "token_type": "bearer",
        "expires_in": 3600, "expires_at": 2_000_000_000, "user": user(),
    })
}

fn credentials() -> Value {
    json!({"email": "ada@example.com", "password": "canary-password"})
}

/// Posts as a client behind a proxy; the status, `Retry-After` and the reply.
async fn post(project: &Project, route: &str, json: Value) -> (u16, Option<String>, Value) {
    let url = project.app.url(&format!("/api/auth/{route}"));
    let request = project.app.http.post(url).json(&json);
    let request = request.header("X-Forwarded-For", "203.0.113.7");
    let response = request.response().await;
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    (status, retry_after, body(response).await)
}

#[tokio::test]
async fn account_requests_are_forwarded_to_supabase() {
    let project = Project::spawn(&[
        ("KUKU_AUTH__FORWARD_CLIENT_IP", "true"),
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    // A sign-up that has to be confirmed by e-mail gives no token yet.
    project.supabase.queue_response(200, None, user());
    let (_, _, reply) = post(&project, "signup", credentials()).await;
    assert_eq!(reply["data"]["accessToken"], Value::Null, "{reply}");
    assert_eq!(reply["data"]["user"]["id"], ADA, "{reply}");

    project.supabase.queue_response(200, None, login());
    let (_, _, reply) = post(&project, "login", credentials()).await;
    assert_eq!(
        *reply.data(),
        json!({
            "accessToken": "a", "refreshToken": "r", "tokenType": "bearer",
            "expiresIn": 3600, "expiresAt": 2_000_000_000,
            "user": {
                "id": ADA, "email": "ada@example.com", "isAnonymous": false,
                "data": {"name": "Ada"},
            },
        })
    );
    project.supabase.queue_response(200, None, login());
    post(&project, "refresh", json!({"refreshToken": "r"})).await;
    project.supabase.queue_response(200, None, login());
    post(&project, "anonymous", json!({})).await;

    let requests = project.supabase.take_requests();
    let paths: Vec<&str> = requests.iter().map(|request| &*request.path).collect();
    assert_eq!(
        paths,
        [
            "POST /auth/v1/signup",
            "POST /auth/v1/token?grant_type=password",
            "POST /auth/v1/token?grant_type=refresh_token",
            "POST /auth/v1/signup",
        ]
    );
    assert_eq!(requests[1].body, credentials());
    for request in &requests {
        assert_eq!(request.header("apikey"), Some("canary-anon-key"));
        assert_eq!(request.header("sb-forwarded-for"), Some("203.0.113.7"));
        let version = request.header("x-supabase-api-version");
        assert_eq!(version, Some("2024-01-01"));
    }
}

#[tokio::test]
async fn supabase_errors_are_passed_on_or_reported_as_unavailable() {
    let project = Project::spawn(&[]).await;
    for (supabase_status, retry_after, supabase_body, status, code) in [
        (
            400,
            None,
            json!({"code": "invalid_credentials", "message": "x"}),
            400,
            "invalid_credentials",
        ),
        (
            422,
            None,
            json!({"code": 422, "error_code": "weak_password", "msg": "x"}),
            422,
            "weak_password",
        ),
        (
            400,
            None,
            json!({"error": "invalid_grant", "error_description": "x"}),
            400,
            "auth_refused",
        ),
        (429, Some("17"), json!({"code": "over_request_rate_limit"}), 429, "TOO_MANY_REQUESTS"),
        (500, None, Value::Null, 503, "ACCOUNTS_UNAVAILABLE"),
        (401, None, json!({"message": "Invalid API key"}), 503, "ACCOUNTS_UNAVAILABLE"),
        (200, None, json!({"access_token": 7}), 503, "ACCOUNTS_UNAVAILABLE"),
    ] {
        let name = format!("{supabase_status} {supabase_body}");
        let supabase = &project.supabase;
        supabase.queue_response(supabase_status, retry_after, supabase_body);
        let (got, wait, reply) = post(&project, "login", credentials()).await;
        assert_eq!((got, reply.code()), (status, code), "{name}: {reply}");
        if retry_after.is_some() {
            assert_eq!(wait.as_deref(), retry_after, "{name}");
        }
    }
}

#[tokio::test]
async fn requests_about_a_user_carry_the_users_token() {
    let project = Project::spawn(&[]).await;
    let token = Some(project.ada.as_str());
    project.supabase.queue_response(200, None, user());
    let me = project.get("/api/users/me", token).await;
    assert_eq!(me.data()["email"], "ada@example.com", "{me}");
    project.supabase.queue_response(200, None, user());
    let change = json!({"data": {"a": 1}});
    let json = Some(change.clone());
    project.send(Method::PATCH, "/api/users/me", token, json).await;
    project.supabase.queue_response(204, None, Value::Null);
    let logout = project.send(Method::POST, "/api/auth/logout", token, None).await;
    assert_eq!(logout.status(), StatusCode::NO_CONTENT);

    let requests = project.supabase.take_requests();
    let paths: Vec<&str> = requests.iter().map(|request| &*request.path).collect();
    assert_eq!(
        paths,
        ["GET /auth/v1/user", "PUT /auth/v1/user", "POST /auth/v1/logout?scope=global"]
    );
    let authorization = format!("Bearer {}", project.ada);
    for request in &requests {
        assert_eq!(request.header("authorization"), Some(&*authorization));
    }
    assert_eq!(requests[1].body, change);
}

#[tokio::test]
async fn supabase_errors_are_told_with_their_cause() {
    let project = Project::spawn(&[]).await;
    for (supabase_status, supabase_body, status, code, text) in [
        (
            422,
            json!({
                "code": "weak_password", "message": "Password should be at least 12 characters.",
                "weak_password": {"reasons": ["length"]},
            }),
            422,
            "weak_password",
            "at least 12 characters",
        ),
        (
            400,
            json!({"code": "email_address_not_authorized", "message": "x"}),
            400,
            "email_address_not_authorized",
            "cannot send e-mail",
        ),
        (
            401,
            json!({"message": "Legacy API keys are disabled", "hint": "x"}),
            503,
            "ACCOUNTS_UNAVAILABLE",
            "Accounts cannot be reached",
        ),
        (302, json!({}), 503, "ACCOUNTS_UNAVAILABLE", "Accounts cannot be reached"),
    ] {
        let name = supabase_body.to_string();
        project.supabase.queue_response(supabase_status, None, supabase_body);
        // What a client that follows redirects would get.
        if supabase_status == 302 {
            project.supabase.queue_response(200, None, login());
        }
        let (got, _, reply) = post(&project, "signup", credentials()).await;
        assert_eq!((got, reply.code()), (status, code), "{name}: {reply}");
        assert!(reply["error"].as_str().is_some_and(|error| error.contains(text)), "{reply}");
    }
}

#[tokio::test]
async fn conflict_of_supabase_is_retried() {
    let project = Project::spawn(&[]).await;
    project.supabase.queue_response(409, None, json!({"code": "conflict"}));
    let mut session = login();
    session.as_object_mut().expect("an object").remove("expires_at");
    project.supabase.queue_response(200, None, session);
    let (status, _, reply) = post(&project, "refresh", json!({"refreshToken": "r"})).await;
    assert_eq!(status, 200, "{reply}");
    assert_eq!(project.supabase.take_requests().len(), 2);
    // Without `expires_at` it follows from `expires_in`.
    let expected = time::OffsetDateTime::now_utc().unix_timestamp() + 3_600;
    let expires_at = reply["data"]["expiresAt"].as_i64().expect("a time");
    assert!((expires_at - expected).abs() < 10, "{reply}");
}

#[tokio::test]
async fn long_retry_after_of_supabase_is_capped() {
    let project = Project::spawn(&[]).await;
    project.supabase.queue_response(429, Some("864000"), json!({"code": "x"}));
    let (status, retry_after, _) = post(&project, "login", credentials()).await;
    assert_eq!((status, retry_after.as_deref()), (429, Some("3600")));
}
