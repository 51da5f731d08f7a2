//! Restarts, crashes, pauses and broken connections of Postgres: no acknowledged turn is lost,
//! stored twice or stored in part.

use std::{collections::HashSet, fs, path::Path, time::Duration};

use futures_util::future::join_all;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, Row};

use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi},
    invariants::assert_invariants,
    postgres::TestDatabase,
    proxy::{Cut, Proxy},
    reply::{ReplyExt, RequestExt, body, refusal},
    server_process::{ServerProcess, open_folder, postmaster},
};

/// The postmaster and all its children.
fn postgres_processes(folder: &Path) -> Vec<Pid> {
    let postmaster = postmaster(folder).expect("it runs");
    let children = format!("/proc/{postmaster}/task/{postmaster}/children");
    let children = fs::read_to_string(children).expect("Linux");
    let children =
        children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().expect("a pid")));
    std::iter::once(postmaster).chain(children).collect()
}

/// The backends of idle connections.
fn backends(folder: &Path) -> Vec<Pid> {
    let is_backend = |pid: &Pid| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains("idle") && !line.contains("launcher")
    };
    postgres_processes(folder).into_iter().skip(1).filter(is_backend).collect()
}

/// A server on an embedded Postgres whose coach is slow enough for a fault during the reply.
async fn server_with_slow_coach(folder: &Path, openai: &FakeOpenAi) -> ServerProcess {
    openai.set_delay(Duration::from_millis(200));
    let mut variables = openai.settings();
    variables.push(("KUKU_TEXT_TO_SPEECH__PROVIDER", "none"));
    variables.push(("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "2"));
    variables.push(("KUKU_DATABASE__SAVE_TIMEOUT_SECONDS", "20"));
    ServerProcess::start(folder, &variables)
}

#[tokio::test]
async fn turn_in_flight_survives_a_postgres_restart() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let server = server_with_slow_coach(folder.path(), &openai).await;
    let id = server.given_session().await;
    for (turn, signal) in [Signal::SIGKILL, Signal::SIGINT, Signal::SIGQUIT].into_iter().enumerate()
    {
        let fault = async {
            openai.wait_for_call(Endpoint::Reply).await;
            kill(postmaster(folder.path()).expect("it runs"), signal).expect("signalled");
        };
        let (reply, ()) = tokio::join!(server.say(&id, "hold on to this"), fault);
        assert_eq!(reply["success"], true, "{signal}: {reply}");
        assert_eq!(server.history(&id).await.len(), 2 * (turn + 1), "{signal}");
        assert!(
            openai.take_calls(Endpoint::Reply).is_empty(),
            "{signal}: the reply was kept, not generated again"
        );
    }
}

#[tokio::test]
async fn turn_in_flight_survives_a_postgres_pause() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let server = server_with_slow_coach(folder.path(), &openai).await;
    let id = server.given_session().await;
    let pause = async {
        openai.wait_for_call(Endpoint::Reply).await;
        let processes = postgres_processes(folder.path());
        processes.iter().for_each(|pid| kill(*pid, Signal::SIGSTOP).expect("stopped"));
        // Longer than the time-out of one attempt to save.
        tokio::time::sleep(Duration::from_secs(4)).await;
        processes.iter().for_each(|pid| kill(*pid, Signal::SIGCONT).expect("continued"));
    };
    let (reply, ()) = tokio::join!(server.say(&id, "hold on to this"), pause);
    assert_eq!(reply["success"], true, "{reply}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.history(&id).await.len(), 2, "stored once in several attempts");
}

#[tokio::test]
async fn hanging_postgres_gives_503_until_it_recovers() {
    let folder = open_folder();
    let server =
        ServerProcess::start(folder.path(), &[("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1")]);
    let id = server.given_session().await;
    let http = crate::app::client();
    let get = |path: String| http.get(server.url(&path)).response();
    assert_eq!(get("/ready".into()).await.status(), 200);
    let processes = postgres_processes(folder.path());
    processes.iter().for_each(|pid| kill(*pid, Signal::SIGSTOP).expect("stopped"));
    for path in [
        "/ready".to_owned(),
        format!("/api/sessions/{id}"),
        format!("/api/sessions/{id}/messages"),
        format!("/api/sessions/{id}/rating"),
        "/api/search/messages?q=work".to_owned(),
    ] {
        let response = get(path.clone()).await;
        let retry_after = response.headers()["retry-after"].to_str().expect("text").to_owned();
        assert!(retry_after.parse::<u32>().is_ok(), "whole seconds: {retry_after}");
        assert_eq!(
            refusal(response).await,
            (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE".into()),
            "{path}"
        );
    }
    assert_eq!(server.say(&id, "hello").await["code"], "DATABASE_UNAVAILABLE");
    assert_eq!(server.post("/api/sessions", Value::Null).await["code"], "DATABASE_UNAVAILABLE");
    assert_eq!(get("/health".into()).await.status(), 200, "liveness needs no database");
    processes.iter().for_each(|pid| kill(*pid, Signal::SIGCONT).expect("continued"));
    for _ in 0..100 {
        if get("/ready".into()).await.status() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(get("/ready".into()).await.status(), 200, "the pool recovers");
    assert!(server.history(&id).await.is_empty());
    assert_eq!(server.say(&id, "hello").await["success"], true);
}

#[tokio::test]
async fn read_waits_for_postgres_that_is_down_for_a_second() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let app = TestApp::builder().through_proxy(&database, &proxy).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "hello there").await;
    let paths =
        ["".to_owned(), "/messages".to_owned()].map(|part| format!("/api/sessions/{id}{part}"));
    let reads = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        join_all(paths.iter().map(|path| app.get(path))).await
    };
    let ((), replies) = tokio::join!(proxy.refuse_for(Duration::from_secs(1)), reads);
    for reply in replies {
        assert_eq!(reply["success"], true, "{reply}");
    }
}

#[tokio::test]
async fn failed_save_is_answered_at_its_time_out() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(200));
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let app = TestApp::builder()
        .through_proxy(&database, &proxy)
        .with_openai(&openai)
        .with_setting("KUKU_TEXT_TO_SPEECH__PROVIDER", "none")
        .with_setting("KUKU_DATABASE__SAVE_TIMEOUT_SECONDS", 2)
        .spawn()
        .await;
    let id = app.given_session().await;
    let fault = async {
        openai.wait_for_call(Endpoint::Reply).await;
        proxy.refuse_for(Duration::from_secs(8)).await;
    };
    let turn = async {
        let path = format!("/api/sessions/{id}/messages");
        let request = app.http.post(app.url(&path)).json(&json!({"text": "hello"}));
        let began = std::time::Instant::now();
        let response = request.header("Idempotency-Key", "a key of this test").response().await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        // Neither the lease of the turn nor that of the key is released before the response.
        assert!(began.elapsed() < Duration::from_millis(3_500), "{:?}", began.elapsed());
    };
    tokio::join!(turn, fault);
    assert_eq!(app.say(&id, "hello again").await["success"], true);
}

#[tokio::test]
async fn turn_with_cut_connection_is_stored_once_or_not_at_all() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let app = TestApp::builder().through_proxy(&database, &proxy).spawn().await;
    let (mut points, mut saved) = (0, 0);
    for point in 1..40 {
        let mut reached = false;
        for cut in [Cut::Before(point), Cut::After(point)] {
            let id = app.given_session().await;
            // A turn without a fault first, so that the statements are prepared.
            assert_eq!(app.say(&id, "a first thought").await["success"], true);
            proxy.cut_at(cut);
            let reply = app.say(&id, "a second thought").await;
            reached |= proxy.cancel_cut();
            let lines = app.history(&id).await.len();
            if reply["success"] == true {
                saved += 1;
                assert_eq!(lines, 4, "{cut:?}: acknowledged, so stored once: {reply}");
            } else {
                assert_eq!(reply["code"], "DATABASE_UNAVAILABLE", "{cut:?}: {reply}");
                assert!(lines == 2 || lines == 4, "{cut:?}: stored in part: {lines}");
            }
            assert_eq!(
                app.say(&id, "a third thought").await["success"],
                true,
                "{cut:?}: the session continues"
            );
        }
        if !reached {
            points = point;
            break;
        }
    }
    // Read the session, acquire the lease, save the turn.
    assert!(points > 3, "a turn sends three messages: {points}");
    assert!(saved + 2 >= 2 * points, "reads and saves are repeated: {saved} of {points} points");
    assert_invariants(&database).await;
}

#[tokio::test]
async fn session_with_cut_connection_is_created_and_rated_once() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let url = database.url_through(proxy.address);
    // Two connections, so that both soon have their statements prepared.
    let variables = [("DATABASE_URL", url.as_str()), ("KUKU_DATABASE__MAX_CONNECTIONS", "2")];
    let app = TestApp::builder().sharing(&database).with_settings(&variables).spawn().await;
    let ended = app.given_ended_session().await;
    let request = |path: String, key: String, body: Value| {
        let request = app.http.post(app.url(&path)).json(&body);
        request.header("Idempotency-Key", format!("{key:->16}")).response()
    };
    let mut created = Vec::new();
    for point in 1..12 {
        for cut in [Cut::Before(point), Cut::After(point)] {
            proxy.cut_at(cut);
            let reply =
                body(request("/api/sessions".into(), format!("{cut:?}"), json!({})).await).await;
            assert_eq!(reply["success"], true, "{cut:?}: {reply}");
            created.push(reply.session_id());
            proxy.cancel_cut();
            proxy.cut_at(cut);
            let path = format!("/api/sessions/{ended}/rating");
            let reply =
                body(request(path.clone(), format!("{cut:?}"), json!({"rating": 4})).await).await;
            assert_eq!(reply["success"], true, "{cut:?}: {reply}");
            proxy.cancel_cut();
            let again = request(path, format!("{cut:?}"), json!({"rating": 4})).await;
            assert_eq!(again.headers()["idempotent-replayed"], "true", "{cut:?}");
            assert_eq!(body(again).await, reply, "{cut:?}");
        }
    }
    let mut connection = database.connect().await;
    let stored =
        connection.fetch_one("SELECT count(*) FROM public.sessions").await.expect("counted");
    let created: HashSet<_> = created.into_iter().chain([ended]).collect();
    assert_eq!(stored.get::<i64, _>(0), created.len() as i64, "each once");
    connection.close().await.expect("closed");
    assert_invariants(&database).await;
}

#[tokio::test]
async fn killed_backend_loses_no_turn() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let server = server_with_slow_coach(folder.path(), &openai).await;
    let id = server.given_session().await;
    for turn in 1..=3 {
        let fault = async {
            openai.wait_for_call(Endpoint::Reply).await;
            // SIGKILL of one backend makes the postmaster end all others and recover.
            let backend = backends(folder.path()).into_iter().next().expect("a backend of ours");
            kill(backend, Signal::SIGKILL).expect("killed");
        };
        let (reply, ()) = tokio::join!(server.say(&id, "hold on to this"), fault);
        assert_eq!(reply["success"], true, "{reply}");
        assert_eq!(server.history(&id).await.len(), 2 * turn);
    }
}

#[tokio::test]
async fn running_server_notices_a_damaged_schema_in_a_minute() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let variables = [("DATABASE_URL", database.url.as_str())];
    let server = ServerProcess::start(folder.path(), &variables);
    assert_eq!(server.get("/ready").await["status"], "ready");
    database.execute("DROP POLICY messages_of_their_user ON public.messages").await;
    let started = std::time::Instant::now();
    while server.get("/ready").await["code"] != "SCHEMA_DAMAGED" {
        assert!(started.elapsed().as_secs() < 75, "not noticed");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let log = server.stop();
    let lines = log.matches("policy messages_of_their_user of public.messages").count();
    assert_eq!(lines, 1, "logged once, not for each request: {log}");
}

#[tokio::test]
async fn pending_migrations_make_readiness_fail() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/ready").await["status"], "ready");
    app.database
        .execute(
            "DELETE FROM _sqlx_migrations
             WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
        )
        .await;
    let response = app.http.get(app.url("/ready")).response().await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::SERVICE_UNAVAILABLE, "MIGRATIONS_BEHIND".into())
    );
}
