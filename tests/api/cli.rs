//! The commands of the program other than `serve`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::{
    app::TestApp,
    fake_supabase::{FakeSupabase, FaultMode, Key},
    postgres::{TestDatabase, with_database},
    server_process::{command, open_folder},
};

pub fn run(
    folder: &Path,
    database: &TestDatabase,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    let variables =
        [variables, &[("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "warn")]].concat();
    command(folder, &variables).args(arguments).output().expect("ended")
}

#[track_caller]
pub fn succeeded(output: &Output) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out.into_owned()
}

#[track_caller]
pub fn failed(output: &Output, text: &str) {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success(), "{out}\n{err}");
    assert!(out.contains(text) || err.contains(text), "{text}:\n{out}\n{err}");
}

/// Inserts sessions with all combinations of fields and random texts.
pub async fn insert_sessions(app: &TestApp, sessions: usize) {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let alphabet: Vec<char> = "aé工😀 \"\\\n\t\u{1}\u{2028}<'%".chars().collect();
    let mut text = |length: usize| -> String {
        (0..length).map(|_| alphabet[random.random_range(0..alphabet.len())]).collect()
    };
    let mut connection = app.database.connect().await;
    sqlx::raw_sql("INSERT INTO auth.users (id) VALUES ('0000000a-0000-4000-8000-000000000000')")
        .execute(&mut connection)
        .await
        .expect("a user");
    for number in 0..sessions {
        let ended = number % 3 == 0;
        sqlx::query(
            "WITH s AS (
                INSERT INTO public.sessions (
                    id, session_id, user_id, status, created_at, updated_at, ended_at,
                    message_count, summary, duration_seconds, rating, feedback,
                    wrap_up_cooldown, ignore_content_wrap_up, running_summary, summarized_messages
                )
                VALUES (
                    public.session_key('session-' || $1), 'session-' || $1,
                    CASE WHEN $1 % 4 = 0 THEN '0000000a-0000-4000-8000-000000000000'::uuid END,
                    CASE WHEN $2 THEN 'ended' ELSE 'active' END,
                    '2026-01-01'::timestamptz + ($1 / 2) * interval '1.000001 days',
                    now(), CASE WHEN $2 THEN now() END,
                    $3, CASE WHEN $2 THEN $4 END, CASE WHEN $2 THEN 60 END,
                    CASE WHEN $2 THEN 1 + $1 % 5 END, CASE WHEN $1 % 6 = 0 THEN $4 END,
                    $1 % 5, $1 % 2 = 0, CASE WHEN $1 % 7 = 0 THEN $4 END, 0
                )
                RETURNING id
            )
            INSERT INTO public.messages (
                session_id, message_id, sender, text_content, created_at, position
            )
            SELECT
                s.id, 'msg-' || $1 || '-' || n, CASE WHEN n % 2 = 1 THEN 'user' ELSE 'ai' END,
                $4 || n, clock_timestamp(), n
            FROM s, generate_series(1, $3) AS n",
        )
        .bind(i32::try_from(number).expect("few"))
        .bind(ended)
        .bind(i32::try_from(number % 5 * 2).expect("few"))
        .bind(text(number % 40 + 1))
        .execute(&mut connection)
        .await
        .expect("stored");
    }
    connection.close().await.expect("closed");
}

/// The account of [`insert_sessions`], where an import creates none: on Supabase, whose accounts
/// are not ours to create.
pub async fn restore_accounts(database: &TestDatabase) {
    let user = "INSERT INTO auth.users (id)
        SELECT '0000000a-0000-4000-8000-000000000000'
        WHERE obj_description('auth'::regnamespace, 'pg_namespace') IS NULL";
    database.execute(user).await;
}

/// The export of a database.
pub fn export(database: &TestDatabase, arguments: &[&str]) -> String {
    let folder = open_folder();
    let arguments = [&["export"], arguments].concat();
    succeeded(&run(folder.path(), database, &[], &arguments))
}

/// The number of sessions or messages in an export.
fn count(export: &str, kind: &str) -> usize {
    let kind = format!("\"type\":\"{kind}\"");
    export.lines().filter(|line| line.contains(&kind)).count()
}

#[tokio::test]
async fn exported_data_is_imported_byte_for_byte() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 230).await;
    restore_accounts(&other.database).await;
    let folder = open_folder();
    let file = folder.path().join("all.ndjson");
    let path = file.to_str().expect("UTF-8");
    let all = export(&app.database, &[]);
    fs::write(&file, &all).expect("written");
    let import = || run(folder.path(), &other.database, &[], &["import", path]);

    let imported = import();
    succeeded(&imported);
    assert!(String::from_utf8_lossy(&imported.stderr).contains("230 sessions imported, 0 skipped"));
    assert!(export(&other.database, &[]) == all, "not the same bytes");
    // A second import, and one after an interruption, keep existing sessions.
    other
        .database
        .execute(
            "DELETE FROM public.sessions WHERE session_id LIKE 'session-1%';
             UPDATE public.sessions SET feedback = 'own' WHERE session_id = 'session-2'",
        )
        .await;
    let again = import();
    assert!(
        String::from_utf8_lossy(&again.stderr).contains("111 sessions imported, 119 skipped"),
        "{again:?}"
    );
    let kept = export(&other.database, &["--session", "session-2"]);
    assert!(kept.contains("\"feedback\":\"own\""), "{kept}");
}

#[tokio::test]
async fn export_is_filtered_and_formatted() {
    let app = TestApp::spawn().await;
    insert_sessions(&app, 230).await;
    let export = |arguments: &[&str]| export(&app.database, arguments);
    let all = export(&[]);
    assert_eq!((count(&all, "session"), count(&all, "message")), (230, 920));
    for (arguments, sessions) in [
        (&["--ended"][..], 77),
        (&["--ended", "--rating-min", "5"], 15),
        (&["--since", "2026-01-11", "--until", "2026-01-21"], 20),
    ] {
        let filtered = export(arguments);
        assert_eq!(count(&filtered, "session"), sessions, "{arguments:?}");
    }

    let chats = export(&["--format", "openai"]);
    let chats: Vec<Value> =
        chats.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(chats.len(), 184, "conversations with a message");
    for chat in &chats {
        let messages = chat["messages"].as_array().expect("messages");
        let last = messages.last().expect("a message");
        assert_eq!(last["role"], "assistant", "{chat}");
    }
    let turns = export(&["--format", "openai", "--per-turn"]);
    assert_eq!(turns.lines().count(), 460);
    let text = export(&["--format", "text", "--session", "session-4"]);
    assert!(text.contains("Kuku: "), "{text}");
    let all = export(&["--format", "text"]);
    assert!(!all.contains(|c: char| c.is_control() && c != '\n'), "{all}");
}

#[tokio::test]
async fn damaged_export_is_not_imported() {
    let (app, empty) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 230).await;
    let folder = open_folder();
    let file = folder.path().join("all.ndjson");
    let path = file.to_str().expect("UTF-8");
    let import = |path: &str| run(folder.path(), &empty.database, &[], &["import", path]);
    for (name, content, text) in damaged_exports(&export(&app.database, &[])) {
        fs::write(&file, content).expect("written");
        let output = import(path);
        failed(&output, &text);
        failed(&output, "Nothing was imported");
        let sessions = count(&export(&empty.database, &[]), "session");
        assert_eq!(sessions, 0, "{name}");
    }
    failed(&import("/nowhere.ndjson"), "/nowhere.ndjson");
}

/// Damaged, truncated and foreign files: a name, the content, and a part of the expected error.
fn damaged_exports(all: &str) -> Vec<(&'static str, String, String)> {
    let lines: Vec<&str> = all.lines().collect();
    let changed = all.replacen("2026", "2027", 1);
    let wrong_line =
        [&lines[..5], &["{\"type\":\"session\",\"id\":7}"], &lines[5..]].concat().join("\n") + "\n";
    let swapped = [&lines[..1], &lines[300..301], &lines[1..]].concat().join("\n") + "\n";
    let middle = lines.len() / 2;
    let cut_off = lines[..middle].join("\n") + "\n" + &lines[middle][..8];
    vec![
        ("changed", changed, format!("line {}: the checksum does not match", lines.len())),
        ("wrong line", wrong_line, "line 6 is not of this format".into()),
        ("a line out of order", swapped, "line 2: ".into()),
        ("cut off in a line", cut_off, "cut off".into()),
        (
            "without its end",
            lines[..lines.len() - 1].join("\n") + "\n",
            "the end is missing".into(),
        ),
        ("more behind the end", all.to_owned() + lines[1] + "\n", "behind the end".into()),
        (
            "another format",
            "{\"type\":\"header\",\"format\":\"other\",\"schema\":1}\n".into(),
            "line 1: only kuku-coach exports".into(),
        ),
        ("no JSON", "hello\n".into(), "line 1 is not of this format".into()),
        ("empty", String::new(), "the end is missing".into()),
    ]
}

#[tokio::test]
async fn export_to_a_full_disk_fails() {
    let app = TestApp::spawn().await;
    insert_sessions(&app, 200).await;
    let folder = open_folder();
    let variables = [("DATABASE_URL", app.database.url.as_str())];
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux");
    let output =
        command(folder.path(), &variables).arg("export").stdout(full).output().expect("ended");
    failed(&output, "the export cannot be written, and is not complete");
    let mut child = command(folder.path(), &variables)
        .arg("export")
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    failed(&output, "the export cannot be written, and is not complete");
}

#[tokio::test]
async fn migrations_are_run_and_listed() {
    let (database, folder) = (TestDatabase::ordinary().await, open_folder());
    let status = run(folder.path(), &database, &[], &["migrate", "status"]);
    failed(&status, "pending  20261123100000");
    let ran = succeeded(&run(folder.path(), &database, &[], &["migrate"]));
    assert!(ran.contains("applied  20261123100000 supabase shape"), "{ran}");
    let status = succeeded(&run(folder.path(), &database, &[], &["migrate", "status"]));
    assert!(!status.contains("pending  "), "{status}");
    let again = command(folder.path(), &[("DATABASE_URL", &*database.url)])
        .args(["migrate", "run"])
        .output()
        .expect("ended");
    assert!(succeeded(&again).contains("Nothing to do"));
    // Notices of Postgres, such as "relation already exists", are not printed.
    assert_eq!(String::from_utf8_lossy(&again.stderr), "");
    database
        .execute("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20261123200000")
        .await;
    failed(&run(folder.path(), &database, &[], &["migrate", "status"]), "changed  20261123200000");
}

/// As in the image, which sets HOST.
#[tokio::test]
async fn only_serve_needs_accounts_on_a_network() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let run = |arguments: &[&str]| {
        run(folder.path(), &database, &[("HOST", "0.0.0.0"), ("PORT", "1")], arguments)
    };
    failed(&run(&["serve"]), "HOST is 0.0.0.0, which other machines can reach");
    succeeded(&run(&["migrate"]));
    succeeded(&run(&["migrate", "status"]));
    succeeded(&run(&["export"]));
    failed(&run(&["doctor"]), "FAIL  the server does not start");
    // The server is asked, not the settings.
    failed(&run(&["ready"]), "no response from");
}

/// As in the image.
#[tokio::test]
async fn embedded_postgres_that_is_turned_off_is_not_started() {
    let folder = open_folder();
    let variables = [("KUKU_DATABASE__EMBEDDED", "false"), ("DATABASE_URI", "postgres://db/x")];
    for arguments in [&["serve"][..], &["migrate"], &["export"], &["doctor"]] {
        let output = command(folder.path(), &variables).args(arguments).output().expect("ended");
        failed(&output, "DATABASE_URL is not set, and KUKU_DATABASE__EMBEDDED is false");
    }
    assert!(!folder.path().join("data/postgres").exists());
}

#[tokio::test]
async fn doctor_reports_each_problem() {
    let app = TestApp::spawn().await;
    let folder = open_folder();
    let good = succeeded(&run(folder.path(), &app.database, &[], &["doctor"]));
    for line in
        ["ok    Postgres ", "ok    no index is missing", "ok    anon has no rights", "0 failures"]
    {
        assert!(good.contains(line), "{line}: {good}");
    }
    assert!(good.contains("warn  callers are not authenticated"), "{good}");
    assert!(good.contains("ok    web pages that may call the API: this machine\n"), "{good}");
    let with =
        |variables: &[(&str, &str)]| run(folder.path(), &app.database, variables, &["doctor"]);
    failed(
        &with(&[("KUKU_DATABASE__MAX_CONNECTIONS", "100000")]),
        "FAIL  the pool takes 100000 connections",
    );
    failed(
        &with(&[("KUKU_AUDIO_STORE", "file:///proc/nowhere")]),
        "FAIL  reply audio cannot be stored",
    );
    failed(&with(&[("KUKU_COACH__PROVIDER", "openai")]), "FAIL  a provider cannot work");
    let open = succeeded(&with(&[
        ("KUKU_AUTH__ALLOW_UNAUTHENTICATED", "true"),
        ("KUKU_ALLOWED_ORIGINS", "*"),
    ]));
    for warning in ["warn  web pages of any origin", "warn  any Host is answered"] {
        assert!(open.contains(warning), "{open}");
    }
    for (stage, name) in
        [("SPEECH_TO_TEXT", "speech to text"), ("TEXT_TO_SPEECH", "text to speech")]
    {
        let (provider, programs) =
            (format!("KUKU_{stage}__PROVIDER"), format!("KUKU_{stage}__COMMAND"));
        let with = |commands| with(&[(provider.as_str(), "command"), (&programs, commands)]);
        succeeded(&with(r#"[["cat", "{input}"], ["/bin/cat", "{input}"]]"#));
        let output = with(r#"[["cat", "{input}"], ["ffmpegg", "{input}"], ["/etc/passwd"]]"#);
        for program in ["ffmpegg", "/etc/passwd"] {
            failed(&output, &format!("FAIL  {name}: there is no program {program}\n"));
        }
        failed(&output, "\n2 failures, ");
    }
    for (name, harm, text) in [
        (
            "grants",
            "GRANT SELECT ON public.messages TO anon",
            "FAIL  anybody with the public key may use messages",
        ),
        (
            "an index",
            "DROP INDEX public.idx_messages_text_search",
            "FAIL  indexes are missing: idx_messages_text_search",
        ),
        (
            "a migration",
            "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20261123200000",
            "FAIL  applied migrations were changed",
        ),
    ] {
        app.database.execute(harm).await;
        let output = with(&[]);
        failed(&output, text);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("\n0 failures"), "{name}");
    }

    let fresh = TestDatabase::ordinary().await;
    failed(
        &run(folder.path(), &fresh, &[("KUKU_DATABASE__MIGRATE", "false")], &["doctor"]),
        "FAIL  migrations are pending",
    );
    let pooler = [("DATABASE_URL", "postgresql://u:p@db.abc.supabase.co:6543/postgres")];
    let output = command(folder.path(), &pooler).arg("doctor").output().expect("ended");
    failed(&output, "transaction pooler");
    let gone = [("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/postgres")];
    let output = command(folder.path(), &gone).arg("doctor").output().expect("ended");
    failed(&output, "FAIL  the database cannot be reached");
    failed(&output, "Connection refused");
    let missing = with_database(&app.database.url, "nix");
    let output = command(folder.path(), &[("DATABASE_URL", missing.as_str())]).output();
    failed(&output.expect("ended"), "database \"nix\" does not exist. Create the database");
}

#[tokio::test]
async fn doctor_reports_each_damage_of_the_schema() {
    let app = TestApp::builder().with_auth().spawn().await;
    let folder = open_folder();
    let variables = [("KUKU_AUTH__MODE", "optional")];
    let doctor = || run(folder.path(), &app.database, &variables, &["doctor"]);
    app.database
        .execute(
            "INSERT INTO auth.users (id) VALUES ('0000000a-0000-4000-8000-000000000000');
             INSERT INTO public.sessions (id, session_id, user_id)
             VALUES (
                public.session_key('session-of-ada'), 'session-of-ada',
                '0000000a-0000-4000-8000-000000000000'
             )",
        )
        .await;
    let good = succeeded(&doctor());
    assert!(good.contains("ok    the policies show users their own rows only"), "{good}");
    for (harm, text) in [
        (
            "ALTER POLICY sessions_of_their_user ON public.sessions USING (true)",
            "FAIL  row level security shows sessions to a user who has none",
        ),
        (
            "ALTER POLICY sessions_of_their_user ON public.sessions USING (false)",
            "FAIL  row level security hides a user's own sessions",
        ),
        (
            "DROP POLICY sessions_of_their_user ON public.sessions",
            "FAIL  the schema lacks: policy sessions_of_their_user of public.sessions",
        ),
        (
            "CREATE POLICY \"Allow all operations on sessions\" ON public.sessions USING (true)",
            "FAIL  policies that no migration has created: \"Allow all operations on sessions\"",
        ),
        (
            "ALTER TABLE public.messages DISABLE ROW LEVEL SECURITY",
            "row level security of public.messages",
        ),
        (
            "ALTER TABLE public.messages DROP CONSTRAINT messages_session_id_fkey",
            "foreign key of public.messages (session_id) to public.sessions",
        ),
        (
            "DO $$ BEGIN EXECUTE format(
                'ALTER DATABASE %I SET default_transaction_read_only = on', current_database()
             ); END $$",
            "FAIL  the database is read-only (default_transaction_read_only)",
        ),
    ] {
        app.database.execute_as_admin(harm).await;
        failed(&doctor(), text);
    }
}

#[tokio::test]
async fn doctor_tells_owners_from_roles_that_see_no_rows() {
    let database = TestDatabase::of_superuser().await;
    let app = TestApp::builder().with_database(database).spawn().await;
    let folder = open_folder();
    let name = uuid::Uuid::from_u128(rand::random()).simple().to_string();
    let (limited, owner) = (format!("limited_{name}"), format!("owner_{name}"));
    app.database
        .execute(&format!(
            "CREATE ROLE {limited} LOGIN PASSWORD 'x'; CREATE ROLE {owner} LOGIN PASSWORD 'x';
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {limited}"
        ))
        .await;
    let doctor = |role: &str| {
        let options = app.database.options().username(role).password("x");
        let url = options.to_url_lossy().to_string();
        command(folder.path(), &[("DATABASE_URL", url.as_str())])
            .arg("doctor")
            .output()
            .expect("ended")
    };
    let output = doctor(&limited);
    failed(&output, "FAIL  row level security applies to the role limited_");
    failed(&output, "cannot read public._sqlx_migrations (row level security hides its rows)");
    let migrating = app.database.options().username(&limited).password("x").to_url_lossy();
    let output = command(folder.path(), &[("DATABASE_URL", migrating.as_str())])
        .arg("migrate")
        .output()
        .expect("ended");
    failed(&output, "Use the role that migrates");
    let hide = format!("REVOKE SELECT ON public._sqlx_migrations FROM {limited}");
    app.database.execute(&hide).await;
    failed(&doctor(&limited), "cannot read public._sqlx_migrations (no right to SELECT)");
    let tables = [
        "sessions", "messages", "memories", "idempotency_keys", "refresh_tokens", "server_secrets",
        "_sqlx_migrations",
    ];
    for table in tables {
        app.database.execute(&format!("ALTER TABLE public.{table} OWNER TO {owner}")).await;
    }
    let owners = succeeded(&doctor(&owner));
    assert!(owners.contains("sees all rows"), "{owners}");
    for table in tables {
        app.database.execute(&format!("ALTER TABLE public.{table} OWNER TO CURRENT_USER")).await;
    }
    app.database
        .execute(&format!("DROP OWNED BY {limited}; DROP ROLE {limited}; DROP ROLE {owner}"))
        .await;
}

/// As `kuku-coach openapi | head -n 1` does.
#[tokio::test]
async fn command_whose_reader_has_gone_does_not_fail() {
    let app = TestApp::spawn().await;
    let folder = open_folder();
    for arguments in
        [&["openapi"][..], &["migrate", "status"], &["doctor"], &["completions", "bash"]]
    {
        let mut child = command(folder.path(), &[("DATABASE_URL", app.database.url.as_str())])
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("started");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ended");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !error.contains("panicked"), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn command_that_cannot_write_fails_without_a_panic() {
    let app = TestApp::spawn().await;
    let folder = open_folder();
    for arguments in
        [&["openapi"][..], &["migrate", "status"], &["doctor"], &["completions", "zsh"]]
    {
        let full = fs::File::options().write(true).open("/dev/full").expect("Linux");
        let output = command(folder.path(), &[("DATABASE_URL", app.database.url.as_str())])
            .args(arguments)
            .stdout(full)
            .output()
            .expect("ended");
        failed(&output, "No space left on device");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!error.contains("panicked"), "{arguments:?}: {error}");
    }
}

/// A server that accepts connections and never responds.
#[tokio::test]
async fn doctor_gives_up_a_silent_database_within_ten_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgresql://u:p@{}/x", listener.local_addr().expect("an address"));
    let (folder, started) = (open_folder(), std::time::Instant::now());
    let output = command(folder.path(), &[("DATABASE_URL", url.as_str())]).arg("doctor").output();
    failed(&output.expect("ended"), "no response");
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_calls_the_auth_service_of_the_project() {
    let app = TestApp::spawn().await;
    let folder = open_folder();
    let supabase = FakeSupabase::spawn(vec![Key::es256("first")]).await;
    let settings = supabase.settings();
    let doctor = || run(folder.path(), &app.database, &settings, &["doctor"]);
    supabase.queue_response(200, None, json!({ "external": { "email": true } }));
    let good = succeeded(&doctor());
    assert!(good.contains("ok    the project has 1 public keys"), "{good}");
    assert!(good.contains("ok    the project's auth service accepts SUPABASE_PUB"), "{good}");
    let asked = supabase.take_requests().pop().expect("a request");
    assert_eq!(asked.path, "GET /auth/v1/settings");
    assert_eq!(asked.header("apikey"), Some("canary-anon-key"));
    supabase.queue_response(401, None, json!({ "message": "Invalid API key" }));
    failed(&doctor(), "FAIL  nobody can sign up or in: the auth service fails: status 401");
    supabase.set_keys(Vec::new());
    failed(&doctor(), "FAIL  the project has no public keys");
    supabase.set_mode(FaultMode::Down);
    failed(&doctor(), "FAIL  the public keys of the project cannot be fetched");
}

#[tokio::test]
async fn database_with_another_encoding_is_refused_unchanged() {
    let database = TestDatabase::new().await;
    let mut connection = database.connect().await;
    let sql = "SELECT current_setting('server_version_num')::integer";
    let version: i32 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a version");
    let provider = if version < 150_000 { "" } else { "LOCALE_PROVIDER libc" };
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let options = format!(
            "ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' {provider} TEMPLATE template0"
        );
        let database = TestDatabase::created_with(&options).await;
        let folder = open_folder();
        for arguments in [&["migrate"][..], &["serve"]] {
            failed(
                &run(folder.path(), &database, &[], arguments),
                &format!("has the encoding {encoding}; UTF8 is needed. Nothing was changed"),
            );
        }
        failed(&run(folder.path(), &database, &[], &["doctor"]), "FAIL  the database has the enc");
        let sql = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
        let mut connection = database.connect().await;
        let objects: i64 =
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count");
        assert_eq!(objects, 0, "{encoding}");
    }
}

#[tokio::test]
async fn doctor_warns_of_legacy_supabase_keys() {
    let (app, folder) = (TestApp::spawn().await, open_folder());
    let doctor = |variables: &[(&str, &str)]| {
        let variables = [&[("SUPABASE_URL", "http://127.0.0.1:1")], variables].concat();
        let output = run(folder.path(), &app.database, &variables, &["doctor"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let report = doctor(&[("SUPABASE_ANON_KEY", "eyJx"), ("SUPABASE_SERVICE_ROLE_KEY", "eyJy")]);
    for name in ["SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY"] {
        assert!(report.contains(&format!("warn  {name} is a legacy key")), "{report}");
    }
    let report = doctor(&[
        ("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_x"),
        ("SUPABASE_SECRET_KEY", "sb_secret_x"),
    ]);
    assert!(!report.contains("legacy key"), "{report}");
    assert!(!report.contains("without encryption"), "{report}");
    let report = doctor(&[("SUPABASE_URL", "http://project.invalid")]);
    assert!(report.contains("warn  passwords and tokens are sent to Supabase without"), "{report}");
}

#[tokio::test]
async fn embedded_postgres_runs_without_the_server() {
    let folder = open_folder();
    let mut child = command(folder.path(), &[]).arg("postgres").spawn().expect("started");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut url).expect("a line");
    let mut connection = PgConnection::connect(url.trim()).await.expect("its address");
    connection.ping().await.expect("a ping");
    connection.close().await.expect("closed");
    kill(Pid::from_raw(child.id().try_into().expect("a pid")), Signal::SIGTERM).expect("signalled");
    assert!(child.wait().expect("ended").success());
}

#[tokio::test]
async fn help_completions_and_openapi_need_no_settings() {
    let folder = open_folder();
    let run =
        |arguments: &[&str]| command(folder.path(), &[]).args(arguments).output().expect("ended");
    let help = succeeded(&run(&["--help"]));
    for word in [
        "serve", "migrate", "doctor", "export", "import", "openapi", "postgres", "completions",
        "kuku.toml",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    let api: Value = serde_json::from_str(&succeeded(&run(&["openapi"]))).expect("JSON");
    assert!(
        api["paths"]["/api/search/messages"].is_object()
            && api["paths"]["/api/auth/login"].is_object()
    );
    assert!(succeeded(&run(&["completions", "bash"])).contains("kuku-coach"));
    failed(&run(&["export", "--format", "xml"]), "[possible values: ndjson, openai, text]");
    failed(&run(&["export", "--formt", "text"]), "--format");
    failed(&run(&["export", "--rating-min", "6"]), "1..=5");
    failed(&run(&["export", "--since", "yesterday"]), "2026-11-24");
    failed(&run(&["sing"]), "unrecognized subcommand");
    assert!(!folder.path().join("data").exists(), "nothing was made");
}
