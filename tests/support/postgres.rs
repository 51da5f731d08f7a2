//! Databases of tests: one Postgres for a run, one database for a test.

use std::{
    process::{Command, Stdio},
    str::FromStr,
    sync::LazyLock,
};

use kuku_coach::embedded_postgres::Cluster;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions,
};

/// The address of the server's maintenance database.
static SERVER: LazyLock<String> = LazyLock::new(|| {
    // Not an error: .env is optional, and so is what is in it.
    dotenvy::dotenv().ok();
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => url,
        _ => temporary_cluster(),
    }
});

/// Starts a cluster in a temporary folder, and a watchdog that stops and removes it when this
/// process ends. A test process that fails or is killed runs no clean-up of its own.
fn temporary_cluster() -> String {
    let folder =
        tempfile::Builder::new().prefix("kuku-test-").tempdir().expect("a temporary folder").keep();
    // The cluster may run as another user, who needs access to the folder.
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("permissions");
    // A separate thread, because the caller may be inside a runtime.
    let start = |folder| {
        tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on(Cluster::start(folder))
            .expect("an embedded Postgres for the tests")
    };
    let cluster =
        std::thread::scope(|scope| scope.spawn(|| start(&folder)).join().expect("started"));
    let url = cluster.url();
    let watchdog = Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a watchdog");
    // Both live until the process ends: the watchdog waits until its stdin is closed.
    std::mem::forget(watchdog);
    std::mem::forget(cluster);
    url
}

const WATCHDOG: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$1/postgres/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1"
"#;

/// The database of one test, empty at first, dropped with this value.
pub struct TestDatabase {
    /// `None` if another value drops the database.
    name: Option<String>,
    pub url: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let name = format!("kuku_test_{}", uuid::Uuid::from_u128(rand::random()).simple());
        admin(format!("CREATE DATABASE {name}")).await;
        let server = SERVER.as_str();
        // The database name is between the last slash of the address and its query.
        let (base, query) = server.split_once('?').unwrap_or((server, ""));
        let authority = base.find("://").expect("an address with a scheme") + 3;
        let end = base[authority..].find('/').map_or(base.len(), |slash| authority + slash);
        let url = format!("{}/{name}?{query}", &base[..end]);
        Self { name: Some(name), url }
    }

    /// The database of another server, which still drops it.
    pub fn borrowed(other: &Self) -> Self {
        Self { name: None, url: other.url.clone() }
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::from_str(&self.url).expect("a valid address")
    }

    /// The database of a server with an embedded Postgres.
    pub fn at(url: String) -> Self {
        Self { name: None, url }
    }

    /// The address of the database through a proxy.
    pub fn url_through(&self, proxy: std::net::SocketAddr) -> String {
        let options = self.options();
        let database = options.get_database().expect("a database");
        match self.url.split_once('@') {
            // Credentials and query are those of the original address.
            Some((credentials, rest)) => {
                let query = rest.split_once('?').map_or("", |(_, query)| query);
                format!("{credentials}@{proxy}/{database}?{query}")
            }
            None => format!("postgres://{}@{proxy}/{database}", options.get_username()),
        }
    }

    pub async fn connect(&self) -> PgConnection {
        self.options().connect().await.expect("a connection")
    }

    /// Runs SQL statements.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.connect().await;
        connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
        connection.close().await.expect("closed");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(admin(sql));
            });
        });
    }
}

async fn admin(sql: String) {
    let mut connection = PgConnection::connect(&SERVER).await.expect("the test server");
    connection.execute(AssertSqlSafe(sql.clone())).await.expect(&sql);
    connection.close().await.expect("closed");
}
