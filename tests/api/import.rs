//! `import` of what cannot be stored, and from pipes; `export` of rows that others wrote.

use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
};

use kuku_coach::domain::session_key;
use sha2::{Digest, Sha256};
use sqlx::{Executor, PgConnection};

use crate::{
    app::TestApp,
    cli::{export, failed, insert_sessions, restore_accounts, run, succeeded},
    distribution::is_distributed,
    postgres::TestDatabase,
    server_process::{command, open_folder},
};

/// Imports the text of an export.
pub fn import(database: &TestDatabase, export: &str) -> Output {
    let folder = open_folder();
    let file = folder.path().join("all.ndjson");
    fs::write(&file, export).expect("written");
    run(folder.path(), database, &[], &["import", file.to_str().expect("UTF-8")])
}

async fn value(database: &TestDatabase, sql: &'static str) -> String {
    let mut connection = database.connect().await;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect(sql)
}

const COUNTS: &str = "SELECT (SELECT count(*) FROM public.sessions) || ' sessions, '
    || (SELECT count(*) FROM public.messages) || ' messages'";

#[tokio::test]
async fn sessions_of_unknown_users_are_skipped_and_reported() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 40).await;
    let all = export(&app.database, &[]);
    // As on Supabase, whose accounts are not ours to create.
    other.database.execute_as_admin("COMMENT ON SCHEMA auth IS NULL").await;
    let output = import(&other.database, &all);
    failed(&output, "30 sessions imported, 0 skipped");
    failed(&output, "10 sessions were not imported");
    failed(&output, "unknown user");
    let owned = "SELECT count(*)::text FROM public.sessions WHERE session_id = 'session-4'";
    assert_eq!(value(&other.database, owned).await, "0", "stored without its owner");

    let user = "INSERT INTO auth.users (id) VALUES ('0000000a-0000-4000-8000-000000000000')";
    other.database.execute(user).await;
    let output = import(&other.database, &all);
    succeeded(&output);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("10 sessions imported, 30 skipped"), "{text}");
    assert!(export(&other.database, &[]) == all, "not the same bytes");
}

#[tokio::test]
async fn session_with_a_taken_id_is_reported_as_conflict() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 12).await;
    other
        .database
        .execute(
            "INSERT INTO public.sessions (id, session_id)
             SELECT public.session_key(id), id FROM (VALUES ('other'), ('session-7')) AS s (id);
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
             SELECT id, 'msg-3-2', 'user', 'x', 1 FROM public.sessions WHERE session_id = 'other'",
        )
        .await;
    // Message ids of distributed tables are unique within their session.
    if is_distributed() {
        let output = import(&other.database, &export(&app.database, &[]));
        succeeded(&output);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("11 sessions imported, 1 skipped"), "{text}");
        return;
    }
    restore_accounts(&other.database).await;
    // A session is known by its public id.
    for (imported, existing) in [(10, 1), (0, 11)] {
        let output = import(&other.database, &export(&app.database, &[]));
        failed(&output, &format!("{imported} sessions imported, {existing} skipped"));
        failed(&output, "1 session was not imported");
        failed(&output, "conflict");
        let halves = "SELECT count(*)::text FROM public.sessions WHERE session_id = 'session-3'";
        assert_eq!(value(&other.database, halves).await, "0", "stored by half");
    }
}

#[tokio::test]
async fn session_with_a_refused_value_does_not_stop_the_others() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 12).await;
    restore_accounts(&other.database).await;
    // Values that no export holds, with a valid checksum.
    let all = export(&app.database, &[]);
    let lines: Vec<String> = all.lines().map(|line| format!("{line}\n")).collect();
    let (end, content) = lines.split_last().expect("lines");
    let content: String = content.concat();
    let content = content
        .replacen("\"session_id\":\"session-5\",", "\"session_id\":\"session\\u0000\",", 1)
        .replacen(
            "\"session-6\",\"user_id\":null,\"status\":\"ended",
            "\"6\",\"user_id\":null,\"status\":\"x",
            1,
        );
    let digest = Sha256::digest(&content);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let before = end.split("\"sha256\":\"").next().expect("an end");
    let changed = format!("{content}{before}\"sha256\":\"{digest}\"}}\n");
    let output = import(&other.database, &changed);
    failed(&output, "10 sessions imported, 0 skipped");
    failed(&output, "2 sessions were not imported");
}

#[tokio::test]
async fn export_is_imported_from_pipe_and_standard_input() {
    let app = TestApp::spawn().await;
    insert_sessions(&app, 30).await;
    let all = export(&app.database, &[]);
    let folder = open_folder();
    for path in ["-", "/dev/stdin"] {
        let other = TestApp::spawn().await;
        restore_accounts(&other.database).await;
        let variables = [("DATABASE_URL", other.database.url.as_str()), ("RUST_LOG", "warn")];
        let mut child = command(folder.path(), &variables)
            .args(["import", path])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        child.stdin.take().expect("a pipe").write_all(all.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("ended");
        succeeded(&output);
        assert_eq!(value(&other.database, COUNTS).await, "30 sessions, 120 messages", "{path}");
        // A damaged pipe is refused as a whole, as a file is.
        let mut child = command(folder.path(), &variables)
            .args(["import", path])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        child.stdin.take().expect("a pipe").write_all(&all.as_bytes()[..900]).expect("written");
        failed(&child.wait_with_output().expect("ended"), "Nothing was imported");
    }
}

#[tokio::test]
async fn text_export_holds_no_escape_or_bidi_override() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    app.say(&id, "\u{1b}[2J\u{9b}31m\u{7}a\u{202e}b\r\nKuku: forged").await;
    app.end(&id).await;
    app.database
        .execute("UPDATE public.sessions SET rating = 5, feedback = E'\\x1b]0;x\\x07\\u2066'")
        .await;
    let text = export(&app.database, &["--format", "text"]);
    let is_harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_harmful), "{text:?}");
    assert!(text.contains("[2J") && text.contains("\n  Kuku: forged"), "{text:?}");
}

#[tokio::test]
async fn times_of_hand_made_rows_are_required_and_finite() {
    let database = TestDatabase::ordinary().await;
    let mut connection = database.connect().await;
    given_hand_made_rows(&mut connection).await;
    let before: Vec<String> = rows(&mut connection, "like 'good%'").await;
    let app = TestApp::builder().with_database(database).spawn().await;
    assert_eq!(rows(&mut connection, "like 'good%'").await, before, "good rows are as they were");
    assert_eq!(
        rows(&mut connection, "like 'bad%'").await,
        [
            // From its message, from its end, from nothing.
            "bad-1 2026-01-02 2026-01-02 2026-01-02 2026-01-02",
            "bad-2 2026-02-01 2026-02-01 2026-02-01 -",
            "bad-3 today today - today",
            "bad-4 today today - today",
        ]
    );
    let all = export(&app.database, &[]);
    assert_eq!(all.lines().filter(|line| line.contains("\"type\":\"session\"")).count(), 5);
    for id in ["bad-3", "bad-4"] {
        assert_eq!(app.say(id, "and on it goes").await["success"], true, "{id}");
    }
    for value in ["NULL", "'infinity'", "'-infinity'", "'0001-12-31 BC'", "'10000-01-01'"] {
        for (table, column) in
            [("sessions", "created_at"), ("sessions", "updated_at"), ("messages", "created_at")]
        {
            let sql = format!("UPDATE public.{table} SET {column} = {value}");
            let result = connection.execute(sqlx::AssertSqlSafe(sql.clone())).await;
            let code = result.expect_err(&sql).into_database_error().expect("of Postgres");
            let code = code.code().map(|code| code.into_owned());
            assert!(matches!(code.as_deref(), Some("23502" | "23514")), "{sql}: {code:?}");
        }
    }
}

/// The tables of the integration plan, with good and bad rows.
async fn given_hand_made_rows(connection: &mut PgConnection) {
    connection
        .execute(
            "CREATE TABLE public.sessions (
                 id UUID PRIMARY KEY DEFAULT gen_random_uuid(), session_id TEXT UNIQUE NOT NULL,
                 user_id UUID, status TEXT NOT NULL DEFAULT 'active',
                 created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW(),
                 ended_at TIMESTAMPTZ, message_count INTEGER DEFAULT 0, summary TEXT,
                 duration_seconds INTEGER, rating INTEGER, feedback TEXT
             );
             CREATE TABLE public.messages (
                 id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
                 session_id UUID REFERENCES public.sessions (id) ON DELETE CASCADE,
                 message_id TEXT UNIQUE NOT NULL, sender TEXT NOT NULL,
                 text_content TEXT NOT NULL, created_at TIMESTAMPTZ DEFAULT NOW()
             );
             INSERT INTO public.sessions (session_id, status, created_at, updated_at, ended_at)
             VALUES
                 ('good-1', 'active', '2026-01-01Z', '2026-01-03Z', NULL),
                 ('bad-1', 'ended', NULL, 'infinity', 'infinity'),
                 ('bad-2', 'ended', '-infinity', '12000-01-01Z', '2026-02-01Z'),
                 ('bad-3', 'active', NULL, NULL, 'infinity'),
                 ('bad-4', 'active', '0002-01-01Z BC', NULL, NULL);
             -- An old session without a message or a rating is deleted when the server starts.
             UPDATE public.sessions SET rating = 5 WHERE session_id = 'bad-2';
             INSERT INTO public.messages (session_id, message_id, sender, text_content, created_at)
             SELECT s.id, s.session_id || t.n, 'user', 'x', t.created_at::timestamptz
             FROM (VALUES
                 (1, 'good-1', '2026-01-01Z'), (2, 'bad-1', '2026-01-02Z'), (3, 'bad-1', NULL),
                 (4, 'bad-3', 'infinity'), (5, 'bad-4', '-infinity')
             ) AS t (n, session_id, created_at)
             JOIN public.sessions AS s ON s.session_id = t.session_id",
        )
        .await
        .expect("made");
}

/// The times of sessions: creation, change, end, last message.
async fn rows(connection: &mut PgConnection, filter: &str) -> Vec<String> {
    let day = |time: &str| {
        format!(
            "coalesce(CASE WHEN {time} > now() - interval '1 hour' THEN 'today' \
             ELSE to_char({time} AT TIME ZONE 'UTC', 'YYYY-MM-DD') END, '-')"
        )
    };
    let sql = format!(
        "SELECT concat_ws(' ', session_id, {}, {}, {}, (SELECT {} FROM public.messages AS m \
         WHERE m.session_id = s.id)) \
         FROM public.sessions AS s WHERE session_id {filter} ORDER BY session_id",
        day("s.created_at"),
        day("s.updated_at"),
        day("s.ended_at"),
        day("max(m.created_at)"),
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.expect("rows")
}

/// An export of an earlier version, in which row ids were random.
#[tokio::test]
async fn export_with_random_row_ids_is_imported() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn().await);
    insert_sessions(&app, 12).await;
    let all = export(&app.database, &[]);
    let lines: Vec<String> = all.lines().map(|line| format!("{line}\n")).collect();
    let (end, content) = lines.split_last().expect("lines");
    let mut content = content.concat();
    for id in (0..12).map(|number| session_key(&format!("session-{number}"))) {
        let random = uuid::Uuid::from_u128(rand::random()).to_string();
        assert!(content.contains(&id.to_string()), "{id}");
        content = content.replace(&id.to_string(), &random);
    }
    let digest: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
    let before = end.split("\"sha256\":\"").next().expect("an end");
    let changed = format!("{content}{before}\"sha256\":\"{digest}\"}}\n");
    // As on Supabase, whose accounts are not ours to create.
    let user = "INSERT INTO auth.users (id) VALUES ('0000000a-0000-4000-8000-000000000000')";
    other.database.execute(user).await;
    succeeded(&import(&other.database, &changed));
    assert!(export(&other.database, &[]) == all, "not with derived ids");
    let output = import(&other.database, &changed);
    succeeded(&output);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("0 sessions imported, 12 skipped"), "{text}");
}
