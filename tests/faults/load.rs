//! Many clients while the server and its Postgres are stopped and killed. Each client keeps a
//! ledger of acknowledged turns; afterwards each of them is stored exactly once.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use nix::sys::signal::{Signal, kill};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::task::JoinHandle;

use crate::{
    app::{TestApp, client},
    distribution::{citus_url, worker_urls},
    fake_openai::FakeOpenAi,
    invariants::assert_invariants,
    postgres::TestDatabase,
    reply::{ReplyExt, text},
    server_process::{ServerProcess, open_folder, postmaster},
    support::report_skipped,
};

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port().to_string()
}

#[tokio::test]
async fn stop_during_fifty_turns_loses_and_cuts_none() {
    let (database, folder, openai) =
        (TestDatabase::new().await, open_folder(), FakeOpenAi::spawn().await);
    openai.set_delay(Duration::from_millis(300));
    let mut variables = openai.settings();
    variables.push(("DATABASE_URL", &database.url));
    let rounds = if std::env::var("FAULT_BLOWS").is_ok() { 10 } else { 3 };
    for round in 0..rounds {
        let mut server = ServerProcess::start(folder.path(), &variables);
        let ids: Vec<String> = join_all((0..50).map(|_| server.given_session())).await;
        let stop = async {
            tokio::time::sleep(Duration::from_millis(100 + 100 * (round % 3))).await;
            server.signal(Signal::SIGTERM);
        };
        // One connection for each client. A truncated response panics.
        let turns = join_all(ids.iter().map(async |id| {
            let url = format!("{}/api/sessions/{id}/messages", server.base);
            match client().post(url).json(&json!({"text": "in the middle of it"})).send().await {
                Ok(response) => Some(crate::app::body(response).await),
                Err(error) if error.is_connect() => None,
                Err(error) => panic!("cut off: {error:?}"),
            }
        }));
        let (replies, ()) = tokio::join!(turns, stop);
        assert!(server.wait().success());
        let server = ServerProcess::start(folder.path(), &variables);
        let mut answered = 0;
        for (id, reply) in ids.iter().zip(&replies) {
            let lines = server.history(id).await;
            match reply {
                Some(reply) if reply["success"] == true => {
                    answered += 1;
                    assert_eq!(lines.len(), 2, "{reply}");
                    assert_eq!(lines[1]["id"], reply["data"]["messages"][1]["id"]);
                }
                Some(reply) => {
                    assert_eq!(reply["code"], "SHUTTING_DOWN", "{reply}");
                    assert!(lines.is_empty(), "{reply}");
                }
                None => assert!(lines.is_empty()),
            }
        }
        assert!(answered > 0, "round {round}: no turn was in progress");
    }
    assert_invariants(&database).await;
}

/// The acknowledged turns of a client: for each text, the id of the coach's message.
type Ledger = HashMap<String, String>;

/// A client at work, which returns the id of its session.
type Client = JoinHandle<(String, Ledger)>;

/// Takes turns one after another, and repeats each with its key until it is acknowledged.
async fn run_client(number: usize, api: String, stop: Arc<AtomicBool>) -> (String, Ledger) {
    let http = client();
    let post = async |path: &str, key: &str, json: Value| -> Option<Value> {
        let request = http.post(format!("{api}{path}")).json(&json);
        let request = request.header("Idempotency-Key", format!("{key:->16}"));
        let response = request.timeout(Duration::from_secs(30)).send().await.ok()?;
        serde_json::from_str(&response.text().await.ok()?).ok()
    };
    let retry = async |path: String, key: String, json: Value| -> Value {
        let mut last = None;
        // The lease of a killed server expires after 6 seconds.
        for _ in 0..1_200 {
            match post(&path, &key, json.clone()).await {
                Some(reply) if reply["success"] == true => return reply,
                // The server is down, restarting, or still executing the request.
                other => last = other,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never acknowledged: {key} {json}: {last:?}");
    };
    let created = retry("/sessions".into(), format!("begin {number}"), json!({})).await;
    let id = created.session_id();
    let mut ledger = Ledger::new();
    let mut turn = 0;
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let words = format!("person {number} says thing {turn}");
        let path = format!("/sessions/{id}/messages");
        let reply = retry(path, format!("turn {turn}"), json!({ "text": words })).await;
        ledger.insert(words, text(&reply.coach_message()["id"]));
        // A wrap-up offer after 26 turns is declined by the next turn.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (id, ledger)
}

/// The number of turns that the clients have in their ledgers. Each is stored exactly once, with
/// the reply that was acknowledged.
async fn acknowledged_turns(server: &ServerProcess, clients: Vec<Client>, seed: u64) -> usize {
    let mut acknowledged = 0;
    for result in join_all(clients).await {
        let (id, ledger) = result.expect("a client");
        let history = server.history(&id).await;
        assert_eq!(history.len(), 2 * ledger.len(), "seed {seed}: lost or doubled");
        for pair in history.chunks(2) {
            let acknowledged_id = ledger.get(&text(&pair[0]["text"])).expect("what was said");
            assert_eq!(
                &text(&pair[1]["id"]),
                acknowledged_id,
                "seed {seed}: another reply than acknowledged"
            );
        }
        acknowledged += ledger.len();
    }
    assert!(acknowledged > 100, "too little load: {acknowledged}");
    acknowledged
}

/// The number of kills; bench/faults.sh sets a larger one.
fn kill_count() -> usize {
    std::env::var("FAULT_BLOWS").map_or(9, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn kills_under_load_lose_and_double_nothing() {
    let seed: u64 = std::env::var("FAULT_SEED")
        .map_or_else(|_| rand::random(), |text| text.parse().expect("a number"));
    let mut random = StdRng::seed_from_u64(seed);
    let (folder, openai) = (open_folder(), FakeOpenAi::spawn().await);
    let port = free_port();
    // With speech, which goes on when its turn has been answered.
    let mut variables = openai.settings();
    variables.push(("PORT", &port));
    variables.push(("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "2"));
    let mut server = ServerProcess::start(folder.path(), &variables);
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<Client> = (0..12)
        .map(|number| {
            tokio::spawn(run_client(number, format!("{}/api", server.base), Arc::clone(&over)))
        })
        .collect();
    let (mut servers, mut databases, mut longest) = (0, 0, Duration::ZERO);
    for number in 0..kill_count() {
        tokio::time::sleep(Duration::from_millis(random.random_range(50..800))).await;
        let start = Instant::now();
        // Of ten kills eight hit the server only, one Postgres only, and the others both.
        let (hits_postgres, hits_server) = (number % 5 == 0 || number % 10 == 1, number % 10 != 1);
        if hits_postgres && let Some(postgres) = postmaster(folder.path()) {
            // The process may have ended since the kill before.
            databases += usize::from(kill(postgres, Signal::SIGKILL).is_ok());
        }
        if hits_server {
            servers += 1;
            server.kill();
            server = ServerProcess::start(folder.path(), &variables);
        }
        while server.get("/ready").await["status"] != "ready" {
            assert!(start.elapsed() < Duration::from_secs(60), "seed {seed}: not ready again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        longest = longest.max(start.elapsed());
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    let acknowledged = acknowledged_turns(&server, clients, seed).await;
    assert_invariants(&TestDatabase::at(server.psql_url())).await;
    eprintln!(
        "seed {seed}: {servers} kills of the server, {databases} of Postgres, \
         {acknowledged} turns acknowledged: 0 lost, 0 doubled, 0 half; \
         longest until ready again {:.1} s",
        longest.as_secs_f64()
    );
}

/// Stops a node of a Citus cluster as a crash of one of its processes does: all others end at once,
/// and the node recovers from its WAL.
async fn crash(node: &str) {
    let mut connection = connect_to_recovered(node).await;
    let sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
    let pid: i32 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a process");
    let kill = format!("COPY (SELECT 1) TO PROGRAM 'kill -9 {pid}'");
    // The result depends on which process notices first.
    connection.execute(AssertSqlSafe(kill)).await.ok();
}

/// Connects to a node that may still be recovering from a crash.
async fn connect_to_recovered(node: &str) -> PgConnection {
    for _ in 0..600 {
        if let Ok(connection) = PgConnection::connect(node).await {
            return connection;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{node} has not recovered in 30 seconds");
}

/// 50 crashes with `bench/faults.sh`, a worker each; every fifth time the server is killed too.
#[tokio::test]
async fn crashes_of_workers_under_load_lose_and_double_nothing() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let seed: u64 = std::env::var("FAULT_SEED")
        .map_or_else(|_| rand::random(), |text| text.parse().expect("a number"));
    let mut random = StdRng::seed_from_u64(seed);
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let workers = worker_urls().await;
    let port = free_port();
    let variables = [
        ("PORT", port.as_str()),
        ("DATABASE_URL", &database.url),
        ("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "2"),
    ];
    let mut server = ServerProcess::start(folder.path(), &variables);
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<Client> = (0..12)
        .map(|number| {
            tokio::spawn(run_client(number, format!("{}/api", server.base), Arc::clone(&over)))
        })
        .collect();
    let crashes = kill_count().min(50);
    for number in 0..crashes {
        tokio::time::sleep(Duration::from_millis(random.random_range(300..1_500))).await;
        crash(&workers[number % workers.len()]).await;
        if number % 5 == 0 {
            server.kill();
            server = ServerProcess::start(folder.path(), &variables);
        }
    }
    for worker in &workers {
        connect_to_recovered(worker).await.close().await.expect("closed");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    over.store(true, Ordering::Relaxed);
    let acknowledged = acknowledged_turns(&server, clients, seed).await;
    assert_invariants(&database).await;
    eprintln!(
        "seed {seed}: {crashes} crashes of workers, {acknowledged} turns acknowledged: 0 lost, \
         0 doubled, 0 half"
    );
}

/// The numbers of sessions and of turns in each; bench/faults.sh sets larger ones.
fn sessions_and_turns() -> (usize, usize) {
    if std::env::var("FAULT_BLOWS").is_ok() { (50, 30) } else { (8, 12) }
}

#[tokio::test]
async fn three_servers_behind_a_balancer_behave_as_one() {
    let first = TestApp::spawn().await;
    let second = TestApp::builder().sharing(&first.database).spawn().await;
    let third = TestApp::builder().sharing(&first.database).spawn().await;
    let servers = [&first, &second, &third];
    let (sessions, turns) = sessions_and_turns();
    let talks = join_all((0..sessions).map(async |number| {
        let id = servers[number % 3].given_session().await;
        for turn in 0..turns {
            // Every fourth time two concurrent turns on different servers.
            let (one, two) = (servers[(number + turn) % 3], servers[(number + turn + 1) % 3]);
            if turn % 4 == 3 {
                let (a, b) = tokio::join!(one.say(&id, "so much to say"), two.say(&id, "and more"));
                assert!(a["success"] == true && b["success"] == true, "{a} {b}");
            } else {
                let reply = one.say(&id, "one thing after another").await;
                assert_eq!(reply["success"], true, "{reply}");
            }
        }
        let expected = 2 * (turns + turns / 4);
        for server in servers {
            assert_eq!(server.history(&id).await.len(), expected);
        }
    }));
    talks.await;
    assert_invariants(&first.database).await;
}
