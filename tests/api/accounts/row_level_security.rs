//! Row level security behind the owner filter of each query.

use futures_util::{StreamExt as _, stream};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, postgres::PgRow};

use super::{ADA, BOB, Project};
use crate::{distribution::is_distributed, reply::ReplyExt, shipped_queries::shipped_query};

/// A shipped query, its owner filter, and the arguments for a caller.
struct OwnedRead {
    name: &'static str,
    /// A part of the SQL that occurs in this query only.
    part: &'static str,
    owner_filter: &'static str,
    /// Arguments for these viewers; for one, unless the query is batched.
    arguments: fn(ids: &str, viewers: &[&str]) -> String,
    kind: Kind,
}

/// How a query concerns its viewers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One session for each of several viewers.
    Batched,
    /// Rows of one viewer in many sessions.
    Rows,
    /// The same, in a transaction that names the viewer.
    NamedRows,
    /// A row of a table that is not distributed.
    Memory,
}

impl Kind {
    /// Whether the query runs on the tables of this run.
    fn is_possible(self) -> bool {
        !is_distributed() || !matches!(self, Self::Batched | Self::Rows)
    }
}

const OWNED_READS: &[OwnedRead] = &[
    OwnedRead {
        name: "get_session",
        part: "SELECT number, key, user_id,\n                set_config",
        owner_filter: "s.user_id = viewer.user_id",
        arguments: |id, viewers| {
            format!("{}, {}, {}", repeated(id, viewers), users(viewers), keys(id, viewers))
        },
        kind: Kind::Batched,
    },
    OwnedRead {
        name: "get_conversation_page",
        part: "SELECT number, key, user_id, after, size, byte_size,",
        owner_filter: "s.user_id = viewer.user_id",
        arguments: |id, viewers| {
            let [after, size, bytes] = ["0", "100", "100000"].map(|n| repeated(n, viewers));
            let (ids, users, keys) = (repeated(id, viewers), users(viewers), keys(id, viewers));
            format!("{ids}, {after}, {size}, {bytes}, {users}, {keys}")
        },
        kind: Kind::Batched,
    },
    OwnedRead {
        name: "list_sessions",
        part: "SELECT own.* FROM (\n",
        owner_filter: "user_id = viewer.user_id",
        arguments: |_, viewers| format!("'{}', NULL, NULL, 100", viewers[0]),
        kind: Kind::Rows,
    },
    OwnedRead {
        name: "list_sessions on all nodes",
        part: "user_id = $1::text::uuid",
        owner_filter: "user_id = $1::text::uuid",
        arguments: |_, viewers| format!("'{}', NULL, NULL, 100", viewers[0]),
        kind: Kind::NamedRows,
    },
    OwnedRead {
        name: "search_messages_global on all nodes",
        part: "AND ($12::uuid IS NULL OR s.user_id = $12)",
        owner_filter: "$12::uuid IS NULL OR s.user_id = $12",
        arguments: |_, viewers| format!("{}, '{{de}}'", search_arguments(viewers[0], "NULL")),
        kind: Kind::NamedRows,
    },
    OwnedRead {
        name: "search_messages_global",
        part: "m.user_id = viewer.user_id",
        owner_filter: "m.user_id = viewer.user_id",
        arguments: |_, viewers| search_arguments(viewers[0], "NULL"),
        kind: Kind::Rows,
    },
    OwnedRead {
        name: "search_messages_global in one session",
        part: "m.user_id = viewer.user_id",
        owner_filter: ".user_id = viewer.user_id",
        arguments: |id, viewers| search_arguments(viewers[0], &format!("'{id}'")),
        kind: Kind::Rows,
    },
    OwnedRead {
        name: "get_memory",
        part: "user_id = NULLIF(viewer.user_id, '')::uuid)",
        owner_filter: "user_id = NULLIF(viewer.user_id, '')::uuid",
        arguments: |_, viewers| format!("'{ADA}', false, '{}'", viewers[0]),
        kind: Kind::Memory,
    },
];

/// A function that reads sessions of one node on behalf of users, in their role. Ordinary tables
/// have it too.
struct NodeRead {
    name: &'static str,
    argument_types: &'static str,
    /// Its owner filters, in order.
    filters: &'static [&'static str],
    /// Arguments for a session that is named by another id, and these viewers.
    arguments: fn(id: &str, name: &str, viewers: &[&str]) -> String,
}

const NODE_READS: &[NodeRead] = &[
    NodeRead {
        name: "get_own_sessions",
        argument_types: "uuid, uuid[], text[], uuid[]",
        filters: &[SESSION_FILTER],
        arguments: |id, name, viewers| {
            let (keys, names) = (keys(id, viewers), repeated(name, viewers));
            format!("'{}', {keys}, {names}, {}", key(id), users(viewers))
        },
    },
    NodeRead {
        name: "get_own_message_pages",
        argument_types: "uuid, uuid[], text[], uuid[], integer[], bigint[], bigint[]",
        filters: &[MESSAGE_FILTER, SESSION_FILTER],
        arguments: |id, name, viewers| {
            let [after, size, bytes] = ["0", "100", "100000"].map(|n| repeated(n, viewers));
            let (keys, names) = (keys(id, viewers), repeated(name, viewers));
            let users = users(viewers);
            format!("'{}', {keys}, {names}, {users}, {after}, {size}, {bytes}", key(id))
        },
    },
];

const SESSION_FILTER: &str = "s.user_id IS NULL OR s.user_id = viewer";
const MESSAGE_FILTER: &str = "m.user_id IS NULL OR m.user_id = viewer";
/// The owner filters of the functions.
const NODE_FILTERS: [&str; 2] = [SESSION_FILTER, MESSAGE_FILTER];
const OTHER_SESSION: &str = "session-ffffffffffffffffffffffffffffffff";

impl NodeRead {
    /// Replaces the function by one with `condition` in place of its owner filters, and with the
    /// `settings` of its definition.
    async fn replace(&self, server: &mut PgConnection, condition: &str, settings: &str) {
        let Self { name, argument_types, .. } = self;
        let function = format!("public.{name}({argument_types})");
        let sql = "SELECT pg_get_functiondef($1::regprocedure)";
        let definition: String =
            sqlx::query_scalar(sql).bind(&function).fetch_one(&mut *server).await.expect(name);
        let (head, body) = definition.split_once("AS $function$").expect("a body");
        // What an earlier call has replaced.
        let head = head.split(" SET ").next().expect("a head");
        let (lines, filters): (Vec<_>, Vec<_>) = body
            .lines()
            .map(|line| {
                let filter = NODE_FILTERS.into_iter().find(|filter| line.contains(filter));
                let Some(filter) = filter else { return (line.to_owned(), None) };
                let (before, _) = line.split_once("AND (").expect("a filter");
                let end = if line.ends_with(';') { ";" } else { "" };
                let condition = condition.replace("FILTER", filter);
                (format!("{before}AND ({condition}){end}"), Some(filter))
            })
            .unzip();
        assert_eq!(filters.into_iter().flatten().collect::<Vec<_>>(), self.filters, "{body}");
        let replaced = format!("{head} {settings} AS $function${}", lines.join("\n"));
        server.execute(AssertSqlSafe(replaced)).await.expect(name);
        if is_distributed() {
            let distribute = "SELECT create_distributed_function(
                $1::regprocedure, 'p_route', colocate_with => 'public.sessions')";
            sqlx::query(distribute).bind(&function).execute(server).await.expect(name);
        }
    }

    async fn rows(
        &self,
        server: &mut PgConnection,
        arguments: &str,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let call = format!("SELECT * FROM public.{}({arguments})", self.name);
        sqlx::query(AssertSqlSafe(call)).fetch_all(server).await
    }

    /// The positions of the viewers, from 1, who get a row.
    async fn who_sees(&self, server: &mut PgConnection, arguments: &str) -> Vec<i64> {
        let rows = self.rows(server, arguments).await.expect(self.name);
        let is_seen = |row: &&PgRow| row.get::<Option<String>, _>(1).is_some();
        let mut numbers: Vec<i64> = rows.iter().filter(is_seen).map(|row| row.get(0)).collect();
        numbers.dedup();
        numbers
    }
}

/// The arguments with another key as the first one, which may be of another node, as if the session
/// had moved.
fn from_any_node(arguments: &str, id: &str) -> String {
    let route = uuid::Uuid::from_u128(rand::random());
    arguments.replacen(key(id), &route.to_string(), 1)
}

/// Whether the connection has its own role, and names no user.
async fn is_reset(server: &mut PgConnection) -> bool {
    let sql = "SELECT current_user = session_user
        AND COALESCE(current_setting('request.jwt.claim.sub', TRUE), '') = ''
        AND COALESCE(current_setting('kuku_coach.session_id', TRUE), '') = ''";
    sqlx::query_scalar(sql).fetch_one(server).await.expect("a row")
}

fn repeated(value: &str, viewers: &[&str]) -> String {
    format!("'{{{}}}'", vec![value; viewers.len()].join(","))
}

/// The key of the session's row.
fn key(id: &str) -> &str {
    id.trim_start_matches("session-")
}

/// The same for each viewer.
fn keys(id: &str, viewers: &[&str]) -> String {
    repeated(key(id), viewers)
}

fn users(viewers: &[&str]) -> String {
    format!("'{{{}}}'", viewers.join(","))
}

fn search_arguments(user: &str, session: &str) -> String {
    let place = "NULL, NULL, NULL, NULL, 100, true, NULL, NULL, NULL, 20";
    format!("'secret', {place}, '{user}', {session}, NULL")
}

/// Instead of an owner filter. It still refers to the viewer, as the filter does.
const ALWAYS: &str = "FILTER OR TRUE";

/// Settings of the planner, so that each query is tried with every shape of plan.
const PLANS: &[&str] = &[
    "", "enable_indexscan", "enable_bitmapscan", "enable_seqscan", "enable_nestloop",
    "enable_hashjoin", "enable_mergejoin", "enable_material", "enable_memoize", "enable_sort",
];

impl OwnedRead {
    /// The SQL with `condition` instead of its owner filter.
    fn with_filter(&self, condition: &str) -> String {
        let query = shipped_query(self.part);
        let (filter, name) = (self.owner_filter, self.name);
        assert!(query.contains(filter), "{name}: {filter}\n{query}");
        // The filter may begin behind the table's name.
        let aliases = ["s", "m"].map(|alias| format!("{alias}{filter}"));
        let filters = if filter.starts_with('.') { aliases.to_vec() } else { vec![filter.into()] };
        filters.iter().fold(query, |query, filter| {
            let condition = condition.replace("FILTER", filter);
            query.replace(filter, &format!("({condition})"))
        })
    }

    /// The rows for `viewers`, on a connection of the server for users.
    async fn rows(
        &self,
        connection: &mut PgConnection,
        sql: &str,
        id: &str,
        viewers: &[&str],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        let arguments = (self.arguments)(id, viewers);
        connection.execute(AssertSqlSafe(format!("PREPARE unfiltered AS {sql}"))).await?;
        if self.kind == Kind::NamedRows {
            // As Pool::acquire_on_all_nodes does.
            let begin = format!(
                "BEGIN READ ONLY; SET LOCAL citus.propagate_set_commands = 'local'; \
                 SET LOCAL request.jwt.claim.sub = '{}'",
                viewers[0]
            );
            connection.execute(AssertSqlSafe(begin)).await?;
        }
        let execute = format!("EXECUTE unfiltered({arguments})");
        let rows = sqlx::query(AssertSqlSafe(execute)).fetch_all(&mut *connection).await;
        if self.kind == Kind::NamedRows {
            connection.execute("ROLLBACK").await?;
        }
        connection.execute("DEALLOCATE unfiltered").await?;
        rows
    }

    /// The positions of the viewers, from 1, who get a row.
    async fn who_sees(
        &self,
        connection: &mut PgConnection,
        sql: &str,
        id: &str,
        viewers: &[&str],
    ) -> Vec<i64> {
        let rows = self.rows(connection, sql, id, viewers).await.expect(self.name);
        let is_of_session = self.kind == Kind::Batched;
        let number = |row: &PgRow| if is_of_session { row.get(0) } else { 1 };
        // A session without messages that are seen gives a history of NULLs.
        let is_seen = |row: &&PgRow| {
            !is_of_session || row.get::<Option<String>, _>(1).is_some_and(|id| !id.is_empty())
        };
        let mut numbers: Vec<i64> = rows.iter().filter(is_seen).map(number).collect();
        numbers.dedup();
        numbers
    }
}

/// A session of Ada's in which something was said, and a connection of the role of users.
async fn given_owned_session(project: &Project) -> (String, PgConnection) {
    let owner = Some(project.ada.as_str());
    let id = project.given_session(owner).await;
    project.say(&id, "a secret of mine", owner).await;
    let database = &project.app.database;
    database
        .execute(&format!("INSERT INTO public.memories (user_id, own_text) VALUES ('{ADA}', 'x')"))
        .await;
    database.execute("UPDATE public.sessions SET language = 'de'").await;
    let mut connection = database.connect().await;
    connection.execute("SET search_path = public; SET ROLE authenticated").await.expect("the role");
    (id, connection)
}

/// What the role sees between two statements.
async fn visible_rows(connection: &mut PgConnection) -> i64 {
    let count = "SELECT (SELECT count(*) FROM public.sessions)
        + (SELECT count(*) FROM public.messages) + (SELECT count(*) FROM public.memories)";
    sqlx::query_scalar(count).fetch_one(connection).await.expect("a count")
}

#[tokio::test]
async fn query_without_its_owner_filter_returns_no_foreign_row() {
    let project = Project::spawn(&[]).await;
    let (id, mut connection) = given_owned_session(&project).await;
    // Citus makes no generic plan of a statement with subqueries.
    let plan_cache_modes: &[&str] = match is_distributed() {
        true => &["force_custom_plan"],
        false => &["force_generic_plan", "force_custom_plan"],
    };
    for read in OWNED_READS.iter().filter(|read| read.kind.is_possible()) {
        let sql = read.with_filter(ALWAYS);
        for plan_cache_mode in plan_cache_modes {
            for plan in PLANS {
                let settings = format!("SET plan_cache_mode = {plan_cache_mode}");
                connection.execute(AssertSqlSafe(settings)).await.expect("set");
                if !plan.is_empty() {
                    let off = AssertSqlSafe(format!("SET {plan} = off"));
                    connection.execute(off).await.expect(plan);
                }
                let batches: &[&[&str]] = match read.kind == Kind::Batched {
                    true => &[&[ADA], &[BOB], &[ADA, BOB], &[BOB, ADA], &[BOB, ADA, BOB, ADA]],
                    false => &[&[ADA], &[BOB]],
                };
                for viewers in batches {
                    let seen = read.who_sees(&mut connection, &sql, &id, viewers).await;
                    let owner = (1..).zip(*viewers).filter(|(_, viewer)| **viewer == ADA);
                    let expected: Vec<i64> = owner.map(|(number, _)| number).collect();
                    let case = format!("{}, {plan_cache_mode}, {plan} off", read.name);
                    assert_eq!(seen, expected, "{case}: {viewers:?}");
                    assert_eq!(visible_rows(&mut connection).await, 0, "after {case}");
                }
                if !plan.is_empty() {
                    connection.execute(AssertSqlSafe(format!("RESET {plan}"))).await.expect(plan);
                }
            }
        }
    }
    connection.close().await.expect("closed");
}

/// On each shape of plan. Workers do not get the settings of a connection, so they are those of the
/// function.
#[tokio::test]
async fn node_function_without_its_owner_filter_returns_no_foreign_row() {
    let project = Project::spawn(&[]).await;
    let (id, connection) = given_owned_session(&project).await;
    connection.close().await.expect("closed");
    let mut server = project.app.database.connect().await;
    let modes = ["force_generic_plan", "force_custom_plan"];
    let settings = modes.iter().flat_map(|mode| {
        PLANS.iter().map(move |plan| {
            let off = if plan.is_empty() { String::new() } else { format!("SET {plan} = off") };
            format!("SET plan_cache_mode = '{mode}' {off}")
        })
    });
    // Without settings they hold until the end of the transaction, not of the function.
    for settings in settings.chain([String::new()]) {
        for read in NODE_READS {
            read.replace(&mut server, ALWAYS, &settings).await;
            let batches: &[&[&str]] =
                &[&[ADA], &[BOB], &[ADA, BOB], &[BOB, ADA], &[BOB, ADA, BOB, ADA]];
            // The first calls of a connection make custom plans.
            for viewers in batches.iter().chain(batches) {
                let arguments = (read.arguments)(&id, &id, viewers);
                let seen = read.who_sees(&mut server, &arguments).await;
                let elsewhere = from_any_node(&arguments, &id);
                let seen_elsewhere = read.who_sees(&mut server, &elsewhere).await;
                let owner = (1..).zip(*viewers).filter(|(_, viewer)| **viewer == ADA);
                let expected: Vec<i64> = owner.map(|(number, _)| number).collect();
                let case = format!("{}, {settings}: {viewers:?}", read.name);
                assert_eq!(seen, expected, "{case}");
                // Nothing, if the session is on another node.
                let is_right = seen_elsewhere.is_empty() || seen_elsewhere == expected;
                assert!(is_right, "{case}: {seen_elsewhere:?}");
                assert!(is_reset(&mut server).await, "after {case}");
            }
        }
    }
    for read in NODE_READS {
        let failing = "(FILTER) AND 1 / (length(current_user) - 13) = 1";
        read.replace(&mut server, failing, "").await;
        let arguments = (read.arguments)(&id, &id, &[BOB, ADA]);
        let failed = read.rows(&mut server, &arguments).await.expect_err(read.name);
        let error = failed.into_database_error().expect(read.name);
        assert_eq!(error.code().as_deref(), Some("22012"), "{}: {error}", read.name);
        assert!(is_reset(&mut server).await, "after {}", read.name);
    }
    server.close().await.expect("closed");
}

#[tokio::test]
async fn only_the_server_calls_node_functions() {
    let project = Project::spawn(&[]).await;
    let (id, mut connection) = given_owned_session(&project).await;
    for read in NODE_READS {
        let arguments = (read.arguments)(&id, &id, &[ADA]);
        let failed = read.rows(&mut connection, &arguments).await.expect_err(read.name);
        let error = failed.into_database_error().expect(read.name);
        assert_eq!(error.code().as_deref(), Some("42501"), "{}: {error}", read.name);
    }
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn role_of_users_sees_nothing_after_a_failed_read() {
    let project = Project::spawn(&[]).await;
    let (id, mut connection) = given_owned_session(&project).await;
    for read in OWNED_READS.iter().filter(|read| read.kind.is_possible()) {
        // Fails at the first row that the viewer sees: a division by zero.
        let failing = read.with_filter("FILTER AND 1 / (length(current_user) - 13) = 1");
        let viewers: &[&str] = if read.kind == Kind::Batched { &[BOB, ADA] } else { &[ADA] };
        let failed = read.rows(&mut connection, &failing, &id, viewers).await.expect_err(read.name);
        let error = failed.into_database_error().expect(read.name);
        assert_eq!(error.code().as_deref(), Some("22012"), "{}: {error}", read.name);
        assert_eq!(visible_rows(&mut connection).await, 0, "after {}", read.name);
    }
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn anonymous_session_is_seen_by_its_name_only() {
    let project = Project::spawn(&[]).await;
    let (_, mut connection) = given_owned_session(&project).await;
    let anonymous = project.given_session(None).await;
    project.say(&anonymous, "said to nobody", None).await;
    let reads = OWNED_READS.iter().filter(|read| read.kind.is_possible());
    for read in reads.filter(|read| read.kind == Kind::Batched) {
        let sql = read.with_filter(ALWAYS);
        let seen = read.who_sees(&mut connection, &sql, &anonymous, &[BOB, ADA]).await;
        assert_eq!(seen, [1, 2], "{}", read.name);
        let seen = read.who_sees(&mut connection, &sql, OTHER_SESSION, &[BOB, ADA]).await;
        assert!(seen.is_empty(), "{}", read.name);
    }
    let mut server = project.app.database.connect().await;
    for read in NODE_READS {
        read.replace(&mut server, ALWAYS, "").await;
        let arguments = (read.arguments)(&anonymous, &anonymous, &[BOB, ADA]);
        assert_eq!(read.who_sees(&mut server, &arguments).await, [1, 2], "{}", read.name);
        let arguments = (read.arguments)(&anonymous, OTHER_SESSION, &[BOB, ADA]);
        assert!(read.who_sees(&mut server, &arguments).await.is_empty(), "{}", read.name);
    }
    assert_eq!(visible_rows(&mut connection).await, 0);
    connection.close().await.expect("closed");
    let path = format!("/api/sessions/{anonymous}/messages");
    let history = project.get(&path, Some(&project.bob)).await;
    assert_eq!(history.messages().len(), 2, "{history}");
}

/// Reads of everybody at once: no more connections than allowed, and nobody gets a foreign row.
#[tokio::test]
async fn concurrent_reads_stay_apart_and_share_the_connections() {
    let project = Project::spawn(&[("KUKU_DATABASE__MAX_CONNECTIONS", "9")]).await;
    let tokens = [Some(project.ada.as_str()), Some(project.bob.as_str()), None];
    let mut sessions = Vec::new();
    for (owner, token) in tokens.iter().enumerate() {
        for _ in 0..3 {
            let id = project.given_session(*token).await;
            project.say(&id, &format!("words of {owner}"), *token).await;
            sessions.push((owner, id));
        }
    }
    let reads = (0..8).flat_map(|_| &sessions).flat_map(|(owner, id)| {
        tokens.iter().enumerate().map(move |(caller, token)| (*owner, id, caller, *token))
    });
    let all = reads.map(async |(owner, id, caller, token)| {
        let project = &project;
        let history = project.get(&format!("/api/sessions/{id}/messages"), token).await;
        let session = project.get(&format!("/api/sessions/{id}"), token).await;
        let is_visible = owner == 2 || owner == caller;
        assert_eq!(session["success"], is_visible, "{owner} {caller}: {session}");
        assert_eq!(history["success"], is_visible, "{owner} {caller}: {history}");
        if is_visible {
            assert_eq!(history.messages()[0]["text"], format!("words of {owner}"));
        }
        if caller < 2 {
            let list = project.get("/api/sessions", token).await;
            assert_eq!(list["data"]["sessions"].as_array().map(Vec::len), Some(3), "{list}");
            let found = project.get("/api/search/messages?q=words&sender=user", token).await;
            let texts: Vec<_> = found.messages().iter().map(|hit| hit["text"].clone()).collect();
            assert_eq!(texts, vec![format!("words of {caller}"); 3]);
        }
    });
    // Lists and searches of distributed tables ask all shards, one connection after another.
    let clients = if is_distributed() { 12 } else { 40 };
    stream::iter(all).buffer_unordered(clients).collect::<Vec<()>>().await;
    let connections: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'kuku-coach'",
    )
    .fetch_one(&mut project.app.database.connect().await)
    .await
    .expect("a count");
    assert!((3..=9).contains(&connections), "{connections}");
}

/// As Supabase's Data API and servers of an earlier version name the user.
#[tokio::test]
async fn claims_show_the_rows_of_their_subject_only() {
    let project = Project::spawn(&[]).await;
    let (_, mut connection) = given_owned_session(&project).await;
    let cases = [
        // The session, its two messages and the memory.
        (format!(r#"{{"sub":"{ADA}","role":"authenticated"}}"#), 4),
        (format!(r#"{{"sub":"{BOB}","role":"authenticated"}}"#), 0),
        // Ada's id elsewhere in the claims of Bob.
        (format!(r#"{{"sub":"{BOB}","user_metadata":{{"sub":"{ADA}"}}}}"#), 0),
        (r#"{"role":"authenticated"}"#.to_owned(), 0),
        (String::new(), 0),
    ];
    for (claims, expected) in cases {
        let mut transaction = connection.begin().await.expect("begun");
        let set = format!(
            "SET LOCAL citus.propagate_set_commands = 'local'; \
             SET LOCAL request.jwt.claims = '{claims}'"
        );
        transaction.execute(AssertSqlSafe(set)).await.expect("set");
        assert_eq!(visible_rows(&mut transaction).await, expected, "{claims}");
        transaction.rollback().await.expect("rolled back");
    }
    connection.close().await.expect("closed");
}
