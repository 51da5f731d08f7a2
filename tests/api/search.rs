//! Full-text search.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Row, Transaction};
use tokio::time::sleep;
use uuid::Uuid;

use crate::app::{TestApp, refusal, text};

async fn found(app: &TestApp, query: &str) -> Vec<Value> {
    let reply = app.get(&format!("/api/search/messages?{query}")).await;
    assert_eq!(reply["success"], true, "{reply}");
    reply["data"]["messages"]
        .as_array()
        .expect("messages")
        .clone()
}

#[tokio::test]
async fn words_are_found_by_their_stems_over_all_sessions() {
    let app = TestApp::spawn().await;
    let first = app.given_session().await;
    let second = app.given_session().await;
    app.say(&first, "I was walking along the river").await;
    app.say(
        &second,
        "Yesterday I walked home; walking, walking all the way",
    )
    .await;
    app.say(&second, "Something else entirely").await;
    let hits = found(&app, "q=walks").await;
    // The offline coach quotes what was said, so its lines match as well.
    assert_eq!(hits.len(), 4, "{hits:?}");
    assert_eq!(
        hits[0]["sessionId"], second,
        "the denser line is better: {hits:?}"
    );
    let history = app.history(&second).await;
    assert!(
        history
            .iter()
            .any(|line| line["id"] == hits[0]["id"] && line["text"] == hits[0]["text"])
    );
    for hit in &hits {
        let keys: Vec<&String> = hit.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "highlight", "id", "rank", "sender", "sessionId", "text", "timestamp"
            ]
        );
        assert!(shown(hit).contains("[walk"), "{hit}");
    }
    assert_eq!(
        found(&app, "q=river%20walk").await.len(),
        2,
        "all words have to occur"
    );
    assert!(found(&app, "q=mountain").await.is_empty());
    for nothing in ["q=the", "q=%2C%20...%20!", "q=%F0%9F%98%80"] {
        let reply = app.get(&format!("/api/search/messages?{nothing}")).await;
        assert_eq!(reply["data"]["messages"], json!([]), "{reply}");
        assert!(
            reply["data"]["hint"]
                .as_str()
                .is_some_and(|hint| hint.contains("too common")),
            "{reply}"
        );
    }
    let reply = app.get("/api/search/messages?q=mountain").await;
    assert_eq!(reply["data"]["hint"], Value::Null, "{reply}");
    assert_eq!(
        reply["data"]["total"],
        json!({"value": 0, "exact": true}),
        "{reply}"
    );
    assert_eq!(found(&app, "q=walk&limit=1").await.len(), 1);
    assert_eq!(
        app.get("/api/search/messages?q=%20river%20").await["data"]["query"],
        "river"
    );
}

#[tokio::test]
async fn whatever_postgres_finds_is_marked() {
    let app = TestApp::spawn().await;
    // The rules of the stemmer, one after another, and its exceptions.
    let families = [
        "walk walks walked walking",
        "happy happily happiness",
        "try tries tried trying",
        "hope hoped hoping hopeful hopefully",
        "organize organized organizing organizer organization organizational",
        "relational relation relations relate related",
        "decide decides decided deciding",
        "generous generously generosity",
        "general generally generalize",
        "communism communal commune",
        "early earli",
        "gently gentle",
        "only onli",
        "skis ski",
        "dying die dies",
        "lying lie lies",
        "idly idle",
        "news",
        "howe",
        "inning outing canning",
        "proceed exceed succeed succeeded",
        "stress stressed stressful",
        "running runs",
        "sky skies",
        "feed feeding agreed agreement",
        "café naïve über Élan",
        "x86 covid19 42 007",
    ];
    let words: Vec<&str> = families
        .iter()
        .flat_map(|family| family.split(' '))
        .collect();
    let lines: Vec<String> = words
        .iter()
        .map(|word| format!("({word}), said i"))
        .collect();
    given_lines(&app, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut hits = 0;
    for word in &words {
        for hit in found(&app, &format!("q={word}&limit=100")).await {
            let said = text(&hit["text"]);
            let marked = said.replace('(', "([").replace(')', "])");
            assert_eq!(shown(&hit), marked, "by {word}");
            hits += 1;
        }
    }
    assert!(hits >= words.len() + 20, "{hits} hits");
}

/// The excerpt with its hits in brackets.
fn shown(hit: &Value) -> String {
    let parts = hit["highlight"].as_array().expect("fragments").iter();
    parts
        .map(|part| match part["hit"].as_bool().expect("a flag") {
            true => format!("[{}]", text(&part["text"])),
            false => text(&part["text"]),
        })
        .collect()
}

/// Lines of one session, said by the person; returns the session's id.
async fn given_lines(app: &TestApp, lines: &[&str]) -> String {
    let id = app.given_session().await;
    let mut connection = app.database.connect().await;
    sqlx::query(
        "WITH said AS (
            INSERT INTO public.messages (session_id, message_id, sender, text_content, position, created_at)
            SELECT s.id, 'msg-' || md5(s.session_id || t.n), 'user', t.line, t.n, now() + t.n * interval '1 second'
            FROM public.sessions AS s, unnest($2::text[]) WITH ORDINALITY AS t (line, n)
            WHERE s.session_id = $1
            RETURNING id
        )
        UPDATE public.sessions SET message_count = (SELECT count(*) FROM said) WHERE session_id = $1",
    )
    .bind(&id)
    .bind(lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    .execute(&mut connection)
    .await
    .expect("stored");
    connection.close().await.expect("closed");
    id
}

fn encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn words_of_many_languages_are_found_and_shown() {
    let app = TestApp::spawn().await;
    given_lines(
        &app,
        &[
            "Yesterday I walked—slowly—home; the “boss” didn’t call.",
            "我最近工作压力很大，晚上总是睡不着。",
            "我用Python写代码，心情不好",
            "昨日は日本語のテストでした。ｶﾀｶﾅも",
            "요즘 한국어를 배우고 있어요",
            "A café in Zürich 😀 with cafe\u{301} au lait",
            "<b>Bold</b> & <script>alert('walk')</script>",
            "e-mail me at somebody@example.com about the re-organisation",
            "很好…我很",
        ],
    )
    .await;
    for (query, expected) in [
        (
            "walking slowly",
            &["Yesterday I [walked]—[slowly]—home; the “boss” didn’t call."][..],
        ),
        (
            "BOSS",
            &["Yesterday I walked—slowly—home; the “[boss]” didn’t call."],
        ),
        (
            "walk",
            &[
                "Yesterday I [walked]—slowly—home; the “boss” didn’t call.",
                "<b>Bold</b> & <script>alert('[walk]')</script>",
            ],
        ),
        ("工作", &["我最近[工作]压力很大，晚上总是睡不着。"]),
        ("压力很大", &["我最近工作[压力很大]，晚上总是睡不着。"]),
        ("着", &["我最近工作压力很大，晚上总是睡不[着]。"]),
        ("晚上 工作", &["我最近[工作]压力很大，[晚上]总是睡不着。"]),
        ("大晚", &[]),
        ("我很好", &[]),
        ("python 心情", &["我用[Python]写代码，[心情]不好"]),
        ("心", &["我用Python写代码，[心]情不好"]),
        ("日本語", &["昨日は[日本語]のテストでした。ｶﾀｶﾅも"]),
        // Half-width kana are found as the usual ones; they are shown as they stand.
        ("カタカナ", &["昨日は日本語のテストでした。ｶﾀｶﾅも"]),
        ("한국어", &["요즘 [한국어]를 배우고 있어요"]),
        ("café", &["A [café] in Zürich 😀 with cafe\u{301} au lait"]),
        (
            "somebody@example.com",
            &["e-mail me at [somebody]@[example].[com] about the re-organisation"],
        ),
    ] {
        let hits = found(
            &app,
            &format!("q={}&sort=newest&sender=user", encoded(query)),
        )
        .await;
        let mut shown: Vec<String> = hits.iter().map(shown).collect();
        shown.reverse();
        assert_eq!(shown, expected, "{query}");
    }
}

#[tokio::test]
async fn a_turn_is_found_as_soon_as_it_is_acknowledged_and_any_line_can_be_stored() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let said = app.say(&id, "我想换工作").await;
    let hits = found(&app, &format!("q={}&sender=user", encoded("换工作"))).await;
    assert_eq!(hits[0]["id"], said["data"]["messages"][0]["id"], "{hits:?}");
    // Lines at the limit of what can be said, and hard to index.
    let ideographs: String = (0..50_000u32)
        .filter_map(|n| char::from_u32(0x4e00 + n % 20_000))
        .collect();
    let rare: String = (0..50_000u32)
        .filter_map(|n| char::from_u32(0x20000 + n % 42_000))
        .collect();
    let words: String = (0..8_000).map(|n| format!("{n:05x} ")).collect();
    for line in [
        ideographs,
        rare,
        words,
        "ﷺ".repeat(50_000),
        "x".repeat(50_000),
        "'\\:*&|!<->()".repeat(3_000),
    ] {
        let reply = app.say(&id, &line).await;
        assert_eq!(reply["success"], true, "{} {reply}", &line[..20]);
    }
}

#[tokio::test]
async fn filters_restrict_the_search() {
    let app = TestApp::spawn().await;
    let rated = app.given_session().await;
    app.say(&rated, "the garden is wild").await;
    app.post(&format!("/api/sessions/{rated}/end"), json!({}))
        .await;
    app.post(
        &format!("/api/sessions/{rated}/rating"),
        json!({"rating": 4}),
    )
    .await;
    let other = app.given_session().await;
    app.say(&other, "the garden is tidy").await;
    app.database
        .execute(&format!(
            "UPDATE public.messages SET created_at = '2026-03-01T12:00:00Z' WHERE session_id = \
             (SELECT id FROM public.sessions WHERE session_id = '{other}')"
        ))
        .await;
    for (filter, count) in [
        ("", 4),
        ("&sender=user", 2),
        ("&sender=ai", 2),
        (&*format!("&session_id={rated}"), 2),
        ("&session_id=session-of-nobody", 0),
        ("&rating_min=4", 2),
        ("&rating_min=5", 0),
        ("&from=2026-03-01&to=2026-03-01", 2),
        ("&from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z", 2),
        ("&from=2026-03-01T12:00:01Z", 2),
        ("&to=2026-02-28", 0),
        ("&to=2026-03-01T13:00:00%2B01:00", 0),
        ("&sender=user&rating_min=1&sort=newest", 1),
    ] {
        assert_eq!(
            found(&app, &format!("q=garden{filter}")).await.len(),
            count,
            "{filter}"
        );
    }
}

/// Follows the cursor to the end; `between` happens after every page.
async fn walk(app: &TestApp, query: &str, mut between: impl AsyncFnMut()) -> Vec<(String, f64)> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = app
            .get(&format!("/api/search/messages?{query}{cursor}"))
            .await;
        assert_eq!(reply["success"], true, "{reply}");
        for hit in reply["data"]["messages"].as_array().expect("messages") {
            ids.push((text(&hit["id"]), hit["rank"].as_f64().expect("a rank")));
        }
        match reply["data"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
        between().await;
    }
}

#[tokio::test]
async fn all_matches_are_walked_through_once_while_more_are_said() {
    let app = TestApp::spawn().await;
    // More than are ranked; many in one microsecond.
    app.database
        .execute(
            "WITH s AS (INSERT INTO public.sessions (session_id) SELECT 'session-' || n FROM generate_series(1, 30) AS n RETURNING id)
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position, created_at)
             SELECT s.id, 'msg-' || s.id || '-' || n, 'user', repeat('river ', 1 + n % 4) || 'bank', n,
                 now() - (n / 10) * interval '1 second'
             FROM s, generate_series(1, 50) AS n",
        )
        .await;
    let writer = app.given_session().await;
    for (query, expected) in [
        ("q=river&sort=newest&limit=100", 1_500),
        (
            "q=river&sort=newest&limit=7&from=2026-01-01&session_id=session-1",
            50,
        ),
        // The newest 201 of them, best first.
        ("q=river&limit=50", 201),
        ("q=bank&rating_min=1", 0),
    ] {
        let known: HashSet<String> = walk(&app, query, async || {})
            .await
            .into_iter()
            .map(|hit| hit.0)
            .collect();
        assert_eq!(known.len(), expected, "{query}");
        let mut said = 0;
        let hits = walk(&app, query, async || {
            said += 1;
            app.say(&writer, &format!("the river again {said}")).await;
        })
        .await;
        let ids: HashSet<&String> = hits.iter().map(|hit| &hit.0).collect();
        assert_eq!(ids.len(), hits.len(), "{query}: none twice");
        assert!(
            query.contains("limit=50") || known.iter().all(|id| ids.contains(id)),
            "{query}: none missed"
        );
        if !query.contains("newest") {
            assert!(hits.is_sorted_by(|a, b| a.1 >= b.1), "{query}: best first");
        }
        app.database
            .execute("DELETE FROM public.messages WHERE text_content LIKE '%again%'")
            .await;
    }
    let first = app.get("/api/search/messages?q=river").await;
    assert_eq!(
        first["data"]["total"],
        json!({"value": 200, "exact": false})
    );
    let own = app
        .get("/api/search/messages?q=river&session_id=session-1")
        .await;
    assert_eq!(own["data"]["total"], json!({"value": 50, "exact": true}));
    let cursor = text(&first["data"]["nextCursor"]);
    for other in [
        format!("q=rivers&cursor={cursor}"),
        format!("q=river&sort=newest&cursor={cursor}"),
        format!("q=river&cursor={}", &cursor[..cursor.len() - 4]),
    ] {
        let response = app
            .http
            .get(app.url(&format!("/api/search/messages?{other}")))
            .send()
            .await;
        assert_eq!(
            refusal(response.expect("an answer")).await,
            (StatusCode::BAD_REQUEST, "BAD_QUERY".into()),
            "{other}"
        );
    }
}

#[tokio::test]
async fn what_a_naive_reader_finds_is_found() {
    let app = TestApp::spawn().await;
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let latin: Vec<String> = (0..60)
        .map(|n| {
            format!(
                "ba{}dok",
                ["la", "mi", "ro", "zu", "ke"][n % 5].repeat(n / 5 + 1)
            )
        })
        .collect();
    let han: Vec<char> = "我你他工作压力大小好不睡觉心情家人老板".chars().collect();
    let mut lines = Vec::new();
    for _ in 0..300 {
        let mut line = String::new();
        for _ in 0..random.random_range(1..8) {
            if random.random_bool(0.5) {
                line.push_str(&latin[random.random_range(0..latin.len())]);
                line.push_str([" ", ", ", "—", "。", "."][random.random_range(0..5)]);
            } else {
                line.extend(
                    (0..random.random_range(1..6)).map(|_| han[random.random_range(0..han.len())]),
                );
                line.push_str(["", " ", "，", "!"][random.random_range(0..4)]);
            }
        }
        lines.push(line);
    }
    let session = given_lines(&app, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for _ in 0..120 {
        let words: Vec<String> = (0..random.random_range(1..3))
            .map(|_| match random.random_bool(0.4) {
                true => latin[random.random_range(0..latin.len())].clone(),
                false => (0..random.random_range(1..4))
                    .map(|_| han[random.random_range(0..han.len())])
                    .collect(),
            })
            .collect();
        let is_latin = |c: &char| c.is_ascii_alphabetic();
        let naive = lines.iter().filter(|line| {
            words.iter().all(|word| match word.starts_with('b') {
                true => line
                    .split(|c: char| !is_latin(&c))
                    .any(|other| other == word),
                false => line.contains(word),
            })
        });
        let mut expected: Vec<&String> = naive.collect();
        let query = format!(
            "q={}&session_id={session}&sort=newest&limit=100",
            encoded(&words.join(" "))
        );
        let mut hits: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let reply = app
                .get(&format!("/api/search/messages?{query}{cursor}"))
                .await;
            hits.extend(
                reply["data"]["messages"]
                    .as_array()
                    .expect("messages")
                    .iter()
                    .map(|hit| text(&hit["text"])),
            );
            let Some(next) = reply["data"]["nextCursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        hits.sort();
        expected.sort();
        assert_eq!(
            hits.iter().collect::<Vec<_>>(),
            expected,
            "seed {seed}: {words:?}"
        );
    }
}

#[tokio::test]
async fn both_sides_know_the_same_characters_as_chinese_japanese_or_korean() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    let edges = [
        0x3005, 0x3007, 0x3041, 0x309f, 0x30a1, 0x30fa, 0x30fc, 0x30ff, 0x3105, 0x312f, 0x31a0,
        0x31bf, 0x31f0, 0x31ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xac00, 0xd7a3, 0xf900, 0xfaff,
        0x20000, 0x323af,
    ];
    let near = edges.into_iter().flat_map(|edge| edge - 2..=edge + 2);
    let codes: Vec<i32> = near
        .chain((1..0x33000).step_by(331))
        .filter(|code| !(0xd800..0xe000).contains(code))
        .collect();
    let known: Vec<i32> = sqlx::query_scalar(
        "SELECT c FROM unnest($1::int[]) AS c WHERE EXISTS (SELECT FROM public.cjk_grams(chr(c)))",
    )
    .bind(&codes)
    .fetch_all(&mut connection)
    .await
    .expect("asked");
    let ours: Vec<i32> = codes
        .into_iter()
        .filter(|code| {
            u32::try_from(*code)
                .ok()
                .and_then(char::from_u32)
                .is_some_and(kuku_coach::domain::is_cjk)
        })
        .collect();
    assert_eq!(known, ours);
    connection.close().await.expect("closed");
}

/// Postgres takes "tired.And" for a host, "<sad>" for markup and "a/b" for a file: all marks but the apostrophe are spaces to it.
#[tokio::test]
async fn marks_join_no_words() {
    let app = TestApp::spawn().await;
    let mut random = StdRng::seed_from_u64(7);
    let pieces = [
        "tired", "don't", "http", "www", "com", "amp", "b", "1e5", "3", "x", "Z", "'", " ", "\t",
        "\n", "\u{1}",
    ];
    let marks: Vec<char> = (33..127u8)
        .map(char::from)
        .filter(|c| c.is_ascii_punctuation() && *c != '\'')
        .collect();
    let any = |_| -> String {
        let piece = |_| match random.random_bool(0.5) {
            true => pieces[random.random_range(0..pieces.len())].to_owned(),
            false => marks[random.random_range(0..marks.len())].to_string(),
        };
        (0..12).map(piece).collect()
    };
    let lines: Vec<String> = (0..5_000).map(any).collect();
    let mut connection = app.database.connect().await;
    let otherwise: Vec<String> = sqlx::query_scalar(
        "SELECT line FROM unnest($1::text[]) AS line
         WHERE public.message_search_vector(line) IS DISTINCT FROM to_tsvector('english', translate(line, $2, repeat(' ', length($2))))
            OR public.message_search_query(line)
               IS DISTINCT FROM plainto_tsquery('english', translate(line, $2, repeat(' ', length($2))))",
    )
    .bind(&lines)
    .bind(String::from_iter(&marks))
    .fetch_all(&mut connection)
    .await
    .expect("asked");
    assert_eq!(otherwise, [""; 0]);
    connection.close().await.expect("closed");
}

/// Nobody else reads a line until this is rolled back.
async fn no_messages(connection: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut lock = connection.begin().await.expect("begun");
    lock.execute("LOCK TABLE public.messages IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    lock
}

/// Of what Postgres does by itself for statements that look dear: a trigger sees the settings of the server's connections.
#[tokio::test]
async fn no_statement_is_compiled_or_gets_helpers() {
    let app = TestApp::spawn().await;
    app.database
        .execute(
            "CREATE TABLE public.seen AS SELECT ''::text AS jit, ''::text AS helpers WHERE FALSE;
             CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                INSERT INTO public.seen VALUES (current_setting('jit'), current_setting('max_parallel_workers_per_gather'));
                RETURN NULL;
             END $$;
             CREATE TRIGGER see AFTER INSERT ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.see()",
        )
        .await;
    app.given_session().await;
    let seen: Vec<(String, String)> = sqlx::query_as("SELECT jit, helpers FROM public.seen")
        .fetch_all(&mut app.database.connect().await)
        .await
        .expect("seen");
    assert_eq!(seen, [("off".to_owned(), "0".to_owned())]);
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_cut_off() {
    let app = TestApp::with(&[("KUKU_DATABASE__STATEMENT_TIMEOUT_SECONDS", "1")]).await;
    let mut connection = app.database.connect().await;
    let lock = no_messages(&mut connection).await;
    let response = app
        .http
        .get(app.url("/api/search/messages?q=river"))
        .send()
        .await
        .expect("an answer");
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(
        refusal(response).await,
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "DATABASE_UNAVAILABLE".into()
        )
    );
    lock.rollback().await.expect("unlocked");
    assert!(found(&app, "q=river").await.is_empty());
}

#[tokio::test]
async fn searches_leave_connections_to_others() {
    let app = TestApp::with(&[("KUKU_DATABASE__MAX_CONNECTIONS", "4")]).await;
    let session = app.given_session().await;
    let mut connection = app.database.connect().await;
    let mut lock = no_messages(&mut connection).await;
    let search = || app.http.get(app.url("/api/search/messages?q=river")).send();
    let searches = join_all((0..8).map(|_| search()));
    let others = async {
        let mut waiting = async || -> i64 {
            let count = "SELECT count(*) FROM pg_locks WHERE relation = 'public.messages'::regclass AND NOT granted";
            sqlx::query_scalar(count)
                .fetch_one(&mut *lock)
                .await
                .expect("counted")
        };
        while waiting().await < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        sleep(Duration::from_millis(200)).await;
        for _ in 0..8 {
            assert_eq!(
                app.get(&format!("/api/sessions/{session}")).await["success"],
                true
            );
        }
        assert_eq!(waiting().await, 2);
        lock.rollback().await.expect("unlocked");
    };
    let (found, ()) = tokio::join!(searches, others);
    assert!(
        found
            .into_iter()
            .all(|answer| answer.expect("an answer").status() == StatusCode::OK)
    );
}

#[tokio::test]
async fn global_search_pages_hold_all_matches_by_any_strategy() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let mut connection = app.database.connect().await;
    let mut add = async |word: &str, position: i32, count: i32| {
        sqlx::query(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position, created_at)
             SELECT id, 'msg-' || $3 + n, 'user', 'the ' || $2 || ' number ' || n, $3 + n, now() + ($3 + n) * interval '1 us'
             FROM public.sessions, generate_series(1, $4) AS n
             WHERE session_id = $1",
        )
        .bind(&id)
        .bind(word)
        .bind(position)
        .bind(count)
        .execute(&mut connection)
        .await
        .expect("added");
    };
    add("river", 0, 300).await;
    add("lake", 300, 248).await;
    add("river", 548, 2).await;
    // Two of the newest 250 lines have it, which makes 480 worth a walk, and that finds 201 more.
    assert_eq!(found(&app, "q=river").await.len(), 20);
    add("hill", 550, 1_000).await;
    let gone =
        "DELETE FROM public.messages WHERE text_content LIKE 'the river%' AND position > 290";
    app.database.execute(gone).await;
    for (query, expected) in [
        // Further back now.
        ("q=river", 201),
        ("q=river&sort=newest&limit=50", 290),
        ("q=lake&limit=50", 201),
        ("q=hill&limit=50", 201),
        ("q=hill&sort=newest&limit=50", 1_000),
        ("q=number&limit=50", 201),
        ("q=mountain", 0),
    ] {
        let hits = walk(&app, query, async || {}).await;
        assert_eq!(hits.len(), expected, "{query}");
    }
}

/// Lines that have one word are ranked by a plainer function than those that have several.
#[tokio::test]
async fn one_word_gives_lines_the_same_order_by_either_rank() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    // A vector counts 255 places of a word, and does not know how long its line is.
    let ranks = sqlx::query(
        "SELECT ts_rank(line, word), ts_rank_cd(line, word)
         FROM generate_series(1, 300) AS n,
            LATERAL (
                SELECT message_search_vector(repeat('river and hill, ', n)) AS line, message_search_query('rivers') AS word
            ) AS both_of_them
         ORDER BY n",
    )
    .fetch_all(&mut connection)
    .await
    .expect("ranks");
    let ranks: Vec<(f32, f32)> = ranks.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(ranks[0].1 < ranks[250].1);
    for pair in ranks.windows(2) {
        assert_eq!(
            pair[0].0.total_cmp(&pair[1].0),
            pair[0].1.total_cmp(&pair[1].1),
            "{pair:?}"
        );
    }
}

/// Pages read by a search for a word that no message has: the index's own and its pending list.
async fn pages_of_a_search(connection: &mut PgConnection) -> i64 {
    let mut transaction = connection.begin().await.expect("begun");
    transaction
        .execute("SET LOCAL enable_seqscan = off")
        .await
        .expect("set");
    let plan: Value = sqlx::query_scalar(
        "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
         SELECT FROM messages WHERE text_search @@ message_search_query('unsaid')",
    )
    .fetch_one(&mut *transaction)
    .await
    .expect("a plan");
    let index = &plan[0]["Plan"]["Plans"][0];
    assert_eq!(index["Index Name"], "idx_messages_text_search", "{plan}");
    index["Shared Hit Blocks"].as_i64().expect("pages")
        + index["Shared Read Blocks"].as_i64().expect("pages")
}

#[tokio::test]
async fn gin_pending_list_stays_within_64_kb() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    for round in 0..20 {
        let messages: Vec<String> = (0..20)
            .map(|message| {
                let words =
                    (0..30).map(|word| format!("word{}", (round * 20 + message) * 30 + word));
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        given_lines(&app, &messages).await;
        let pages = pages_of_a_search(&mut connection).await;
        // 8 pages of the list, one that overflows it, and the path to the word's entry.
        assert!(pages <= 14, "{pages} pages in round {round}");
    }
}

/// The statements as they are shipped, on a table that is large enough for planner and sample to care.
#[tokio::test]
async fn every_shipped_search_uses_its_indexes() {
    let app = TestApp::spawn().await;
    app.database
        .execute(
            "INSERT INTO auth.users (id) VALUES ('7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f');
             WITH s AS (
                INSERT INTO public.sessions (session_id, user_id)
                SELECT 'session-' || n, CASE WHEN n % 100 = 0 THEN '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f'::uuid END
                FROM generate_series(1, 1500) AS n RETURNING id
             ), line AS (
                SELECT s.id, n, md5(s.id::text || n) AS text, row_number() OVER (ORDER BY n, md5(s.id::text)) AS age
                FROM s, generate_series(1, 40) AS n
             )
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position, created_at)
             SELECT id, 'msg-' || id || '-' || n, 'user',
                concat_ws(' ', CASE WHEN age % 5 = 0 THEN 'river' END, CASE WHEN age IN (10, 20) OR age > 59990 THEN 'lately' END,
                    CASE WHEN age > 30000 THEN 'formerly' END, text),
                n, now() - age * interval '1 second'
             -- Times in no order: the planner then thinks little of a walk by time.
             FROM line ORDER BY text",
        )
        .await;
    app.database.execute("VACUUM ANALYZE public.messages").await;
    app.database.execute("VACUUM ANALYZE public.sessions").await;
    let shipped: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../sqlx-data.json")).expect("sqlx-data.json");
    let shipped = |part: &str| {
        let mut found = shipped
            .values()
            .filter_map(|query| query["query"].as_str())
            .filter(|query| query.contains("ts_rank_cd") && query.contains(part));
        let query = found.next().unwrap_or_else(|| panic!("{part}"));
        assert!(found.next().is_none(), "{part}");
        query
    };
    let (global, scoped) = (shipped("recent_matches AS"), shipped("s.user_id = $12"));
    let mut connection = app.database.connect().await;
    let rare: String = sqlx::query_scalar(
        "SELECT max(text_content) FROM public.messages WHERE text_content ~ '^[0-9a-f]*$'",
    )
    .fetch_one(&mut connection)
    .await
    .expect("a line");
    connection
        .execute("SET max_parallel_workers_per_gather = 0")
        .await
        .expect("set");
    let (walk, index) = (
        "Index Scan Backward using idx_messages_created_at",
        "idx_messages_text_search",
    );
    let minutes_ago = "now() - interval '1000 seconds'";
    let of_one = ", '7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f', NULL, NULL";
    for (statement, scope, word, since, ways) in [
        (global, "", "river", "NULL", &[walk][..]),
        (global, "", &*rare, "NULL", &[index]),
        (global, "", "formerly", "NULL", &[index]),
        // Two of the newest lines have it, and then hardly any.
        (global, "", "lately", "NULL", &[walk, index]),
        // All that was said since then is walked through: there are no more matches, whatever the index says.
        (global, "", "river", minutes_ago, &[walk]),
        (scoped, of_one, "river", "NULL", &[]),
        (scoped, of_one, &*rare, "NULL", &[]),
    ] {
        let everywhere = scope != of_one;
        let mode = if everywhere {
            "auto"
        } else {
            "force_custom_plan"
        };
        connection
            .execute(AssertSqlSafe(format!(
                "SET plan_cache_mode = {mode}; PREPARE shipped AS {statement}"
            )))
            .await
            .expect("prepared");
        for sort_by_rank in [true, false] {
            let execute = format!(
                "EXECUTE shipped('{word}', NULL, {since}, NULL, NULL, 201, {sort_by_rank}, NULL, NULL, NULL, 21{scope})"
            );
            let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {execute}");
            let rows = sqlx::query(AssertSqlSafe(explain))
                .fetch_all(&mut connection)
                .await
                .expect("explained");
            let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            let whole = plan.join("\n");
            assert!(!whole.contains("Seq Scan on messages"), "{word}:\n{whole}");
            if everywhere {
                let took = |way: &str| {
                    let scans = plan.iter().filter(|line| line.contains(way));
                    scans
                        .filter(|line| !line.contains("never") && !line.contains("rows=0 "))
                        .count()
                };
                // The sample is read by the same index.
                let walks = 1 + usize::from(ways.contains(&walk));
                assert_eq!(took(walk), walks, "{word}{scope}:\n{whole}");
                assert_eq!(
                    took(index),
                    usize::from(ways.contains(&index)),
                    "{word}:\n{whole}"
                );
                let found: Vec<Uuid> = sqlx::query(AssertSqlSafe(execute))
                    .fetch_all(&mut connection)
                    .await
                    .expect("found")
                    .iter()
                    .map(|row| row.get(0))
                    .collect();
                let naive: Vec<Uuid> = sqlx::query_scalar(
                    "SELECT id FROM public.messages WHERE text_content ~ $1 ORDER BY created_at DESC, id DESC LIMIT 21",
                )
                .bind(word)
                .fetch_all(&mut connection)
                .await
                .expect("read");
                // All of a word rank the same.
                assert_eq!(found, naive, "{word}");
            } else {
                assert!(whole.contains("idx_sessions_user_id"), "{word}:\n{whole}");
            }
        }
        connection
            .execute("DEALLOCATE shipped")
            .await
            .expect("dropped");
    }
    // However large the table is, as far as the planner knows: what is gained by a plan of its own grows with it, and making it takes longer
    // than finding a rare word.
    for times in [1, 100, 10_000] {
        let mut transaction = connection.begin().await.expect("begun");
        let grown = format!(
            "UPDATE pg_class SET reltuples = reltuples * {times} WHERE oid = 'public.messages'::regclass"
        );
        transaction
            .execute(AssertSqlSafe(grown))
            .await
            .expect("grown");
        transaction
            .execute("SET LOCAL plan_cache_mode = auto")
            .await
            .expect("set");
        let plans = plans_of_eight(&mut transaction, global).await;
        // The first five are planned for themselves; then one plan serves all, if those did not look cheaper.
        assert_eq!(plans, (5, 3), "{times} times as many");
        transaction.rollback().await.expect("rolled back");
    }
    connection.close().await.expect("closed");
}

/// How many of eight executions were planned for themselves, and how many were not.
async fn plans_of_eight(connection: &mut PgConnection, statement: &str) -> (i64, i64) {
    let prepare = format!("PREPARE counted AS {statement}");
    connection
        .execute(AssertSqlSafe(prepare))
        .await
        .expect("prepared");
    for _ in 0..8 {
        connection
            .execute(
                "EXECUTE counted('river', NULL, NULL, NULL, NULL, 201, true, NULL, NULL, NULL, 21)",
            )
            .await
            .expect("found");
    }
    let plans = sqlx::query(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE name = 'counted'",
    )
    .fetch_one(&mut *connection)
    .await
    .expect("plans");
    connection
        .execute("DEALLOCATE counted")
        .await
        .expect("dropped");
    (plans.get(0), plans.get(1))
}

#[tokio::test]
async fn a_user_id_limits_the_search_to_that_person() {
    let app = TestApp::spawn().await;
    let (mine, nobodys) = (app.given_session().await, app.given_session().await);
    let user = "7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f";
    app.say(&mine, "The garden is wild").await;
    app.say(&nobodys, "The garden is tidy").await;
    app.database
        .execute(&format!(
            "INSERT INTO auth.users (id) VALUES ('{user}'); \
             UPDATE public.sessions SET user_id = '{user}' WHERE session_id = '{mine}'"
        ))
        .await;
    assert_eq!(found(&app, "q=garden").await.len(), 4);
    // Where callers are not told apart, an id is all it takes, whosever the session is.
    assert_eq!(app.history(&mine).await.len(), 2);
    let hits = found(&app, &format!("q=garden&user_id={user}")).await;
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit["sessionId"] == mine), "{hits:?}");
    assert!(
        found(
            &app,
            "q=garden&user_id=00000000-0000-4000-8000-000000000000"
        )
        .await
        .is_empty()
    );
}

#[tokio::test]
async fn a_bad_search_is_a_clear_400() {
    let app = TestApp::spawn().await;
    let long = format!("q={}", "x".repeat(201));
    let nuls = format!("q={}", "%00".repeat(10_000));
    let words: String = (0..200).map(|n| format!("word{n}+")).collect();
    let words = format!("q={words}");
    for query in [
        "",
        "q=",
        "q=%20%20",
        "user_id=7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f",
        &long,
        "q=a%00b",
        "q=a&limit=0",
        "q=a&limit=101",
        "q=a&limit=x",
        "q=a&user_id=me",
        &nuls,
        &words,
        "q=%ED%A0%80",
        "q=%ff",
        "q=a&q=b",
        "q=a&sender=coach",
        "q=a&session_id=a%20b",
        "q=a&rating_min=0",
        "q=a&rating_min=6",
        "q=a&sort=oldest",
        "q=a&from=tomorrow",
        "q=a&from=2026-11-25&to=2026-11-23",
        "q=a&from=2026-11-24T10:00:00Z&to=2026-11-24T09:00:00Z",
        "q=a&cursor=x",
        "q=a&cursor=AAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let response = app
            .http
            .get(app.url(&format!("/api/search/messages?{query}")))
            .send()
            .await;
        let refused = refusal(response.expect("an answer")).await;
        assert_eq!(
            refused,
            (StatusCode::BAD_REQUEST, "BAD_QUERY".into()),
            "{query}"
        );
    }
    for harmless in [
        "q='%3B%20DROP%20TABLE%20messages",
        "q=%22unbalanced",
        "q=%26%7C!()",
        "q=%F0%9F%98%80",
    ] {
        assert!(found(&app, harmless).await.is_empty(), "{harmless}");
    }
    app.post("/api/sessions", json!({})).await;
}
