//! The command `distribute`, on an ordinary Postgres and on a Citus cluster.

use std::process::{Child, Output};

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use crate::{
    app::{TestApp, eventually},
    cli::{export, failed, insert_sessions, run, succeeded},
    invariants::assert_invariants,
    postgres::{TestDatabase, execute_on},
    reply::{ReplyExt, RequestExt, body, text},
    server_process::{ServerProcess, command, open_folder},
};

/// Everything about the tables that distributing changes, but for their rows.
const SCHEMA: &str = "
    SELECT line FROM (
        SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual) FROM pg_policies
        UNION ALL
        SELECT concat_ws(' ', attrelid::regclass, attname, attnotnull)
        FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0
    ) AS found
    ORDER BY line COLLATE \"C\"";

const DONE: &str = "Done. Start the servers, and see `kuku-coach doctor`.";

fn distribute(database: &TestDatabase) -> Output {
    run(open_folder().path(), database, &[], &["distribute", "--yes"])
}

fn distribute_as(database: &TestDatabase, role: &str) -> Output {
    let url = database.options().username(role).to_url_lossy().to_string();
    let folder = open_folder();
    let mut command = command(folder.path(), &[("DATABASE_URL", &url), ("RUST_LOG", "warn")]);
    command.args(["distribute", "--yes"]).output().expect("ended")
}

fn migrate(database: &TestDatabase) {
    succeeded(&run(open_folder().path(), database, &[], &["migrate"]));
}

/// The command refused: with this text, and nothing else but what it would have done.
#[track_caller]
fn refused(output: &Output, text: &str) {
    failed(output, text);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(text), "on standard error: {error}");
    assert!(error.contains("nothing was changed"), "{error}");
    assert!(error.trim().lines().count() == 1 && !error.contains("panicked"), "{error}");
    let all = format!("{error}{}", String::from_utf8_lossy(&output.stdout));
    assert!(!all.contains("canary"), "content of a row: {all}");
}

async fn strings(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.expect(sql)
}

async fn number(url: &str, sql: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.expect("connected");
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection);
    let number = number.await.expect(sql);
    connection.close().await.expect("closed");
    number
}

/// The schema of all tables, with what Citus knows of them, and what workers have.
async fn state(database: &TestDatabase) -> Vec<String> {
    let mut state = Vec::new();
    for url in database.nodes() {
        let mut connection = PgConnection::connect(&url).await.expect("a node");
        // Shards are hidden otherwise, even from the catalogs.
        connection.execute("SET citus.override_table_visibility = off").await.expect("set");
        state.push(format!("node {}", state.len()));
        state.extend(strings(&mut connection, SCHEMA).await);
        let has_citus = "SELECT extname::text FROM pg_extension WHERE extname = 'citus'";
        if !strings(&mut connection, has_citus).await.is_empty() {
            let tables = "SELECT logicalrelid::text FROM pg_dist_partition ORDER BY 1";
            state.extend(strings(&mut connection, tables).await);
        }
        connection.close().await.expect("closed");
    }
    state
}

/// An empty database that is a cluster of all nodes.
async fn on_cluster() -> Option<TestDatabase> {
    let database = TestDatabase::on_all_nodes().await?;
    database.connect_nodes(&database.nodes()).await;
    Some(database)
}

/// The same, migrated.
async fn migrated_on_cluster() -> Option<TestDatabase> {
    let database = on_cluster().await?;
    migrate(&database);
    Some(database)
}

/// Waits until a server in this process has closed its connections.
async fn without_servers(database: &TestDatabase) {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'kuku-coach'";
    eventually("the server has gone", async || number(&database.url, sql).await == 0).await;
}

#[tokio::test]
async fn database_without_migrations_is_not_distributed() {
    let database = TestDatabase::of_superuser().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let files = std::fs::read_dir(folder).expect("the migrations");
    let up = files.filter(|file| {
        file.as_ref().is_ok_and(|file| file.file_name().to_string_lossy().ends_with(".up.sql"))
    });
    let pending = up.count();
    let before = state(&database).await;
    refused(&distribute(&database), &format!("{pending} migrations are pending"));
    assert_eq!(state(&database).await, before);

    migrate(&database);
    let forget = "DELETE FROM _sqlx_migrations WHERE version = 20261129140000";
    database.execute(forget).await;
    let before = state(&database).await;
    refused(&distribute(&database), "1 migration is pending");
    let change = "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20261123200000";
    database.execute(change).await;
    refused(&distribute(&database), "See `kuku-coach migrate status`");
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn database_of_a_newer_program_is_not_distributed() {
    let database = TestDatabase::of_superuser().await;
    migrate(&database);
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (30000101000000, 'later', TRUE, '\\x00', 0)",
        )
        .await;
    refused(&distribute(&database), "migrations of a newer version");
}

#[tokio::test]
async fn database_without_citus_is_not_distributed() {
    let database = TestDatabase::of_superuser().await;
    migrate(&database);
    let before = state(&database).await;
    for arguments in [&["distribute"][..], &["distribute", "--yes"]] {
        let output = run(open_folder().path(), &database, &[], arguments);
        refused(&output, "the database has no extension citus");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn database_that_cannot_be_reached_is_not_distributed() {
    let url = [("DATABASE_URL", "postgres://u:canary@127.0.0.1:1/x")];
    let output = command(open_folder().path(), &url).args(["distribute", "--yes"]).output();
    let output = output.expect("ended");
    failed(&output, "cannot connect to the database at 127.0.0.1:1");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("canary"), "{output:?}");
}

#[tokio::test]
async fn cluster_that_lacks_nodes_is_refused() {
    let Some(database) = TestDatabase::on_all_nodes().await else { return };
    database.connect_nodes(&database.nodes()[..1]).await;
    migrate(&database);
    let before = state(&database).await;
    refused(&distribute(&database), "the coordinator knows no worker");
    assert_eq!(state(&database).await, before);

    let Some(database) = migrated_on_cluster().await else { return };
    let before = state(&database).await;
    let remove = "SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node WHERE groupid = 0";
    database.execute(remove).await;
    refused(&distribute(&database), "citus_set_coordinator_host(host, port)");
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn distributing_is_announced_and_wants_an_answer() {
    let Some(database) = migrated_on_cluster().await else { return };
    database.execute("INSERT INTO public.sessions (session_id) VALUES ('canary')").await;
    let before = state(&database).await;
    let output = run(open_folder().path(), &database, &[], &["distribute"]);
    refused(&output, "pass --yes");
    let announced = String::from_utf8_lossy(&output.stdout);
    let worker = database.nodes()[1].clone();
    let worker: sqlx::postgres::PgConnectOptions = worker.parse().expect("an address");
    let worker = format!("{}:{}", worker.get_host(), worker.get_port());
    for text in [&worker, "public.sessions (1 rows)", "make a backup", "public.memories"] {
        assert!(announced.contains(text), "{text}: {announced}");
    }
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn rows_that_cannot_be_distributed_are_counted() {
    let Some(database) = migrated_on_cluster().await else { return };
    let orphans = "ALTER TABLE public.messages DROP CONSTRAINT messages_session_id_fkey;
        INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
        SELECT gen_random_uuid(), 'm' || n, 'user', 'canary', n FROM generate_series(1, 3) AS n;
        ALTER TABLE public.messages ADD CONSTRAINT messages_session_id_fkey
            FOREIGN KEY (session_id) REFERENCES public.sessions (id)
            ON DELETE CASCADE ON UPDATE CASCADE NOT VALID";
    let of_no_session = "ALTER TABLE public.messages ALTER COLUMN session_id DROP NOT NULL;
        INSERT INTO public.messages (message_id, sender, text_content, position)
        VALUES ('m', 'user', 'canary', 1)";
    let foreign = "INSERT INTO public.sessions (session_id) VALUES ('canary');
        INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
        SELECT id, 'm', 'user', 'canary', 1 FROM public.sessions;
        UPDATE public.messages SET user_id = gen_random_uuid()";
    let older = "ALTER TABLE public.sessions DISABLE TRIGGER set_session_key;
        INSERT INTO public.sessions (session_id) VALUES ('canary-1'), ('canary-2');
        ALTER TABLE public.sessions ENABLE TRIGGER set_session_key";
    for (harm, text, undo) in [
        (older, "2 sessions have ids of an earlier version", "DELETE FROM public.sessions"),
        (orphans, "3 messages belong to no session", "DELETE FROM public.messages"),
        (of_no_session, "1 messages belong to no session", "DELETE FROM public.messages"),
        (foreign, "1 messages have another owner", "DELETE FROM public.sessions"),
        // Rows from before a constraint that is not validated.
        (
            "ALTER TABLE public.sessions DROP CONSTRAINT sessions_language_check;
             INSERT INTO public.sessions (session_id, language) VALUES ('canary', 'CANARY');
             ALTER TABLE public.sessions ADD CONSTRAINT sessions_language_check
             CHECK (language ~ '^[a-z]{2,3}$') NOT VALID",
            "violates check constraint \"sessions_language_check\"",
            "DELETE FROM public.sessions",
        ),
        (
            "CREATE FUNCTION public.own() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN RETURN NULL; END';
             CREATE TRIGGER own AFTER INSERT ON public.messages
             FOR EACH STATEMENT EXECUTE FUNCTION public.own()",
            "\"messages\" because it has triggers",
            "DROP TRIGGER own ON public.messages",
        ),
    ] {
        database.execute(harm).await;
        let before = state(&database).await;
        refused(&distribute(&database), text);
        assert_eq!(state(&database).await, before, "{text}");
        database.execute(undo).await;
    }
    succeeded(&distribute(&database));
}

#[tokio::test]
async fn role_without_the_rights_is_told_what_it_lacks() {
    let Some(database) = on_cluster().await else { return };
    let suffix = uuid::Uuid::from_u128(rand::random()).simple().to_string();
    let (reader, owner) = (format!("kuku_test_reader_{suffix}"), format!("kuku_test_own_{suffix}"));
    let name = database.options().get_database().expect("a name").to_owned();
    // On the coordinator, after the nodes are known: Citus makes them on all nodes.
    database
        .execute(&format!(
            "CREATE ROLE {owner} LOGIN CREATEROLE; CREATE ROLE {reader} LOGIN BYPASSRLS;
             GRANT authenticated TO {owner}; ALTER DATABASE {name} OWNER TO {owner}"
        ))
        .await;
    let url = database.options().username(&owner).to_url_lossy().to_string();
    let migrate = command(open_folder().path(), &[("DATABASE_URL", &url)]).arg("migrate").output();
    succeeded(&migrate.expect("ended"));
    let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}");
    database.execute(&grant).await;

    let before = state(&database).await;
    let refusal = format!("the role {reader} does not own public.sessions");
    refused(&distribute_as(&database, &reader), &refusal);
    let revoke = format!("REVOKE authenticated FROM {owner}");
    database.execute(&revoke).await;
    refused(&distribute_as(&database, &owner), "cannot take the role authenticated on");
    database.execute(&revoke.replace("REVOKE", "GRANT").replace("FROM", "TO")).await;
    assert_eq!(state(&database).await, before);

    assert!(succeeded(&distribute_as(&database, &owner)).contains(DONE));
    let doctor = command(open_folder().path(), &[("DATABASE_URL", &url)]).arg("doctor").output();
    assert!(succeeded(&doctor.expect("ended")).contains("\n0 failures"));
    // Reads of a user take another role on the node of the session.
    let folder = open_folder();
    let settings = [("DATABASE_URL", url.as_str()), ("KUKU_AUTH__MODE", "optional")];
    let server = ServerProcess::start(folder.path(), &settings);
    let account = server.post("/api/auth/anonymous", json!({})).await;
    let (http, token) = (reqwest::Client::new(), text(&account.data()["accessToken"]));
    let create = http.post(server.url("/api/sessions")).json(&json!({})).bearer_auth(&token);
    let id = create.reply().await.session_id();
    for part in ["", "/messages"] {
        let read = http.get(server.url(&format!("/api/sessions/{id}{part}")));
        let read = read.bearer_auth(&token).reply().await;
        assert_eq!(read["success"], true, "{read}");
    }
    server.stop();
    drop(database);
    for role in [owner, reader] {
        let database = TestDatabase::of_superuser().await;
        database.execute(&format!("DROP ROLE {role}")).await;
    }
}

#[tokio::test]
async fn database_of_a_running_server_is_not_distributed() {
    let Some(database) = migrated_on_cluster().await else { return };
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[("DATABASE_URL", &database.url)]);
    let id = server.given_session().await;
    let before = state(&database).await;
    refused(&distribute(&database), "servers are at work on the database");
    assert_eq!(state(&database).await, before);
    assert_eq!(server.say(&id, "still at work").await.messages().len(), 2);
    server.stop();
    succeeded(&distribute(&database));
}

#[tokio::test]
async fn rows_are_moved_to_the_workers() {
    let Some(database) = on_cluster().await else { return };
    let repeated = async |app: &TestApp, id: &str| {
        let url = app.url(&format!("/api/sessions/{id}/messages"));
        let request = app.http.post(url).header("Idempotency-Key", "as-before-distributing");
        let response = request.json(&json!({ "text": "the same again" })).response().await;
        assert_eq!(response.status(), StatusCode::OK);
        let replayed = response.headers().contains_key("idempotent-replayed");
        (body(response).await, replayed)
    };
    let app = TestApp::builder().sharing(&database).spawn().await;
    insert_sessions(&app, 40).await;
    let id = app.given_session().await;
    let said = repeated(&app, &id).await;
    assert!(!said.1, "the first time");
    database
        .execute(
            "INSERT INTO public.memories (user_id, own_text)
             SELECT id, 'likes tea' FROM auth.users",
        )
        .await;
    drop(app);
    without_servers(&database).await;
    let exported = export(&database, &[]);

    assert!(succeeded(&distribute(&database)).contains(DONE));
    let after = state(&database).await;
    assert!(export(&database, &[]) == exported, "other content than before");
    for table in ["sessions", "messages", "idempotency_keys", "memories"] {
        // The size of the table itself, which hides its shards.
        let size = format!("SELECT pg_relation_size('public.{table}'::regclass)");
        assert_eq!(number(&database.url, &size).await, 0, "rows of {table} on the coordinator");
    }
    let workers = "SELECT count(DISTINCT nodeport) FROM run_command_on_shards('public.sessions',
            'SELECT count(*) FROM %s') AS found
        JOIN pg_dist_shard_placement AS placed ON placed.shardid = found.shardid
        WHERE found.success AND found.result::bigint > 0";
    let count = database.nodes().len() as i64 - 1;
    assert_eq!(number(&database.url, workers).await, count, "workers with sessions");

    let again = succeeded(&distribute(&database));
    assert!(again.contains("distributed already") && again.contains(DONE), "{again}");
    assert_eq!(state(&database).await, after, "a second run changes nothing");
    let doctor = succeeded(&run(open_folder().path(), &database, &[], &["doctor"]));
    assert!(doctor.contains("\n0 failures"), "{doctor}");
    assert!(doctor.contains("ok    the tables are distributed by session with Citus"), "{doctor}");
    let sql = "SHOW log_min_error_statement";
    let logged: String =
        sqlx::query_scalar(sql).fetch_one(&mut database.connect().await).await.expect("a value");
    let warning = "warn  nodes log the statements of errors";
    assert_eq!(doctor.contains(warning), logged != "panic", "{doctor}");

    let app = TestApp::builder().sharing(&database).spawn().await;
    assert_eq!(repeated(&app, &id).await, (said.0, true));
    assert_eq!(app.say(&id, "on a shard").await.messages().len(), 2);
    assert_eq!(app.history(&id).await.len(), 4);
    let begun = app.given_session().await;
    assert_eq!(app.say(&begun, "begun on a shard").await.messages().len(), 2);
    assert_invariants(&database).await;
}

#[tokio::test]
async fn database_migrated_before_citus_came_is_distributed() {
    let Some(database) = TestDatabase::on_all_nodes().await else { return };
    migrate(&database);
    database.execute("INSERT INTO public.sessions (session_id) VALUES ('before')").await;
    database.connect_nodes(&database.nodes()).await;
    assert!(succeeded(&distribute(&database)).contains(DONE));
    let doctor = run(open_folder().path(), &database, &[], &["doctor"]);
    assert!(succeeded(&doctor).contains("\n0 failures"));
    let app = TestApp::builder().sharing(&database).spawn().await;
    assert_eq!(app.say("before", "hello").await.messages().len(), 2);
}

#[tokio::test]
async fn lock_of_another_transaction_is_waited_for_in_vain() {
    let Some(database) = migrated_on_cluster().await else { return };
    // As another run of the command, and as a read.
    for lock in [
        "LOCK TABLE public.sessions IN ACCESS EXCLUSIVE MODE",
        "SELECT count(*) FROM public.memories",
    ] {
        let before = state(&database).await;
        let mut other = database.connect().await;
        let mut transaction = other.begin().await.expect("begun");
        transaction.execute(lock).await.expect("locked");
        refused(&distribute(&database), "another connection holds a lock");
        transaction.rollback().await.expect("ended");
        other.close().await.expect("closed");
        assert_eq!(state(&database).await, before, "{lock}");
    }
    succeeded(&distribute(&database));
}

/// Stops the command after sessions and messages have been distributed, until this is dropped.
const PAUSE: &str = "
    SET citus.enable_ddl_propagation = off;
    CREATE FUNCTION public.pause() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.messages'::regclass
        ) THEN
            PERFORM pg_advisory_xact_lock(20261130);
        END IF;
    END $$;
    CREATE EVENT TRIGGER pause ON ddl_command_start WHEN TAG IN ('DROP TRIGGER')
    EXECUTE FUNCTION public.pause()";

/// Starts the command, and waits until it is in the middle.
async fn start_and_pause(database: &TestDatabase) -> Child {
    let variables = [("DATABASE_URL", database.url.as_str()), ("RUST_LOG", "warn")];
    let child = command(open_folder().path(), &variables).args(["distribute", "--yes"]).spawn();
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("it is in the middle", async || number(&database.url, waiting).await == 1).await;
    child.expect("started")
}

#[tokio::test]
async fn interrupted_command_leaves_nothing_half_done() {
    let Some(database) = migrated_on_cluster().await else { return };
    database.execute("INSERT INTO public.sessions (session_id) VALUES ('canary')").await;
    database.execute(PAUSE).await;
    let before = state(&database).await;
    let mut holder = database.connect().await;
    holder.execute("SELECT pg_advisory_lock(20261130)").await.expect("a lock");
    let at_work = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'kuku-coach distribute'";

    let mut killed = start_and_pause(&database).await;
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    eventually("Postgres has noticed", async || number(&database.url, at_work).await == 0).await;
    assert_eq!(state(&database).await, before, "killed");

    let ended = start_and_pause(&database).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'kuku-coach distribute'";
    assert_eq!(number(&database.url, end).await, 1);
    refused(&ended.wait_with_output().expect("ended"), "terminating connection");
    assert_eq!(state(&database).await, before, "connection ended");

    // It gives up the lock by itself, with all that was done before.
    refused(&distribute(&database), "another connection holds a lock");
    assert_eq!(state(&database).await, before, "lock not granted");

    // A connection between the nodes breaks.
    let broken = start_and_pause(&database).await;
    let worker = &database.nodes()[1];
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'citus_internal%'";
    assert!(number(worker, end).await > 0);
    holder.close().await.expect("closed");
    refused(&broken.wait_with_output().expect("ended"), "");
    assert_eq!(state(&database).await, before, "connection to a worker ended");

    execute_on(&database.url, "DROP EVENT TRIGGER pause; DROP FUNCTION public.pause()").await;
    succeeded(&distribute(&database));
    let app = TestApp::builder().sharing(&database).spawn().await;
    assert_eq!(app.say("canary", "all is well").await.messages().len(), 2);
}

#[tokio::test]
async fn server_that_starts_meanwhile_undoes_the_distribution() {
    let Some(database) = migrated_on_cluster().await else { return };
    database.execute(PAUSE).await;
    let before = state(&database).await;
    let mut holder = database.connect().await;
    holder.execute("SELECT pg_advisory_lock(20261130)").await.expect("a lock");
    let paused = start_and_pause(&database).await;
    let options = database.options().application_name("kuku-coach");
    let server = options.connect().await.expect("a connection of a server");
    holder.close().await.expect("closed");
    refused(
        &paused.wait_with_output().expect("ended"),
        "servers are at work on the database (connections: 1)",
    );
    server.close().await.expect("closed");
    assert_eq!(state(&database).await, before);
}

#[tokio::test]
async fn damage_of_distributed_tables_is_reported_and_mended() {
    let Some(database) = migrated_on_cluster().await else { return };
    succeeded(&distribute(&database));
    let doctor = || run(open_folder().path(), &database, &[], &["doctor"]);
    let complete = state(&database).await;
    for (harm, text) in [
        ("DROP INDEX public.idx_messages_id", "FAIL  indexes are missing: idx_messages_id"),
        (
            "ALTER TABLE public.messages DROP CONSTRAINT messages_session_id_fkey",
            "foreign key of public.messages (session_id) to public.sessions",
        ),
        // It tells that the tables are distributed.
        ("ALTER TABLE public.sessions DROP CONSTRAINT sessions_id_is_key", "FAIL  "),
    ] {
        database.execute(harm).await;
        failed(&doctor(), text);
        // The command puts these back.
        assert!(succeeded(&distribute(&database)).contains("distributed already"), "{text}");
        assert_eq!(state(&database).await, complete, "{text}");
    }
    database.execute("DROP POLICY messages_of_their_user ON public.messages").await;
    failed(&doctor(), "FAIL  the schema lacks: policy messages_of_their_user of public.messages");
}

/// As after a migration that created them.
#[tokio::test]
async fn functions_that_are_not_distributed_are_reported_and_work() {
    let Some(database) = migrated_on_cluster().await else { return };
    succeeded(&distribute(&database));
    database
        .execute(
            "DO $do$
             DECLARE
                 name text;
                 definition text;
             BEGIN
                 FOREACH name IN ARRAY ARRAY[
                     'save_turns', 'acquire_turn_leases', 'get_sessions', 'get_message_pages',
                     'get_own_sessions', 'get_own_message_pages'
                 ] LOOP
                     definition := pg_get_functiondef(('public.' || name)::regproc);
                     EXECUTE 'DROP FUNCTION public.' || name;
                     EXECUTE definition;
                 END LOOP;
             END
             $do$",
        )
        .await;
    let doctor = || run(open_folder().path(), &database, &[], &["doctor"]);
    let warning = "functions run on the coordinator, which is slow: acquire_turn_leases, ";
    assert!(succeeded(&doctor()).contains(warning));

    let app = TestApp::builder().sharing(&database).with_auth().spawn().await;
    let account = app.post("/api/auth/anonymous", json!({})).await;
    let token = text(&account.data()["accessToken"]);
    for token in [None, Some(token.as_str())] {
        let create = app.http.post(app.url("/api/sessions")).json(&json!({})).bearer(token);
        let id = create.reply().await.session_id();
        let path = format!("/api/sessions/{id}/messages");
        let say = app.http.post(app.url(&path)).json(&json!({"text": "hello"})).bearer(token);
        assert_eq!(say.reply().await["success"], true);
        let history = app.http.get(app.url(&path)).bearer(token).reply().await;
        assert_eq!(history.messages().len(), 2, "{history}");
    }
    drop(app);
    without_servers(&database).await;
    succeeded(&distribute(&database));
    assert!(!succeeded(&doctor()).contains(warning));
}
