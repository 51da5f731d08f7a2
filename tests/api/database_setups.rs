//! Databases as operators set them up: other search paths, time-outs of roles, read-only phases,
//! newer migrations, refused connections.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use tokio::time::sleep;

use crate::{
    app::{TestApp, eventually},
    postgres::{TestDatabase, with_database},
    reply::{ReplyExt, RequestExt, refusal},
    server_process::{command, open_folder},
};

/// Sets an option for all new sessions of the database, on each node.
async fn set(database: &TestDatabase, option: &str) {
    let options = database.options();
    let name = options.get_database().expect("a database");
    for node in database.nodes() {
        let mut connection = PgConnection::connect(&node).await.expect("a node");
        // In a transaction of its own, since the option may be set already.
        connection.execute("SET default_transaction_read_only = off").await.expect("set");
        let alter = AssertSqlSafe(format!("ALTER DATABASE {name} {option}"));
        connection.execute(alter).await.expect(option);
        connection.close().await.expect("closed");
    }
}

/// Runs the program with these arguments; whether it succeeded, and its error output.
fn run(url: &str, arguments: &[&str]) -> (bool, String) {
    let folder = open_folder();
    let mut command = command(folder.path(), &[("DATABASE_URL", url)]);
    let output = command.args(arguments).output().expect("ran");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn search_path_of_the_address_is_not_used() {
    for path in ["", "app%2Cpublic", "app"] {
        let database = TestDatabase::new().await;
        database.execute_as_admin("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC").await;
        let url = format!("{}&options=-csearch_path%3D{path}", database.url);
        for _ in 0..2 {
            let builder = TestApp::builder().sharing(&database);
            let app = builder.with_setting("DATABASE_URL", &url).spawn().await;
            let id = app.given_session().await;
            assert_eq!(app.say(&id, "hello").await["success"], true, "{path}");
            assert_eq!(app.get("/ready").await["status"], "ready", "{path}");
        }
        let mut connection = database.connect().await;
        let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'app'";
        let tables = connection.fetch_one(count).await.expect("counted");
        assert_eq!(tables.get::<i64, _>(0), 0, "{path}");
        connection.close().await.expect("closed");
    }
}

#[tokio::test]
async fn migrations_table_elsewhere_stops_the_migration() {
    let database = TestDatabase::ordinary().await;
    let elsewhere = "CREATE SCHEMA app; CREATE TABLE app._sqlx_migrations ()";
    database.execute_as_admin(elsewhere).await;
    let (succeeded, error) = run(&database.url, &["migrate"]);
    assert!(!succeeded && error.contains("_sqlx_migrations outside"), "{error}");
    database.execute_as_admin("DROP TABLE app._sqlx_migrations").await;
    let (succeeded, error) = run(&database.url, &["migrate"]);
    assert!(succeeded, "{error}");
}

#[tokio::test]
async fn older_server_starts_on_a_newer_database() {
    let app = TestApp::spawn().await;
    app.database
        .execute(
            "INSERT INTO public._sqlx_migrations
                 (version, description, success, checksum, execution_time)
             VALUES (99991231000000, 'of a newer program', TRUE, '\\x00', 0)",
        )
        .await;
    let older = TestApp::builder().sharing(&app.database).spawn().await;
    assert_eq!(older.get("/ready").await["status"], "ready");
    let (succeeded, error) = run(&app.database.url, &["migrate"]);
    assert!(succeeded, "{error}");
}

#[tokio::test]
async fn time_outs_of_the_database_do_not_end_a_migration() {
    let database = TestDatabase::ordinary().await;
    for option in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
        set(&database, &format!("SET {option} = '200ms'")).await;
    }
    // The migration waits for this transaction.
    let mut blocker = database.connect().await;
    let begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0;
        CREATE TABLE public._sqlx_migrations ()";
    blocker.execute(begin).await.expect("begun");
    let url = database.url.clone();
    let migrating = tokio::task::spawn_blocking(move || run(&url, &["migrate"]));
    sleep(Duration::from_secs(2)).await;
    blocker.execute("ROLLBACK").await.expect("rolled back");
    let (succeeded, error) = migrating.await.expect("no panic");
    assert!(succeeded, "{error}");
    blocker.close().await.expect("closed");
}

#[tokio::test]
async fn read_only_database_serves_reads() {
    let first = TestApp::spawn().await;
    let id = first.given_session().await;
    first.say(&id, "hello").await;
    set(&first.database, "SET default_transaction_read_only = on").await;
    let app = TestApp::builder().sharing(&first.database).spawn().await;
    for _ in 0..3 {
        let ready = app.get_raw("/ready").await;
        assert_eq!(ready.status(), StatusCode::OK);
        let ready = crate::reply::body(ready).await;
        assert_eq!(ready, json!({"status": "ready", "degraded": "DATABASE_READ_ONLY"}));
    }
    assert_eq!(app.history(&id).await.len(), 2);
    for path in ["/api/sessions".to_owned(), format!("/api/sessions/{id}/messages")] {
        let response = app.post_raw(&path, json!({"text": "hello"})).await;
        assert!(response.headers().contains_key("retry-after"), "{path}");
        let expected = (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE".into());
        assert_eq!(refusal(response).await, expected, "{path}");
    }
    assert_eq!(app.history(&id).await.len(), 2, "reads still work");
    set(&first.database, "RESET default_transaction_read_only").await;
    // Connections younger than a second are not replaced.
    sleep(Duration::from_millis(1_200)).await;
    assert_eq!(app.say(&id, "again").await["success"], true);
    assert_eq!(app.get("/ready").await, json!({"status": "ready"}));
}

#[tokio::test]
async fn migration_of_a_read_only_database_says_why() {
    let database = TestDatabase::ordinary().await;
    set(&database, "SET default_transaction_read_only = on").await;
    let (succeeded, error) = run(&database.url, &["migrate"]);
    assert!(!succeeded && error.contains("the database is read-only"), "{error}");
}

#[tokio::test]
async fn missing_database_fails_the_start_at_once() {
    let database = TestDatabase::new().await;
    let url = with_database(&database.url, "no_such_database");
    let began = Instant::now();
    let (succeeded, error) = run(&url, &["migrate"]);
    assert!(!succeeded && error.contains("does not exist"), "{error}");
    assert!(error.contains("correct its name"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

/// Any refusal while connecting, here SQLSTATE 55000, is waited for.
#[tokio::test]
async fn refused_connections_are_waited_for_then_503() {
    let (database, admin) = (TestDatabase::new().await, TestDatabase::new().await);
    let builder = TestApp::builder().sharing(&database);
    let app = builder.with_setting("KUKU_DATABASE__ACQUIRE_TIMEOUT_SECONDS", 2).spawn().await;
    let id = app.given_session().await;
    let options = database.options();
    let name = options.get_database().expect("a database");
    let end_all =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    let allow = |allowed: bool| format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
    admin.execute_as_admin(&allow(false)).await;
    admin.execute_as_admin(&end_all).await;
    let response = app.http.get(app.url(&format!("/api/sessions/{id}"))).response().await;
    assert!(response.headers().contains_key("retry-after"));
    let expected = (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE".into());
    assert_eq!(refusal(response).await, expected);
    let path = format!("/api/sessions/{id}");
    let allowing = async {
        sleep(Duration::from_millis(500)).await;
        admin.execute_as_admin(&allow(true)).await;
    };
    let (reply, ()) = tokio::join!(app.get(&path), allowing);
    reply.data();
}

/// Memberships of roles belong to the whole cluster: the migrations of two databases may meet.
#[tokio::test]
async fn migration_beside_a_grant_of_the_same_role_succeeds() {
    const ROLE: &str = "kuku_test_grantee";
    let database = TestDatabase::of_superuser().await;
    let elsewhere = TestDatabase::of_superuser().await;
    let (succeeded, error) = run(&elsewhere.url, &["migrate"]);
    assert!(succeeded, "the roles of Supabase exist: {error}");
    let mut admin = database.connect_as_admin().await;
    let options = database.options();
    let name = options.get_database().expect("a database");
    // Since Postgres 16 who grants a role needs its ADMIN option.
    let create = format!(
        "CREATE ROLE {ROLE} LOGIN PASSWORD 'app' CREATEROLE;
        ALTER DATABASE {name} OWNER TO {ROLE};
        DO $$ BEGIN
            IF current_setting('server_version_num')::integer >= 160000 THEN
                EXECUTE 'GRANT authenticated TO {ROLE}
                    WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
            END IF;
        END $$"
    );
    admin.execute(AssertSqlSafe(create)).await.expect("a role");
    let as_grantee = |database: &TestDatabase| database.options().username(ROLE).password("app");
    let mut granting = as_grantee(&elsewhere).connect().await.expect("a connection");
    let grant = format!("BEGIN; GRANT authenticated TO {ROLE}");
    granting.execute(AssertSqlSafe(grant)).await.expect("granted");
    let url = as_grantee(&database).to_url_lossy().to_string();
    let migrating = tokio::task::spawn_blocking(move || run(&url, &["migrate"]));
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE usename = '{ROLE}' AND wait_event_type = 'Lock'"
    );
    eventually("the migration waits for the other grant", async || {
        admin.fetch_one(AssertSqlSafe(waiting.clone())).await.expect("counted").get::<i64, _>(0) > 0
    })
    .await;
    granting.execute("COMMIT").await.expect("committed");
    let (succeeded, error) = migrating.await.expect("no panic");
    assert!(succeeded, "{error}");
    granting.close().await.expect("closed");
    let drop = format!("REASSIGN OWNED BY {ROLE} TO CURRENT_USER; DROP OWNED BY {ROLE}");
    admin.execute(AssertSqlSafe(drop)).await.expect("nothing is left to the role");
    admin.execute(AssertSqlSafe(format!("DROP ROLE {ROLE}"))).await.expect("dropped");
}
