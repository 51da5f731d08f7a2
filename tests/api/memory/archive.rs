//! Memories in exports and imports, and what an erasure leaves of them.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use super::{DUE, PATH, app, data, given_ended_session, given_user, memory, memory_of, put, value};
use crate::{
    accounts::erasure::assert_no_row_contains,
    app::{TestApp, eventually},
    cli::{export, run, succeeded},
    distribution::is_distributed,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    import::import,
    reply::text,
    server_process::open_folder,
};

#[tokio::test]
async fn memories_are_exported_and_imported_byte_for_byte() {
    let openai = FakeOpenAi::spawn().await;
    let (app, other) = (app(&openai).await, TestApp::builder().with_auth().spawn().await);
    let tokens = [given_user(&app).await, given_user(&app).await, given_user(&app).await];
    given_ended_session(&app, &tokens[0], &["I have two cats"]).await;
    memory_of(&app, &tokens[0], 1).await;
    put(&app, &tokens[0], json!({"text": " Mine\n\u{1f600} \"工\" <x>\t"})).await;
    given_ended_session(&app, &tokens[0], &["And a dog"]).await;
    memory_of(&app, &tokens[0], 2).await;
    put(&app, &tokens[1], json!({"enabled": false})).await;
    // Is still due when it is exported.
    openai.queue_faults(Endpoint::Memory, [Fault::Status(400)]);
    given_ended_session(&app, &tokens[2], &["Not merged yet"]).await;
    eventually("it has failed", async || {
        value(&app, "SELECT count(*) FROM public.memories WHERE merge_failures > 0").await == 1
    })
    .await;
    app.database
        .execute("UPDATE public.memories SET merge_retry_at = 'infinity' WHERE merge_failures > 0")
        .await;
    let all = export(&app.database, &[]);
    let memories = |export: &str| export.matches("\"type\":\"memory\"").count();
    assert_eq!(memories(&all), 2, "the empty one that is on is as good as none: {all}");
    assert_eq!(all.matches("\"memory_due\":true").count(), 1, "{all}");
    assert_eq!(memories(&export(&app.database, &["--ended"])), 0, "of many sessions");

    // No server merges meanwhile.
    let target = crate::postgres::TestDatabase::new().await;
    let folder = open_folder();
    succeeded(&run(folder.path(), &target, &[], &["migrate"]));
    // As on Supabase, whose accounts are restored before.
    let mut connection = app.database.connect().await;
    let ids = sqlx::query_scalar::<_, String>("SELECT id::text FROM auth.users");
    for id in ids.fetch_all(&mut connection).await.expect("ids") {
        target.execute(&format!("INSERT INTO auth.users (id) VALUES ('{id}')")).await;
    }
    // A server that runs meanwhile would merge a session before its user's memory is there.
    let check = "CREATE FUNCTION public.check_order() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT count(*) FROM public.memories) < 2 THEN RAISE 'memories come first'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER check_order BEFORE INSERT ON public.sessions
            FOR EACH ROW EXECUTE FUNCTION public.check_order()";
    // Distributed tables can have no trigger.
    if !is_distributed() {
        target.execute(check).await;
    }
    let output = import(&target, &all);
    succeeded(&output);
    target.execute("DROP FUNCTION IF EXISTS public.check_order CASCADE").await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("2 memories imported, 0 skipped"), "{told}");
    assert!(export(&target, &[]) == all, "not the same bytes");
    let output = import(&target, &all);
    succeeded(&output);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("0 memories imported, 2 skipped"), "{told}");
    // A server merges what was still due.
    let _serving = TestApp::builder().sharing(&target).with_openai(&openai).spawn().await;
    let due = "SELECT count(*)::text FROM public.memories WHERE merged_text LIKE '%Not merged%'";
    let counted = async || {
        let mut connection = target.connect().await;
        let count: String = sqlx::query_scalar(due).fetch_one(&mut connection).await.expect("one");
        count
    };
    eventually("the imported session is merged", async || counted().await == "1").await;
    // A changed count is noticed.
    let broken = all.replace("\"memories\":2", "\"memories\":3");
    let output = import(&other.database, &broken);
    assert!(!output.status.success());
}

#[tokio::test]
async fn own_export_begins_with_the_memory() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    given_ended_session(&app, &token, &["I have two cats"]).await;
    let stored = memory_of(&app, &token, 1).await;
    let request = app.http.get(app.url("/api/users/me/export")).bearer_auth(&token);
    let export = request.send().await.expect("sent").text().await.expect("lines");
    let first: Value = serde_json::from_str(export.lines().next().expect("a line")).expect("JSON");
    let mut expected = stored;
    expected["type"] = json!("memory");
    assert_eq!(first, expected);
    assert_eq!(export.lines().count(), 4, "{export}");
}

#[tokio::test]
async fn erased_account_leaves_nothing_of_its_memory() {
    const CANARY: &str = "the canary sings at midnight";
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let (token, other) = (given_user(&app).await, given_user(&app).await);
    put(&app, &token, json!({ "text": format!("Mine: {CANARY}") })).await;
    given_ended_session(&app, &token, &[CANARY]).await;
    let merged = text(&memory_of(&app, &token, 1).await["text"]);
    assert_eq!(merged.matches(CANARY).count(), 2, "{merged}");
    put(&app, &other, json!({"text": "Of somebody else"})).await;
    let receipt = data(&app, Method::DELETE, "/api/users/me", &token, Value::Null).await;
    assert_eq!((&receipt["memory"], &receipt["account"]), (&json!(true), &json!(true)));
    assert_no_row_contains(&app.database, &["canary"]).await;
    for entry in walk(app.data_dir.path()) {
        let bytes = fs::read(&entry).expect("read");
        assert!(!bytes.windows(6).any(|part| part == b"canary"), "{entry:?}");
    }
    assert_eq!(memory(&app, &other).await["text"], "Of somebody else");
    assert_eq!(value(&app, DUE).await, 0);
}

/// All files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// By a foreign key of ordinary tables.
#[tokio::test]
async fn user_deleted_elsewhere_takes_the_memory_along() {
    let app = TestApp::builder().on_ordinary_tables().with_auth().spawn().await;
    let token = given_user(&app).await;
    put(&app, &token, json!({"text": "A canary"})).await;
    app.database.execute("DELETE FROM auth.users").await;
    assert_no_row_contains(&app.database, &["canary"]).await;
    let shown = app.http.get(app.url(PATH)).bearer_auth(&token).send().await.expect("sent");
    assert_eq!(shown.status(), 200, "as one that never was");
}
