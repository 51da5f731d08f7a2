use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{execute, given_messages, hits, percent_encoded};
use crate::{
    app::TestApp,
    reply::{ReplyExt, text},
};

#[tokio::test]
async fn acknowledged_message_is_found_at_once() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let turn = app.say(&id, "我想换工作").await;
    let query = format!("q={}&sender=user", percent_encoded("换工作"));
    let found = hits(&app, &query).await;
    assert_eq!(found[0].id, text(&turn.messages()[0]["id"]), "{found:?}");
}

#[tokio::test]
async fn longest_messages_of_any_characters_are_stored() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let ideographs = |first: u32, count: u32| -> String {
        let codes = (0..50_000).map(|n| first + n % count);
        codes.filter_map(char::from_u32).collect()
    };
    let words: String = (0..8_000).map(|n| format!("{n:05x} ")).collect();
    for message in [
        ideographs(0x4e00, 20_000),
        ideographs(0x20000, 42_000),
        words,
        "ﷺ".repeat(50_000),
        "x".repeat(50_000),
        "'\\:*&|!<->()".repeat(3_000),
    ] {
        app.say(&id, &message).await.data();
    }
}

/// Pages read by a search for a word that no message has: the index's own and its pending list.
async fn pages_of_a_search(connection: &mut PgConnection) -> i64 {
    let mut transaction = connection.begin().await.expect("transaction");
    execute(&mut transaction, "SET LOCAL enable_seqscan = off").await;
    let plan: Value = sqlx::query_scalar(
        "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)
         SELECT FROM messages WHERE text_search @@ message_search_query('unsaid')",
    )
    .fetch_one(&mut *transaction)
    .await
    .expect("a plan");
    let index = &plan[0]["Plan"]["Plans"][0];
    assert_eq!(index["Index Name"], "idx_messages_text_search", "{plan}");
    let pages = |kind: &str| index[kind].as_i64().expect("pages");
    pages("Shared Hit Blocks") + pages("Shared Read Blocks")
}

/// That of each shard has the same limit: `distributed.rs`.
#[tokio::test]
async fn gin_pending_list_stays_within_64_kb() {
    let app = TestApp::builder().on_ordinary_tables().spawn().await;
    let mut connection = app.database.connect().await;
    for round in 0..20 {
        let message = |message| {
            let first = (round * 20 + message) * 30;
            let words = (first..first + 30).map(|word| format!("word{word} "));
            words.collect::<String>()
        };
        given_messages(&app, &(0..20).map(message).collect::<Vec<_>>()).await;
        let pages = pages_of_a_search(&mut connection).await;
        // 8 pages of the list, one that overflows it, and the path to the word's entry.
        assert!(pages <= 14, "{pages} pages in round {round}");
    }
}
