//! Migrations: apply, revert and apply again; on a plain Postgres, on a database like Supabase's,
//! and with tables that exist already.

use std::{path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Row,
    migrate::Migrator, postgres::PgConnectOptions,
};

use crate::{
    app::TestApp,
    cli::{run, succeeded},
    distribution::is_distributed,
    postgres::TestDatabase,
    server_process::{command, open_folder},
    shipped_queries::shipped_query,
    test_role::supabase_shape,
};

async fn migrator() -> Migrator {
    Migrator::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")))
        .await
        .expect("the migrations")
}

/// One value of the first row, as text.
async fn value(connection: &mut PgConnection, sql: &str) -> String {
    let row = connection.fetch_one(AssertSqlSafe(format!("SELECT ({sql})::text"))).await;
    row.expect(sql).get::<Option<String>, _>(0).unwrap_or_default()
}

async fn code_of(connection: &mut PgConnection, sql: &str) -> String {
    match connection.execute(AssertSqlSafe(sql.to_owned())).await {
        Ok(_) => "ok".into(),
        Err(error) => {
            error.as_database_error().and_then(|e| e.code()).expect("a code").into_owned()
        }
    }
}

/// Git converts line ends in no checkout: they are part of a migration's checksum.
#[test]
fn migrations_have_unix_line_ends_in_every_checkout() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    for file in std::fs::read_dir(folder).expect("the migrations") {
        let path = file.expect("a file").path();
        let text = std::fs::read(&path).expect("a migration");
        assert!(!text.contains(&b'\r'), "{}", path.display());
    }
    let attributes = include_str!("../../.gitattributes");
    assert!(attributes.contains("* text=auto eol=lf\n"), "{attributes}");
}

const TABLES: &str = "SELECT string_agg(table_name, ',' ORDER BY table_name) \
    FROM information_schema.tables \
    WHERE table_schema IN ('public', 'auth') AND table_name <> '_sqlx_migrations' \
      AND table_type = 'BASE TABLE'";

#[tokio::test]
async fn migrations_apply_revert_and_apply_again() {
    let database = TestDatabase::ordinary().await;
    let pool = PgPool::connect_with(database.options()).await.expect("connected");
    let migrator = migrator().await;
    assert!(migrator.iter().any(|migration| migration.migration_type.is_down_migration()));
    let mut connection = database.connect().await;
    // In a database like Supabase's there is auth.users.
    let at_first = value(&mut connection, TABLES).await;
    for _ in 0..2 {
        migrator.run(&pool).await.expect("up");
        assert_eq!(
            value(&mut connection, TABLES).await,
            "idempotency_keys,memories,messages,refresh_tokens,server_secrets,sessions,users"
        );
        migrator.undo(&pool, 0).await.expect("down");
        assert_eq!(value(&mut connection, TABLES).await, at_first);
    }
    migrator.run(&pool).await.expect("up");
    pool.close().await;
}

/// Sessions before the migrations that give messages an owner.
const OWNED_BEFORE: &str = "
    INSERT INTO auth.users (id) VALUES ('0000000a-0000-4000-8000-000000000000');
    INSERT INTO public.sessions (session_id, user_id)
    SELECT 'session-' || n,
        CASE WHEN n % 4 > 0 THEN '0000000a-0000-4000-8000-000000000000'::uuid END
    FROM generate_series(1, 200) AS n;
    UPDATE public.sessions SET id = '00000000-0000-0000-0000-000000000000'
    WHERE session_id = 'session-1';
    INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
    SELECT id, session_id || '-' || n, 'user', 'said', n
    FROM public.sessions, generate_series(1, 3) AS n";

#[tokio::test]
async fn messages_that_exist_get_their_owner() {
    const BEFORE: i64 = 20261129110000;
    const FILL: i64 = 20261129120100;
    let database = TestDatabase::ordinary().await;
    let pool = PgPool::connect_with(database.options()).await.expect("connected");
    let migrator = migrator().await;
    migrator.run(&pool).await.expect("up");
    migrator.undo(&pool, BEFORE).await.expect("down");
    let mut connection = database.connect().await;
    connection.execute(OWNED_BEFORE).await.expect("inserted");
    migrator.run(&pool).await.expect("up");
    let owners = "SELECT count(*) FILTER (WHERE m.user_id = s.user_id) || ' '
            || count(*) FILTER (WHERE m.user_id IS DISTINCT FROM s.user_id)
        FROM public.messages AS m JOIN public.sessions AS s ON s.id = m.session_id";
    assert_eq!(value(&mut connection, owners).await, "450 0");
    // Interrupted after a part: what is recorded last is done again.
    let interrupted = format!(
        "UPDATE public.messages SET user_id = NULL WHERE position > 1;
         DELETE FROM public._sqlx_migrations WHERE version = {FILL}"
    );
    connection.execute(AssertSqlSafe(interrupted)).await.expect("changed");
    migrator.run(&pool).await.expect("up again");
    assert_eq!(value(&mut connection, owners).await, "450 0");
    pool.close().await;
}

#[tokio::test]
async fn long_migration_is_named_and_its_sql_is_not_logged() {
    // An ordinary role may not change the statistics.
    let database = TestDatabase::of_superuser().await;
    let folder = open_folder();
    let mut connection = database.connect().await;
    succeeded(&run(folder.path(), &database, &[], &["migrate"]));
    connection
        .execute(
            "DELETE FROM _sqlx_migrations WHERE version = 20261124210000;
             DROP INDEX public.idx_sessions_ended_at;
             UPDATE pg_class SET reltuples = 1000000 WHERE oid = 'public.messages'::regclass",
        )
        .await
        .expect("changed");
    connection.execute("BEGIN; LOCK TABLE public.sessions").await.expect("locked");
    let mut child = command(folder.path(), &[("DATABASE_URL", &database.url)])
        .arg("migrate")
        .spawn()
        .expect("started");
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted \
                   AND relation = 'public.sessions'::regclass";
    while value(&mut connection, waiting).await == "0" {
        if child.try_wait().expect("a state").is_some() {
            panic!("it has ended: {:?}", child.wait_with_output());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // sqlx logs statements that take longer than a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    connection.execute("COMMIT").await.expect("unlocked");
    let output = child.wait_with_output().expect("ended");
    succeeded(&output);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("migrations are pending on a large table"), "{log}");
    assert!(log.contains("migration=\"20261124210000 index ended sessions\""), "{log}");
    assert!(!log.contains("slow statement") && !log.contains("CREATE"), "{log}");
}

#[tokio::test]
async fn concurrent_migrations_of_servers_succeed() {
    let database = TestDatabase::new().await;
    let starts = (0..4).map(|_| TestApp::builder().sharing(&database).spawn());
    let apps = futures_util::future::join_all(starts).await;
    for app in &apps {
        app.given_session().await;
    }
}

#[tokio::test]
async fn schema_has_the_planned_columns_and_indexes() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    let columns = |table: &str| {
        format!(
            "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) \
             FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}'"
        )
    };
    let sessions = value(&mut connection, &columns("sessions")).await;
    let time = "timestamp with time zone";
    assert!(
        sessions.starts_with(&format!(
            "id uuid, session_id text, user_id uuid, status text, created_at {time}, \
             updated_at {time}, ended_at {time}, message_count integer, summary text, \
             duration_seconds integer, rating integer, feedback text"
        )),
        "{sessions}"
    );
    let messages = value(&mut connection, &columns("messages")).await;
    assert_eq!(
        messages,
        format!(
            "id uuid, session_id uuid, message_id text, sender text, text_content text, \
             created_at {time}, position integer, text_search tsvector, \
             user_id uuid"
        )
    );
    for index in [
        "idx_sessions_user_id_created_at",
        if is_distributed() { "idx_messages_message_id" } else { "sessions_session_id_key" },
        "idx_messages_text_search",
        "idx_messages_created_at",
        "messages_session_id_position_key",
        "idx_sessions_memory_due",
    ] {
        let count = value(
            &mut connection,
            &format!("SELECT count(*) FROM pg_indexes WHERE indexname = '{index}'"),
        )
        .await;
        assert_eq!(count, "1", "{index}");
    }
}

#[tokio::test]
async fn schema_rejects_invalid_rows() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    let session = format!("public.session_key('{}')", app.given_session().await);
    let unknown_user = if is_distributed() { "ok" } else { "23503" };
    for (column, value, code) in [
        ("status", "'paused'", "23514"),
        ("rating", "6", "23514"),
        ("unanswered_recordings", "'{}'", "23514"),
        ("unanswered_recordings", "jsonb_build_array(repeat('x', 150000))", "23514"),
        ("user_id", "gen_random_uuid()", unknown_user),
    ] {
        let sql = format!(
            "INSERT INTO public.sessions (id, session_id, {column}) \
             VALUES (public.session_key('a'), 'a', {value})"
        );
        assert_eq!(code_of(&mut connection, &sql).await, code, "{sql}");
    }
    let insert = |id: &str, sender: &str, position: i32| {
        format!(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             VALUES ({session}, '{id}', '{sender}', 'x', {position})"
        )
    };
    assert_eq!(code_of(&mut connection, &insert("a", "user", 1)).await, "ok");
    assert_eq!(
        code_of(&mut connection, &insert("b", "user", 1)).await,
        "23505",
        "positions are unique"
    );
    assert_eq!(
        code_of(&mut connection, &insert("a", "user", 2)).await,
        "23505",
        "message ids are unique"
    );
    assert_eq!(code_of(&mut connection, &insert("c", "system", 2)).await, "23514");
}

#[tokio::test]
async fn hand_made_tables_keep_their_rows() {
    let database = TestDatabase::ordinary().await;
    database
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
             INSERT INTO public.sessions (session_id, message_count) VALUES ('session-old', 99); \
             INSERT INTO public.messages
                 (session_id, message_id, sender, text_content, created_at)
             SELECT id, 'm' || n, CASE n % 2 WHEN 0 THEN 'ai' ELSE 'user' END, 'line ' || n,
                 now() - make_interval(mins => 10 - (n + 1) / 2)
             FROM public.sessions, generate_series(4, 1, -1) AS n",
        )
        .await;
    let app = TestApp::builder().with_database(database).spawn().await;
    let texts: Vec<String> =
        app.history("session-old").await.iter().map(|line| line["text"].to_string()).collect();
    assert_eq!(texts, ["\"line 1\"", "\"line 2\"", "\"line 3\"", "\"line 4\""]);
    assert_eq!(app.session("session-old").await["messageCount"], 4, "the true count");
    assert_eq!(app.say("session-old", "and on it goes").await["success"], true);
    assert_eq!(app.history("session-old").await.len(), 6);
}

#[tokio::test]
async fn supabase_database_is_migrated_and_closed_to_outsiders() {
    const OLD_GRANTS: &str = "ALTER DEFAULT PRIVILEGES FOR ROLE {app} IN SCHEMA public \
        GRANT ALL ON TABLES TO anon, authenticated, service_role;";
    for old_grants in [OLD_GRANTS, ""] {
        let database = TestDatabase::ordinary().await;
        if !database.is_of_superuser("a database like Supabase's").await {
            return;
        }
        let mut admin = database.connect().await;
        let name = uuid::Uuid::from_u128(rand::random()).simple().to_string();
        let (app_role, owner) =
            (format!("kuku_test_app_{name}"), format!("kuku_test_owner_{name}"));
        let old_grants = old_grants.replace("{app}", &app_role);
        database.execute(&supabase_shape(&app_role, &owner, &old_grants)).await;

        let options = database.options().username(&app_role).password("app");
        check_supabase_database(&database, options, &mut admin).await;

        // Roles belong to the cluster and are not dropped with the database.
        for sql in [
            format!("DROP OWNED BY {app_role}, {owner} CASCADE"),
            format!("DROP ROLE {app_role}"),
            format!("DROP ROLE {owner}"),
        ] {
            database.execute(&sql).await;
        }
        admin.close().await.expect("closed");
    }
}

async fn check_supabase_database(
    database: &TestDatabase,
    options: PgConnectOptions,
    admin: &mut PgConnection,
) {
    const AUTH: &str = "SELECT string_agg(oid::regprocedure || ' ' || proowner::regrole, ',') \
        FROM pg_proc \
        WHERE pronamespace = 'auth'::regnamespace";
    let auth_before = value(admin, AUTH).await;
    let pool = PgPool::connect_with(options.clone()).await.expect("connected");
    let migrator = migrator().await;
    for _ in 0..2 {
        migrator.run(&pool).await.expect("up");
        migrator.undo(&pool, 0).await.expect("down");
    }
    assert_eq!(
        value(admin, "SELECT count(*) FROM pg_class WHERE oid = 'auth.users'::regclass").await,
        "1"
    );
    pool.close().await;

    // The server with that role.
    let url = options.to_url_lossy().to_string();
    let app = TestApp::builder().sharing(database).with_setting("DATABASE_URL", &url).spawn().await;
    let id = app.given_ended_session().await;
    assert_eq!(app.history(&id).await.len(), 2);
    let hits = app.get("/api/search/messages?q=job").await;
    assert_ne!(hits["data"]["messages"], serde_json::json!([]), "{hits}");
    assert_eq!(value(admin, AUTH).await, auth_before, "schema auth is as it was");

    let mut connection = options.connect().await.expect("connected");
    check_role_rights(&mut connection).await;
    check_rows_by_claims(admin, &mut connection).await;
    check_deletion_of_a_user(admin).await;
    let secured = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class \
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity";
    assert_eq!(value(&mut connection, secured).await, "", "every table has row level security");
    connection.close().await.expect("closed");
}

/// Roles of the Data API can read, as far as row level security lets them, and not write.
async fn check_role_rights(connection: &mut PgConnection) {
    for (role, reads, writes) in
        [("anon", "42501", "42501"), ("authenticated", "ok", "42501"), ("service_role", "ok", "ok")]
    {
        connection.execute(AssertSqlSafe(format!("SET ROLE {role}"))).await.expect(role);
        for (sql, code) in [
            ("SELECT count(*) FROM public.sessions", reads),
            ("SELECT count(*) FROM public.messages", reads),
            ("INSERT INTO public.sessions (session_id) VALUES ('by-hand')", writes),
            ("UPDATE public.sessions SET rating = 1", writes),
            ("DELETE FROM public.sessions WHERE session_id = 'by-hand'", writes),
            (
                "INSERT INTO public.messages (message_id, sender, text_content, position)
                 VALUES ('x', 'ai', 'x', 1)",
                writes,
            ),
            ("UPDATE public.messages SET text_content = text_content", writes),
            ("DELETE FROM public.messages WHERE message_id = 'x'", writes),
            ("TRUNCATE public.messages", "42501"),
            ("SELECT count(*) FROM public.idempotency_keys", "42501"),
            ("SELECT count(*) FROM public.refresh_tokens", "42501"),
            ("SELECT count(*) FROM public.server_secrets", "42501"),
        ] {
            assert_eq!(code_of(connection, sql).await, code, "{role}: {sql}");
        }
        let own = code_of(connection, "SELECT count(*) FROM public._sqlx_migrations").await;
        assert_eq!(own, "42501", "{role} and sqlx's own table");
        connection.execute("RESET ROLE").await.expect("reset");
    }
}

/// Supabase's auth service deletes users with its own role, which has no rights on our tables.
async fn check_deletion_of_a_user(admin: &mut PgConnection) {
    let owner = "SELECT relowner::regrole FROM pg_class WHERE oid = 'auth.users'::regclass";
    let owner = value(admin, owner).await;
    let ada = "SELECT user_id FROM public.sessions WHERE session_id = 'of-ada'";
    let ada = value(admin, ada).await;
    let delete = format!("SET ROLE {owner}; DELETE FROM auth.users WHERE id = '{ada}'; RESET ROLE");
    admin.execute(AssertSqlSafe(delete)).await.expect("deleted");
    let left = "SELECT string_agg(session_id, ',') FROM public.sessions \
        WHERE session_id IN ('of-ada', 'of-bob')";
    assert_eq!(value(admin, left).await, "of-bob");
    let messages = "SELECT count(*) FROM public.messages WHERE message_id = 'msg-of-ada'";
    assert_eq!(value(admin, messages).await, "0");
}

/// The Data API shows no row without claims, and to a user only the user's rows.
async fn check_rows_by_claims(admin: &mut PgConnection, connection: &mut PgConnection) {
    let (ada, bob) =
        ("0000000a-0000-4000-8000-000000000000", "0000000b-0000-4000-8000-000000000000");
    admin
        .execute(AssertSqlSafe(format!(
            "INSERT INTO auth.users (id) VALUES ('{ada}'), ('{bob}'); \
             INSERT INTO public.sessions (session_id, user_id) \
             VALUES ('of-ada', '{ada}'), ('of-bob', '{bob}'); \
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT id, 'msg-' || session_id, 'user', 'hello', 1 \
             FROM public.sessions WHERE user_id IS NOT NULL"
        )))
        .await
        .expect("stored");
    for (claims, sessions) in [
        (String::new(), ""),
        (format!("{{\"sub\":\"{ada}\"}}"), "of-ada"),
        (format!("{{\"sub\":\"{bob}\"}}"), "of-bob"),
    ] {
        connection.execute("SET ROLE authenticated").await.expect("a role");
        connection
            .execute(AssertSqlSafe(format!("SET request.jwt.claims = '{claims}'")))
            .await
            .expect("claims");
        let seen =
            value(connection, "SELECT string_agg(session_id, ',') FROM public.sessions").await;
        assert_eq!(seen, sessions, "{claims}");
        let lines =
            value(connection, "SELECT string_agg(message_id, ',') FROM public.messages").await;
        assert_eq!(lines.trim_start_matches("msg-"), sessions, "{claims}");
        connection.execute("RESET ROLE").await.expect("reset");
    }
}

#[tokio::test]
async fn foreign_index_with_the_search_index_name_is_replaced() {
    let database = TestDatabase::ordinary().await;
    let pool = PgPool::connect_with(database.options()).await.expect("connected");
    let migrator = migrator().await;
    migrator.run(&pool).await.expect("up");
    // A schema that another tool has created.
    migrator.undo(&pool, 20_261_123_210_000).await.expect("down");
    let mut connection = database.connect().await;
    connection
        .execute(
            "CREATE INDEX idx_messages_text_search ON public.messages
             USING gin (to_tsvector('english', text_content))",
        )
        .await
        .expect("made");
    migrator.run(&pool).await.expect("up again");
    let definition = "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_messages_text_search'";
    let definition = value(&mut connection, definition).await;
    assert!(
        definition.ends_with("USING gin (text_search) WITH (gin_pending_list_limit='64')"),
        "{definition}"
    );
    pool.close().await;
}

/// Statistics without an active session once made a partial index over active sessions look as
/// cheap as the unique index, and each turn scanned all active sessions.
#[tokio::test]
async fn queries_of_one_session_use_its_id_index() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = app.database.connect().await;
    for status in ["active", "ended"] {
        let fill = format!(
            "DELETE FROM public.sessions; \
             INSERT INTO public.sessions (session_id, status, ended_at) \
             SELECT 'session-' || n, '{status}', CASE '{status}' WHEN 'ended' THEN now() END \
             FROM generate_series(1, 2000) AS n; \
             ANALYZE public.sessions"
        );
        connection.execute(sqlx::AssertSqlSafe(fill)).await.expect("filled");
        for (part, arguments) in [
            (
                "(SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $4::boolean[]),",
                "ARRAY[public.session_key('session-5')], ARRAY[gen_random_uuid()], 6, \
                 ARRAY[true], ARRAY[NULL::uuid], '0'",
            ),
            (
                "jsonb_to_record(turn)",
                "ARRAY[jsonb_build_object('id', public.session_key('session-5'))], '0'",
            ),
            (
                "SET status = 'ended', summary = $3",
                "public.session_key('session-5'), 0, 'a', gen_random_uuid(), NULL, NULL, true, \
                 NULL, 0, true",
            ),
            (
                "jsonb_build_object('ratedAt'",
                "ARRAY[public.session_key('session-5')], ARRAY[3], ARRAY[NULL], ARRAY[true], \
                 ARRAY[NULL::uuid], ARRAY[NULL::uuid], '0'",
            ),
            (
                "s.updated_at AS \"rated_at!\"",
                "ARRAY[public.session_key('session-5')], ARRAY[3], ARRAY[NULL], ARRAY[true], \
                 ARRAY[NULL::uuid], '0'",
            ),
        ] {
            let query = shipped_query(part);
            let script = format!("DEALLOCATE ALL; PREPARE shipped AS {query}");
            connection.execute(sqlx::AssertSqlSafe(script)).await.expect("prepared");
            let explain = sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
                "EXPLAIN EXECUTE shipped ({arguments})"
            )));
            let rows = explain.fetch_all(&mut connection).await.expect("a plan");
            let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            assert!(
                plan.iter().any(|line| line.contains("sessions_pkey"))
                    && !plan.iter().any(|line| line.contains("idx_sessions_")),
                "with statistics of {status} sessions only:\n{}",
                plan.join("\n")
            );
        }
    }
}

/// A plan made while the table of idempotency keys is empty is kept while it grows.
#[tokio::test]
async fn keyed_queries_find_their_lease_by_its_index() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = app.database.connect().await;
    for (part, arguments) in [
        ("SET answer = input.stored_response", "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"),
        ("jsonb_to_record(turn)", "NULL, NULL"),
        ("jsonb_build_object('ratedAt'", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"),
    ] {
        let script = format!(
            "DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan; PREPARE shipped AS {}",
            shipped_query(part)
        );
        connection.execute(sqlx::AssertSqlSafe(script)).await.expect("prepared");
        let explain =
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE shipped ({arguments})")));
        let rows = explain.fetch_all(&mut connection).await.expect("a plan");
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(
            plan.iter().any(|line| line.contains("idempotency_keys_claim_key"))
                && !plan.iter().any(|line| line.contains("Seq Scan on idempotency_keys")),
            "{}",
            plan.join("\n")
        );
    }
}
