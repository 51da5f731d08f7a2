//! Databases of tests: one Postgres for a run, one database for a test.
//!
//! Two variables choose what the tests run on:
//! - `KUKU_TEST_POSTGRES`: a major version, or a folder with the programs of Postgres;
//! - `KUKU_TEST_ROLE`: the role of the server, `superuser`, `owner` or `supabase`.
//!
//! Two more ask for distributed tables: see `distribution.rs`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr,
    sync::LazyLock,
};

use kuku_coach::embedded_postgres::{Binaries, Cluster};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions,
};
use tokio::sync::OnceCell;

use super::{
    distribution::{self, Template},
    drop_database::drop_database,
    report_skipped,
    test_role::{TestRole, locked},
};

/// The address of the server's maintenance database, as a superuser.
static SERVER: LazyLock<String> = LazyLock::new(|| {
    // Not an error: .env is optional, and so is what is in it.
    dotenvy::dotenv().ok();
    if let Some(url) = distribution::citus_url() {
        return url;
    }
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => url,
        _ => temporary_cluster(),
    }
});

/// The role of the server under test, created at the first use.
static ROLE: OnceCell<TestRole> = OnceCell::const_new();

async fn role() -> &'static TestRole {
    ROLE.get_or_init(async || TestRole::create(&SERVER).await).await
}

/// What databases with distributed tables are copies of, created at the first use.
static TEMPLATE: OnceCell<Option<Template>> = OnceCell::const_new();

/// The folder of `KUKU_TEST_POSTGRES`; `None` for the newest installed version.
fn folder_of_programs() -> Option<PathBuf> {
    let wanted = std::env::var("KUKU_TEST_POSTGRES").ok().filter(|wanted| !wanted.is_empty())?;
    let folder = match wanted.parse::<u32>() {
        Ok(major) => Path::new("/usr/lib/postgresql").join(major.to_string()).join("bin"),
        Err(_) => PathBuf::from(&wanted),
    };
    assert!(Binaries::in_folder(&folder).is_some(), "KUKU_TEST_POSTGRES={wanted}: no Postgres");
    Some(folder)
}

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
            .block_on(Cluster::start_with(folder, folder_of_programs().as_deref()))
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

/// The database of one test, dropped with this value. It is empty at first, unless it has
/// distributed tables.
pub struct TestDatabase {
    /// `None` if another value drops the database.
    name: Option<String>,
    /// The servers that have it, the coordinator first.
    servers: Vec<String>,
    /// The address, as the role of the server under test.
    pub url: String,
    /// The address, as a superuser.
    admin_url: String,
}

impl TestDatabase {
    /// A database of the role that `KUKU_TEST_ROLE` names.
    pub async fn new() -> Self {
        let role = role().await;
        let template = TEMPLATE.get_or_init(|| Template::create(&SERVER, role)).await;
        let Some(template) = template else { return Self::ordinary().await };
        let name = unused_name();
        template.copy_to(&name).await;
        let admin_url = with_database(&SERVER, &name);
        let servers = template.nodes.clone();
        Self { name: Some(name), servers, url: role.url(&admin_url), admin_url }
    }

    /// An empty database of that role. Its tables are ordinary ones, also where those of
    /// [`TestDatabase::new`] are distributed: every cluster is so before `kuku-coach distribute`.
    pub async fn ordinary() -> Self {
        let role = role().await;
        let name = unused_name();
        let servers = create_database(&name, &role.create_options()).await;
        let admin_url = with_database(&SERVER, &name);
        if distribution::citus_url().is_some() {
            execute_on(&admin_url, "CREATE EXTENSION citus").await;
        }
        Self { name: Some(name), servers, url: role.url(&admin_url), admin_url }
    }

    /// A database of a superuser. It has no distributed tables, as those of `created_with`.
    pub async fn of_superuser() -> Self {
        Self::created_with("").await
    }

    /// A database of a superuser, with options of `CREATE DATABASE`.
    pub async fn created_with(options: &str) -> Self {
        // It must be the first to create the roles anon, authenticated and service_role.
        role().await;
        let name = unused_name();
        let servers = create_database(&name, options).await;
        let url = with_database(&SERVER, &name);
        Self { name: Some(name), servers, admin_url: url.clone(), url }
    }

    /// A database of a superuser on each node of the Citus cluster, without the extension. `None`,
    /// with a message, if there is no cluster.
    pub async fn on_all_nodes() -> Option<Self> {
        if distribution::citus_url().is_none() {
            report_skipped("KUKU_TEST_CITUS_URL names no Citus");
            return None;
        }
        role().await;
        let name = unused_name();
        let servers = distribution::create_on_all_nodes(&SERVER, &name).await;
        let url = with_database(&SERVER, &name);
        Some(Self { name: Some(name), servers, admin_url: url.clone(), url })
    }

    /// The address of this database on each node, the coordinator's first.
    pub fn nodes(&self) -> Vec<String> {
        let name = self.name.as_deref().expect("a database of its own");
        self.servers.iter().map(|server| with_database(server, name)).collect()
    }

    /// Makes a cluster of these [`TestDatabase::nodes`].
    pub async fn connect_nodes(&self, nodes: &[String]) {
        // Citus sends all roles to a new node, which fails while another database does the same:
        // "tuple concurrently updated".
        let admin = locked(&SERVER).await;
        distribution::connect_nodes(nodes).await;
        admin.close().await.expect("closed");
    }

    /// The database of another server, which still drops it.
    pub fn borrowed(other: &Self) -> Self {
        let (url, admin_url) = (other.url.clone(), other.admin_url.clone());
        Self { name: None, servers: Vec::new(), url, admin_url }
    }

    pub fn options(&self) -> PgConnectOptions {
        PgConnectOptions::from_str(&self.url).expect("a valid address")
    }

    /// The database of a server with an embedded Postgres.
    pub fn at(url: String) -> Self {
        Self { name: None, servers: Vec::new(), admin_url: url.clone(), url }
    }

    /// The address of the database through a proxy.
    pub fn url_through(&self, proxy: std::net::SocketAddr) -> String {
        let options = self.options();
        let database = options.get_database().expect("a database");
        match self.url.split_once('@') {
            // Credentials and query are those of the original address, but for a socket's folder.
            Some((credentials, rest)) => {
                let query = rest.split_once('?').map_or("", |(_, query)| query).split('&');
                let query: Vec<&str> = query.filter(|pair| !pair.starts_with("host=")).collect();
                format!("{credentials}@{proxy}/{database}?{}", query.join("&"))
            }
            None => format!("postgres://{}@{proxy}/{database}", options.get_username()),
        }
    }

    pub async fn connect(&self) -> PgConnection {
        self.options().connect().await.expect("a connection")
    }

    /// A connection of a superuser.
    pub async fn connect_as_admin(&self) -> PgConnection {
        PgConnection::connect(&self.admin_url).await.expect("a connection")
    }

    /// Whether the role of the server is a superuser. A test that needs one is skipped otherwise,
    /// with `reason` as its message.
    pub async fn is_of_superuser(&self, reason: &str) -> bool {
        let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
        let mut connection = self.connect().await;
        let is_superuser: bool =
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a role");
        connection.close().await.expect("closed");
        if !is_superuser {
            report_skipped(&format!("{reason} needs a superuser"));
        }
        is_superuser
    }

    /// Runs SQL statements as the role of the server.
    pub async fn execute(&self, sql: &str) {
        Self::execute_on(self.connect().await, sql).await;
    }

    /// Runs SQL statements as a superuser: what the role of a server may not do everywhere.
    pub async fn execute_as_admin(&self, sql: &str) {
        Self::execute_on(self.connect_as_admin().await, sql).await;
    }

    async fn execute_on(mut connection: PgConnection, sql: &str) {
        connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
        connection.close().await.expect("closed");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        let drop = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(drop_database(&self.servers, name));
        };
        let dropped = std::thread::scope(|scope| scope.spawn(drop).join());
        // A second panic would end the whole run.
        if !std::thread::panicking() {
            dropped.expect("the database is dropped");
        }
    }
}

/// Creates a database; returns the servers that have it.
async fn create_database(name: &str, options: &str) -> Vec<String> {
    execute_on(&SERVER, &format!("CREATE DATABASE {name} {options}")).await;
    vec![SERVER.clone()]
}

fn unused_name() -> String {
    format!("kuku_test_{}", uuid::Uuid::from_u128(rand::random()).simple())
}

/// The address with another database: its name is between the last slash and the query.
pub fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = base.find("://").expect("an address with a scheme") + 3;
    let end = base[authority..].find('/').map_or(base.len(), |slash| authority + slash);
    format!("{}/{name}?{query}", &base[..end])
}

/// Runs SQL statements at an address.
pub async fn execute_on(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the test server");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
    connection.close().await.expect("closed");
}
