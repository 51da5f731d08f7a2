//! Statements that write sessions, messages and idempotency keys could run on tables that are
//! distributed by session (docs/scaling.md): each part names its session, and functions are where
//! such tables allow them.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::{
    app::TestApp,
    shipped_queries::{shipped_queries, shipped_query},
};

/// The tables, and the column that has the key of the session.
const TABLES: [(&str, &str); 3] = [
    ("public.sessions", "id"),
    ("public.messages", "session_id"),
    ("public.idempotency_keys", "session_id"),
];

/// Statements that concern many sessions, by a part of them.
const OF_MANY_SESSIONS: [(&str, &str); 9] = [
    ("WITH underived AS MATERIALIZED", "rewrites the keys"),
    ("WHERE session_id = $1 AND id <> public.session_key(session_id)", "rewrites the key"),
    ("DELETE FROM public.idempotency_keys\n            WHERE created_at <", "clean-up of a table"),
    ("DELETE FROM public.sessions WHERE user_id = $1", "erases a user"),
    ("SET turn_claim = NULL WHERE user_id = $1", "the same"),
    ("WHERE s.user_id = ANY($1) AND m.user_id = s.user_id", "all sessions of users"),
    ("DELETE FROM public.messages WHERE user_id = $1", "the same"),
    ("SELECT id, COALESCE($3, TRUE), COALESCE($2::text, '')", "all sessions of a user"),
    ("INSERT INTO public.memories AS m (user_id) SELECT id FROM account", "the same"),
];

/// What ends a WHERE clause.
const ENDS: [&str; 10] =
    ["RETURNING", "ORDER", "GROUP", "HAVING", "LIMIT", "OFFSET", "FOR", "UNION", "ON", "WINDOW"];

/// A token, or what is between parentheses.
enum Node {
    Token(String),
    Group(Vec<Node>),
}

impl Node {
    fn is(&self, text: &str) -> bool {
        matches!(self, Self::Token(token) if token == text)
    }
}

/// Names of functions with the least volatile kind of each: `i`, `s` or `v`.
type Volatility = BTreeMap<String, char>;

/// The tokens of a statement without comments. Literals are tokens of their own.
fn tokens(sql: &str) -> Vec<String> {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text: String = lines.collect::<Vec<_>>().join("\n");
    let mut tokens = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || "_.$".contains(c);
        let length = if first == '\'' || first == '"' {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    tokens
}

fn tree(tokens: &mut impl Iterator<Item = String>) -> Vec<Node> {
    let mut nodes = Vec::new();
    while let Some(token) = tokens.next() {
        match token.as_str() {
            "(" => nodes.push(Node::Group(tree(tokens))),
            ")" => break,
            _ => nodes.push(Node::Token(token)),
        }
    }
    nodes
}

/// The functions that are called in `nodes` and, as far as `is_bad` says, may not be.
fn bad_calls(nodes: &[Node], volatility: &Volatility, is_bad: fn(char) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let Node::Group(inner) = node else { continue };
        found.extend(bad_calls(inner, volatility, is_bad));
        if let Some(Node::Token(name)) = index.checked_sub(1).and_then(|before| nodes.get(before))
            && volatility.get(name).is_some_and(|kind| is_bad(*kind))
        {
            found.push(name.clone());
        }
    }
    found
}

/// The nodes behind position `start`, up to one of the `ends`.
fn clause<'a>(nodes: &'a [Node], start: usize, ends: &[&str]) -> &'a [Node] {
    let behind = &nodes[start + 1..];
    let is_end = |node: &Node| ends.iter().any(|end| node.is(end));
    &behind[..behind.iter().position(is_end).unwrap_or(behind.len())]
}

/// Whether the first WHERE clause from `start` on has the key of a session, from a parameter.
fn names_session(nodes: &[Node], start: usize, column: &str) -> bool {
    let Some(at) = (start..nodes.len()).find(|index| nodes[*index].is("WHERE")) else {
        return false;
    };
    clause(nodes, at, &ENDS).windows(3).any(|part| match part {
        [Node::Token(left), Node::Token(equals), Node::Token(right)] => {
            let is_parameter =
                right.starts_with('$') || right == "input.id" || right == "session.id";
            left.rsplit('.').next() == Some(column) && equals == "=" && is_parameter
        }
        _ => false,
    })
}

/// What a part of a statement, or one between its parentheses, does that it may not.
fn violations_of(nodes: &[Node], volatility: &Volatility, found: &mut Vec<String>) {
    let is_token = |index: usize, text: &str| nodes.get(index).is_some_and(|node| node.is(text));
    let table_at = |index: usize| TABLES.iter().find(|(table, _)| is_token(index, table));
    let writes_rows = (0..nodes.len()).any(|index| {
        let is_write = is_token(index, "UPDATE") || is_token(index, "INTO") || {
            index > 0 && is_token(index - 1, "DELETE")
        };
        is_write && table_at(index + 1).is_some()
    });
    for (index, node) in nodes.iter().enumerate() {
        let Node::Token(token) = node else { continue };
        match token.as_str() {
            "RETURNING" if writes_rows => {
                let calls = bad_calls(clause(nodes, index, &[]), volatility, |kind| kind != 'i');
                found.extend(calls.iter().map(|name| format!("{name} in RETURNING")));
            }
            "DO" if writes_rows && is_token(index + 1, "UPDATE") => {
                let clause = clause(nodes, index, &["RETURNING"]);
                let calls = bad_calls(clause, volatility, |kind| kind != 'i');
                found.extend(calls.iter().map(|name| format!("{name} in DO UPDATE")));
            }
            "WHERE" => {
                let calls = bad_calls(clause(nodes, index, &ENDS), volatility, |kind| kind == 'v');
                found.extend(calls.iter().map(|name| format!("{name} in WHERE")));
            }
            "LIMIT" if matches!(nodes.get(index + 1), Some(Node::Group(_))) => {
                found.push("a query in LIMIT".into());
            }
            "UPDATE" if index > 0 && is_token(index - 1, "FOR") => {
                let locked = (0..index).find_map(table_at);
                if let Some((table, column)) = locked
                    && !names_session(nodes, 0, column)
                {
                    found.push(format!("FOR UPDATE of {table} names no session"));
                }
            }
            "UPDATE" => {
                if let Some((table, column)) = table_at(index + 1)
                    && !names_session(nodes, index, column)
                {
                    found.push(format!("UPDATE of {table} names no session"));
                }
            }
            "DELETE" => {
                if let Some((table, column)) = table_at(index + 2)
                    && !names_session(nodes, index, column)
                {
                    found.push(format!("DELETE from {table} names no session"));
                }
            }
            "INSERT" => {
                let columns = nodes[index..].iter().find_map(|node| match node {
                    Node::Group(inner) => Some(inner),
                    Node::Token(_) => None,
                });
                if let Some((table, column)) = table_at(index + 2)
                    && !columns.is_some_and(|columns| columns.iter().any(|node| node.is(column)))
                {
                    found.push(format!("INSERT into {table} names no session"));
                }
            }
            _ => {}
        }
    }
    for node in nodes {
        if let Node::Group(inner) = node {
            violations_of(inner, volatility, found);
        }
    }
}

fn violations(sql: &str, volatility: &Volatility) -> Vec<String> {
    let mut found = Vec::new();
    violations_of(&tree(&mut tokens(sql).into_iter()), volatility, &mut found);
    found
}

/// Whether a statement writes or locks rows of the tables.
fn writes(sql: &str) -> bool {
    let words = tokens(sql);
    let follows = |words: &[String], table: &str| {
        let is_write = match words[0].as_str() {
            "UPDATE" | "INTO" => true,
            "FROM" => sql.contains("FOR UPDATE") || sql.contains("DELETE FROM"),
            _ => false,
        };
        is_write && words[1] == table
    };
    TABLES.iter().any(|(table, _)| words.windows(2).any(|pair| follows(pair, table)))
}

async fn volatility(app: &TestApp) -> Volatility {
    let mut connection = app.database.connect().await;
    let query = "SELECT CASE n.nspname WHEN 'public' THEN 'public.' ELSE '' END || p.proname,
            min(p.provolatile::text)
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('pg_catalog', 'public')
        GROUP BY 1";
    let rows = sqlx::query(query).fetch_all(&mut connection).await.expect("functions");
    connection.close().await.expect("closed");
    let kind = |row: &sqlx::postgres::PgRow| row.get::<String, _>(1).chars().next().expect("one");
    rows.iter().map(|row| (row.get(0), kind(row))).collect()
}

#[tokio::test]
async fn written_rows_are_named_by_their_session() {
    let app = TestApp::spawn().await;
    let volatility = volatility(&app).await;
    let mut checked = 0;
    for query in shipped_queries() {
        if !writes(&query) {
            continue;
        }
        checked += 1;
        let mut found = violations(&query, &volatility);
        if OF_MANY_SESSIONS.iter().any(|(part, _)| query.contains(part)) {
            found.retain(|violation| !violation.ends_with("names no session"));
        }
        assert!(found.is_empty(), "{found:?}:\n{query}");
    }
    assert!(checked > 25, "{checked}");
    for (part, why) in OF_MANY_SESSIONS {
        assert!(shipped_queries().iter().any(|query| query.contains(part)), "{part}: {why}");
    }
}

#[tokio::test]
async fn check_of_written_rows_finds_violations() {
    let app = TestApp::spawn().await;
    let volatility = volatility(&app).await;
    for (sql, expected) in [
        ("UPDATE public.sessions AS s SET a = 1 WHERE s.id = $1 RETURNING s.a", ""),
        (
            "WITH input AS (SELECT set_config('a', 'b', TRUE) AS x, now() AS now)
             UPDATE public.sessions AS s SET a = now() FROM input WHERE s.id = input.id
             RETURNING jsonb_object(ARRAY['a'], ARRAY['now()']), -- now()
                 extract(epoch FROM s.b - s.a)",
            "",
        ),
        (
            "UPDATE public.sessions SET a = 1 WHERE id = $1 RETURNING (SELECT now() - a)",
            "now in RETURNING",
        ),
        (
            "INSERT INTO public.sessions (id) VALUES ($1)
             ON CONFLICT (id) DO UPDATE SET a = now() RETURNING a",
            "now in DO UPDATE",
        ),
        (
            "UPDATE public.messages SET a = 1
             WHERE session_id = $1 AND set_config('a', 'b', TRUE) <> ''",
            "set_config in WHERE",
        ),
        (
            "WITH a AS (
                 SELECT FROM public.sessions WHERE id = $1 LIMIT (SELECT 1) FOR UPDATE
             ) SELECT 1",
            "a query in LIMIT",
        ),
        (
            "UPDATE public.sessions SET a = 1 WHERE session_id = $1",
            "UPDATE of public.sessions names no session",
        ),
        (
            "WITH a AS (SELECT claim FROM public.idempotency_keys WHERE claim = $1 FOR UPDATE)
             SELECT 1",
            "FOR UPDATE of public.idempotency_keys names no session",
        ),
        (
            "DELETE FROM public.idempotency_keys AS k USING a WHERE k.scope = a.session_id",
            "DELETE from public.idempotency_keys names no session",
        ),
        (
            "INSERT INTO public.sessions AS s (session_id, user_id) SELECT $1, $2",
            "INSERT into public.sessions names no session",
        ),
    ] {
        assert!(writes(sql), "{sql}");
        assert_eq!(violations(sql, &volatility).join(", "), expected, "{sql}");
    }
}

/// The settings are in a CTE, whose columns the planner must not drop.
#[tokio::test]
async fn settings_of_statements_take_effect() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let id = app.given_ended_session().await;
    let key = format!("ARRAY[public.session_key('{id}')]");
    let lease = "ARRAY[gen_random_uuid()]";
    let mut connection = app.database.connect().await;
    for (part, arguments, setting) in [
        (
            "(SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $4::boolean[]),",
            format!("{key}, {lease}, 6, ARRAY[true], ARRAY[NULL::uuid], '700ms'"),
            "lock_timeout",
        ),
        (
            "(SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $4::boolean[]),",
            format!("{key}, {lease}, 6, ARRAY[true], ARRAY[NULL::uuid], '700ms'"),
            "synchronous_commit",
        ),
        (
            "jsonb_to_record(turn)",
            format!("ARRAY[jsonb_build_object('id', ({key})[1])], '700ms'"),
            "lock_timeout",
        ),
        (
            "s.updated_at AS \"rated_at!\"",
            format!("{key}, ARRAY[3], ARRAY[NULL], ARRAY[true], ARRAY[NULL::uuid], '700ms'"),
            "lock_timeout",
        ),
        (
            "jsonb_build_object('ratedAt'",
            format!(
                "{key}, ARRAY[3], ARRAY[NULL], ARRAY[true], ARRAY[NULL::uuid], {lease}, '700ms'"
            ),
            "lock_timeout",
        ),
        (
            "CASE WHEN NOT is_guess THEN language END\n                    FROM input",
            format!(
                "{lease}, ARRAY['session-9'], ARRAY[NULL::uuid], ARRAY[NULL], ARRAY[false], '700ms'"
            ),
            "lock_timeout",
        ),
        (
            "SET answer = input.stored_response",
            format!(
                "{lease}, ARRAY['session-8'], ARRAY[NULL::uuid], ARRAY[NULL::uuid], \
                 ARRAY[NULL::jsonb], ARRAY[NULL], ARRAY[false], '700ms'"
            ),
            "lock_timeout",
        ),
        (
            "taken_over AS (",
            format!("({key})[1], 'a', 'b', 'c', '', gen_random_uuid(), 6, 60"),
            "synchronous_commit",
        ),
    ] {
        let script = format!(
            "BEGIN; DEALLOCATE ALL; PREPARE shipped AS {}; EXECUTE shipped ({arguments})",
            shipped_query(part)
        );
        connection.execute(AssertSqlSafe(script)).await.expect(part);
        let row = connection.fetch_one(AssertSqlSafe(format!("SHOW {setting}"))).await;
        let expected = if setting == "lock_timeout" { "700ms" } else { "off" };
        assert_eq!(row.expect("a setting").get::<String, _>(0), expected, "{part}");
        connection.execute("ROLLBACK").await.expect("rolled back");
    }
    connection.close().await.expect("closed");
}
