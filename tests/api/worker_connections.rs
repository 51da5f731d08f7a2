//! Connections to the workers of a cluster, beside its coordinator. A proxy in front of the
//! stand-in for Citus is a worker with half of the sessions; the other half has none.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use kuku_coach::{
    database::{connect, connect_options},
    domain::{SessionId, Viewer},
    repository::DatabaseService,
    settings::Settings,
};
use serde_json::{Value, json};
use sqlx::{Connection, postgres::PgConnectOptions};

use crate::{
    app::{TestApp, TestAppBuilder, eventually},
    distribution::{citus_url, is_stand_in},
    invariants::assert_invariants,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{ReplyExt, RequestExt, text},
    server_process::{ServerProcess, open_folder},
    support::report_skipped,
};

const CONNECT: (&str, &str) = ("KUKU_DATABASE__CONNECT_TO_WORKERS", "true");

/// A database with a worker.
struct Cluster {
    database: TestDatabase,
    coordinator: Proxy,
    worker: Proxy,
}

impl Cluster {
    /// `None` without the stand-in. What the test changes is for its own database.
    async fn new() -> Option<Self> {
        if !is_stand_in() {
            report_skipped("KUKU_TEST_STAND_IN_CITUS=1 has workers with an address of the test");
            return None;
        }
        let database = TestDatabase::new().await;
        let coordinator = Proxy::in_front_of(&database.options()).await;
        let worker = Proxy::in_front_of(&database.options()).await;
        let cluster = Self { database, coordinator, worker };
        let (host, port) = (cluster.worker.address.ip(), cluster.worker.address.port());
        let set_address = format!(
            "UPDATE pg_dist_node
             SET nodename = '{host}', nodeport = {port}, metadatasynced = TRUE WHERE groupid = 1"
        );
        cluster.change_catalog(&set_address).await;
        Some(cluster)
    }

    async fn change_catalog(&self, sql: &str) {
        let script = format!("SET allow_system_table_mods = on; {sql}");
        self.database.execute_as_admin(&script).await;
    }

    /// Those of the coordinator. Not as in the tests' database, which may be a socket.
    fn options(&self) -> PgConnectOptions {
        let url = self.database.url_through(self.coordinator.address);
        connect_options(&url, None, false).expect("options")
    }

    fn settings(&self) -> Settings {
        let url = self.database.url_through(self.coordinator.address);
        let environment = BTreeMap::from([("DATABASE_URL".to_owned(), url)]);
        Settings::from_environment(environment).expect("settings")
    }

    fn builder(&self) -> TestAppBuilder {
        TestApp::builder()
            .through_proxy(&self.database, &self.coordinator)
            .with_settings(&[CONNECT, ("KUKU_MEMORY__ENABLED", "false")])
    }

    /// A server that has connected to the worker.
    async fn server(&self) -> TestApp {
        let app = self.builder().spawn().await;
        eventually("a connection to the worker", async || self.worker.query_count() > 0).await;
        self.worker_is_idle().await;
        app
    }

    /// Waits for the end of the job that checks the worker.
    async fn worker_is_idle(&self) {
        while self.worker.query_count() + self.coordinator.query_count() > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The queries to the coordinator and to the worker that `work` needs.
    async fn count(&self, work: impl Future<Output = ()>) -> (usize, usize) {
        self.coordinator.query_count();
        self.worker.query_count();
        work.await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        (self.coordinator.query_count(), self.worker.query_count())
    }
}

/// A repository that has connected to nothing yet, and its settings.
async fn repository(cluster: &Cluster) -> (DatabaseService, Settings) {
    let settings = cluster.settings();
    let pool = connect(cluster.options(), &settings.database).await;
    let db = DatabaseService::new(pool.expect("a pool"), &settings.database);
    (db.expect("a repository"), settings)
}

/// Says something in each session, and expects an answer.
async fn say_everywhere(app: &TestApp, ids: &[String], words: &str) {
    let replies = join_all(ids.iter().map(async |id| app.say(id, words).await)).await;
    assert!(replies.iter().all(|reply| reply["success"] == true), "{replies:?}");
}

async fn given_sessions(app: &TestApp, count: usize) -> Vec<String> {
    join_all((0..count).map(|_| app.given_session())).await
}

/// Reads each session, without a server.
async fn read_all(db: &DatabaseService, ids: &[String]) {
    for id in ids {
        let id = SessionId::parse(id).expect("an id");
        let session = db.get_session(Viewer::Anonymous, &id).await.expect("no error");
        assert!(session.is_some(), "{id:?}");
    }
}

#[tokio::test]
async fn conversation_of_a_worker_needs_no_coordinator() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.server().await;
    let ids = given_sessions(&app, 16).await;
    // Prepares the statements of each thread's connections.
    for _ in 0..3 {
        say_everywhere(&app, &ids, "prepared").await;
    }
    let (mut on_worker, mut elsewhere) = (0, 0);
    for id in &ids {
        let turn = async {
            assert_eq!(app.say(id, "counted").await["success"], true);
            assert_eq!(app.history(id).await.len(), 8);
            assert_eq!(app.session(id).await["messageCount"], 8);
        };
        // Of the turn three, of the history and the session one each. A new connection needs more.
        match cluster.count(turn).await {
            (0, 5..) => on_worker += 1,
            (5.., 0) => elsewhere += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(on_worker > 0 && elsewhere > 0, "{on_worker}, {elsewhere}");
    assert_invariants(&cluster.database).await;
}

#[tokio::test]
async fn worker_is_left_alone_where_the_setting_says_so() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_setting(CONNECT.0, false).spawn().await;
    let ids = given_sessions(&app, 16).await;
    say_everywhere(&app, &ids, "hello").await;
    assert_eq!(cluster.worker.query_count(), 0);
}

/// Its connections break, new ones are refused, and it comes back.
#[tokio::test]
async fn coordinator_serves_the_sessions_of_a_worker_that_refuses_connections() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.server().await;
    let ids = given_sessions(&app, 16).await;
    say_everywhere(&app, &ids, "before").await;
    let work = async {
        for number in 0..10 {
            say_everywhere(&app, &ids, &format!("meanwhile {number}")).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::join!(cluster.worker.refuse_for(Duration::from_millis(300)), work);
    for id in &ids {
        let said = app.history(id).await;
        let said: Vec<String> = said.iter().step_by(2).map(|line| text(&line["text"])).collect();
        let expected = (0..10).map(|number| format!("meanwhile {number}"));
        assert_eq!(said, ["before".to_owned()].into_iter().chain(expected).collect::<Vec<_>>());
    }
    // Until the next check, also while the worker is back.
    let counts = cluster.count(say_everywhere(&app, &ids, "after")).await;
    assert!(counts.0 > 0 && counts.1 == 0, "{counts:?}");
    assert_invariants(&cluster.database).await;
}

#[tokio::test]
async fn worker_that_is_back_is_found_by_the_next_check() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = TestApp::builder().sharing(&cluster.database).spawn().await;
    let ids = given_sessions(&app, 16).await;
    let (db, _) = repository(&cluster).await;
    let read = async || {
        read_all(&db, &ids).await;
        cluster.worker.query_count()
    };
    assert_eq!(read().await, 0, "before the first check");
    db.refresh_shard_map().await.expect("checked");
    assert!(read().await > 0);
    cluster.worker.refuse_for(Duration::ZERO).await;
    assert!(read().await > 0, "connections that broke are opened again");
    let refusing = cluster.worker.refuse_for(Duration::from_secs(1));
    let reading = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        read().await;
        db.refresh_shard_map().await.expect("checked");
        read().await
    };
    let ((), count) = tokio::join!(refusing, reading);
    assert_eq!(count, 0, "while it refuses connections");
    db.refresh_shard_map().await.expect("checked");
    assert!(read().await > 0, "after it came back");

    // At another address, which the catalog has from now on.
    let moved = Proxy::in_front_of(&cluster.database.options()).await;
    let port = moved.address.port();
    let set_port = format!("UPDATE pg_dist_node SET nodeport = {port} WHERE groupid = 1");
    cluster.change_catalog(&set_port).await;
    db.refresh_shard_map().await.expect("checked");
    moved.query_count();
    assert_eq!(read().await, 0);
    assert!(moved.query_count() > 0);
    db.close().await;
}

/// Citus makes plans that are kept of such statements and calls of functions only, which the
/// stand-in cannot show.
#[tokio::test]
async fn statements_on_a_worker_name_one_table_once() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.server().await;
    for number in 0..24 {
        converse(&app, number).await;
    }
    let statements = cluster.worker.statements();
    for part in ["save_turns", "end_session", "rate_session", "DELETE FROM public.idempotency"] {
        assert!(statements.iter().any(|sql| sql.contains(part)), "{part}: {statements:#?}");
    }
    for sql in statements {
        let tables = ["public.sessions", "public.messages", "public.idempotency_keys"];
        let named: usize = tables.iter().map(|table| sql.matches(table).count()).sum();
        assert!(named <= 1, "{sql}");
    }
}

/// The second is what docs/citus.md advises for some versions of Citus.
#[tokio::test]
async fn worker_keeps_plans_unless_the_database_says_otherwise() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = TestApp::builder().sharing(&cluster.database).spawn().await;
    let ids = given_sessions(&app, 16).await;
    drop(app);
    for (mode, keeps_plans) in [("auto", true), ("force_custom_plan", false)] {
        // Each read of a session calls the function.
        let show_mode = format!(
            "DO $$ BEGIN EXECUTE format(
                'ALTER DATABASE %I SET plan_cache_mode = {mode}', current_database()
            ); END $$;
            CREATE OR REPLACE FUNCTION public.remembers(p_user uuid) RETURNS boolean
            LANGUAGE plpgsql STABLE AS
            $$ BEGIN RETURN current_setting('plan_cache_mode') = 'force_generic_plan'; END $$"
        );
        cluster.database.execute_as_admin(&show_mode).await;
        let (db, _) = repository(&cluster).await;
        db.refresh_shard_map().await.expect("checked");
        // Until the end of the check's connection.
        cluster.worker_is_idle().await;
        let mut read_on_worker = 0;
        for id in &ids {
            let id = SessionId::parse(id).expect("an id");
            cluster.worker.query_count();
            let session = db.get_session(Viewer::Anonymous, &id).await.expect("no error");
            let is_on_worker = cluster.worker.query_count() > 0;
            let mode_is_generic = session.expect("a session").remembers;
            assert_eq!(mode_is_generic, is_on_worker && keeps_plans, "{mode}");
            read_on_worker += usize::from(is_on_worker);
        }
        assert!((1..ids.len()).contains(&read_on_worker), "{read_on_worker}");
        db.close().await;
    }
}

/// Connections of the server to the database, which stands in for the worker too.
async fn open_connections(cluster: &Cluster) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'kuku-coach' AND datname = current_database()";
    let mut connection = cluster.database.connect().await;
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count");
    connection.close().await.expect("closed");
    count
}

#[tokio::test]
async fn worker_gets_no_more_connections_than_the_coordinator_or_threads() {
    for connections in [1, 2, 8] {
        let Some(cluster) = Cluster::new().await else { return };
        let app = cluster.builder().with_setting("KUKU_DATABASE__MAX_CONNECTIONS", connections);
        let app = app.spawn().await;
        eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
        let ids = given_sessions(&app, 40).await;
        for _ in 0..3 {
            say_everywhere(&app, &ids, "hello").await;
        }
        let threads = std::thread::available_parallelism().expect("threads").get();
        let most = connections + connections.max(threads + 1);
        let open = open_connections(&cluster).await;
        assert!(usize::try_from(open).expect("a count") <= most, "{open} of {most}");
    }
}

#[tokio::test]
async fn connections_to_a_removed_worker_are_closed() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = TestApp::builder().sharing(&cluster.database).spawn().await;
    let ids = given_sessions(&app, 16).await;
    let (db, _) = repository(&cluster).await;
    db.refresh_shard_map().await.expect("checked");
    // Of another thread of the same server.
    let other = db.split_for_workers(1, false).remove(0);
    read_all(&other, &ids).await;
    let before = db.pool_status().idle;
    cluster.change_catalog("DELETE FROM pg_dist_node WHERE groupid = 1").await;
    db.refresh_shard_map().await.expect("checked");
    assert!(db.pool_status().idle < before, "{before}");
    assert!(cluster.worker.query_count() > 0);
    read_all(&other, &ids).await;
    assert_eq!(cluster.worker.query_count(), 0);
    db.close().await;
}

/// Its open connections go on, and what they have no room for goes through the coordinator.
#[tokio::test]
async fn worker_without_room_for_more_connections_is_not_given_up() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_setting("KUKU_DATABASE__MAX_CONNECTIONS", 64).spawn().await;
    eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
    let ids = given_sessions(&app, 40).await;
    // One after another: some connections, with room for others in the pools.
    for id in &ids {
        say_everywhere(&app, std::slice::from_ref(id), "before").await;
    }
    cluster.worker.refuse_more_connections();
    for _ in 0..3 {
        say_everywhere(&app, &ids, "meanwhile").await;
    }
    cluster.worker.query_count();
    for id in &ids {
        say_everywhere(&app, std::slice::from_ref(id), "after").await;
    }
    assert!(cluster.worker.query_count() > 0);
    assert_invariants(&cluster.database).await;
}

/// A worker with old metadata may not know where shards are.
#[tokio::test]
async fn worker_without_synchronised_metadata_is_not_used() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = TestApp::builder().sharing(&cluster.database).spawn().await;
    let ids = given_sessions(&app, 16).await;
    let (db, _) = repository(&cluster).await;
    for is_synced in [true, false, true] {
        let set = format!("UPDATE pg_dist_node SET metadatasynced = {is_synced} WHERE groupid = 1");
        cluster.change_catalog(&set).await;
        db.refresh_shard_map().await.expect("checked");
        cluster.worker.query_count();
        read_all(&db, &ids).await;
        assert_eq!(cluster.worker.query_count() > 0, is_synced);
    }
    db.close().await;
}

/// Without the coordinator, more turns at a time than connections to the worker.
#[tokio::test]
async fn conversations_of_a_worker_go_on_without_the_coordinator() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_setting("KUKU_DATABASE__MAX_CONNECTIONS", 4).spawn().await;
    eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
    let ids = given_sessions(&app, 40).await;
    let mut of_worker = Vec::new();
    for id in &ids {
        say_everywhere(&app, std::slice::from_ref(id), "before").await;
        cluster.worker.query_count();
        app.session(id).await;
        if cluster.worker.query_count() > 0 {
            of_worker.push(id.clone());
        }
    }
    assert!(of_worker.len() > 5, "{}", of_worker.len());
    let turns = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..10 {
            say_everywhere(&app, &of_worker, "meanwhile").await;
        }
    };
    tokio::join!(cluster.coordinator.refuse_for(Duration::from_secs(10)), turns);
    assert_invariants(&cluster.database).await;
}

// Several threads: the proxies work while the test waits for the start of a process.
#[tokio::test(flavor = "multi_thread")]
async fn other_server_at_the_address_of_a_worker_is_not_used() {
    const OTHER_GROUP: &str = "UPDATE pg_dist_local_group SET groupid = 7";
    const OTHER_SYSTEM: &str = "CREATE OR REPLACE FUNCTION pg_catalog.run_command_on_workers(
            command text, parallel boolean DEFAULT TRUE, OUT nodename text, OUT nodeport integer,
            OUT success boolean, OUT result text
        ) RETURNS SETOF record LANGUAGE sql
        AS 'SELECT nodename, nodeport, TRUE, ''1'' FROM pg_catalog.pg_dist_node'";
    const NOT_REACHED: &str = "CREATE OR REPLACE FUNCTION pg_catalog.run_command_on_workers(
            command text, parallel boolean DEFAULT TRUE, OUT nodename text, OUT nodeport integer,
            OUT success boolean, OUT result text
        ) RETURNS SETOF record LANGUAGE sql
        AS 'SELECT nodename, nodeport, FALSE, ''no route'' FROM pg_catalog.pg_dist_node'";
    for (sql, reason) in [
        (OTHER_GROUP, "the address leads to another server from here"),
        (OTHER_SYSTEM, "the address leads to another server from here"),
        (NOT_REACHED, "the coordinator does not reach it"),
    ] {
        let Some(cluster) = Cluster::new().await else { return };
        cluster.change_catalog(sql).await;
        let folder = open_folder();
        let url = cluster.database.url_through(cluster.coordinator.address);
        let server = ServerProcess::start(folder.path(), &[("DATABASE_URL", &url)]);
        eventually("a warning", async || server.log().contains("cannot connect to a worker")).await;
        cluster.worker.query_count();
        for _ in 0..16 {
            let id = server.given_session().await;
            assert_eq!(server.say(&id, "hello").await["success"], true);
        }
        assert_eq!(cluster.worker.query_count(), 0);
        let log = server.stop();
        assert!(log.contains(reason), "{log}");
    }
}

/// A worker that has become a standby, while the coordinator knows the new primary.
#[tokio::test]
async fn read_only_worker_is_left_to_the_coordinator() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_setting("KUKU_DATABASE__MAX_CONNECTIONS", 1).spawn().await;
    eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
    let ids = given_sessions(&app, 16).await;
    say_everywhere(&app, &ids, "before").await;
    // For new connections: that to the coordinator is open.
    let name = cluster.database.options().get_database().expect("a name").to_owned();
    let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    cluster.change_catalog(&read_only).await;
    cluster.worker.refuse_for(Duration::ZERO).await;
    say_everywhere(&app, &ids, "after").await;
    let counts = cluster.count(say_everywhere(&app, &ids, "last")).await;
    assert!(counts.0 > 0 && counts.1 == 0, "{counts:?}");
    for id in &ids {
        assert_eq!(app.history(id).await.len(), 6);
    }
}

/// Connections that stay open without an answer.
#[tokio::test]
async fn silent_worker_delays_few_requests() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_setting("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", 2);
    let app = app.spawn().await;
    eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
    let ids = given_sessions(&app, 16).await;
    say_everywhere(&app, &ids, "before").await;
    cluster.worker.stop_answering();
    let read = async |id: &String| {
        let path = format!("/api/sessions/{id}");
        let reply: Value = app.http.get(app.url(&path)).reply().await;
        reply["success"] == true
    };
    // Those that are on their way fail after the time-out, as with any silent database.
    let first = join_all(ids.iter().map(read)).await;
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    // A ping of two seconds gives the worker up.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let then = join_all(ids.iter().map(read)).await;
    assert!(!then.contains(&false), "{then:?}");
    say_everywhere(&app, &ids, "after").await;
}

/// Users' reads take their role on the worker, on a connection of the server's role.
#[tokio::test]
async fn workers_keep_users_apart() {
    let Some(cluster) = Cluster::new().await else { return };
    let app = cluster.builder().with_auth().spawn().await;
    eventually("a connection to the worker", async || cluster.worker.query_count() > 0).await;
    let mut users = Vec::new();
    for _ in 0..2 {
        let account = app.post("/api/auth/anonymous", json!({})).await;
        let token = text(&account.data()["accessToken"]);
        let own = join_all((0..8).map(async |_| {
            let create = app.http.post(app.url("/api/sessions")).json(&json!({}));
            create.bearer_auth(&token).reply().await.session_id()
        }))
        .await;
        users.push((token, own));
    }
    let mut reads = Vec::new();
    for (reader, (token, _)) in users.iter().enumerate() {
        for (owner, (_, sessions)) in users.iter().enumerate() {
            for id in sessions {
                for part in ["", "/messages"] {
                    reads.push((token, format!("/api/sessions/{id}{part}"), reader == owner));
                }
            }
        }
    }
    let counted = cluster.count(async {
        let replies = join_all(reads.iter().map(async |(token, path, is_own)| {
            let reply = app.http.get(app.url(path)).bearer_auth(token).reply().await;
            (reply["success"] == true, *is_own)
        }));
        for (is_read, is_own) in replies.await {
            assert_eq!(is_read, is_own);
        }
    });
    let counts = counted.await;
    assert!(counts.1 > 0, "{counts:?}");
}

/// A conversation with idempotency keys, from its beginning to its rating, and a late message.
async fn converse(app: &TestApp, number: u32) {
    let send = async |path: &str, key: &str, json: Value| {
        let request = app.http.post(app.url(path)).json(&json);
        let key = format!("secret key to {key} conversation {number}");
        request.header("Idempotency-Key", key).reply().await
    };
    let post = async |path: &str, key: &str, json: Value| {
        let reply = send(path, key, json.clone()).await;
        assert_eq!(reply["success"], true, "{reply}");
        assert_eq!(send(path, key, json).await["data"], reply["data"]);
        reply
    };
    let begun = post("/api/sessions", "begin", json!({})).await;
    let path = format!("/api/sessions/{}", begun.session_id());
    let (messages, hello) = (format!("{path}/messages"), json!({"text": "hello"}));
    post(&messages, "say", hello.clone()).await;
    post(&format!("{path}/end"), "end", json!({})).await;
    post(&format!("{path}/rating"), "rate", json!({"rating": 5})).await;
    assert_eq!(app.get(&path).await["data"]["status"], "ended");
    assert_eq!(send(&messages, "say late", hello).await["success"], false);
    let history = app.get(&messages).await;
    assert_eq!(history["data"]["messages"].as_array().map(Vec::len), Some(2), "{history}");
}

/// On a real cluster, the coordinator sees nothing of a conversation, from its beginning to its
/// rating.
#[tokio::test]
async fn conversations_of_a_cluster_need_no_coordinator() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let database = TestDatabase::new().await;
    let coordinator = Proxy::in_front_of(&database.options()).await;
    let app = TestApp::builder()
        .through_proxy(&database, &coordinator)
        .with_settings(&[CONNECT, ("KUKU_MEMORY__ENABLED", "false")])
        // Where all connections to a worker are in use, those to the coordinator are as good.
        .with_setting("KUKU_DATABASE__MAX_CONNECTIONS", 64)
        .spawn()
        .await;
    eventually("connections to the workers", async || {
        coordinator.query_count();
        let ids = given_sessions(&app, 16).await;
        say_everywhere(&app, &ids, "hello").await;
        coordinator.query_count() == 0
    })
    .await;
    // Reads the secret of derived ids, which the server keeps.
    converse(&app, 0).await;
    coordinator.query_count();
    join_all((1..16).map(|number| converse(&app, number))).await;
    assert_eq!(coordinator.query_count(), 0);
    assert_invariants(&database).await;
}
