//! Keys of sessions are derived from their public ids, also where an earlier version has stored
//! random ones.

use futures_util::future::join_all;
use kuku_coach::domain::{SessionId, session_key};
use reqwest::StatusCode;
use serde_json::json;
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::{
    app::{TestApp, eventually},
    invariants::assert_invariants,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt},
};

/// The number of sessions that are left to rewrite.
async fn underived(database: &TestDatabase) -> i64 {
    let count = "SELECT count(*) FROM public.sessions WHERE id <> public.session_key(session_id)";
    let mut connection = database.connect().await;
    let count = sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("counted");
    connection.close().await.expect("closed");
    count
}

/// A migrated database with sessions of two messages, as an earlier version has stored them. All
/// keys of distributed tables are derived.
async fn with_random_keys(ids: &[String]) -> TestDatabase {
    let database = TestDatabase::ordinary().await;
    drop(TestApp::builder().sharing(&database).spawn().await);
    let mut connection = database.connect().await;
    for id in ids {
        let insert = format!(
            "ALTER TABLE public.sessions DISABLE TRIGGER set_session_key;
             INSERT INTO public.sessions (session_id, message_count) VALUES ('{id}', 2);
             ALTER TABLE public.sessions ENABLE TRIGGER set_session_key;
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
             SELECT id, 'msg-' || gen_random_uuid(), sender, 'before', position
             FROM public.sessions, (VALUES ('user', 1), ('ai', 2)) AS message (sender, position)
             WHERE session_id = '{id}'"
        );
        let insert = sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&mut connection);
        insert.await.expect("stored");
    }
    connection.close().await.expect("closed");
    assert_eq!(underived(&database).await, ids.len() as i64);
    database
}

fn new_ids(count: usize) -> Vec<String> {
    (0..count).map(|_| SessionId::generate().as_str().to_owned()).collect()
}

#[tokio::test]
async fn key_is_the_same_in_rust_and_in_postgres() {
    let app = TestApp::spawn().await;
    let hex = "0123456789abcdef0123456789abcdef";
    let mut ids: Vec<String> = [
        "session-1", "session-", "session", "1", "a_b-C", "session-old", "Session-00", "é", "工",
        "back\\slash", "back\\\\slash", "\\x41", "\\101", "new\nline", "it's",
    ]
    .map(str::to_owned)
    .into();
    ids.extend([
        format!("session-{hex}"),
        format!("session-{}", hex.to_uppercase()),
        format!("Session-{hex}"),
        format!("session-{hex}\n"),
        format!("session-{hex}0"),
        format!("session-{}", &hex[1..]),
        format!("session-+{}", &hex[1..]),
        format!("session-{}g", &hex[1..]),
        format!("x session-{hex}"),
        "x".repeat(128),
        format!("session-{}", "0".repeat(32)),
        format!("session-{}", "f".repeat(32)),
    ]);
    ids.extend(new_ids(500));
    let mut connection = app.database.connect().await;
    let rows = sqlx::query("SELECT id, public.session_key(id) FROM unnest($1::text[]) AS id")
        .bind(&ids)
        .fetch_all(&mut connection)
        .await
        .expect("keys");
    assert_eq!(rows.len(), ids.len());
    for row in rows {
        let (id, key): (String, Uuid) = (row.get(0), row.get(1));
        assert_eq!(session_key(&id), key, "{id:?}");
    }
    connection.close().await.expect("closed");
}

/// By a trigger, which only ordinary tables have.
#[tokio::test]
async fn session_of_any_writer_gets_the_derived_key() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    app.given_session().await;
    app.database
        .execute(
            "INSERT INTO public.sessions (session_id) VALUES ('by-hand');
             INSERT INTO public.sessions (id, session_id)
             VALUES (gen_random_uuid(), 'session-' || md5('x')), (gen_random_uuid(), 'session-1')",
        )
        .await;
    assert_eq!(underived(&app.database).await, 0);
}

/// Each way to use a session, while the job cannot rewrite any, and once it has.
#[tokio::test]
async fn sessions_with_random_keys_work_before_and_after_the_job() {
    let ids = [new_ids(11), vec!["session-old".into(), "Old_1".into()]].concat();
    let database = with_random_keys(&ids).await;
    database
        .execute(
            "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
             AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
             CREATE TRIGGER refuse BEFORE UPDATE OF id ON public.sessions
             FOR EACH ROW WHEN (OLD.session_id = 'newest') EXECUTE FUNCTION public.refuse();
             ALTER TABLE public.sessions DISABLE TRIGGER set_session_key;
             INSERT INTO public.sessions (session_id, created_at)
             VALUES ('newest', now() + interval '1 second');
             ALTER TABLE public.sessions ENABLE TRIGGER set_session_key",
        )
        .await;
    let app = TestApp::builder().sharing(&database).with_auth().spawn().await;
    use_sessions(&app, &ids[..6]).await;
    assert!(underived(&database).await > 6, "the job does not run");

    database.execute("DROP TRIGGER refuse ON public.sessions").await;
    let app = TestApp::builder().sharing(&database).with_auth().spawn().await;
    eventually("the job has run", async || underived(&database).await == 0).await;
    use_sessions(&app, &ids[6..]).await;
    let texts = app.history("session-old").await;
    assert_eq!(texts[0]["text"], "before");
    database.execute("DROP FUNCTION public.refuse()").await;
    assert_invariants(&database).await;
}

/// Reads, speaks in, ends, rates, claims and deletes sessions.
async fn use_sessions(app: &TestApp, ids: &[String]) {
    let [spoken, ended, rated, claimed, deleted, keyed, ..] = ids else { panic!("{ids:?}") };
    assert_eq!(app.session(spoken).await["messageCount"], 2);
    assert_eq!(app.history(spoken).await.len(), 2);
    assert_eq!(app.say(spoken, "My work wears me out").await["success"], true);
    assert_eq!(app.history(spoken).await.len(), 4);

    app.end(ended).await.data();
    assert_eq!(app.session(ended).await["status"], "ended");

    app.end(rated).await.data();
    let rating = app.post(&format!("/api/sessions/{rated}/rating"), json!({"rating": 4})).await;
    assert_eq!(rating["success"], true, "{rating}");
    assert_eq!(app.session(rated).await["rating"], 4);

    let account = app.post("/api/auth/anonymous", json!(null)).await;
    let token = account.data()["accessToken"].as_str().expect("a token").to_owned();
    let claim = app.http.post(app.url(&format!("/api/sessions/{claimed}/claim")));
    assert_eq!(claim.bearer_auth(&token).reply().await["success"], true);
    let own = app.http.get(app.url("/api/sessions")).bearer_auth(&token).reply().await;
    assert_eq!(own["data"]["sessions"][0]["sessionId"], **claimed, "{own}");

    let delete = app.http.delete(app.url(&format!("/api/sessions/{deleted}")));
    let receipt = delete.reply().await;
    assert_eq!(receipt["data"]["messages"], 2, "{receipt}");

    let post = || {
        app.http
            .post(app.url(&format!("/api/sessions/{keyed}/messages")))
            .header("Idempotency-Key", "a key that is long enough")
            .json(&json!({"text": "once"}))
            .response()
    };
    for _ in 0..2 {
        assert_eq!(post().await.status(), StatusCode::OK);
    }
    assert_eq!(app.history(keyed).await.len(), 4);
}

/// The statements of an earlier version name sessions by their public ids.
const TURN_OF_AN_EARLIER_VERSION: &str = "
    WITH session AS (
        UPDATE public.sessions SET message_count = message_count + 2
        WHERE session_id = $1
        RETURNING id, message_count
    )
    INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
    SELECT id, 'msg-' || gen_random_uuid(), sender, 'earlier version', message_count + position
    FROM session, (VALUES ('user', -1), ('ai', 0)) AS message (sender, position)";

#[tokio::test]
async fn turns_concurrent_with_the_rewriting_lose_nothing() {
    let ids = new_ids(60);
    let database = with_random_keys(&ids).await;
    // Its job rewrites meanwhile.
    let app = TestApp::builder().sharing(&database).spawn().await;
    let earlier = async {
        let mut connection = database.connect().await;
        for id in ids.iter().cycle().take(3 * ids.len()) {
            let turn = sqlx::query(TURN_OF_AN_EARLIER_VERSION).bind(id).execute(&mut connection);
            assert_eq!(turn.await.expect("stored").rows_affected(), 2);
        }
        connection.close().await.expect("closed");
    };
    let turns = async |id: &str| {
        let mut stored = 0;
        while stored < 3 {
            let said = app.say(id, "My work wears me out").await;
            // Otherwise refused: the other server was faster each time.
            stored += usize::from(said["success"] == true);
        }
    };
    tokio::join!(earlier, join_all(ids.iter().map(|id| turns(id))));
    eventually("the job has run", async || underived(&database).await == 0).await;
    for id in &ids {
        assert_eq!(app.history(id).await.len(), 14, "{id}");
    }
    assert_invariants(&database).await;
}

/// A read-only phase that begins before the rewriting: nothing can be rewritten, all can be read.
#[tokio::test]
async fn random_key_is_read_while_the_database_is_read_only() {
    let ids = new_ids(2);
    let database = with_random_keys(&ids).await;
    let set = "ALTER DATABASE %I SET default_transaction_read_only = on";
    let set = format!("DO $$ BEGIN EXECUTE format('{set}', current_database()); END $$");
    database.execute_as_admin(&set).await;
    let app = TestApp::builder().sharing(&database).spawn().await;
    eventually("the server knows that it may not write", async || {
        app.get("/ready").await["degraded"] == "DATABASE_READ_ONLY"
    })
    .await;
    for id in &ids {
        assert_eq!(app.session(id).await["messageCount"], 2);
        assert_eq!(app.history(id).await.len(), 2);
    }
    assert_eq!(underived(&database).await, 2);
}
