//! Failover: once Postgres accepts connections again, no request fails, whatever its route.
//!
//! Every response is counted. `FAILOVER_ROUNDS` sets the rounds of each kind; `bench/failover.sh`
//! runs twenty.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use kuku_coach::embedded_postgres::Cluster;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    app::client,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{ReplyExt, RequestExt, text},
    server_process::{ServerProcess, open_folder},
};

/// Concurrent clients, each of which sends all requests: more than the pool has connections.
const CLIENTS: usize = 6;
const SERVICE_KEY: &str = "the service caller";
const LOGIN: &str = r#"{"email": "ada@example.com", "password": "a good password"}"#;

/// A server, and its Postgres in another process group, which a test restarts.
struct Setup {
    cluster: Cluster,
    proxy: Option<Proxy>,
    server: ServerProcess,
    http: Client,
    token: String,
    /// A session of each client, and one that has ended.
    sessions: Vec<String>,
    ended: String,
    _folders: [TempDir; 2],
}

impl Setup {
    async fn new(behind_proxy: bool) -> Self {
        let folders = [open_folder(), open_folder()];
        let cluster = Cluster::start(folders[0].path()).await.expect("a cluster");
        let database = TestDatabase::at(cluster.url());
        let (mut proxy, mut url) = (None, cluster.url());
        if behind_proxy {
            let in_front = Proxy::in_front_of(&database.options()).await;
            url = database.url_through(in_front.address);
            proxy = Some(in_front);
        }
        let server = ServerProcess::start(
            folders[1].path(),
            &[
                ("DATABASE_URL", url.as_str()),
                ("KUKU_AUTH__MODE", "optional"),
                ("KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "0"),
                ("KUKU_LIMITS__REQUESTS_PER_MINUTE", "0"),
                ("KUKU_LIMITS__TURNS_PER_MINUTE", "0"),
                ("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY),
            ],
        );
        let http = client();
        let signup = post(&http, &server, "/api/auth/signup", LOGIN).reply().await;
        let token = text(&signup.data()["accessToken"]);
        let sessions = join_all((0..CLIENTS).map(|_| server.given_session())).await;
        let ended = server.given_session().await;
        server.post(&format!("/api/sessions/{ended}/end"), json!({})).await.data();
        Self { cluster, proxy, server, http, token, sessions, ended, _folders: folders }
    }

    /// All requests of a client, by name.
    fn requests(&self, session: &str) -> Vec<(&'static str, RequestBuilder)> {
        let get = |path: &str| self.http.get(self.server.url(path));
        let post = |path: &str, body: &str| post(&self.http, &self.server, path, body);
        let own = |request: RequestBuilder| request.bearer_auth(&self.token);
        let path = format!("/api/sessions/{session}");
        let (messages, rating) =
            (format!("{path}/messages"), format!("/api/sessions/{}/rating", self.ended));
        vec![
            ("turn", post(&messages, r#"{"text": "a thought"}"#)),
            ("readiness", get("/ready")),
            ("login", post("/api/auth/login", LOGIN)),
            ("session", get(&path)),
            ("rate", post(&rating, r#"{"rating": 4}"#)),
            ("create", post("/api/sessions", "{}")),
            ("own create", own(post("/api/sessions", "{}"))),
            ("own list", own(get("/api/sessions"))),
            ("history", get(&messages)),
            ("own history", own(get(&messages))),
            ("rating", get(&rating)),
            ("search", get("/api/search/messages?q=thought").bearer_auth(SERVICE_KEY)),
            ("own search", own(get("/api/search/messages?q=thought"))),
            ("anonymous account", post("/api/auth/anonymous", "{}")),
            ("account", own(get("/api/users/me"))),
        ]
    }

    /// Sends all requests of all clients, each client's one after another from another start, and
    /// returns the number of responses and a text for each that failed.
    async fn send_all(&self) -> (usize, Vec<String>) {
        let clients = self.sessions.iter().enumerate().map(async |(client, session)| {
            let mut requests = self.requests(session);
            let start = client * 5 % requests.len();
            requests.rotate_left(start);
            let mut failures = Vec::new();
            let count = requests.len();
            for (name, request) in requests {
                failures.extend(failure(name, request.response().await).await);
            }
            (count, failures)
        });
        let results = join_all(clients).await.into_iter();
        results.fold((0, Vec::new()), |(count, mut all), (more, failures)| {
            all.extend(failures);
            (count + more, all)
        })
    }

    /// Waits until Postgres accepts connections, as the server reaches it.
    async fn wait_until_accepting(&self) {
        let options = match &self.proxy {
            Some(proxy) => {
                TestDatabase::at(TestDatabase::at(self.cluster.url()).url_through(proxy.address))
                    .options()
            }
            None => self.cluster.options(),
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        while options.connect().await.is_err() {
            assert!(Instant::now() < deadline, "Postgres is not back");
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn execute(&self, sql: &str) {
        let mut connection: PgConnection = self.cluster.options().connect().await.expect(sql);
        connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
        connection.close().await.expect("closed");
    }

    /// Sends `signal` to the postmaster, and waits for its successor.
    async fn restart_by(&self, signal: Signal) {
        let before = postmaster(self.cluster.folder());
        kill(before.expect("it runs"), signal).expect("signalled");
        let deadline = Instant::now() + Duration::from_secs(60);
        while matches!(postmaster(self.cluster.folder()), pid if pid.is_none() || pid == before) {
            assert!(Instant::now() < deadline, "Postgres was not started again");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Runs `fault` in each round, and checks that no response failed afterwards.
    async fn run(&self, name: &str, fault: impl AsyncFn(&Self)) {
        let rounds = std::env::var("FAILOVER_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
        let (rounds, mut responses) = (rounds.unwrap_or(2), 0);
        let mut failures = Vec::new();
        for _ in 0..rounds {
            // Opens as many connections as the server may have.
            assert_eq!(self.send_all().await.1, Vec::<String>::new(), "{name}: before the fault");
            fault(self).await;
            self.wait_until_accepting().await;
            let (count, failed) = self.send_all().await;
            responses += count;
            failures.extend(failed);
        }
        println!("{name}: {rounds} rounds, {responses} responses, {} failed", failures.len());
        assert_eq!(failures, Vec::<String>::new(), "{name}");
    }
}

fn post(http: &Client, server: &ServerProcess, path: &str, body: &str) -> RequestBuilder {
    let json: Value = serde_json::from_str(body).expect("JSON");
    http.post(server.url(path)).json(&json)
}

/// What failed, if anything did.
async fn failure(name: &str, response: Response) -> Option<String> {
    let status = response.status();
    let reply = crate::reply::body(response).await;
    let succeeded =
        reply["success"] == true || reply["status"] == "ready" || reply["id"] != json!(null);
    (!status.is_success() || !succeeded).then(|| format!("{name}: {status} {reply}"))
}

fn postmaster(folder: &Path) -> Option<Pid> {
    let file = std::fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    file.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

#[tokio::test]
async fn no_request_fails_after_a_restart() {
    let setup = Setup::new(false).await;
    for (name, signal) in [
        ("fast restart", Signal::SIGINT),
        ("immediate restart", Signal::SIGQUIT),
        ("kill of the postmaster", Signal::SIGKILL),
    ] {
        setup.run(name, async |setup| setup.restart_by(signal).await).await;
    }
}

#[tokio::test]
async fn no_request_fails_after_connections_were_ended() {
    let setup = Setup::new(false).await;
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    setup.run("pg_terminate_backend", async |setup| setup.execute(terminate).await).await;
    setup
        .run("idle_session_timeout", async |setup| {
            setup.execute("ALTER SYSTEM SET idle_session_timeout = '1s'").await;
            setup.execute("SELECT pg_reload_conf()").await;
            sleep(Duration::from_millis(1_500)).await;
        })
        .await;
}

// The proxy runs while this test waits for the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_after_a_restart_behind_a_proxy() {
    let setup = Setup::new(true).await;
    for (name, signal) in [("fast, proxy", Signal::SIGINT), ("kill, proxy", Signal::SIGKILL)] {
        setup.run(name, async |setup| setup.restart_by(signal).await).await;
    }
}
