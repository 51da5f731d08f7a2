//! A schema that lacks an object: `/ready` and `doctor` notice.

use reqwest::StatusCode;
use sqlx::Row;

use crate::{app::TestApp, distribution::is_distributed, postgres::TestDatabase, reply::refusal};

const CHECKS: &str = include_str!("../../src/repository/schema_checks.rs");

/// A harm, and how it is undone.
const HARMS: &[(&str, &str, &str)] = &[
    (
        "policy",
        "ALTER POLICY sessions_of_their_user ON public.sessions RENAME TO other",
        "ALTER POLICY other ON public.sessions RENAME TO sessions_of_their_user",
    ),
    (
        "row level security",
        "ALTER TABLE public.messages DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY",
    ),
    (
        "foreign key",
        "ALTER TABLE public.refresh_tokens DROP CONSTRAINT refresh_tokens_user_id_fkey",
        "ALTER TABLE public.refresh_tokens ADD CONSTRAINT refresh_tokens_user_id_fkey
         FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE",
    ),
    (
        "function",
        "ALTER FUNCTION public.message_search_query(text) RENAME TO other",
        "ALTER FUNCTION public.other(text) RENAME TO message_search_query",
    ),
    (
        "trigger",
        "DROP TRIGGER set_text_search ON public.messages",
        "CREATE TRIGGER set_text_search BEFORE INSERT ON public.messages
         FOR EACH ROW WHEN (NEW.text_search IS NULL) EXECUTE FUNCTION public.set_text_search()",
    ),
    (
        "right of the reading role",
        "REVOKE SELECT ON public.sessions FROM authenticated",
        "GRANT SELECT ON public.sessions TO authenticated",
    ),
    (
        "table",
        "ALTER TABLE public.idempotency_keys RENAME TO other",
        "ALTER TABLE public.other RENAME TO idempotency_keys",
    ),
];

/// The response of `/ready` of a new server.
async fn readiness(database: &TestDatabase) -> (StatusCode, String) {
    let app = TestApp::builder().sharing(database).with_auth().spawn().await;
    let response = app.get_raw("/ready").await;
    match response.status() {
        StatusCode::OK => (StatusCode::OK, "ready".into()),
        _ => refusal(response).await,
    }
}

#[tokio::test]
async fn server_on_a_damaged_schema_is_not_ready() {
    let app = TestApp::builder().with_auth().spawn().await;
    let ready = (StatusCode::OK, "ready".to_owned());
    let damaged = (StatusCode::SERVICE_UNAVAILABLE, "SCHEMA_DAMAGED".to_owned());
    assert_eq!(readiness(&app.database).await, ready);
    // Distributed tables have no trigger.
    for (name, harm, undo) in
        HARMS.iter().filter(|(name, ..)| *name != "trigger" || !is_distributed())
    {
        app.database.execute(harm).await;
        assert_eq!(readiness(&app.database).await, damaged, "{name}");
        app.database.execute(undo).await;
    }
    assert_eq!(readiness(&app.database).await, ready, "after all repairs");
}

#[tokio::test]
async fn schema_with_newer_migrations_counts_as_complete() {
    let app = TestApp::spawn().await;
    app.database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (99990101000000, 'newer', true, '', 0)",
        )
        .await;
    // Alone, since Citus sends the whole text to the workers.
    let rename = "ALTER POLICY sessions_of_their_user ON public.sessions RENAME TO other";
    app.database.execute(rename).await;
    // The server that runs checks again after a minute; a new one would not start before
    // KUKU_DATABASE__MIGRATE=false.
    let newer = TestApp::builder()
        .sharing(&app.database)
        .with_setting("KUKU_DATABASE__MIGRATE", "false")
        .spawn()
        .await;
    assert_eq!(newer.get("/ready").await["status"], "ready");
}

/// Who adds a policy, a foreign key or a function gets this test's failure: the server has to look
/// for it.
#[tokio::test]
async fn required_objects_are_those_of_the_migrations() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    let objects = sqlx::query(
        "SELECT 'policy ' || policyname || ' of public.' || tablename FROM pg_policies
         WHERE schemaname = 'public'
         UNION ALL
         SELECT 'foreign key of public.' || t.relname || ' (' || a.attname || ')'
         FROM pg_constraint AS k
         JOIN pg_class AS t ON t.oid = k.conrelid
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
         WHERE k.contype = 'f' AND t.relnamespace = 'public'::regnamespace
         UNION ALL
         SELECT 'row level security of public.' || relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
           AND relname <> '_sqlx_migrations'",
    );
    for row in objects.fetch_all(&mut connection).await.expect("objects") {
        let object: String = row.get(0);
        assert!(CHECKS.contains(&format!("\"{object}")), "schema_checks.rs lacks {object}");
    }
    let queries = include_str!("../../sqlx-data.json");
    for call in queries.split("public.").skip(1) {
        let name: String = call.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if call[name.len()..].starts_with('(') {
            assert!(
                CHECKS.contains(&format!("\"function public.{name}\"")),
                "schema_checks.rs lacks {name}"
            );
        }
    }
}
