//! The routes of a memory: bad input, and other people's.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PATH, data, given_ended_session, given_user, memory, memory_of, put, send};
use crate::{
    app::{TestApp, client, eventually},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, body, refusal, text},
    server_process::{ServerProcess, open_folder},
};

const SERVICE_KEY: &str = "the service caller";
const UNKNOWN: &str = "00000000-0000-4000-8000-00000000dead";

async fn app() -> TestApp {
    TestApp::builder()
        .with_auth()
        .with_setting("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
        .spawn()
        .await
}

/// A new account: its token, and its id.
async fn given_account(app: &TestApp) -> (String, String) {
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    let account = account.data();
    (text(&account["accessToken"]), text(&account["user"]["id"]))
}

#[tokio::test]
async fn memory_is_shown_changed_and_deleted() {
    let app = app().await;
    let token = given_user(&app).await;
    let empty = json!({"enabled": true, "text": "", "updatedAt": null, "sessions": 0});
    assert_eq!(memory(&app, &token).await, empty);
    assert_eq!(put(&app, &token, json!({})).await, empty, "nothing to change");
    let null = json!({"text": null, "enabled": null, "unknown": [1]});
    assert_eq!(put(&app, &token, null).await, empty);
    given_ended_session(&app, &token, &["I will rest"]).await;
    memory_of(&app, &token, 1).await;
    let written = put(&app, &token, json!({"text": "Mine 工\u{1f600}"})).await;
    assert_eq!((&written["text"], &written["sessions"]), (&json!("Mine 工\u{1f600}"), &json!(1)));
    assert_eq!(memory(&app, &token).await, written);
    let off = put(&app, &token, json!({"enabled": false})).await;
    assert_eq!(off["updatedAt"], written["updatedAt"], "the text is as it was");
    let deleted = data(&app, Method::DELETE, PATH, &token, Value::Null).await;
    let expected = json!({"enabled": false, "text": "", "updatedAt": null, "sessions": 0});
    assert_eq!(deleted, expected);
    assert_eq!(memory(&app, &token).await, expected);
    let longest = "x".repeat(4_000);
    assert_eq!(put(&app, &token, json!({ "text": longest })).await["text"], longest);
    assert_eq!(put(&app, &token, json!({"text": ""})).await["text"], "");
}

#[tokio::test]
async fn bad_input_changes_nothing() {
    let app = app().await;
    let token = given_user(&app).await;
    put(&app, &token, json!({"text": "Mine"})).await;
    for bad in [
        json!({"text": "a\u{0}b"}),
        json!({"text": "x".repeat(4_001)}),
        json!({"text": 7}),
        json!({"text": ["a"]}),
        json!({"enabled": "true"}),
        json!({"enabled": 1}),
        json!({"text": "new", "enabled": {}}),
        json!(["text"]),
        json!("text"),
    ] {
        let response = send(&app, Method::PUT, PATH, &token, bad.clone()).await;
        let (status, code) = refusal(response).await;
        assert_eq!((status.as_u16(), code.as_str()), (422, "MALFORMED_REQUEST"), "{bad}");
    }
    for (raw, status) in [("{\"text\": ", 422), ("", 422)] {
        let request = app.http.put(app.url(PATH)).bearer_auth(&token).body(raw);
        let response = request.header("content-type", "application/json").response().await;
        assert_eq!(response.status().as_u16(), status, "{raw}");
    }
    let huge = send(&app, Method::PUT, PATH, &token, json!({"text": "x".repeat(100_000)})).await;
    assert_eq!(refusal(huge).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(memory(&app, &token).await["text"], "Mine");
}

#[tokio::test]
async fn foreign_and_missing_memories_are_answered_alike() {
    let app = app().await;
    let ((ada, ada_id), (bob, _)) = (given_account(&app).await, given_account(&app).await);
    put(&app, &ada, json!({"text": "A canary of Ada"})).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let ask = async |token: Option<&str>, user: &str| {
            let path = format!("{PATH}?user_id={user}");
            let request = app.http.request(method.clone(), app.url(&path)).bearer(token);
            let response = request.json(&json!({"text": "Bob was here"})).response().await;
            (response.status(), body(response).await)
        };
        let foreign = ask(Some(&bob), &ada_id).await;
        assert_eq!(foreign, ask(Some(&bob), UNKNOWN).await, "{method}");
        assert_eq!(foreign.0, StatusCode::FORBIDDEN);
        let anonymous = ask(None, &ada_id).await;
        assert_eq!(anonymous, ask(None, UNKNOWN).await, "{method}");
        assert_eq!((anonymous.0, anonymous.1.code()), (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED"));
        assert_eq!(ask(Some("forged"), &ada_id).await.1.code(), "BAD_TOKEN");
        let request = app.http.request(method.clone(), app.url(PATH));
        let without = request.json(&json!({})).response().await;
        assert_eq!(refusal(without).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(memory(&app, &bob).await["text"], "");
    assert_eq!(memory(&app, &ada).await["text"], "A canary of Ada");
    let own = format!("{PATH}?user_id={ada_id}");
    let own = data(&app, Method::GET, &own, &ada, Value::Null).await;
    assert_eq!(own["text"], "A canary of Ada");
}

#[tokio::test]
async fn service_key_names_the_user() {
    let app = app().await;
    let (ada, ada_id) = given_account(&app).await;
    let ask = async |method: Method, query: &str, json: Value| {
        let path = format!("{PATH}{query}");
        let response = send(&app, method, &path, SERVICE_KEY, json).await;
        (response.status().as_u16(), body(response).await)
    };
    let own = format!("?user_id={ada_id}");
    let (status, written) = ask(Method::PUT, &own, json!({"text": "By the service"})).await;
    assert_eq!((status, &written["data"]["text"]), (200, &json!("By the service")));
    assert_eq!(memory(&app, &ada).await, ask(Method::GET, &own, Value::Null).await.1["data"]);
    for (query, status, code) in
        [("", 400, "BAD_QUERY"), ("?user_id=", 400, "BAD_QUERY"), ("?user_id=7", 400, "BAD_QUERY")]
    {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let (found, reply) = ask(method, query, json!({"text": "x"})).await;
            assert_eq!((found, reply.code()), (status, code), "{query}");
        }
    }
    let unknown = format!("?user_id={UNKNOWN}");
    let (status, missing) = ask(Method::GET, &unknown, Value::Null).await;
    assert_eq!((status, &missing["data"]["text"]), (200, &json!("")));
    for method in [Method::PUT, Method::DELETE] {
        let (status, reply) = ask(method, &unknown, json!({"text": "x"})).await;
        assert_eq!((status, reply.code()), (404, "USER_NOT_FOUND"));
    }
    assert_eq!(ask(Method::DELETE, &own, Value::Null).await.0, 200);
    assert_eq!(memory(&app, &ada).await["text"], "");
}

#[tokio::test]
async fn merges_are_counted_without_client_data() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let database = TestDatabase::new().await;
    let mut settings = openai.settings();
    settings.extend([
        ("DATABASE_URL", database.url.as_str()),
        ("KUKU_METRICS__ADDRESS", address.as_str()),
        ("KUKU_AUTH__MODE", "optional"),
    ]);
    let server = ServerProcess::start(folder.path(), &settings);
    let account = server.post("/api/auth/anonymous", Value::Null).await;
    let account = account.data();
    let (token, user) = (text(&account["accessToken"]), text(&account["user"]["id"]));
    openai.queue_faults(Endpoint::Memory, [Fault::Reply(""), Fault::Status(400)]);
    for said in [&["canary"][..], &["canary"], &[]] {
        let post = async |path: &str, json: Value| {
            let request = client().post(server.url(path)).bearer_auth(&token);
            request.json(&json).reply().await
        };
        let id = post("/api/sessions", json!({})).await.session_id();
        for words in said {
            let path = format!("/api/sessions/{id}/messages");
            post(&path, json!({ "text": words })).await.data();
        }
        post(&format!("/api/sessions/{id}/end"), json!({})).await.data();
    }
    let metrics = async || {
        let metrics = client().get(format!("http://{address}/metrics")).response().await;
        metrics.text().await.expect("text")
    };
    let count = |outcome: &str| format!("kuku_memory_merges_total{{outcome=\"{outcome}\"}} 1");
    eventually("the second has failed", async || metrics().await.contains(&count("failed"))).await;
    database.execute("UPDATE public.memories SET merge_retry_at = now()").await;
    eventually("all are counted", async || {
        let metrics = metrics().await;
        ["empty", "failed", "merged", "nothing_said"].map(count).iter().all(|l| metrics.contains(l))
    })
    .await;
    let metrics = metrics().await;
    assert!(!metrics.contains("canary") && !metrics.contains(&user), "{metrics}");
    let log = server.stop();
    assert!(log.contains("not merged into a memory"), "{log}");
    assert!(!log.contains("canary") && !log.contains(&user), "{log}");
}

#[tokio::test]
async fn session_tells_whether_it_is_remembered() {
    let app = app().await;
    let token = given_user(&app).await;
    let remembers = async |token: Option<&str>| {
        let create = app.http.post(app.url("/api/sessions")).bearer(token).json(&json!({}));
        let created = create.reply().await;
        let path = format!("/api/sessions/{}", created.session_id());
        let shown = app.http.get(app.url(&path)).bearer(token).reply().await;
        assert_eq!(created.data(), shown.data());
        shown.data()["remembers"].clone()
    };
    assert_eq!(remembers(Some(&token)).await, true);
    assert_eq!(remembers(None).await, false);
    put(&app, &token, json!({"enabled": false})).await;
    assert_eq!(remembers(Some(&token)).await, false);
    let keyed = async || {
        let create = app.http.post(app.url("/api/sessions")).bearer_auth(&token);
        create.header("Idempotency-Key", "k").json(&json!({})).reply().await
    };
    assert_eq!(keyed().await.data()["remembers"], false);
    assert_eq!(keyed().await.data()["remembers"], false, "of a replayed response");
}
