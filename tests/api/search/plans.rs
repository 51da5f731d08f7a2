use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use uuid::Uuid;

use super::execute;
use crate::{
    app::TestApp, distribution::citus_url, reply::ReplyExt, shipped_queries::shipped_query,
    support::report_skipped,
};

const GLOBAL: &str = "recent_matches AS MATERIALIZED";
const SCOPED: &str = "s.user_id = $12";

const RECENT_SCAN: &str = "Index Scan Backward using idx_messages_created_at";
const TEXT_INDEX: &str = "idx_messages_text_search";

/// 60,000 messages, enough for the planner and the sample to have a choice.
///
/// "river" is in every fifth message, "lately" in two of the newest and in the oldest nine,
/// "formerly" in the older half.
const MANY_MESSAGES: &str = "
    INSERT INTO auth.users (id) VALUES ('7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f');
    WITH s AS (
        INSERT INTO public.sessions (session_id, user_id)
        SELECT 'session-' || n,
            CASE WHEN n % 100 = 0 THEN '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f'::uuid END
        FROM generate_series(1, 1500) AS n
        RETURNING id
    ), message AS (
        SELECT s.id, n, md5(s.id::text || n) AS text,
            row_number() OVER (ORDER BY n, md5(s.id::text)) AS age
        FROM s, generate_series(1, 40) AS n
    )
    INSERT INTO public.messages
        (session_id, message_id, sender, text_content, position, created_at)
    SELECT id, 'msg-' || id || '-' || n, 'user',
        concat_ws(' ', CASE WHEN age % 5 = 0 THEN 'river' END,
            CASE WHEN age IN (10, 20) OR age > 59990 THEN 'lately' END,
            CASE WHEN age > 30000 THEN 'formerly' END, text),
        n, now() - age * interval '1 second'
    -- Stored in no order of time, which makes a scan by time look expensive.
    FROM message ORDER BY text";

async fn given_many_messages(app: &TestApp) -> PgConnection {
    app.database.execute(MANY_MESSAGES).await;
    app.database.execute("VACUUM ANALYZE public.messages").await;
    app.database.execute("VACUUM ANALYZE public.sessions").await;
    let mut connection = app.database.connect().await;
    execute(&mut connection, "SET max_parallel_workers_per_gather = 0").await;
    connection
}

/// The only message with its word.
async fn rare_word(connection: &mut PgConnection) -> String {
    let sql = "SELECT max(text_content) FROM public.messages WHERE text_content ~ '^[0-9a-f]*$'";
    let word = sqlx::query_scalar(sql).fetch_one(connection).await;
    word.expect("a message")
}

fn execution(word: &str, min_created_at: &str, by_rank: bool, scope: &str) -> String {
    format!(
        "EXECUTE shipped('{word}', NULL, {min_created_at}, NULL, NULL, 201, {by_rank}, \
         NULL, NULL, NULL, 21{scope})"
    )
}

/// The plan of an execution, as it ran.
async fn plan(connection: &mut PgConnection, execution: &str) -> Vec<String> {
    let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {execution}");
    let rows = sqlx::query(AssertSqlSafe(explain)).fetch_all(connection);
    let rows = rows.await.expect("a plan");
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many scans of a kind found rows.
fn scans(plan: &[String], kind: &str) -> usize {
    let scans = plan.iter().filter(|step| step.contains(kind));
    scans.filter(|step| !step.contains("never") && !step.contains("rows=0 ")).count()
}

#[tokio::test]
async fn global_search_takes_the_strategy_of_its_sample() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = given_many_messages(&app).await;
    let rare = rare_word(&mut connection).await;
    let prepare = format!("PREPARE shipped AS {}", shipped_query(GLOBAL));
    execute(&mut connection, prepare).await;
    let minutes_ago = "now() - interval '1000 seconds'";
    for (word, since, strategies) in [
        ("river", "NULL", &[RECENT_SCAN][..]),
        (&rare, "NULL", &[TEXT_INDEX]),
        ("formerly", "NULL", &[TEXT_INDEX]),
        // The scan finds too few matches.
        ("lately", "NULL", &[RECENT_SCAN, TEXT_INDEX]),
        // The scan reads the whole time range, so the index cannot find more.
        ("river", minutes_ago, &[RECENT_SCAN]),
    ] {
        for by_rank in [true, false] {
            let execution = execution(word, since, by_rank, "");
            let plan = plan(&mut connection, &execution).await;
            let text = plan.join("\n");
            assert!(!text.contains("Seq Scan on messages"), "{word}:\n{text}");
            // The sample is a scan of recent messages, too.
            let recent_scans = 1 + usize::from(strategies.contains(&RECENT_SCAN));
            assert_eq!(scans(&plan, RECENT_SCAN), recent_scans, "{word}:\n{text}");
            let index_scans = usize::from(strategies.contains(&TEXT_INDEX));
            assert_eq!(scans(&plan, TEXT_INDEX), index_scans, "{word}:\n{text}");
            // All matches of a word have the same rank here.
            let rows = sqlx::query(AssertSqlSafe(execution)).fetch_all(&mut connection);
            let found: Vec<Uuid> = rows.await.expect("hits").iter().map(|row| row.get(0)).collect();
            assert_eq!(found, newest_with(&mut connection, word).await, "{word}");
        }
    }
}

async fn newest_with(connection: &mut PgConnection, word: &str) -> Vec<Uuid> {
    let ids = sqlx::query_scalar(
        "SELECT id FROM public.messages WHERE text_content ~ $1
         ORDER BY created_at DESC, id DESC LIMIT 21",
    );
    ids.bind(word).fetch_all(connection).await.expect("ids")
}

#[tokio::test]
async fn scoped_search_starts_from_the_users_sessions() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = given_many_messages(&app).await;
    let rare = rare_word(&mut connection).await;
    let prepare = format!("PREPARE shipped AS {}", shipped_query(SCOPED));
    execute(&mut connection, "SET plan_cache_mode = force_custom_plan").await;
    execute(&mut connection, prepare).await;
    let user = ", '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f', NULL, NULL, ARRAY['de']";
    for word in ["river", &rare] {
        for by_rank in [true, false] {
            let execution = execution(word, "NULL", by_rank, user);
            let text = plan(&mut connection, &execution).await.join("\n");
            assert!(!text.contains("Seq Scan on messages"), "{word}:\n{text}");
            assert!(text.contains("idx_sessions_user_id"), "{word}:\n{text}");
        }
    }
}

#[tokio::test]
async fn own_search_reads_the_messages_of_the_user_only() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = given_many_messages(&app).await;
    let rare = rare_word(&mut connection).await;
    let prepare = format!("PREPARE shipped AS {}", shipped_query("m.user_id = viewer.user_id"));
    execute(&mut connection, "SET search_path = public; SET ROLE authenticated").await;
    execute(&mut connection, prepare).await;
    let user = ", '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f', NULL, NULL";
    for word in ["river", &rare] {
        for by_rank in [true, false] {
            // Postgres always plans the first five executions anew.
            for _ in 0..7 {
                let execution = execution(word, "NULL", by_rank, user);
                let text = plan(&mut connection, &execution).await.join("\n");
                assert!(!text.contains("Seq Scan on messages"), "{word}:\n{text}");
                assert!(text.contains("idx_messages_user_id_created_at"), "{word}:\n{text}");
                assert!(!text.contains(TEXT_INDEX), "{word}:\n{text}");
            }
        }
    }
}

/// As `MANY_MESSAGES`, for distributed tables, which have no triggers.
const MANY_DISTRIBUTED_MESSAGES: &str = "
    INSERT INTO auth.users (id) VALUES ('7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f');
    INSERT INTO public.sessions (id, session_id, user_id)
    SELECT public.session_key('session-' || n), 'session-' || n,
        CASE WHEN n % 100 = 0 THEN '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f'::uuid END
    FROM generate_series(1, 1500) AS n;
    INSERT INTO public.messages
        (session_id, message_id, user_id, sender, text_content, position, created_at, text_search)
    SELECT public.session_key('session-' || session), 'msg-' || session || '-' || n,
        CASE WHEN session % 100 = 0 THEN '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f'::uuid END,
        'user', text, n, now() - n * interval '1 second', public.message_search_vector(text)
    FROM generate_series(1, 1500) AS session
    CROSS JOIN generate_series(1, 40) AS n
    CROSS JOIN LATERAL (
        SELECT concat_ws(
            ' ', CASE WHEN (session + n) % 5 = 0 THEN 'river' END, md5(session || '-' || n)
        ) AS text
    ) AS said;
    ANALYZE public.messages;
    ANALYZE public.sessions";

/// One statement for the searches of users and of the service. Citus shows the plan of one shard.
#[tokio::test]
async fn search_of_distributed_tables_reads_by_indexes() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    execute(&mut connection, MANY_DISTRIBUTED_MESSAGES).await;
    execute(&mut connection, format!("PREPARE shipped AS {}", shipped_query(SCOPED))).await;
    let user = "7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f";
    let as_user = format!(
        "BEGIN READ ONLY; SET LOCAL ROLE authenticated; \
         SET LOCAL citus.propagate_set_commands = 'local'; \
         SET LOCAL request.jwt.claim.sub = '{user}'"
    );
    let own = format!("'{user}'");
    for (word, role, user, index) in [
        ("river", "BEGIN READ ONLY", "NULL", "idx_messages_"),
        ("unsaid", "BEGIN READ ONLY", "NULL", "idx_messages_text_search_"),
        ("river", &as_user, &own, "idx_sessions_user_id_created_at_"),
        ("unsaid", &as_user, &own, "idx_sessions_user_id_created_at_"),
    ] {
        execute(&mut connection, role).await;
        let scope = format!(", {user}, NULL, NULL, ARRAY['de']");
        let text = plan(&mut connection, &execution(word, "NULL", true, &scope)).await.join("\n");
        assert!(!text.contains("Seq Scan on messages"), "{word} {user}:\n{text}");
        assert!(text.contains(index), "{word} {user}:\n{text}");
        execute(&mut connection, "ROLLBACK").await;
    }
}

/// Planning takes longer than finding a rare word, and custom plans look cheaper on large tables.
#[tokio::test]
async fn global_search_gets_a_generic_plan_at_any_table_size() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    if !app.database.is_of_superuser("UPDATE pg_class").await {
        return;
    }
    let mut connection = given_many_messages(&app).await;
    let prepare = format!("PREPARE shipped AS {}", shipped_query(GLOBAL));
    for times in [1, 100, 10_000] {
        let mut transaction = connection.begin().await.expect("transaction");
        let grow = format!(
            "UPDATE pg_class SET reltuples = reltuples * {times}
             WHERE oid = 'public.messages'::regclass"
        );
        execute(&mut transaction, grow).await;
        execute(&mut transaction, prepare.as_str()).await;
        for _ in 0..8 {
            execute(&mut transaction, execution("river", "NULL", true, "")).await;
        }
        let sql = "SELECT custom_plans, generic_plans FROM pg_prepared_statements
            WHERE name = 'shipped'";
        let plans: (i64, i64) =
            sqlx::query_as(sql).fetch_one(&mut *transaction).await.expect("plans");
        // Postgres always plans the first five executions anew.
        assert_eq!(plans, (5, 3), "{times} times as many messages");
        execute(&mut transaction, "DEALLOCATE shipped").await;
        transaction.rollback().await.expect("rollback");
    }
}

/// A trigger records the settings of the server's connections. Not on a table that is distributed.
#[tokio::test]
async fn server_connections_use_no_jit_and_no_parallel_workers() {
    let app = TestApp::builder().with_auth().spawn().await;
    app.database
        .execute(
            "CREATE TABLE public.seen AS SELECT ''::text AS jit, ''::text AS workers WHERE FALSE;
             CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                INSERT INTO public.seen VALUES (
                    current_setting('jit'), current_setting('max_parallel_workers_per_gather')
                );
                RETURN NULL;
             END $$;
             CREATE TRIGGER see AFTER INSERT ON auth.users
                FOR EACH STATEMENT EXECUTE FUNCTION public.see()",
        )
        .await;
    app.post("/api/auth/anonymous", serde_json::Value::Null).await.data();
    let settings: Vec<(String, String)> = sqlx::query_as("SELECT jit, workers FROM public.seen")
        .fetch_all(&mut app.database.connect().await)
        .await
        .expect("settings");
    assert_eq!(settings, [("off".to_owned(), "0".to_owned())]);
}
