//! Requests with an `Idempotency-Key`: repeated often, executed once.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection;

use crate::{
    app::{TestApp, eventually, webm},
    distribution::citus_url,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    invariants::assert_invariants,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, body, refusal},
};

/// A key that is long enough for callers without a token.
fn secret(name: &str) -> String {
    format!("{name:->16}")
}

async fn post(app: &TestApp, path: &str, key: &str, json: &Value) -> Response {
    post_with_key(app, path, &secret(key), json).await
}

async fn post_with_key(app: &TestApp, path: &str, key: &str, json: &Value) -> Response {
    let request = app.http.post(app.url(path)).header("Idempotency-Key", key).json(json);
    request.response().await
}

/// The reply, and whether it is a replayed one.
async fn reply_of(response: Response) -> (Value, bool) {
    assert_eq!(response.status(), StatusCode::OK);
    let replayed = response.headers().get("idempotent-replayed").map(|value| value == "true");
    (body(response).await, replayed.unwrap_or(false))
}

#[tokio::test]
async fn repeated_post_with_the_same_key_gets_the_same_response() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let (created, replayed) =
        reply_of(post(&app, "/api/sessions", "begin", &json!({})).await).await;
    assert!(!replayed);
    let id = created.session_id();
    app.say(&id, "something else in between").await;
    let again = reply_of(post(&app, "/api/sessions", "begin", &json!({"ignored": 1})).await).await;
    assert_eq!(again, (created, true), "as first sent");
    openai.take_calls(Endpoint::Reply);

    let messages = format!("/api/sessions/{id}/messages");
    let (said, replayed) =
        reply_of(post(&app, &messages, "k", &json!({"text": "hello there"})).await).await;
    assert!(!replayed && said["data"]["messages"][1]["audioUrl"].is_string(), "{said}");
    app.say(&id, "and on").await;
    let again = reply_of(post(&app, &messages, "k", &json!({"text": "hello there"})).await).await;
    assert_eq!(again, (said, true));
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 2, "none for the repetition");

    let end = format!("/api/sessions/{id}/end");
    // A key is independent of the same key on another route.
    let (ended, replayed) = reply_of(post(&app, &end, "k", &json!({})).await).await;
    assert!(!replayed);
    assert_eq!(reply_of(post(&app, &end, "k", &json!({})).await).await, (ended, true));
    assert_eq!(openai.take_calls(Endpoint::Closing).len(), 1);

    for path in ["rating", "rate"] {
        let path = format!("/api/sessions/{id}/{path}");
        let rating = json!({"rating": 5, "feedback": "good"});
        let (rated, _) = reply_of(post(&app, &path, "k", &rating).await).await;
        app.post(&path, json!({"rating": 1})).await;
        assert_eq!(reply_of(post(&app, &path, "k", &rating).await).await, (rated, true));
        assert_eq!(app.session(&id).await["rating"], 1, "a repetition changes nothing");
    }
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn repeated_closing_turn_gets_the_stored_response() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let messages = format!("/api/sessions/{id}/messages");
    let (asked, _) =
        reply_of(post(&app, &messages, "1", &json!({"text": "let's wrap up"})).await).await;
    let (ended, _) = reply_of(post(&app, &messages, "2", &json!({"text": "yes"})).await).await;
    assert_eq!(ended["data"]["sessionEnded"], true, "{ended}");
    assert_eq!(
        reply_of(post(&app, &messages, "1", &json!({"text": "let's wrap up"})).await).await,
        (asked, true)
    );
    assert_eq!(
        reply_of(post(&app, &messages, "2", &json!({"text": "yes"})).await).await,
        (ended, true)
    );
    let (refused, replayed) =
        reply_of(post(&app, &messages, "3", &json!({"text": "hello"})).await).await;
    assert_eq!((&refused["code"], replayed), (&json!("SESSION_NOT_ACTIVE"), false));
}

#[tokio::test]
async fn repeated_recording_is_recognised_in_any_encoding() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let upload = |recording: Vec<u8>| {
        // Each form has its own boundary.
        let part =
            reqwest::multipart::Part::bytes(recording).mime_str("audio/webm").expect("a type");
        app.http
            .post(app.url(&format!("/api/sessions/{id}/messages")))
            .header("Idempotency-Key", secret("spoken"))
            .multipart(reqwest::multipart::Form::new().part("audio", part))
            .response()
    };
    let (first, _) = reply_of(upload(webm(6_000)).await).await;
    assert_eq!(reply_of(upload(webm(6_000)).await).await, (first, true));
    assert_eq!(openai.take_calls(Endpoint::Transcription).len(), 1);
    let other = refusal(upload(webm(6_001)).await).await;
    assert_eq!(other, (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED".into()));
}

#[tokio::test]
async fn key_reused_for_another_request_is_refused() {
    let app = TestApp::spawn().await;
    let (one, two) = (app.given_ended_session().await, app.given_session().await);
    let path = |id: &str, what: &str| format!("/api/sessions/{id}/{what}");
    reply_of(post(&app, &path(&two, "messages"), "k", &json!({"text": "one"})).await).await;
    reply_of(post(&app, &path(&one, "rating"), "k", &json!({"rating": 5})).await).await;
    for (path, json) in [
        (path(&two, "messages"), json!({"text": "two"})),
        (path(&one, "rating"), json!({"rating": 4})),
        (path(&one, "rating"), json!({"rating": 5, "feedback": "x"})),
    ] {
        let reused = refusal(post(&app, &path, "k", &json).await).await;
        assert_eq!(
            reused,
            (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED".into()),
            "{path}"
        );
    }
    let three = app.given_session().await;
    let (reply, replayed) =
        reply_of(post(&app, &path(&three, "messages"), "k", &json!({"text": "two"})).await).await;
    assert!(reply["success"] == true && !replayed, "{reply}");
    assert_eq!(app.session(&two).await["messageCount"], 2);
}

#[tokio::test]
async fn repeated_request_in_progress_is_told_to_retry() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_millis(600))]);
    let path = format!("/api/sessions/{id}/messages");
    let hello = json!({"text": "hello there"});
    let repeat = async {
        openai.wait_for_call(Endpoint::Reply).await;
        let response = post(&app, &path, "k", &hello).await;
        let retry_after = response.headers()["retry-after"].to_str().expect("text").parse::<u32>();
        assert!(retry_after.is_ok());
        refusal(response).await
    };
    let (first, second) = tokio::join!(post(&app, &path, "k", &hello), repeat);
    assert_eq!(second, (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_IN_USE".into()));
    let first = reply_of(first).await;
    assert!(!first.1);
    assert_eq!(reply_of(post(&app, &path, "k", &hello).await).await, (first.0, true));
}

#[tokio::test]
async fn failed_request_can_be_repeated_with_its_key() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    openai.queue_faults(Endpoint::Reply, [Fault::Garbage]);
    let (failed, _) = reply_of(post(&app, &path, "k", &json!({"text": "hello"})).await).await;
    assert_eq!(failed["code"], "COACH_UNAVAILABLE");
    let (reply, replayed) = reply_of(post(&app, &path, "k", &json!({"text": "hello"})).await).await;
    assert!(reply["success"] == true && !replayed, "{reply}");
    let path = format!("/api/sessions/{id}/rating");
    let (early, _) = reply_of(post(&app, &path, "k", &json!({"rating": 5})).await).await;
    assert_eq!(early["code"], "SESSION_NOT_ENDED");
    app.end(&id).await;
    let (rated, replayed) = reply_of(post(&app, &path, "k", &json!({"rating": 5})).await).await;
    assert!(rated["success"] == true && !replayed, "{rated}");
}

/// Repeats a recording until it is answered, and returns the response and whether it is replayed.
async fn send_until_answered(app: &TestApp, id: &str, pause_ms: u64) -> (Value, bool) {
    loop {
        let part =
            reqwest::multipart::Part::bytes(webm(6_000)).mime_str("audio/webm").expect("a type");
        let response = app
            .http
            .post(app.url(&format!("/api/sessions/{id}/messages")))
            .header("Idempotency-Key", secret("the one"))
            .multipart(reqwest::multipart::Form::new().part("audio", part))
            .response()
            .await;
        if !matches!(response.status(), StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE) {
            let (reply, replayed) = reply_of(response).await;
            // A session has one upload at a time.
            if reply["code"] != "SESSION_BUSY" {
                return (reply, replayed);
            }
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}

#[tokio::test]
async fn thousand_retries_on_two_servers_store_one_turn() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(50));
    let first = TestApp::builder().with_openai(&openai).spawn().await;
    let second = TestApp::builder().sharing(&first.database).with_openai(&openai).spawn().await;
    let id = first.given_session().await;
    // Clients and servers share one thread, which must not be busy for as long as a lease lasts.
    let retry = async |app: &TestApp, n: u64| {
        tokio::time::sleep(Duration::from_millis(n * 3)).await;
        send_until_answered(app, &id, 500 + n * 7 % 2_000).await
    };
    let apps = [&first, &second];
    let answers = join_all((0..1_000).map(|n| retry(apps[n as usize % 2], n))).await;
    assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1);
    // The audio is on one server. Texts and ids are the same on both.
    let lines = |reply: &Value| {
        (reply["data"]["messages"][0].clone(), reply["data"]["messages"][1]["id"].clone())
    };
    assert!(answers.iter().all(|(reply, _)| lines(reply) == lines(&answers[0].0)));
    for endpoint in [Endpoint::Transcription, Endpoint::Reply, Endpoint::Speech] {
        assert_eq!(openai.take_calls(endpoint).len(), 1, "{endpoint:?}");
    }
    assert_eq!(first.history(&id).await.len(), 2);
    assert_invariants(&first.database).await;
}

#[tokio::test]
async fn lease_of_a_dead_server_and_an_old_key_expire() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    let hello = json!({"text": "hello there"});
    reply_of(post(&app, &path, "k", &hello).await).await;
    // The state that a killed server leaves behind.
    let abandon = "UPDATE public.idempotency_keys SET answer = NULL, claimed_until = now() ";
    app.database.execute(&format!("{abandon} + interval '10 seconds'")).await;
    assert_eq!(refusal(post(&app, &path, "k", &hello).await).await.0, StatusCode::CONFLICT);
    app.database.execute(&format!("{abandon} - interval '1 second'")).await;
    let (reply, replayed) = reply_of(post(&app, &path, "k", &hello).await).await;
    assert!(reply["success"] == true && !replayed, "{reply}");
    let (_, replayed) = reply_of(post(&app, &path, "k", &hello).await).await;
    assert!(replayed);
    app.database
        .execute("UPDATE public.idempotency_keys SET created_at = now() - interval '25 hours'")
        .await;
    let (reply, replayed) =
        reply_of(post(&app, &path, "k", &json!({"text": "another day"})).await).await;
    assert!(reply["success"] == true && !replayed, "{reply}");
}

#[tokio::test]
async fn invalid_idempotency_key_is_refused() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let long = "x".repeat(256);
    for path in [
        "/api/sessions".to_owned(),
        format!("/api/sessions/{id}/messages"),
        format!("/api/sessions/{id}/end"),
        format!("/api/sessions/{id}/rating"),
    ] {
        let tab = "a\tbbbbbbbbbbbbbbbbbb";
        // The last one is too short for a caller without a user's token, who shares keys.
        for key in ["", long.as_str(), tab, "fifteen letters"] {
            let body = json!({"text": "x", "rating": 1});
            let refused = refusal(post_with_key(&app, &path, key, &body).await).await;
            assert_eq!(
                refused,
                (StatusCode::BAD_REQUEST, "BAD_IDEMPOTENCY_KEY".into()),
                "{path} {key:?}"
            );
        }
    }
    assert_eq!(app.session(&id).await["messageCount"], 0);
    let longest = "é".repeat(127);
    let response = app
        .http
        .post(app.url("/api/sessions"))
        .header(
            "Idempotency-Key",
            reqwest::header::HeaderValue::from_bytes(longest.as_bytes()).expect("bytes"),
        )
        .response()
        .await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// Only the second attempt keeps what was said: the client may not repeat it.
#[tokio::test]
async fn turn_that_is_ended_by_a_deadlock_is_saved_again() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_millis(500))]);
    let mut other = app.database.connect_as_admin().await;
    let mut run = async |sql: &str| {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&mut other).await
    };
    let saving = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
          AND (query LIKE '%awaiting_confirmation%' OR query LIKE '%save_turn%')";
    let deadlock = async {
        // The turn has its leases.
        openai.wait_for_call(Endpoint::Reply).await;
        // The turn is the one that is ended, but for Citus.
        run("SET deadlock_timeout = '1min'; BEGIN").await.expect("begun");
        let session = format!("public.session_key('{id}')");
        let lock = format!("SELECT 1 FROM public.sessions WHERE id = {session} FOR UPDATE");
        run(&lock).await.expect("the session");
        eventually("the turn is saved", async || value::<i64>(&app, saving).await > 0).await;
        // It locks its key, and waits for the session.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let key = "SELECT 1 FROM public.idempotency_keys WHERE session_id";
        let is_locked = run(&format!("{key} = {session} FOR UPDATE")).await.is_ok();
        assert!(is_locked || citus_url().is_some());
        run("ROLLBACK").await.expect("rolled back");
    };
    let hello = json!({"text": "hello there"});
    let (response, ()) = tokio::join!(post(&app, &path, "k", &hello), deadlock);
    let (reply, replayed) = reply_of(response).await;
    assert!(reply["success"] == true && !replayed, "{reply}");
    assert_eq!(app.history(&id).await.len(), 2);
    assert_invariants(&app.database).await;
    other.close().await.expect("closed");
}

/// Nodes of distributed tables have time zones of their own.
#[tokio::test]
async fn repeated_rating_has_the_same_time_in_any_zone() {
    let database = TestDatabase::new().await;
    for node in database.nodes() {
        let mut connection = sqlx::PgConnection::connect(&node).await.expect("a node");
        let set = "DO $$ BEGIN EXECUTE format(
            'ALTER DATABASE %I SET timezone TO ''Asia/Kathmandu''', current_database()
        ); END $$";
        sqlx::raw_sql(set).execute(&mut connection).await.expect("set");
        connection.close().await.expect("closed");
    }
    let app = TestApp::builder().with_database(database).spawn().await;
    let id = app.given_ended_session().await;
    let path = format!("/api/sessions/{id}/rating");
    let rating = json!({"rating": 5});
    let (rated, _) = reply_of(post(&app, &path, "k", &rating).await).await;
    assert_eq!(reply_of(post(&app, &path, "k", &rating).await).await, (rated, true));
}

#[tokio::test]
async fn end_of_an_ended_session_returns_the_stored_summary() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    let end = format!("/api/sessions/{id}/end");
    let (first, _) = reply_of(post(&app, &end, "late", &json!({})).await).await;
    let (second, _) = reply_of(post(&app, &end, "late", &json!({})).await).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn repeated_request_waits_for_the_audio_of_the_first() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_RESPOND_BEFORE_AUDIO", false)
        .spawn()
        .await;
    let id = app.given_session().await;
    let path = format!("/api/sessions/{id}/messages");
    let hello = json!({"text": "hello there"});
    openai.queue_faults(Endpoint::Speech, [Fault::Slow(Duration::from_secs(7))]);
    let repeat = async {
        openai.wait_for_call(Endpoint::Speech).await;
        let began = Instant::now();
        eventually("the turn is stored", async || app.history(&id).await.len() == 2).await;
        let mut conflicts = 0;
        loop {
            let response = post(&app, &path, "k", &hello).await;
            if response.status() != StatusCode::CONFLICT {
                return (reply_of(response).await, conflicts, began.elapsed());
            }
            conflicts += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (first, (second, conflicts, waited)) = tokio::join!(post(&app, &path, "k", &hello), repeat);
    let (first, replayed) = reply_of(first).await;
    assert!(!replayed && first["data"]["messages"][1]["audioUrl"].is_string(), "{first}");
    // Longer than a lease lasts without renewal.
    assert!(conflicts > 0 && waited > Duration::from_secs(6), "{conflicts} in {waited:?}");
    assert_eq!(second, (first, true));
}

#[tokio::test]
async fn key_of_a_deleted_session_creates_another() {
    let app = TestApp::spawn().await;
    let create = async || reply_of(post(&app, "/api/sessions", "begin", &json!({})).await).await;
    let (first, _) = create().await;
    let path = format!("/api/sessions/{}", first.session_id());
    assert_eq!(app.http.delete(app.url(&path)).response().await.status(), StatusCode::OK);
    let body = json!({});
    let repeat = (0..8).map(|_| post(&app, "/api/sessions", "begin", &body));
    let repeated = join_all(repeat).await;
    let others = repeated.iter().filter(|response| response.status() == StatusCode::OK);
    assert!(others.count() > 0, "{repeated:?}");
    // 409 for those that came while the first of them was in progress.
    let (second, replayed) = create().await;
    assert!(replayed && second.session_id() != first.session_id(), "{second}");
    let mut connection = app.database.connect().await;
    let count = sqlx::query_scalar("SELECT count(*) FROM public.sessions");
    let count: i64 = count.fetch_one(&mut connection).await.expect("counted");
    assert_eq!(count, 1);
    connection.close().await.expect("closed");
}

/// The value of the first row.
async fn value<T>(app: &TestApp, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    let mut connection = app.database.connect().await;
    let value = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect(sql);
    connection.close().await.expect("closed");
    value
}

const SESSIONS: &str = "SELECT count(*) FROM public.sessions";

async fn begin(app: &TestApp) -> (String, bool) {
    let (created, replayed) = reply_of(post(app, "/api/sessions", "begin", &json!({})).await).await;
    (created.session_id(), replayed)
}

async fn delete(app: &TestApp, id: &str) {
    let response = app.http.delete(app.url(&format!("/api/sessions/{id}"))).response().await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// So that the rows of a key and of the session that it begins can lie on one shard.
#[tokio::test]
async fn every_key_has_the_key_of_its_session() {
    let app = TestApp::spawn().await;
    let (id, _) = begin(&app).await;
    let path = |what: &str| format!("/api/sessions/{id}/{what}");
    for (what, body) in [("messages", json!({"text": "hello there"})), ("end", json!({}))] {
        reply_of(post(&app, &path(what), "k", &body).await).await;
    }
    reply_of(post(&app, &path("rating"), "k", &json!({"rating": 5})).await).await;
    let keys = "SELECT count(*) FROM public.idempotency_keys AS k
        JOIN public.sessions AS s ON s.id = k.session_id";
    assert_eq!(value::<i64>(&app, keys).await, 4);
}

#[tokio::test]
async fn simultaneous_beginnings_at_two_servers_give_one_session() {
    let first = TestApp::spawn().await;
    let second = TestApp::builder().sharing(&first.database).spawn().await;
    let apps = [&first, &second];
    let body = json!({});
    let begin = async |n: usize| loop {
        let response = post(apps[n % 2], "/api/sessions", "begin", &body).await;
        // Another request with the key is in progress.
        if response.status() != StatusCode::CONFLICT {
            return reply_of(response).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let begun = join_all((0..20).map(begin)).await;
    assert_eq!(begun.iter().filter(|(_, replayed)| !replayed).count(), 1);
    assert!(begun.iter().all(|(created, _)| created.session_id() == begun[0].0.session_id()));
    assert_eq!(value::<i64>(&first, SESSIONS).await, 1);
}

#[tokio::test]
async fn key_of_many_deleted_sessions_creates_another() {
    let app = TestApp::spawn().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let (id, replayed) = begin(&app).await;
        assert!(!replayed && !ids.contains(&id), "{ids:?} {id}");
        assert_eq!(begin(&app).await, (id.clone(), true));
        delete(&app, &id).await;
        ids.push(id);
    }
    assert_eq!(value::<i64>(&app, SESSIONS).await, 0);
}

/// Retention is over, and the session lives on.
#[tokio::test]
async fn expired_key_of_a_session_creates_another() {
    let app = TestApp::spawn().await;
    let (first, _) = begin(&app).await;
    for forget in [
        "DELETE FROM public.idempotency_keys",
        "UPDATE public.idempotency_keys SET created_at = now() - interval '25 hours'",
    ] {
        let before = begin(&app).await.0;
        app.database.execute(forget).await;
        let (id, replayed) = begin(&app).await;
        assert!(!replayed && id != first && id != before, "{forget}");
        assert_eq!(begin(&app).await, (id.clone(), true), "{forget}");
        // Once the first session is gone, its id is free. The key still stands for the last one.
        assert_eq!(app.session(&first).await["messageCount"], 0);
        assert_eq!(begin(&app).await, (id, true), "{forget}");
    }
    delete(&app, &first).await;
    assert!(begin(&app).await.1);
    assert_eq!(value::<i64>(&app, SESSIONS).await, 2);
}

/// A server of an earlier version names the columns that it knows, and begins with a random id.
#[tokio::test]
async fn keys_of_an_earlier_version_are_replayed() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let begin_as_earlier = "
        INSERT INTO public.sessions (session_id) VALUES ('session-' || md5('earlier'));
        INSERT INTO public.idempotency_keys
            (route, scope, key, request_hash, claim, claimed_until, answer)
        VALUES (
            'create_session', '', '-----------begin', sha256(''), gen_random_uuid(), now(),
            jsonb_build_object('session_id', 'session-' || md5('earlier'))
        )";
    app.database.execute(begin_as_earlier).await;
    let (id, replayed) = begin(&app).await;
    assert!(replayed);
    assert_eq!(value::<String>(&app, "SELECT session_id FROM public.sessions").await, id);
    // As its statement takes over an expired lease.
    let upsert = "
        INSERT INTO public.idempotency_keys AS existing
            (route, scope, key, request_hash, claim, claimed_until)
        VALUES ('create_session', '', '-----------begin', sha256(''), gen_random_uuid(), now())
        ON CONFLICT (route, scope, key) DO UPDATE SET claim = EXCLUDED.claim, answer = NULL";
    app.database.execute(upsert).await;
    // The server stopped before it began a session.
    let (other, replayed) = begin(&app).await;
    assert!(!replayed && other != id);
    assert_eq!(begin(&app).await, (other.clone(), true));

    delete(&app, &other).await;
    app.database.execute("DELETE FROM public.idempotency_keys").await;
    app.database.execute("DELETE FROM public.sessions").await;
    app.database.execute(begin_as_earlier).await;
    delete(&app, &id).await;
    let (another, replayed) = begin(&app).await;
    assert!(!replayed && another != id);
    assert_eq!(begin(&app).await, (another, true));
}

#[tokio::test]
async fn ids_of_beginnings_differ_between_databases() {
    let (one, other) = (TestApp::spawn().await, TestApp::spawn().await);
    assert_ne!(begin(&one).await.0, begin(&other).await.0);
    let second = TestApp::builder().sharing(&one.database).spawn().await;
    // Both servers have the same secret: the session is taken, and its key is new.
    let (id, _) = begin(&one).await;
    one.database.execute("DELETE FROM public.idempotency_keys").await;
    assert_ne!(begin(&second).await.0, id);
    assert_eq!(value::<i64>(&one, "SELECT count(*) FROM public.server_secrets").await, 1);
}
