//! A streaming replica (`DATABASE_READ_URL`): reads see every acknowledged write, and a failing
//! replica causes no error.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kuku_coach::embedded_postgres::Cluster;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tempfile::TempDir;

use crate::{app::TestApp, postgres::TestDatabase, reply::ReplyExt, server_process::open_folder};

/// Longer than the quarantine of a replica.
const QUARANTINE: Duration = Duration::from_millis(5_500);
/// Longest wait for a query on the replica.
const TIME_OUT: Duration = Duration::from_secs(60);
/// The number of concurrent searches.
const CONNECTIONS: usize = 8;

/// A streaming replica of a cluster, in a folder of its own.
struct Standby {
    folder: TempDir,
    binaries: PathBuf,
    /// The user that Postgres runs as.
    owner: u32,
    postmaster: Child,
}

impl Standby {
    async fn of(primary: &Cluster) -> Self {
        let mut connection = primary.options().connect().await.expect("the primary");
        let binaries: String = sqlx::query("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            .fetch_one(&mut connection)
            .await
            .expect("a folder")
            .get(0);
        let data: String = sqlx::query("SHOW data_directory")
            .fetch_one(&mut connection)
            .await
            .expect("a folder")
            .get(0);
        let socket = primary.url();
        let socket =
            socket.split("host=").nth(1).and_then(|rest| rest.split('&').next()).expect("a socket");
        let owner = std::fs::metadata(data).expect("the primary's data").uid();
        let folder = open_folder();
        std::os::unix::fs::chown(folder.path(), Some(owner), None).expect("its folder");
        let binaries = PathBuf::from(binaries);
        let copied = as_user(owner, &binaries.join("pg_basebackup"))
            .args(["-h", socket, "-U", "postgres", "-R", "-X", "stream", "-c", "fast", "-D"])
            .arg(folder.path().join("data"))
            .status()
            .expect("pg_basebackup");
        assert!(copied.success());
        let postmaster = start(owner, &binaries, folder.path());
        let standby = Self { folder, binaries, owner, postmaster };
        standby.connect().await;
        standby
    }

    fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=postgres", self.folder.path().display())
    }

    async fn connect(&self) -> PgConnection {
        let options: PgConnectOptions = self.url().parse().expect("an address");
        for _ in 0..200 {
            if let Ok(connection) = options.connect().await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the replica does not come up");
    }

    async fn execute(&self, sql: &'static str) {
        let mut connection = self.connect().await;
        sqlx::raw_sql(sql).execute(&mut connection).await.expect(sql);
        connection.close().await.expect("closed");
    }

    /// Whether the last query of one of our connections to the replica was a search.
    async fn has_served_a_search(&self) -> bool {
        let mut connection = self.connect().await;
        let count: i64 = sqlx::query(
            "SELECT count(*) FROM pg_stat_activity
             WHERE application_name = 'kuku-coach' AND state = 'idle'
                 AND query LIKE '%uses_ts_rank%'",
        )
        .fetch_one(&mut connection)
        .await
        .expect("a count")
        .get(0);
        count > 0
    }

    fn kill(&mut self) {
        kill(Pid::from_raw(self.postmaster.id().try_into().expect("a pid")), Signal::SIGKILL)
            .expect("killed");
        self.postmaster.wait().expect("gone");
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.postmaster.id().try_into().expect("a pid"));
        if matches!(self.postmaster.try_wait(), Ok(None)) {
            kill(pid, Signal::SIGQUIT).ok();
            self.postmaster.wait().ok();
        }
    }
}

fn start(owner: u32, binaries: &Path, folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("a log");
    as_user(owner, &binaries.join("postgres"))
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-c", "listen_addresses="])
        .stderr(Stdio::from(log))
        .spawn()
        .expect("postgres")
}

/// A command as the user of the cluster, because Postgres refuses to run as root.
fn as_user(owner: u32, program: &Path) -> Command {
    let mut command = Command::new(program);
    if nix::unistd::geteuid().is_root() {
        std::os::unix::process::CommandExt::uid(&mut command, owner);
        command.current_dir("/");
    }
    command
}

/// Runs `doctor` with a replica and checks for a line of its output.
fn assert_doctor_reports(primary: &Cluster, replica: &str, line: &str) {
    let folder = open_folder();
    let output = Command::new(env!("CARGO_BIN_EXE_kuku-coach"))
        .arg("doctor")
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("KUKU_DATA_DIR", folder.path())
        .env("DATABASE_URL", primary.url())
        .env("DATABASE_READ_URL", replica)
        .current_dir(folder.path())
        .output()
        .expect("ended");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains(line), "{line}: {report}");
    assert_eq!(output.status.success(), line.starts_with("ok"), "{report}");
}

/// Searches for `word` until the replica has served a search. On a busy machine that takes a while,
/// because a lagging replica is quarantined.
async fn search_until_replica_serves(
    app: &TestApp,
    standby: &Standby,
    word: &str,
    time_out: Duration,
) {
    let start = Instant::now();
    while !standby.has_served_a_search().await {
        assert!(start.elapsed() < time_out, "the replica serves no search");
        assert_eq!(count_hits(app, word).await, 1);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn count_hits(app: &TestApp, word: &str) -> usize {
    let reply = app.get(&format!("/api/search/messages?q={word}&sender=user")).await;
    assert_eq!(reply["success"], true, "{reply}");
    reply.messages().len()
}

#[tokio::test]
async fn search_on_a_replica_includes_messages_just_saved() {
    let folder = open_folder();
    let primary = Cluster::start(folder.path()).await.expect("a primary");
    // A first server creates the tables before the copy is made.
    let first = TestApp::builder().with_database(TestDatabase::at(primary.url())).spawn().await;
    let mut standby = Standby::of(&primary).await;
    drop(first);
    let app = TestApp::builder()
        .with_database(TestDatabase::at(primary.url()))
        .with_setting("DATABASE_READ_URL", standby.url())
        .spawn()
        .await;
    let id = app.given_session().await;
    for count in 1..=3 {
        assert_eq!(app.say(&id, "kestrel").await["success"], true);
        assert_eq!(count_hits(&app, "kestrel").await, count, "at once");
    }
    assert_eq!(app.say(&id, "whimbrel").await["success"], true);
    search_until_replica_serves(&app, &standby, "whimbrel", TIME_OUT).await;
    assert_doctor_reports(&primary, &standby.url(), "ok    the replica is up to date");

    // A lagging replica: the primary serves searches until the replica has caught up.
    standby.execute("SELECT pg_wal_replay_pause()").await;
    assert_eq!(app.say(&id, "heron").await["success"], true);
    assert_eq!(count_hits(&app, "heron").await, 1);
    assert_eq!(count_hits(&app, "heron").await, 1);
    standby.execute("SELECT pg_wal_replay_resume()").await;
    tokio::time::sleep(QUARANTINE).await;
    assert_eq!(count_hits(&app, "heron").await, 1);

    // A crashed replica with idle connections in the pool, which is then restarted.
    let many = (0..CONNECTIONS).map(|_| count_hits(&app, "heron"));
    assert_eq!(futures_util::future::join_all(many).await, [1; CONNECTIONS]);
    standby.kill();
    for _ in 0..3 {
        assert_eq!(count_hits(&app, "heron").await, 1);
    }
    assert_eq!(app.say(&id, "plover").await["success"], true);
    assert_eq!(count_hits(&app, "plover").await, 1);
    std::fs::remove_file(standby.folder.path().join("data/postmaster.pid")).ok();
    standby.postmaster = start(standby.owner, &standby.binaries, standby.folder.path());
    // One quarantine for each of the broken connections would take longer.
    search_until_replica_serves(&app, &standby, "plover", QUARANTINE * 4).await;

    // A replica that is promoted by mistake and no longer follows the primary.
    standby.execute("SELECT pg_promote()").await;
    assert_eq!(app.say(&id, "dunlin").await["success"], true);
    for _ in 0..2 {
        assert_eq!(count_hits(&app, "dunlin").await, 1);
    }
    tokio::time::sleep(QUARANTINE).await;
    assert_eq!(app.say(&id, "dunlin again").await["success"], true);
    assert_eq!(count_hits(&app, "dunlin").await, 2);
    assert_doctor_reports(
        &primary,
        &standby.url(),
        "FAIL  DATABASE_READ_URL is no longer a replica",
    );
    let unreachable = "postgres://postgres@127.0.0.1:1/postgres";
    assert_doctor_reports(&primary, unreachable, "FAIL  the replica cannot be queried");
}

#[tokio::test]
async fn read_url_of_another_database_is_not_used() {
    let (ours, foreign) = (TestDatabase::new().await, open_folder());
    let other = Cluster::start(foreign.path()).await.expect("another cluster");
    drop(TestApp::builder().with_database(TestDatabase::at(other.url())).spawn().await);
    let another = open_folder();
    let primary = Cluster::start(another.path()).await.expect("a third cluster");
    assert_doctor_reports(&primary, &other.url(), "FAIL  DATABASE_READ_URL is not a copy");
    let app = TestApp::builder()
        .with_database(ours)
        .with_setting("DATABASE_READ_URL", other.url())
        .spawn()
        .await;
    let id = app.given_session().await;
    assert_eq!(app.say(&id, "curlew").await["success"], true);
    assert_eq!(count_hits(&app, "curlew").await, 1);
    let away = TestApp::builder()
        .sharing(&app.database)
        .with_setting("DATABASE_READ_URL", "postgres://postgres@127.0.0.1:1/postgres")
        .spawn()
        .await;
    assert_eq!(count_hits(&away, "curlew").await, 1);
}
