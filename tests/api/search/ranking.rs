use sqlx::Row;

use super::{Total, hits, search};
use crate::{app::TestApp, reply::texts};

#[tokio::test]
async fn words_match_by_stem_over_all_sessions() {
    let app = TestApp::spawn().await;
    let first = app.given_session().await;
    let second = app.given_session().await;
    app.say(&first, "I was walking along the river").await;
    app.say(&second, "Yesterday I walked home; walking, walking all the way").await;
    app.say(&second, "Something else entirely").await;
    let found = hits(&app, "q=walks").await;
    // The scripted coach quotes the person, so its messages match as well.
    assert_eq!(found.len(), 4, "{found:?}");
    let best = &found[0];
    assert_eq!(best.session_id, second, "the denser message: {found:?}");
    assert!(texts(&app.history(&second).await).contains(&best.text));
    for hit in &found {
        assert!(hit.excerpt().contains("[walk"), "{hit:?}");
    }
    let both_words = hits(&app, "q=river%20walk").await;
    assert_eq!(both_words.len(), 2, "all words have to occur");
    assert_eq!(hits(&app, "q=walk&limit=1").await.len(), 1);
    assert_eq!(search(&app, "q=%20river%20").await.query, "river");
}

#[tokio::test]
async fn query_without_searchable_words_gets_a_hint() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    app.say(&id, "The river, ... and the hill!").await;
    for query in ["q=the", "q=%2C%20...%20!", "q=%F0%9F%98%80"] {
        let found = search(&app, query).await;
        assert_eq!(found.messages, [], "{query}");
        let hint = found.hint.unwrap_or_default();
        assert!(hint.contains("too common"), "{query}: {hint}");
    }
    let unknown_word = search(&app, "q=mountain").await;
    assert_eq!((unknown_word.messages, unknown_word.hint), (vec![], None));
    let none = Total { value: 0, exact: true };
    assert_eq!(unknown_word.total, none);
}

#[tokio::test]
async fn single_term_orders_alike_by_ts_rank_and_ts_rank_cd() {
    let app = TestApp::spawn().await;
    let mut connection = app.database.connect().await;
    // A vector holds 255 positions of a word, and not the length of its text.
    let ranks = sqlx::query(
        "SELECT ts_rank(vector, term), ts_rank_cd(vector, term)
         FROM generate_series(1, 300) AS n,
            LATERAL (
                SELECT message_search_vector(repeat('river and hill, ', n)) AS vector,
                    message_search_query('rivers') AS term
            ) AS input
         ORDER BY n",
    )
    .fetch_all(&mut connection)
    .await
    .expect("ranks");
    let ranks: Vec<(f32, f32)> = ranks.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(ranks[0].1 < ranks[250].1);
    for pair in ranks.windows(2) {
        assert_eq!(pair[0].0.total_cmp(&pair[1].0), pair[0].1.total_cmp(&pair[1].1), "{pair:?}");
    }
}
