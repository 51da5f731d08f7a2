//! The database restarts, dies, hangs, and loses connections: nothing that was acknowledged is lost, doubled or half.

use std::{fs, path::Path, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use sqlx::{Connection, Row};

use crate::{
    app::{TestApp, refusal},
    fake_openai::{Endpoint, FakeOpenAi},
    postgres::TestDatabase,
    process::{ServerProcess, open_folder, postmaster},
    proxy::{Cut, Proxy},
};

/// What must hold in every database after everything.
pub async fn assert_sound(database: &TestDatabase) {
    const UNSOUND: &str = "
        SELECT s.session_id, s.message_count, count(m.id) AS lines
        FROM public.sessions AS s LEFT JOIN public.messages AS m ON m.session_id = s.id
        GROUP BY s.id
        HAVING s.message_count <> count(m.id)                                   -- the true count
            OR count(m.id) % 2 <> 0                                             -- no line without its pair
            OR COALESCE(max(m.position), 0) <> count(m.id)                      -- no gap
            OR count(*) FILTER (WHERE (m.position % 2 = 1) <> (m.sender = 'user')) > 0 -- in order
            OR (s.status = 'ended') <> (s.summary IS NOT NULL)                  -- an end has its summary";
    let mut connection = database.connect().await;
    let rows = sqlx::query(UNSOUND).fetch_all(&mut connection).await.expect("checked");
    let unsound: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    assert!(unsound.is_empty(), "{unsound:?}");
    connection.close().await.expect("closed");
}

/// The postmaster and all its children.
fn family(folder: &Path) -> Vec<Pid> {
    let postmaster = postmaster(folder).expect("it runs");
    let children = format!("/proc/{postmaster}/task/{postmaster}/children");
    let children = fs::read_to_string(children).expect("Linux");
    let children = children
        .split_whitespace()
        .map(|pid| Pid::from_raw(pid.parse().expect("a pid")));
    std::iter::once(postmaster).chain(children).collect()
}

/// A server on a private Postgres whose coach takes long enough to do something meanwhile.
async fn server_with_slow_coach(folder: &Path, openai: &FakeOpenAi) -> ServerProcess {
    openai.delay(Duration::from_millis(200));
    let mut variables = openai.variables();
    variables.push(("KUKU_TEXT_TO_SPEECH__PROVIDER", "none"));
    variables.push(("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "2"));
    variables.push(("KUKU_DATABASE__SAVE_TIMEOUT_SECONDS", "20"));
    ServerProcess::start(folder, &variables)
}

async fn until_the_coach_is_asked(openai: &FakeOpenAi) {
    while openai.calls(Endpoint::Reply).is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_turn_in_flight_outlives_the_death_and_the_restart_of_postgres() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let server = server_with_slow_coach(folder.path(), &openai).await;
    let id = server.given_session().await;
    for (turn, signal) in [Signal::SIGKILL, Signal::SIGINT, Signal::SIGQUIT]
        .into_iter()
        .enumerate()
    {
        let blow = async {
            until_the_coach_is_asked(&openai).await;
            kill(postmaster(folder.path()).expect("it runs"), signal).expect("signalled");
        };
        let (reply, ()) = tokio::join!(server.say(&id, "hold on to this"), blow);
        assert_eq!(reply["success"], true, "{signal}: {reply}");
        assert_eq!(server.history(&id).await.len(), 2 * (turn + 1), "{signal}");
        assert!(
            openai.calls(Endpoint::Reply).is_empty(),
            "{signal}: the answer was kept, not made again"
        );
    }
}

#[tokio::test]
async fn a_turn_in_flight_outlives_a_pause_of_postgres() {
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let server = server_with_slow_coach(folder.path(), &openai).await;
    let id = server.given_session().await;
    let pause = async {
        until_the_coach_is_asked(&openai).await;
        let family = family(folder.path());
        family
            .iter()
            .for_each(|pid| kill(*pid, Signal::SIGSTOP).expect("stopped"));
        // Longer than one attempt to save may take.
        tokio::time::sleep(Duration::from_secs(4)).await;
        family
            .iter()
            .for_each(|pid| kill(*pid, Signal::SIGCONT).expect("continued"));
    };
    let (reply, ()) = tokio::join!(server.say(&id, "hold on to this"), pause);
    assert_eq!(reply["success"], true, "{reply}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        server.history(&id).await.len(),
        2,
        "once, although it was tried several times"
    );
}

#[tokio::test]
async fn while_postgres_hangs_every_request_gets_a_503_and_afterwards_an_answer() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1")]);
    let id = server.given_session().await;
    let http = crate::app::client();
    let get = |path: String| http.get(format!("{}{path}", server.base)).send();
    assert_eq!(get("/ready".into()).await.expect("an answer").status(), 200);
    let family = family(folder.path());
    family
        .iter()
        .for_each(|pid| kill(*pid, Signal::SIGSTOP).expect("stopped"));
    for path in [
        "/ready".to_owned(),
        format!("/api/sessions/{id}"),
        format!("/api/sessions/{id}/messages"),
        format!("/api/sessions/{id}/rating"),
        "/api/search/messages?q=work".to_owned(),
    ] {
        let response = get(path.clone()).await.expect("an answer");
        let retry_after = response.headers()["retry-after"].to_str().expect("text").to_owned();
        assert!(retry_after.parse::<u32>().is_ok(), "whole seconds: {retry_after}");
        assert_eq!(
            refusal(response).await,
            (503.try_into().expect("a status"), "DATABASE_UNAVAILABLE".into()),
            "{path}"
        );
    }
    assert_eq!(server.say(&id, "hello").await["code"], "DATABASE_UNAVAILABLE");
    assert_eq!(
        server.post("/api/sessions", Value::Null).await["code"],
        "DATABASE_UNAVAILABLE"
    );
    assert_eq!(
        get("/health".into()).await.expect("an answer").status(),
        200,
        "the server itself is alive"
    );
    family
        .iter()
        .for_each(|pid| kill(*pid, Signal::SIGCONT).expect("continued"));
    for _ in 0..100 {
        if get("/ready".into()).await.expect("an answer").status() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        get("/ready".into()).await.expect("an answer").status(),
        200,
        "the pool recovers by itself"
    );
    assert!(server.history(&id).await.is_empty());
    assert_eq!(server.say(&id, "hello").await["success"], true);
}

#[tokio::test]
async fn a_connection_cut_at_any_point_of_a_turn_stores_it_once_or_not_at_all() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::in_front_of(&database.options()).await;
    let url = database.url_through(proxy.address);
    let app = TestApp::on(TestDatabase::borrowed(&database), &[("DATABASE_URL", &url)]).await;
    let (mut points, mut saved) = (0, 0);
    for point in 1..40 {
        let mut reached = false;
        for cut in [Cut::Before(point), Cut::After(point)] {
            let id = app.given_session().await;
            // Once without a fault, so that statements are prepared and messages few.
            assert_eq!(app.say(&id, "a first thought").await["success"], true);
            proxy.cut(cut);
            let reply = app.say(&id, "a second thought").await;
            reached |= proxy.disarm();
            let lines = app.history(&id).await.len();
            if reply["success"] == true {
                saved += 1;
                assert_eq!(lines, 4, "{cut:?}: acknowledged, so stored once: {reply}");
            } else {
                assert_eq!(reply["code"], "DATABASE_UNAVAILABLE", "{cut:?}: {reply}");
                assert!(lines == 2 || lines == 4, "{cut:?}: whole or not at all: {lines}");
            }
            assert_eq!(
                app.say(&id, "a third thought").await["success"],
                true,
                "{cut:?}: it goes on"
            );
        }
        if !reached {
            points = point;
            break;
        }
    }
    assert!(points > 5, "a turn sends several messages: {points}");
    assert!(
        saved + 2 >= 2 * points,
        "reads and saves are repeated: {saved} of {points} points"
    );
    assert_sound(&database).await;
}

#[tokio::test]
async fn pending_migrations_are_not_ready() {
    let app = TestApp::spawn().await;
    assert_eq!(app.get("/ready").await["status"], "ready");
    app.database
        .execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .await;
    let response = app.http.get(app.url("/ready")).send().await.expect("an answer");
    assert_eq!(
        refusal(response).await,
        (503.try_into().expect("a status"), "MIGRATIONS_BEHIND".into())
    );
}
