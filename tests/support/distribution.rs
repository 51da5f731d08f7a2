//! Databases with distributed tables, for [`TestDatabase::new`](super::postgres::TestDatabase).
//!
//! One of two variables asks for them:
//! - `KUKU_TEST_CITUS_URL`: the address of a database on the coordinator of a Citus cluster, as a
//!   superuser. It has the extension and knows its nodes (`pg_dist_node`), which this machine
//!   reaches by the same names and ports, with the same user and password.
//!   `docker-compose.citus.yml` beside this folder starts such a cluster.
//! - `KUKU_TEST_STAND_IN_CITUS=1`: the ordinary Postgres of the tests. The tables have the schema
//!   of distributed ones, and functions that do next to nothing are in the place of Citus' own.
//!
//! The tables are migrated and distributed once, in a template on each node, of which every
//! database is a copy. Templates stay on the server. A change of the migrations, of the script or
//! of the nodes makes another one.

use std::{path::Path, str::FromStr};

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use super::{
    drop_database::close_database,
    postgres::{execute_on, with_database},
    test_role::{TestRole, locked},
};

const DISTRIBUTE: &str = include_str!("../../src/repository/distribution/distribute.sql");
const STAND_IN: &str = include_str!("../fixtures/stand_in_citus.sql");

/// Citus sends roles that exist on the coordinator already only with some statements. Another
/// database may be creating them at this moment.
const ROLES: &str = r"
DO $do$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
        BEGIN
            EXECUTE format(
                'CREATE ROLE %I NOLOGIN NOINHERIT %s', role,
                CASE role WHEN 'service_role' THEN 'BYPASSRLS' ELSE '' END
            );
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$do$";

/// The row names the template by its oid, also in copies. Citus would use it for new nodes.
const FORGET_DATABASE: &str = "DELETE FROM pg_dist_object WHERE classid = 'pg_database'::regclass";

/// The value of `KUKU_TEST_CITUS_URL`.
pub fn citus_url() -> Option<String> {
    std::env::var("KUKU_TEST_CITUS_URL").ok().filter(|url| !url.is_empty())
}

/// Whether the stand-in for Citus distributes tables.
pub fn is_stand_in() -> bool {
    match std::env::var("KUKU_TEST_STAND_IN_CITUS").unwrap_or_default().as_str() {
        "" | "0" => false,
        "1" if citus_url().is_some() => {
            panic!("KUKU_TEST_STAND_IN_CITUS and KUKU_TEST_CITUS_URL are both set: unset one")
        }
        "1" => true,
        other => panic!("KUKU_TEST_STAND_IN_CITUS={other}: 1, or nothing"),
    }
}

/// Whether tables of [`TestDatabase::new`](super::postgres::TestDatabase) are distributed, by Citus
/// or by its stand-in.
pub fn is_distributed() -> bool {
    is_stand_in() || citus_url().is_some()
}

/// A database with distributed tables on each node, without connections.
pub struct Template {
    name: String,
    /// Options of `CREATE DATABASE` for copies.
    copy_options: String,
    /// The address of each node, as a superuser. The first is the coordinator, or the only server.
    pub nodes: Vec<String>,
}

impl Template {
    /// The template for `role` on the server at `url`, created if it is missing; `None` if tests
    /// want ordinary tables.
    pub async fn create(url: &str, role: &TestRole) -> Option<Self> {
        if !is_distributed() {
            return None;
        }
        let mut admin = locked(url).await;
        let nodes = if is_stand_in() { vec![url.to_owned()] } else { nodes(&mut admin, url).await };
        let name = format!("kuku_test_distributed_{}", version(&nodes, role));
        let template = Self { copy_options: role.copy_options(&name), name, nodes };
        // Closed for connections on the coordinator last of all.
        let is_complete = "SELECT EXISTS (
            SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn
        )";
        let is_complete: bool = sqlx::query_scalar(is_complete)
            .bind(&template.name)
            .fetch_one(&mut admin)
            .await
            .expect("a list of databases");
        if !is_complete {
            template.build(role).await;
        }
        admin.close().await.expect("closed");
        Some(template)
    }

    /// Creates the database `name` as a copy on each node.
    pub async fn copy_to(&self, name: &str) {
        let sql = format!("CREATE DATABASE {name} {}", self.copy_options);
        join_all(self.nodes.iter().map(|node| execute_on(node, &sql))).await;
    }

    async fn build(&self, role: &TestRole) {
        let Self { name, nodes, .. } = self;
        for node in nodes {
            // Of a run that was killed.
            execute_on(node, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            execute_on(node, &format!("CREATE DATABASE {name} {}", role.create_options())).await;
        }
        let databases: Vec<String> = nodes.iter().map(|node| with_database(node, name)).collect();
        if is_stand_in() {
            execute_on(&databases[0], STAND_IN).await;
        } else {
            connect_nodes(&databases).await;
        }
        let options = PgConnectOptions::from_str(&role.url(&databases[0])).expect("an address");
        kuku_coach::database::migrate(&options).await.expect("migrated");
        let mut connection = options.connect().await.expect("the template");
        let mut transaction = connection.begin().await.expect("a transaction");
        transaction.execute(DISTRIBUTE).await.expect("distributed");
        transaction.commit().await.expect("committed");
        connection.close().await.expect("closed");
        if !is_stand_in() {
            for database in &databases {
                execute_on(database, FORGET_DATABASE).await;
            }
        }
        // Citus keeps connections, and opens them again while it may. A database is copied only
        // while it has none.
        for node in nodes.iter().rev() {
            close_database(node, name).await;
        }
    }
}

/// The addresses of the nodes, the coordinator's first: `url` with their names and ports.
async fn nodes(admin: &mut PgConnection, url: &str) -> Vec<String> {
    let sql = "SELECT groupid, nodename, nodeport FROM pg_dist_node
        WHERE isactive AND noderole = 'primary' ORDER BY groupid";
    let nodes: Vec<(i32, String, i32)> = sqlx::query_as(sql)
        .fetch_all(admin)
        .await
        .expect("KUKU_TEST_CITUS_URL: a database with the extension citus");
    assert!(
        nodes.len() > 1 && nodes[0].0 == 0,
        "KUKU_TEST_CITUS_URL: the coordinator and a worker in pg_dist_node: SELECT \
         citus_set_coordinator_host(host, port), citus_add_node(host, port)"
    );
    let options = PgConnectOptions::from_str(url).expect("an address");
    let address = |(_, host, port): &(i32, String, i32)| {
        let port = u16::try_from(*port).expect("a port");
        options.clone().host(host).port(port).to_url_lossy().to_string()
    };
    nodes.iter().map(address).collect()
}

/// The addresses of the workers of `KUKU_TEST_CITUS_URL`, in its database.
pub async fn worker_urls() -> Vec<String> {
    let url = citus_url().expect("KUKU_TEST_CITUS_URL");
    let mut admin = PgConnection::connect(&url).await.expect("the coordinator");
    let nodes = nodes(&mut admin, &url).await;
    admin.close().await.expect("closed");
    nodes[1..].to_vec()
}

/// Creates the database `name` on each node of the cluster at `url`; returns their addresses.
pub async fn create_on_all_nodes(url: &str, name: &str) -> Vec<String> {
    let mut admin = locked(url).await;
    let nodes = nodes(&mut admin, url).await;
    admin.close().await.expect("closed");
    let sql = format!("CREATE DATABASE {name}");
    join_all(nodes.iter().map(|node| execute_on(node, &sql))).await;
    nodes
}

/// Makes a cluster of a new database on each node.
pub async fn connect_nodes(databases: &[String]) {
    for database in databases {
        execute_on(database, ROLES).await;
        execute_on(database, "CREATE EXTENSION citus").await;
    }
    for (group, database) in databases.iter().enumerate() {
        let options = PgConnectOptions::from_str(database).expect("an address");
        let function = if group == 0 { "citus_set_coordinator_host" } else { "citus_add_node" };
        let (host, port) = (options.get_host(), options.get_port());
        execute_on(&databases[0], &format!("SELECT {function}('{host}', {port})")).await;
    }
}

/// A hash of all that a template consists of.
fn version(nodes: &[String], role: &TestRole) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let files = std::fs::read_dir(folder).expect("the migrations");
    let mut files: Vec<_> = files.map(|file| file.expect("a migration").path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).expect("a migration"));
    }
    hash.update(DISTRIBUTE);
    hash.update(role.create_options());
    if is_stand_in() {
        hash.update(STAND_IN);
    } else {
        nodes.iter().for_each(|node| hash.update(node));
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
