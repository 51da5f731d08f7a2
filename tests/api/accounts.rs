//! Who is calling, what they may see, and accounts: on Supabase and without it.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::{
    app::{TestApp, body, refusal, text},
    fake_openai::FakeOpenAi,
    fake_supabase::{FakeSupabase, FaultMode, Key},
    postgres::TestDatabase,
};

const ADA: &str = "0000000a-0000-4000-8000-000000000000";
const BOB: &str = "0000000b-0000-4000-8000-000000000000";
const SECRET: &str = "canary secret of a legacy project!";

/// A server of a project with one ES256 key, and two users.
struct Project {
    supabase: FakeSupabase,
    key: Key,
    app: TestApp,
    ada: String,
    bob: String,
}

impl Project {
    async fn spawn(more: &[(&str, &str)]) -> Self {
        let key = Key::es256("first");
        let supabase = FakeSupabase::spawn(vec![key.clone()]).await;
        let variables = [&supabase.variables(), more].concat();
        let app = TestApp::with(&variables).await;
        app.database
            .execute(&format!(
                "INSERT INTO auth.users (id) VALUES ('{ADA}'), ('{BOB}')"
            ))
            .await;
        let (ada, bob) = (
            key.sign(&supabase.claims(ADA)),
            key.sign(&supabase.claims(BOB)),
        );
        Self {
            supabase,
            key,
            app,
            ada,
            bob,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        json: Option<Value>,
    ) -> Response {
        ask(&self.app, method, path, token, json).await
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Value {
        body(self.ask(Method::GET, path, token, None).await).await
    }

    async fn session_of(&self, token: Option<&str>) -> String {
        let reply = body(
            self.ask(Method::POST, "/api/sessions", token, Some(json!({})))
                .await,
        )
        .await;
        assert_eq!(reply["success"], true, "{reply}");
        text(&reply["data"]["sessionId"])
    }

    async fn say(&self, id: &str, words: &str, token: Option<&str>) -> Value {
        let path = format!("/api/sessions/{id}/messages");
        body(
            self.ask(Method::POST, &path, token, Some(json!({ "text": words })))
                .await,
        )
        .await
    }
}

async fn ask(
    app: &TestApp,
    method: Method,
    path: &str,
    token: Option<&str>,
    json: Option<Value>,
) -> Response {
    let mut request = app.http.request(method, app.url(path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(json) = json {
        request = request.json(&json);
    }
    request.send().await.expect("an answer")
}

/// Every route that has to do with sessions, with a body where it takes one.
fn routes(id: &str, audio: &str) -> Vec<(Method, String, Option<Value>)> {
    vec![
        (Method::POST, "/api/sessions".into(), Some(json!({}))),
        (Method::GET, "/api/sessions".into(), None),
        (Method::GET, format!("/api/sessions/{id}"), None),
        (Method::GET, format!("/api/sessions/{id}/messages"), None),
        (
            Method::POST,
            format!("/api/sessions/{id}/messages"),
            Some(json!({"text": "hello"})),
        ),
        (Method::GET, format!("/api/sessions/{id}/rating"), None),
        (
            Method::POST,
            format!("/api/sessions/{id}/rating"),
            Some(json!({"rating": 3})),
        ),
        (
            Method::POST,
            format!("/api/sessions/{id}/rate"),
            Some(json!({"rating": 3})),
        ),
        (
            Method::POST,
            format!("/api/sessions/{id}/end"),
            Some(json!({})),
        ),
        (Method::POST, format!("/api/sessions/{id}/claim"), None),
        (Method::DELETE, format!("/api/sessions/{id}"), None),
        (Method::GET, "/api/search/messages?q=secret".into(), None),
        (Method::GET, format!("/audio/{audio}.mp3"), None),
        (Method::GET, "/api/users/me".into(), None),
        (Method::PATCH, "/api/users/me".into(), Some(json!({}))),
        (Method::DELETE, "/api/users/me".into(), None),
        (Method::GET, "/api/users/me/export".into(), None),
        (Method::POST, "/api/auth/logout".into(), None),
    ]
}

#[tokio::test]
async fn invalid_token_is_401_on_every_route() {
    let project = Project::spawn(&[("SUPABASE_JWT_SECRET", SECRET)]).await;
    let good = project.supabase.claims(ADA);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("claims").remove(name);
        claims
    };
    let signed = |claims: &Value| project.key.sign(claims);
    let by_secret = |kid: Option<&str>, secret: &[u8], claims: &Value| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = kid.map(Into::into);
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).expect("signed")
    };
    let unsigned = |algorithm: &str| {
        let encode = |part: Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        format!(
            "{}.{}.",
            encode(json!({"alg": algorithm, "kid": "first"})),
            encode(good.clone())
        )
    };
    let stranger = Key::es256("first");
    let public = text(&project.key.jwk()["x"]);
    let long_ago = json!(1_700_000_000);
    let soon = json!(good["exp"].as_i64().expect("a time") + 3_600);
    let mut no_kid = Header::new(Algorithm::ES256);
    no_kid.kid = None;
    let no_kid = jsonwebtoken::encode(&no_kid, &good, &project.key.encoding).expect("signed");
    let bad: BTreeMap<&str, String> = BTreeMap::from([
        ("expired", signed(&with("exp", long_ago))),
        ("not yet", signed(&with("nbf", soon))),
        ("no expiry", signed(&without("exp"))),
        (
            "wrong issuer",
            signed(&with("iss", json!("https://elsewhere.supabase.co/auth/v1"))),
        ),
        ("no issuer", signed(&without("iss"))),
        ("wrong audience", signed(&with("aud", json!("anon")))),
        (
            "wrong audiences",
            signed(&with("aud", json!(["anon", "x"]))),
        ),
        ("no audience", signed(&without("aud"))),
        ("role anon", signed(&with("role", json!("anon")))),
        (
            "role service_role",
            signed(&with("role", json!("service_role"))),
        ),
        ("no role", signed(&without("role"))),
        ("subject no UUID", signed(&with("sub", json!("ada")))),
        ("no subject", signed(&without("sub"))),
        ("wrong key", stranger.sign(&good)),
        ("unknown kid", Key::es256("second").sign(&good)),
        ("no kid", no_kid),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        (
            "HS256 with the public key",
            by_secret(Some("first"), public.as_bytes(), &good),
        ),
        ("HS256 with an empty secret", by_secret(None, b"", &good)),
        (
            "HS256 with another secret",
            by_secret(None, b"another secret of thirty-two bytes", &good),
        ),
        (
            "legacy anon key",
            by_secret(
                None,
                SECRET.as_bytes(),
                &json!({"role": "anon", "iss": "supabase", "exp": 4_000_000_000u64}),
            ),
        ),
        ("anon key", "canary-anon-key".into()),
        ("nearly the service key", "canary-service-role-kez".into()),
        ("truncated", project.ada[..project.ada.len() - 2].into()),
        (
            "two parts",
            project.ada.rsplit_once('.').expect("parts").0.into(),
        ),
        ("empty", String::new()),
        ("garbage", "x.y.z".into()),
    ]);
    let id = project.session_of(Some(&project.ada)).await;
    for (name, token) in &bad {
        for (method, path, json) in routes(&id, "msg-x") {
            let response = project.ask(method.clone(), &path, Some(token), json).await;
            let challenge = response.headers().get(header::WWW_AUTHENTICATE).cloned();
            assert_eq!(
                refusal(response).await,
                (StatusCode::UNAUTHORIZED, "BAD_TOKEN".into()),
                "{name}: {method} {path}"
            );
            assert!(
                challenge.is_some_and(|value| value == "Bearer error=\"invalid_token\""),
                "{name}"
            );
        }
    }
    for authorization in ["Basic YTpi", "Bearer", "bearer"] {
        let request = project.app.http.get(project.app.url("/api/sessions"));
        let response = request
            .header(header::AUTHORIZATION, authorization)
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            response.status(),
            StatusCode::UNAUTHORIZED,
            "{authorization}"
        );
    }
    assert!(
        project.supabase.fetches() < 5,
        "made-up keys do not make us ask: {}",
        project.supabase.fetches()
    );
    for (name, token) in [
        ("the project's key", project.ada.clone()),
        (
            "several audiences",
            signed(&with("aud", json!(["x", "authenticated"]))),
        ),
        (
            "expired a moment ago",
            signed(&with(
                "exp",
                json!(good["iat"].as_i64().expect("a time") - 5),
            )),
        ),
        (
            "the legacy secret",
            by_secret(None, SECRET.as_bytes(), &good),
        ),
    ] {
        let reply = project
            .get(&format!("/api/sessions/{id}"), Some(&token))
            .await;
        assert_eq!(reply["success"], true, "{name}: {reply}");
    }
}

#[tokio::test]
async fn rs256_token_is_accepted() {
    let key = Key::rs256("rsa");
    let supabase = FakeSupabase::spawn(vec![key.clone()]).await;
    let app = TestApp::with(&supabase.variables()).await;
    app.database
        .execute(&format!("INSERT INTO auth.users (id) VALUES ('{ADA}')"))
        .await;
    let token = key.sign(&supabase.claims(ADA));
    let reply = body(ask(&app, Method::GET, "/api/sessions", Some(&token), None).await).await;
    assert_eq!(reply["data"]["sessions"], json!([]), "{reply}");
}

#[tokio::test]
async fn foreign_session_is_indistinguishable_from_a_missing_one() {
    let openai = FakeOpenAi::spawn().await;
    let project = Project::spawn(&openai.variables()).await;
    let id = project.session_of(Some(&project.ada)).await;
    let turn = project
        .say(&id, "a secret of mine", Some(&project.ada))
        .await;
    let audio = text(&turn["data"]["messages"][1]["id"]);
    let missing = (
        "session-00000000000000000000000000000000",
        "msg-00000000000000000000000000000000",
    );
    let outcome = async |method: Method, path: String, json: Option<Value>, token: Option<&str>| {
        let response = project.ask(method, &path, token, json).await;
        let status = response.status();
        // Whether the connection is kept depends on how much of the body had arrived.
        let names = response
            .headers()
            .keys()
            .filter(|name| *name != header::CONNECTION);
        let mut names: Vec<String> = names.map(ToString::to_string).collect();
        names.sort();
        (status, names, response.text().await.expect("a body"))
    };
    for token in [None, Some(project.bob.as_str())] {
        let (foreign, absent) = (routes(&id, &audio), routes(missing.0, missing.1));
        for ((method, path, json), (_, other, _)) in foreign.into_iter().zip(absent) {
            if path == other {
                continue;
            }
            let seen = outcome(method.clone(), path.clone(), json.clone(), token).await;
            let absent = outcome(method.clone(), other, json, token).await;
            assert_eq!(seen, absent, "{method} {path} with {token:?}");
            assert!(!seen.2.contains("secret"), "{method} {path}: {}", seen.2);
        }
    }
    // Nothing has changed, and to its owner all is there.
    let history = project
        .get(&format!("/api/sessions/{id}/messages"), Some(&project.ada))
        .await;
    assert_eq!(
        history["data"]["messages"].as_array().map(Vec::len),
        Some(2),
        "{history}"
    );
    let heard = project
        .ask(
            Method::GET,
            &format!("/audio/{audio}.mp3"),
            Some(&project.ada),
            None,
        )
        .await;
    assert_eq!(heard.status(), StatusCode::OK);
    let service = project
        .get(
            &format!("/api/sessions/{id}"),
            Some("canary-service-role-key"),
        )
        .await;
    assert_eq!(service["success"], true, "{service}");

    // A remembered answer is not told to strangers either.
    project
        .ask(
            Method::POST,
            &format!("/api/sessions/{id}/end"),
            Some(&project.ada),
            None,
        )
        .await;
    let rate = async |token: &str| {
        let url = project.app.url(&format!("/api/sessions/{id}/rating"));
        let request = project
            .app
            .http
            .post(url)
            .bearer_auth(token)
            .header("Idempotency-Key", "k")
            .json(&json!({"rating": 5}));
        body(request.send().await.expect("an answer")).await
    };
    assert_eq!(rate(&project.ada).await["success"], true);
    assert_eq!(rate(&project.bob).await["code"], "SESSION_NOT_FOUND");
}

#[tokio::test]
async fn anonymous_session_can_be_claimed_once() {
    let project = Project::spawn(&[]).await;
    let id = project.session_of(None).await;
    for token in [None, Some(project.ada.as_str()), Some(project.bob.as_str())] {
        assert_eq!(
            project.say(&id, "hello", token).await["success"],
            true,
            "{token:?}"
        );
        assert_eq!(
            project
                .get(&format!("/api/sessions/{id}/messages"), token)
                .await["success"],
            true
        );
    }
    let claim = format!("/api/sessions/{id}/claim");
    let response = project.ask(Method::POST, &claim, None, None).await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".into())
    );
    for _ in 0..2 {
        let reply = body(
            project
                .ask(Method::POST, &claim, Some(&project.ada), None)
                .await,
        )
        .await;
        assert_eq!(reply["data"]["sessionId"], id, "{reply}");
    }
    let response = project
        .ask(Method::POST, &claim, Some(&project.bob), None)
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::NOT_FOUND, "SESSION_NOT_FOUND".into())
    );
    assert_eq!(
        project.get(&format!("/api/sessions/{id}"), None).await["code"],
        "SESSION_NOT_FOUND"
    );
    let list = project.get("/api/sessions", Some(&project.ada)).await;
    assert_eq!(list["data"]["sessions"][0]["sessionId"], id, "{list}");

    // Two at once: one of them has it.
    let id = project.session_of(None).await;
    let claim = format!("/api/sessions/{id}/claim");
    let both = join_all(
        [&project.ada, &project.bob]
            .map(|token| project.ask(Method::POST, &claim, Some(token), None)),
    )
    .await;
    assert_eq!(
        both.iter()
            .filter(|response| response.status() == StatusCode::OK)
            .count(),
        1
    );
}

#[tokio::test]
async fn search_and_session_list_are_limited_to_the_caller() {
    let project = Project::spawn(&[]).await;
    for (token, words) in [
        (Some(&project.ada), "my garden"),
        (Some(&project.bob), "his garden"),
        (None, "a garden"),
    ] {
        let token = token.map(String::as_str);
        let id = project.session_of(token).await;
        project.say(&id, words, token).await;
    }
    let found = async |query: &str, token: Option<&str>| {
        let reply = project
            .get(
                &format!("/api/search/messages?q=garden&sender=user{query}"),
                token,
            )
            .await;
        let messages = reply["data"]["messages"].as_array().cloned();
        messages.map_or_else(Vec::new, |messages| {
            messages
                .iter()
                .map(|hit| text(&hit["text"]))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(found("", Some(&project.ada)).await, ["my garden"]);
    assert_eq!(
        found(&format!("&user_id={BOB}"), Some(&project.bob)).await,
        ["his garden"]
    );
    assert_eq!(found("", Some("canary-service-role-key")).await.len(), 3);
    assert_eq!(
        found(&format!("&user_id={ADA}"), Some("canary-service-role-key")).await,
        ["my garden"]
    );
    let response = project
        .ask(
            Method::GET,
            &format!("/api/search/messages?q=garden&user_id={BOB}"),
            Some(&project.ada),
            None,
        )
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::FORBIDDEN, "FORBIDDEN".into())
    );
    let response = project
        .ask(Method::GET, "/api/search/messages?q=garden", None, None)
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".into())
    );

    for _ in 0..4 {
        project.session_of(Some(&project.ada)).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = project
            .get(
                &format!("/api/sessions?limit=2{cursor}"),
                Some(&project.ada),
            )
            .await;
        let page = reply["data"]["sessions"].as_array().expect("sessions");
        seen.extend(
            page.iter()
                .map(|session| (text(&session["createdAt"]), text(&session["sessionId"]))),
        );
        assert!(
            page.iter()
                .all(|session| session.get("messages").is_none() && session.get("id").is_none())
        );
        match reply["data"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(
        seen.is_sorted_by(|a, b| a.0 >= b.0),
        "newest first: {seen:?}"
    );
    let foreign = project
        .ask(
            Method::GET,
            &format!("/api/sessions?limit=2{cursor}"),
            Some(&project.bob),
            None,
        )
        .await;
    assert_eq!(
        refusal(foreign).await,
        (StatusCode::BAD_REQUEST, "BAD_QUERY".into())
    );
}

#[tokio::test]
async fn request_without_a_required_token_is_refused() {
    let project = Project::spawn(&[("KUKU_AUTH__MODE", "required")]).await;
    for (method, path, json) in routes("session-x", "msg-x") {
        let response = project.ask(method.clone(), &path, None, json).await;
        assert_eq!(
            response.headers()[header::WWW_AUTHENTICATE],
            "Bearer",
            "{method} {path}"
        );
        assert_eq!(
            refusal(response).await,
            (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".into()),
            "{method} {path}"
        );
    }
    for path in ["/health", "/ready", "/", "/docs/"] {
        assert_eq!(
            project.ask(Method::GET, path, None, None).await.status(),
            StatusCode::OK,
            "{path}"
        );
    }
    project.session_of(Some(&project.ada)).await;
}

#[tokio::test]
async fn token_of_a_deleted_account_creates_no_session() {
    let project = Project::spawn(&[]).await;
    project
        .app
        .database
        .execute(&format!("DELETE FROM auth.users WHERE id = '{ADA}'"))
        .await;
    let response = project
        .ask(
            Method::POST,
            "/api/sessions",
            Some(&project.ada),
            Some(json!({})),
        )
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::UNAUTHORIZED, "BAD_TOKEN".into())
    );
}

#[tokio::test]
async fn signing_keys_rotate_without_failed_requests() {
    let project = Project::spawn(&[("KUKU_AUTH__JWKS_CACHE_SECONDS", "1")]).await;
    let (first, second) = (project.key.clone(), Key::es256("second"));
    let status = async |token: &str| {
        project
            .ask(Method::GET, "/api/sessions", Some(token), None)
            .await
            .status()
    };
    assert_eq!(status(&project.ada).await, StatusCode::OK);
    // Standby, in use, previously used: both are good.
    project
        .supabase
        .keys_are(vec![first.clone(), second.clone()]);
    let with_second = second.sign(&project.supabase.claims(ADA));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let both = (0..40).map(|n| {
        status(if n % 2 == 0 {
            &project.ada
        } else {
            &with_second
        })
    });
    assert!(
        join_all(both)
            .await
            .iter()
            .all(|status| *status == StatusCode::OK)
    );
    // Revoked: refused once the set is fetched anew, after at most a second here.
    project.supabase.keys_are(vec![second]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(status(&with_second).await, StatusCode::OK);
    assert_eq!(status(&project.ada).await, StatusCode::UNAUTHORIZED);
    let before = project.supabase.fetches();
    join_all((0..30).map(|_| status(&project.ada))).await;
    assert!(
        project.supabase.fetches() <= before + 1,
        "one fetches for all"
    );
}

#[tokio::test]
async fn cached_keys_serve_while_the_jwks_endpoint_fails() {
    let project = Project::spawn(&[("KUKU_AUTH__JWKS_CACHE_SECONDS", "1")]).await;
    let ask = async |token: &str| {
        project
            .ask(Method::GET, "/api/sessions", Some(token), None)
            .await
    };
    assert_eq!(ask(&project.ada).await.status(), StatusCode::OK);
    let stranger = Key::es256("second").sign(&project.supabase.claims(ADA));
    for mood in [FaultMode::Down, FaultMode::Garbage, FaultMode::Slow] {
        project.supabase.is_now(mood);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(ask(&project.ada).await.status(), StatusCode::OK, "{mood:?}");
        let response = ask(&stranger).await;
        assert!(
            response.headers().contains_key(header::RETRY_AFTER),
            "{mood:?}"
        );
        assert_eq!(
            refusal(response).await,
            (StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE".into()),
            "{mood:?}"
        );
        // Never an open door, and not a wait for each.
        let began = std::time::Instant::now();
        join_all((0..20).map(|_| ask(&project.ada))).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{mood:?}");
    }
    let unreachable = [("SUPABASE_URL", "http://127.0.0.1:1")];
    let app = TestApp::on(TestDatabase::new().await, &unreachable).await;
    let response = self::ask(&app, Method::GET, "/api/sessions", Some(&project.ada), None).await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE".into())
    );
}

/// The shipped reads, with their own filter for the owner made void, still show nothing foreign to a user.
#[tokio::test]
async fn query_without_its_owner_filter_returns_no_foreign_row() {
    let project = Project::spawn(&[]).await;
    let id = project.session_of(Some(&project.ada)).await;
    project
        .say(&id, "a secret of mine", Some(&project.ada))
        .await;
    let shipped: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../sqlx-data.json")).expect("sqlx-data.json");
    let shipped = |part: &str| {
        let mut found = shipped
            .values()
            .filter_map(|query| query["query"].as_str())
            .filter(|query| query.contains(part));
        let query = found.next().unwrap_or_else(|| panic!("{part}"));
        assert!(found.next().is_none(), "{part}");
        query.to_owned()
    };
    let mut connection = project.app.database.connect().await;
    for (name, query, filter, arguments) in [
        (
            "get_session",
            shipped("(asked.is_service OR s.user_id IS NULL OR s.user_id = $3)"),
            "user_id = $3)",
            format!("ARRAY['{id}'], ARRAY[false], '{BOB}'"),
        ),
        (
            "get_conversation_page",
            shipped("m.position > asked.after"),
            "s.user_id = $5)",
            format!("ARRAY['{id}'], ARRAY[0], ARRAY[100], ARRAY[false], '{BOB}'"),
        ),
        (
            "list_sessions",
            shipped("(created_at, id) < ($2, $3)"),
            "user_id = $1",
            format!("'{BOB}', NULL, NULL, 100"),
        ),
        (
            "search_messages_global",
            shipped("within.rating >= $14"),
            "within.user_id = $12)",
            format!(
                "'secret', NULL, NULL, NULL, NULL, 100, true, NULL, NULL, NULL, 20, '{BOB}', NULL, NULL"
            ),
        ),
    ] {
        assert_eq!(query.matches(filter).count(), 1, "{name}");
        let void = match filter.strip_suffix(')') {
            Some(condition) => format!("{condition} OR TRUE)"),
            None => format!("({filter} OR TRUE)"),
        };
        let forgetful = query.replace(filter, &void);
        for (who, named, expected) in [(ADA, &*id, true), (BOB, &*id, false), (BOB, "", false)] {
            let mut reading = connection.begin().await.expect("begun");
            reading
                .execute(AssertSqlSafe(format!(
                    "SET LOCAL ROLE authenticated; SET LOCAL kuku_coach.session_id = '{named}'; \
                     SET LOCAL request.jwt.claims = '{{\"sub\":\"{who}\",\"role\":\"authenticated\"}}'"
                )))
                .await
                .expect("set");
            reading
                .execute(AssertSqlSafe(format!("PREPARE forgetful AS {forgetful}")))
                .await
                .expect(name);
            let rows = sqlx::query(AssertSqlSafe(format!("EXECUTE forgetful({arguments})")))
                .fetch_all(&mut *reading)
                .await
                .expect(name);
            assert_eq!(!rows.is_empty(), expected, "{name} for {who}");
            reading.rollback().await.expect("over");
            connection
                .execute("DEALLOCATE forgetful")
                .await
                .expect("dropped");
        }
    }
    connection.close().await.expect("closed");
}

/// A laptop's server with accounts of its own.
async fn local() -> TestApp {
    TestApp::with(&[("KUKU_AUTH__MODE", "optional")]).await
}

async fn sign_up(app: &TestApp, email: &str) -> Value {
    let reply = app
        .post(
            "/api/auth/signup",
            json!({"email": email, "password": "a good password"}),
        )
        .await;
    assert_eq!(reply["success"], true, "{reply}");
    reply["data"].clone()
}

#[tokio::test]
async fn local_account_signs_up_logs_in_and_out() {
    let app = local().await;
    let new = sign_up(&app, " Ada@Example.com").await;
    assert_eq!(new["user"]["email"], "ada@example.com");
    assert_eq!(
        (&new["tokenType"], &new["expiresIn"]),
        (&json!("bearer"), &json!(3_600))
    );
    let post = async |path: &str, json: Value| {
        let response = ask(&app, Method::POST, path, None, Some(json)).await;
        (response.status().as_u16(), body(response).await)
    };
    let password = "a good password";
    for (path, json, expected) in [
        (
            "signup",
            json!({"email": "ada@example.com", "password": password}),
            (422, "user_already_exists"),
        ),
        (
            "signup",
            json!({"email": "bob@example.com", "password": "short"}),
            (422, "weak_password"),
        ),
        (
            "signup",
            json!({"email": "bob@example.com", "password": "x".repeat(73)}),
            (400, "validation_failed"),
        ),
        (
            "signup",
            json!({"email": "bob", "password": password}),
            (400, "email_address_invalid"),
        ),
        (
            "signup",
            json!({"email": "bob@example.com"}),
            (422, "MALFORMED_REQUEST"),
        ),
        (
            "signup",
            json!({"email": "b\u{0}@example.com", "password": password}),
            (422, "MALFORMED_REQUEST"),
        ),
        (
            "signup",
            json!({"email": "bob@example.com", "password": password, "data": {"a": "\u{0}"}}),
            (422, "MALFORMED_REQUEST"),
        ),
        (
            "signup",
            json!({"email": "b".repeat(70_000), "password": password}),
            (413, "BODY_TOO_LARGE"),
        ),
        (
            "login",
            json!({"email": "ada@example.com", "password": "another password"}),
            (400, "invalid_credentials"),
        ),
        (
            "login",
            json!({"email": "nobody@example.com", "password": password}),
            (400, "invalid_credentials"),
        ),
        (
            "refresh",
            json!({"refreshToken": "x"}),
            (400, "refresh_token_not_found"),
        ),
        ("refresh", json!({}), (422, "MALFORMED_REQUEST")),
    ] {
        let (status, reply) = post(&format!("/api/auth/{path}"), json).await;
        assert_eq!(
            (status, reply["code"].as_str().expect("a code")),
            expected,
            "{path} {reply}"
        );
    }
    let (_, login) = post(
        "/api/auth/login",
        json!({"email": "ADA@example.com", "password": password}),
    )
    .await;
    let access = text(&login["data"]["accessToken"]);
    let me = body(ask(&app, Method::GET, "/api/users/me", Some(&access), None).await).await;
    assert_eq!(me["data"]["id"], new["user"]["id"], "{me}");

    // Each refresh token is good once; one that comes back ends its login, and no other.
    let first = text(&login["data"]["refreshToken"]);
    let (_, second) = post("/api/auth/refresh", json!({"refreshToken": first})).await;
    let second = text(&second["data"]["refreshToken"]);
    let (status, reused) = post("/api/auth/refresh", json!({"refreshToken": first})).await;
    assert_eq!(
        (status, &reused["code"]),
        (400, &json!("refresh_token_already_used"))
    );
    assert_eq!(
        post("/api/auth/refresh", json!({"refreshToken": second}))
            .await
            .1["code"],
        "refresh_token_not_found"
    );
    let other = text(&new["refreshToken"]);
    let (status, other) = post("/api/auth/refresh", json!({"refreshToken": other})).await;
    assert_eq!(status, 200, "{other}");
    let racing = text(&other["data"]["refreshToken"]);
    let races =
        join_all((0..8).map(|_| post("/api/auth/refresh", json!({"refreshToken": racing})))).await;
    assert_eq!(
        races.iter().filter(|(status, _)| *status == 200).count(),
        1,
        "{races:?}"
    );

    let (_, login) = post(
        "/api/auth/login",
        json!({"email": "ada@example.com", "password": password}),
    )
    .await;
    let out = ask(&app, Method::POST, "/api/auth/logout", Some(&access), None).await;
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let left = text(&login["data"]["refreshToken"]);
    assert_eq!(
        post("/api/auth/refresh", json!({"refreshToken": left}))
            .await
            .1["code"],
        "refresh_token_not_found"
    );

    // No password and no token is stored as it is.
    let mut connection = app.database.connect().await;
    let stored: String = sqlx::query_scalar(
        "SELECT (SELECT string_agg(u::text, ' ') FROM auth.users AS u) || COALESCE((SELECT string_agg(t::text, ' ') FROM public.refresh_tokens AS t), '')",
    )
    .fetch_one(&mut connection)
    .await
    .expect("read");
    assert!(
        stored.contains("$argon2id$") && !stored.contains(password) && !stored.contains(&left),
        "{stored}"
    );
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn anonymous_account_becomes_permanent() {
    let app = local().await;
    let anonymous =
        body(ask(&app, Method::POST, "/api/auth/anonymous", None, None).await).await["data"]
            .clone();
    assert_eq!(
        (
            &anonymous["user"]["isAnonymous"],
            &anonymous["user"]["email"]
        ),
        (&json!(true), &Value::Null)
    );
    let token = text(&anonymous["accessToken"]);
    let session = body(ask(&app, Method::POST, "/api/sessions", Some(&token), None).await).await;
    let change = async |json: Value| {
        let response = ask(
            &app,
            Method::PATCH,
            "/api/users/me",
            Some(&token),
            Some(json),
        )
        .await;
        (response.status().as_u16(), body(response).await)
    };
    sign_up(&app, "taken@example.com").await;
    for (json, expected) in [
        (
            json!({"password": "a good password"}),
            (400, "validation_failed"),
        ),
        (json!({"email": "taken@example.com"}), (422, "email_exists")),
        (json!({"email": "x"}), (400, "email_address_invalid")),
        (json!({"data": [1]}), (422, "MALFORMED_REQUEST")),
    ] {
        let (status, reply) = change(json).await;
        assert_eq!(
            (status, reply["code"].as_str().expect("a code")),
            expected,
            "{reply}"
        );
    }
    let (_, reply) = change(
        json!({"email": "ada@example.com", "password": "a good password", "data": {"name": "Ada"}}),
    )
    .await;
    assert_eq!(reply["data"]["isAnonymous"], false, "{reply}");
    assert_eq!(reply["data"]["data"], json!({"name": "Ada"}), "{reply}");
    let (_, reply) = change(json!({"data": {"voice": "nova"}})).await;
    assert_eq!(
        reply["data"]["data"],
        json!({"name": "Ada", "voice": "nova"}),
        "{reply}"
    );
    assert_eq!(
        change(json!({"password": "a good password"})).await.1["code"],
        "same_password"
    );
    let login = app
        .post(
            "/api/auth/login",
            json!({"email": "ada@example.com", "password": "a good password"}),
        )
        .await;
    let token = text(&login["data"]["accessToken"]);
    let list = body(ask(&app, Method::GET, "/api/sessions", Some(&token), None).await).await;
    assert_eq!(
        list["data"]["sessions"][0]["sessionId"], session["data"]["sessionId"],
        "what was theirs stays theirs: {list}"
    );
}

#[tokio::test]
async fn erased_user_leaves_no_row_and_no_file() {
    let openai = FakeOpenAi::spawn().await;
    let variables = [openai.variables(), vec![("KUKU_AUTH__MODE", "optional")]].concat();
    let app = TestApp::with(&variables).await;
    let (ada, bob) = (
        sign_up(&app, "ada@example.com").await,
        sign_up(&app, "bob@example.com").await,
    );
    let (token, other) = (text(&ada["accessToken"]), text(&bob["accessToken"]));
    let canary = "the canary sings at midnight";
    for (token, words) in [
        (&token, canary),
        (&token, "and more"),
        (&other, "what bob says"),
    ] {
        let session = body(ask(&app, Method::POST, "/api/sessions", Some(token), None).await).await;
        let url = app.url(&format!(
            "/api/sessions/{}/messages",
            text(&session["data"]["sessionId"])
        ));
        let request = app
            .http
            .post(url)
            .bearer_auth(token)
            .header("Idempotency-Key", "k");
        let reply = body(
            request
                .json(&json!({"text": words}))
                .send()
                .await
                .expect("an answer"),
        )
        .await;
        assert_eq!(reply["success"], true, "{reply}");
    }
    let export = ask(
        &app,
        Method::GET,
        "/api/users/me/export",
        Some(&token),
        None,
    )
    .await;
    assert_eq!(
        export.headers()[header::CONTENT_TYPE],
        "application/x-ndjson"
    );
    let export = export.text().await.expect("lines");
    let lines: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(
        kinds,
        [
            "session", "message", "message", "session", "message", "message"
        ],
        "{export}"
    );
    assert!(
        export.contains(canary) && !export.contains("bob"),
        "{export}"
    );
    let files = app.files("audio").len();

    let receipt = body(ask(&app, Method::DELETE, "/api/users/me", Some(&token), None).await).await;
    assert_eq!(
        receipt["data"],
        json!({"sessions": 2, "messages": 4, "storedAnswers": 2, "audio": 2, "account": true}),
        "{receipt}"
    );
    let mut connection = app.database.connect().await;
    let tables = sqlx::query("SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('public', 'auth')")
        .fetch_all(&mut connection)
        .await
        .expect("tables");
    for table in tables {
        let table: String = table.get(0);
        let find = format!(
            "SELECT count(*) FROM {table} AS t WHERE t::text ILIKE '%canary%' OR t::text LIKE '%{}%'",
            text(&ada["user"]["id"])
        );
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(find))
            .fetch_one(&mut connection)
            .await
            .expect("read");
        assert_eq!(found, 0, "{table}");
    }
    connection.close().await.expect("closed");
    assert_eq!(app.files("audio").len(), files - 2);
    assert!(app.files("uploads").is_empty());
    let again = ask(&app, Method::POST, "/api/sessions", Some(&token), None).await;
    assert_eq!(
        refusal(again).await,
        (StatusCode::UNAUTHORIZED, "BAD_TOKEN".into())
    );
    let bobs = body(ask(&app, Method::GET, "/api/sessions", Some(&other), None).await).await;
    assert_eq!(
        bobs["data"]["sessions"].as_array().map(Vec::len),
        Some(1),
        "{bobs}"
    );
}

#[tokio::test]
async fn session_is_deleted_by_its_owner_or_by_id_if_anonymous() {
    let project = Project::spawn(&[]).await;
    let (own, nobodys) = (
        project.session_of(Some(&project.ada)).await,
        project.session_of(None).await,
    );
    project.say(&own, "hello", Some(&project.ada)).await;
    for (id, token, status) in [
        (&own, None, 404),
        (&own, Some(&project.bob), 404),
        (&own, Some(&project.ada), 200),
        (&own, Some(&project.ada), 404),
        (&nobodys, None, 200),
        (&nobodys, None, 404),
    ] {
        let token = token.map(String::as_str);
        let response = project
            .ask(Method::DELETE, &format!("/api/sessions/{id}"), token, None)
            .await;
        assert_eq!(response.status().as_u16(), status, "{token:?}");
    }
    assert_eq!(
        project.say(&own, "hello", Some(&project.ada)).await["code"],
        "SESSION_NOT_FOUND"
    );
}

#[tokio::test]
async fn account_requests_are_forwarded_to_supabase() {
    let more = [
        ("KUKU_AUTH__FORWARD_CLIENT_IP", "true"),
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let project = Project::spawn(&more).await;
    let user = json!({"id": ADA, "email": "ada@example.com", "is_anonymous": false, "user_metadata": {"name": "Ada"}, "aud": "authenticated"});
    let session = json!({"access_token": "a", "refresh_token": "r", "token_type": "bearer", "expires_in": 3600, "expires_at": 2_000_000_000, "user": user});
    let credentials = json!({"email": "ada@example.com", "password": "canary-password"});
    let post = async |path: &str, json: Value| {
        let request = project
            .app
            .http
            .post(project.app.url(path))
            .header("X-Forwarded-For", "203.0.113.7")
            .json(&json);
        let response = request.send().await.expect("an answer");
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        (
            response.status().as_u16(),
            retry_after,
            body(response).await,
        )
    };
    project.supabase.will_answer(200, None, user.clone());
    let (_, _, confirm) = post("/api/auth/signup", credentials.clone()).await;
    assert_eq!(
        (
            &confirm["data"]["accessToken"],
            &confirm["data"]["user"]["id"]
        ),
        (&Value::Null, &json!(ADA)),
        "{confirm}"
    );
    project.supabase.will_answer(200, None, session.clone());
    let (_, _, login) = post("/api/auth/login", credentials.clone()).await;
    assert_eq!(
        login["data"],
        json!({
            "accessToken": "a", "refreshToken": "r", "tokenType": "bearer", "expiresIn": 3600, "expiresAt": 2_000_000_000,
            "user": {"id": ADA, "email": "ada@example.com", "isAnonymous": false, "data": {"name": "Ada"}},
        })
    );
    project.supabase.will_answer(200, None, session.clone());
    post("/api/auth/refresh", json!({"refreshToken": "r"})).await;
    project.supabase.will_answer(200, None, session);
    post("/api/auth/anonymous", json!({})).await;
    let asked = project.supabase.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "POST /auth/v1/signup",
            "POST /auth/v1/token?grant_type=password",
            "POST /auth/v1/token?grant_type=refresh_token",
            "POST /auth/v1/signup",
        ]
    );
    assert_eq!(asked[1].body, credentials);
    for asked in &asked {
        assert_eq!(asked.header("apikey"), Some("canary-anon-key"));
        assert_eq!(asked.header("sb-forwarded-for"), Some("203.0.113.7"));
        assert_eq!(asked.header("x-supabase-api-version"), Some("2024-01-01"));
    }
    for (status, retry_after, answer, expected) in [
        (
            400,
            None,
            json!({"code": "invalid_credentials", "message": "x"}),
            (400, "invalid_credentials"),
        ),
        (
            422,
            None,
            json!({"code": 422, "error_code": "weak_password", "msg": "x"}),
            (422, "weak_password"),
        ),
        (
            400,
            None,
            json!({"error": "invalid_grant", "error_description": "x"}),
            (400, "auth_refused"),
        ),
        (
            429,
            Some("17"),
            json!({"code": "over_request_rate_limit"}),
            (429, "TOO_MANY_REQUESTS"),
        ),
        (500, None, Value::Null, (503, "ACCOUNTS_UNAVAILABLE")),
        (
            401,
            None,
            json!({"message": "Invalid API key"}),
            (503, "ACCOUNTS_UNAVAILABLE"),
        ),
        (
            200,
            None,
            json!({"access_token": 7}),
            (503, "ACCOUNTS_UNAVAILABLE"),
        ),
    ] {
        project
            .supabase
            .will_answer(status, retry_after, answer.clone());
        let (status, wait, reply) = post("/api/auth/login", credentials.clone()).await;
        assert_eq!(
            (status, reply["code"].as_str().expect("a code")),
            expected,
            "{answer}: {reply}"
        );
        if expected.0 == 429 {
            assert_eq!(wait.as_deref(), Some("17"));
        }
    }
    project.supabase.asked();
    project.supabase.will_answer(200, None, user.clone());
    let me = project.get("/api/users/me", Some(&project.ada)).await;
    assert_eq!(me["data"]["email"], "ada@example.com", "{me}");
    project.supabase.will_answer(200, None, user);
    project
        .ask(
            Method::PATCH,
            "/api/users/me",
            Some(&project.ada),
            Some(json!({"data": {"a": 1}})),
        )
        .await;
    project.supabase.will_answer(204, None, Value::Null);
    let out = project
        .ask(Method::POST, "/api/auth/logout", Some(&project.ada), None)
        .await;
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let asked = project.supabase.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "GET /auth/v1/user",
            "PUT /auth/v1/user",
            "POST /auth/v1/logout?scope=global"
        ]
    );
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("authorization") == Some(&format!("Bearer {}", project.ada)))
    );
    assert_eq!(asked[1].body, json!({"data": {"a": 1}}));
}

#[tokio::test]
async fn login_attempts_are_rate_limited() {
    let more = [
        ("KUKU_AUTH__MODE", "optional"),
        ("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "3"),
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let app = TestApp::with(&more).await;
    let try_once = async |address: &str| {
        let request = app
            .http
            .post(app.url("/api/auth/login"))
            .header("X-Forwarded-For", address);
        request
            .json(&json!({"email": "a@example.com", "password": "guess 1"}))
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    for expected in [400, 400, 400, 429] {
        assert_eq!(try_once("203.0.113.7").await, expected);
    }
    assert_eq!(try_once("203.0.113.8").await, 400, "others are not held up");
    let response = app
        .http
        .get(app.url("/api/sessions/x"))
        .bearer_auth("x".repeat(9_000))
        .send()
        .await
        .expect("an answer");
    assert_eq!(refusal(response).await.1, "HEAD_TOO_LARGE");
}

#[tokio::test]
async fn server_without_accounts_answers_no_accounts() {
    let app = TestApp::spawn().await;
    let response = app
        .post_raw(
            "/api/auth/login",
            json!({"email": "a@example.com", "password": "x"}),
        )
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::NOT_FOUND, "NO_ACCOUNTS".into())
    );
    for authorization in ["Basic YTpi", "Bearer x"] {
        let request = app
            .http
            .post(app.url("/api/sessions"))
            .header(header::AUTHORIZATION, authorization);
        let reply = body(request.send().await.expect("an answer")).await;
        assert_eq!(
            reply["success"], true,
            "a proxy's own header is no token: {reply}"
        );
    }
    let response = ask(&app, Method::GET, "/api/users/me", Some("x"), None).await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".into())
    );
}
