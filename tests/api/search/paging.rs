use std::collections::HashSet;

use super::{Total, all_hits, errors::assert_bad_query, hits, search};
use crate::app::TestApp;

/// 30 sessions of 50 messages with "river", ten of each session in one microsecond.
const MANY_RIVERS: &str = "
    WITH s AS (
        INSERT INTO public.sessions (id, session_id)
        SELECT public.session_key('session-' || n), 'session-' || n
        FROM generate_series(1, 30) AS n
        RETURNING id
    )
    INSERT INTO public.messages
        (session_id, message_id, sender, text_content, position, created_at, text_search)
    SELECT s.id, 'msg-' || s.id || '-' || n, 'user', repeat('river ', 1 + n % 4) || 'bank', n,
        now() - (n / 10) * interval '1 second',
        public.language_search_vector(repeat('river ', 1 + n % 4) || 'bank', NULL)
    FROM s, generate_series(1, 50) AS n";

#[tokio::test]
async fn pages_hold_each_match_once_while_messages_arrive() {
    let app = TestApp::spawn().await;
    app.database.execute(MANY_RIVERS).await;
    let writer = app.given_session().await;
    for (query, expected) in [
        ("q=river&sort=newest&limit=100", 1_500),
        ("q=river&sort=newest&limit=7&from=2026-01-01&session_id=session-1", 50),
        // The newest 201 of them, best first.
        ("q=river&limit=50", 201),
        ("q=bank&rating_min=1", 0),
    ] {
        let before = all_hits(&app, query, async || {}).await;
        let before: HashSet<String> = before.into_iter().map(|hit| hit.id).collect();
        assert_eq!(before.len(), expected, "{query}");
        let mut page = 0;
        let found = all_hits(&app, query, async || {
            page += 1;
            app.say(&writer, &format!("the river again {page}")).await;
        })
        .await;
        let ids: HashSet<&String> = found.iter().map(|hit| &hit.id).collect();
        assert_eq!(ids.len(), found.len(), "{query}: none twice");
        let is_ranked = query == "q=river&limit=50";
        assert!(is_ranked || before.iter().all(|id| ids.contains(id)), "{query}: none missed");
        if !query.contains("newest") {
            let best_first = found.is_sorted_by(|a, b| a.rank >= b.rank);
            assert!(best_first, "{query}: best first");
        }
        let delete = "DELETE FROM public.messages WHERE text_content LIKE '%again%'";
        app.database.execute(delete).await;
    }
}

#[tokio::test]
async fn total_is_exact_up_to_the_ranking_limit() {
    let app = TestApp::spawn().await;
    app.database.execute(MANY_RIVERS).await;
    for (query, value, exact) in
        [("q=river", 200, false), ("q=river&session_id=session-1", 50, true)]
    {
        let total = search(&app, query).await.total;
        assert_eq!(total, Total { value, exact }, "{query}");
    }
}

#[tokio::test]
async fn cursor_of_another_query_is_refused() {
    let app = TestApp::spawn().await;
    app.database.execute(MANY_RIVERS).await;
    let first_page = search(&app, "q=river").await;
    let cursor = first_page.next_cursor.expect("a next page");
    for query in [
        format!("q=rivers&cursor={cursor}"),
        format!("q=river&sort=newest&cursor={cursor}"),
        format!("q=river&cursor={}", &cursor[..cursor.len() - 4]),
    ] {
        assert_bad_query(&app, &query).await;
    }
}

#[tokio::test]
async fn global_search_finds_all_matches_by_either_strategy() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let mut connection = app.database.connect().await;
    let mut add = async |word: &str, position: i32, count: i32| {
        sqlx::query(
            "INSERT INTO public.messages
                (session_id, message_id, sender, text_content, position, created_at, text_search)
             SELECT id, 'msg-' || $3 + n, 'user', 'the ' || $2 || ' number ' || n, $3 + n,
                now() + ($3 + n) * interval '1 us',
                public.language_search_vector('the ' || $2 || ' number ' || n, NULL)
             FROM public.sessions, generate_series(1, $4) AS n
             WHERE session_id = $1",
        )
        .bind(&id)
        .bind(word)
        .bind(position)
        .bind(count)
        .execute(&mut connection)
        .await
        .expect("messages stored");
    };
    add("river", 0, 300).await;
    add("lake", 300, 248).await;
    add("river", 548, 2).await;
    // Two of the 250 sampled messages match: a scan of 480 messages, which finds 201 more.
    assert_eq!(hits(&app, "q=river").await.len(), 20);
    add("hill", 550, 1_000).await;
    let delete =
        "DELETE FROM public.messages WHERE text_content LIKE 'the river%' AND position > 290";
    app.database.execute(delete).await;
    for (query, expected) in [
        // No recent message has the word any more.
        ("q=river", 201),
        ("q=river&sort=newest&limit=50", 290),
        ("q=lake&limit=50", 201),
        ("q=hill&limit=50", 201),
        ("q=hill&sort=newest&limit=50", 1_000),
        ("q=number&limit=50", 201),
        ("q=mountain", 0),
    ] {
        let found = all_hits(&app, query, async || {}).await;
        assert_eq!(found.len(), expected, "{query}");
    }
}
