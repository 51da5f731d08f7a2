//! The export and the erasure of a user's data.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Row};

use super::{ADA, Project, SERVICE_KEY, assert_status_and_code, send, sign_up};
use crate::{
    app::{TestApp, eventually},
    distribution::is_distributed,
    fake_openai::FakeOpenAi,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, body, text},
};

/// Words that only the erased user has said.
const CANARY: &str = "the canary sings at midnight";

/// Creates a session of this user and says `words` in it, with an idempotency key.
async fn given_conversation(app: &TestApp, token: &str, words: &str) {
    let session = send(app, Method::POST, "/api/sessions", Some(token), None).await;
    let id = body(session).await.session_id();
    let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
    let request = request.bearer_auth(token).header("Idempotency-Key", "k");
    request.json(&json!({ "text": words })).reply().await.data();
}

#[tokio::test]
async fn export_holds_the_users_sessions_and_messages() {
    let app = TestApp::builder().with_auth().spawn().await;
    let (ada, bob) = (
        text(&sign_up(&app, "ada@example.com").await["accessToken"]),
        text(&sign_up(&app, "bob@example.com").await["accessToken"]),
    );
    given_conversation(&app, &ada, CANARY).await;
    given_conversation(&app, &ada, "and more").await;
    given_conversation(&app, &bob, "what bob says").await;
    let path = "/api/users/me/export";
    let export = send(&app, Method::GET, path, Some(&ada), None).await;
    let content_type = &export.headers()[header::CONTENT_TYPE];
    assert_eq!(content_type, "application/x-ndjson");
    let export = export.text().await.expect("lines");
    let types: Vec<String> = export
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|entry| text(&entry["type"]))
        .collect();
    let conversation = ["session", "message", "message"];
    assert_eq!(types, [conversation, conversation].concat(), "{export}");
    assert!(export.contains(CANARY), "{export}");
    assert!(!export.contains("bob"), "{export}");
}

#[tokio::test]
async fn erased_user_leaves_no_row_and_no_file() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).with_auth().spawn().await;
    let (ada, bob) =
        (sign_up(&app, "ada@example.com").await, sign_up(&app, "bob@example.com").await);
    let (token, other) = (text(&ada["accessToken"]), text(&bob["accessToken"]));
    given_conversation(&app, &token, CANARY).await;
    given_conversation(&app, &token, "and more").await;
    given_conversation(&app, &other, "what bob says").await;
    eventually("the audio is stored", async || app.files("audio").len() == 3).await;

    let erased = send(&app, Method::DELETE, "/api/users/me", Some(&token), None).await;
    assert_eq!(
        *body(erased).await.data(),
        json!({
            "sessions": 2, "messages": 4, "storedAnswers": 2, "audio": 2, "memory": false,
            "account": true,
        })
    );
    assert_no_row_contains(&app.database, &["canary", &text(&ada["user"]["id"])]).await;
    assert_eq!(app.files("audio").len(), 1);
    assert!(app.files("uploads").is_empty());
    let response = send(&app, Method::POST, "/api/sessions", Some(&token), None).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "BAD_TOKEN").await;
    let list = send(&app, Method::GET, "/api/sessions", Some(&other), None).await;
    let list = body(list).await;
    assert_eq!(list["data"]["sessions"].as_array().map(Vec::len), Some(1));
}

/// Rounds of a race, of which most were lost while erasure did not lock the user's row.
const ROUNDS: usize = 40;

#[tokio::test]
async fn erasure_leaves_no_session_that_begins_beside_it() {
    let app = TestApp::builder()
        .with_auth()
        .with_setting("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", 0)
        .spawn()
        .await;
    for round in 0..ROUNDS {
        let account = app.post("/api/auth/anonymous", Value::Null).await;
        let token = text(&account.data()["accessToken"]);
        let claimed = app.given_session().await;
        let path = format!("/api/sessions/{claimed}/claim");
        let create = || send(&app, Method::POST, "/api/sessions", Some(&token), None);
        let claim = send(&app, Method::POST, &path, Some(&token), None);
        let erase = send(&app, Method::DELETE, "/api/users/me", Some(&token), None);
        let (one, two, erased, claim) = tokio::join!(create(), create(), erase, claim);
        assert_eq!(erased.status(), StatusCode::OK, "round {round}");
        for response in [one, two, claim] {
            if response.status() == StatusCode::OK {
                let id = body(response).await.session_id();
                let reply = app.get(&format!("/api/sessions/{id}")).await;
                assert_eq!(reply.code(), "SESSION_NOT_FOUND", "round {round}");
            } else {
                let code = body(response).await.code().to_owned();
                // Claimed, and erased before the claim read the session.
                let expected = ["BAD_TOKEN", "SESSION_NOT_FOUND"];
                assert!(expected.contains(&code.as_str()), "round {round}: {code}");
            }
        }
    }
    let mut connection = app.database.connect().await;
    let owned =
        sqlx::query_scalar("SELECT count(*) FROM public.sessions WHERE user_id IS NOT NULL");
    let owned: i64 = owned.fetch_one(&mut connection).await.expect("counted");
    assert_eq!(owned, 0);
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn erasure_leaves_nothing_of_turns_beside_it() {
    let app = TestApp::builder()
        .with_auth()
        .with_setting("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", 0)
        .spawn()
        .await;
    for round in 0..ROUNDS / 2 {
        let account = app.post("/api/auth/anonymous", Value::Null).await;
        let token = text(&account.data()["accessToken"]);
        let own = body(send(&app, Method::POST, "/api/sessions", Some(&token), None).await).await;
        let (own, claimed) = (own.session_id(), app.given_session().await);
        let turn = |id: &str, key: String, token: Option<&str>| {
            let path = format!("/api/sessions/{id}/messages");
            let request = app.http.post(app.url(&path)).header("Idempotency-Key", key);
            request.bearer(token).json(&json!({ "text": CANARY })).response()
        };
        let path = format!("/api/sessions/{claimed}/claim");
        let later = async || {
            tokio::time::sleep(std::time::Duration::from_millis(round as u64)).await;
            send(&app, Method::DELETE, "/api/users/me", Some(&token), None).await
        };
        let (one, two, _, _, erased) = tokio::join!(
            turn(&own, format!("{round:->16}"), Some(&token)),
            turn(&own, format!("{round:+>16}"), Some(&token)),
            turn(&claimed, format!("{round:->16}"), None),
            send(&app, Method::POST, &path, Some(&token), None),
            later(),
        );
        assert_eq!(erased.status(), StatusCode::OK, "round {round}");
        for response in [one, two] {
            let expected = [StatusCode::OK, StatusCode::UNAUTHORIZED];
            assert!(expected.contains(&response.status()), "round {round}: {response:?}");
        }
        // If the claim came too late.
        send(&app, Method::DELETE, &format!("/api/sessions/{claimed}"), None, None).await;
    }
    assert_no_row_contains(&app.database, &["canary"]).await;
}

/// A foreign key deletes the sessions. Distributed tables have none: the sessions stay, hidden from
/// others, until they are erased with the user's token.
#[tokio::test]
async fn user_deleted_in_the_dashboard_leaves_no_session() {
    let project = Project::spawn(&[]).await;
    let id = project.given_session(Some(&project.ada)).await;
    project.say(&id, CANARY, Some(&project.ada)).await.data();
    let database = &project.app.database;
    database.execute(&format!("DELETE FROM auth.users WHERE id = '{ADA}'")).await;
    let history = format!("/api/sessions/{id}/messages");
    for token in [None, Some(project.bob.as_str())] {
        let reply = project.get(&history, token).await;
        assert_eq!(reply.code(), "SESSION_NOT_FOUND", "{token:?}");
    }
    if is_distributed() {
        let erased = project.send(Method::DELETE, "/api/users/me", Some(&project.ada), None).await;
        let erased = body(erased).await;
        assert_eq!(erased["data"]["sessions"], 1, "{erased}");
    }
    for token in [project.ada.as_str(), SERVICE_KEY] {
        let reply = project.get(&history, Some(token)).await;
        assert_eq!(reply.code(), "SESSION_NOT_FOUND", "{token}");
    }
    assert_no_row_contains(database, &["canary"]).await;
}

/// Searches every table of ours for these texts.
pub async fn assert_no_row_contains(database: &TestDatabase, texts: &[&str]) {
    let mut connection = database.connect().await;
    let tables = sqlx::query(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables
         WHERE table_schema IN ('public', 'auth')",
    )
    .fetch_all(&mut connection)
    .await
    .expect("tables");
    for table in tables {
        let table: String = table.get(0);
        for text in texts {
            let count = format!("SELECT count(*) FROM {table} AS t WHERE t::text ILIKE '%{text}%'");
            let found: i64 = sqlx::query_scalar(AssertSqlSafe(count))
                .fetch_one(&mut connection)
                .await
                .expect("read");
            assert_eq!(found, 0, "{table} contains {text}");
        }
    }
    connection.close().await.expect("closed");
}

/// Keys of sessions that were deleted stay, and have the user and a counter as their scope.
#[tokio::test]
async fn erasure_deletes_all_keys_of_beginnings() {
    let app = TestApp::builder().with_auth().spawn().await;
    let account = sign_up(&app, "ada@example.com").await;
    let token = text(&account["accessToken"]);
    let begin = async || {
        let request = app.http.post(app.url("/api/sessions")).bearer_auth(&token);
        request.header("Idempotency-Key", "k").reply().await.session_id()
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = begin().await;
        assert_eq!(begin().await, id);
        let path = format!("/api/sessions/{id}");
        send(&app, Method::DELETE, &path, Some(&token), None).await;
        assert!(!ids.contains(&id), "{ids:?} {id}");
        ids.push(id);
    }
    let erased = send(&app, Method::DELETE, "/api/users/me", Some(&token), None).await;
    assert_eq!(body(erased).await.data()["storedAnswers"], 3);
    ids.push(text(&account["user"]["id"]));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_no_row_contains(&app.database, &ids).await;
}
