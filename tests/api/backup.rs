//! The commands of "Backup and restore" in docs/operations.md, run as printed.

use std::{os::unix::fs::symlink, path::Path, process::Command};

use serde_json::json;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::{
    app::TestApp, postgres::TestDatabase, reply::ReplyExt, server_process::open_folder,
    support::report_skipped, test_role::supabase_shape,
};

/// The shell commands below a heading of docs/operations.md.
fn commands(heading: &str) -> String {
    let operations = include_str!("../../docs/operations.md");
    let section = operations.split(heading).nth(1).expect(heading);
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a shell block").to_owned()
}

/// An address that psql accepts: sqlx adds parameters of its own.
fn libpq_url(options: &PgConnectOptions, password: &str) -> String {
    let host = options.get_socket().map(|socket| socket.display().to_string());
    format!(
        "postgres:///{}?host={}&port={}&user={}&password={password}",
        options.get_database().expect("a database"),
        host.unwrap_or_else(|| options.get_host().to_owned()),
        options.get_port(),
        options.get_username(),
    )
}

/// A database of Supabase's shape and its application role.
struct Supabase {
    database: TestDatabase,
    app: String,
    owner: String,
}

impl Supabase {
    async fn new() -> Self {
        let database = TestDatabase::of_superuser().await;
        let name = uuid::Uuid::from_u128(rand::random()).simple().to_string();
        let (app, owner) = (format!("kuku_test_app_{name}"), format!("kuku_test_owner_{name}"));
        database.execute(&supabase_shape(&app, &owner, "")).await;
        Self { database, app, owner }
    }

    fn url(&self) -> String {
        libpq_url(&self.database.options().username(&self.app), "app")
    }

    /// Roles belong to the cluster and are not dropped with the database.
    async fn drop_roles(self) {
        let (app, owner) = (&self.app, &self.owner);
        for sql in [
            format!("DROP OWNED BY {app}, {owner} CASCADE"),
            format!("DROP ROLE {app}"),
            format!("DROP ROLE {owner}"),
        ] {
            self.database.execute(&sql).await;
        }
    }
}

/// Whether pg_dump is there, and as new as the server.
async fn can_dump(database: &TestDatabase) -> bool {
    let sql = "SELECT current_setting('server_version_num')::integer / 10000";
    let mut connection = database.connect().await;
    let server: i32 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a version");
    let output = Command::new("pg_dump").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let major = version.ok().and_then(|version| {
        version.split(' ').nth(2)?.split('.').next()?.trim().parse::<i32>().ok()
    });
    let can_dump = major.is_some_and(|major| major >= server);
    if !can_dump {
        report_skipped(&format!("backups need a pg_dump of version {server} or newer"));
    }
    can_dump
}

fn run(heading: &str, source: &str, target: &str) {
    let (folder, programs) = (open_folder(), open_folder());
    symlink(env!("CARGO_BIN_EXE_kuku-coach"), programs.path().join("kuku-coach")).expect("a link");
    let path = std::env::var("PATH").expect("a path");
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands(heading)])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", programs.path().display()))
        .env("DATABASE_URL", source)
        .env("TARGET_URL", target)
        .env("KUKU_AUTH__MODE", "optional")
        .env("KUKU_DATA_DIR", Path::new(folder.path()).join("data"))
        .env_remove("KUKU_TEST_ROLE")
        .env_remove("KUKU_TEST_POSTGRES")
        .env_remove("KUKU_TEST_CITUS_URL")
        .env_remove("KUKU_TEST_STAND_IN_CITUS")
        .output()
        .expect("bash");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("\n0 failures"), "{text}");
}

/// A server on a database; the account's token and its session of two messages.
async fn given_source(database: TestDatabase, url: &str) -> (TestApp, String) {
    let app = TestApp::builder()
        .with_database(database)
        .with_setting("DATABASE_URL", url)
        .with_auth()
        .spawn()
        .await;
    let user = "0000000a-0000-4000-8000-000000000000";
    app.database
        .execute(&format!(
            "INSERT INTO auth.users (id, email) VALUES ('{user}', 'ada@example.com')"
        ))
        .await;
    let id = app.given_session().await;
    app.say(&id, "my job wears me out").await;
    app.database.execute(&format!("UPDATE public.sessions SET user_id = '{user}'")).await;
    (app, id)
}

/// All rows are there, searchable, and hidden from others.
async fn assert_restored(database: &TestDatabase, url: &str, id: &str) {
    let app = TestApp::builder()
        .sharing(database)
        .with_setting("DATABASE_URL", url)
        .with_auth()
        .spawn()
        .await;
    assert_eq!(app.get("/ready").await, json!({"status": "ready"}));
    let reply = app.get(&format!("/api/sessions/{id}")).await;
    assert_eq!(reply.code(), "SESSION_NOT_FOUND", "another's session");
    let mut connection = PgConnection::connect(url).await.expect("connected");
    let sql = "SELECT count(*) FROM public.messages AS m
        JOIN public.sessions AS s ON s.id = m.session_id
        JOIN auth.users AS u ON u.id = s.user_id
        WHERE s.session_id = $1 AND u.email = 'ada@example.com'";
    let count: i64 =
        sqlx::query_scalar(sql).bind(id).fetch_one(&mut connection).await.expect("a count");
    assert_eq!(count, 2);
    let sql = "SELECT count(*) FROM public.messages
        WHERE text_search @@ public.message_search_query('job')";
    let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count");
    assert!(found >= 1);
}

#[tokio::test]
async fn plain_database_is_restored_by_the_documented_commands() {
    let source = TestDatabase::of_superuser().await;
    if !can_dump(&source).await {
        return;
    }
    let url = source.url.clone();
    let (_app, id) = given_source(source, &url).await;
    let target = TestDatabase::of_superuser().await;
    run("### To a plain Postgres", &url, &target.url);
    assert_restored(&target, &target.url, &id).await;
}

#[tokio::test]
async fn supabase_is_restored_by_the_documented_commands() {
    let plain = TestDatabase::of_superuser().await;
    if !can_dump(&plain).await
        || !TestDatabase::new().await.is_of_superuser("Supabase's shape").await
    {
        return;
    }
    let url = plain.url.clone();
    let (plain, id) = given_source(plain, &url).await;
    let (first, second) = (Supabase::new().await, Supabase::new().await);
    // From a plain Postgres to Supabase, and from there to another project.
    run("### To Supabase", &url, &first.url());
    assert_restored(&first.database, &first.url(), &id).await;
    run("### To Supabase", &first.url(), &second.url());
    assert_restored(&second.database, &second.url(), &id).await;
    drop(plain);
    first.drop_roles().await;
    second.drop_roles().await;
}
