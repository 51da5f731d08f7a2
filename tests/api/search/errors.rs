use reqwest::StatusCode;
use serde_json::json;

use super::hits;
use crate::{
    app::TestApp,
    reply::{ReplyExt, refusal},
};

#[tokio::test]
async fn invalid_parameters_are_refused_with_400() {
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
        "q=a&sort=best",
        "q=a&from=tomorrow",
        "q=a&from=9999-12-31T23:59:59-23:59",
        "q=a&to=9999-12-31T23:59:59-00:01",
        "q=a&from=0000-01-01T00:00:00%2B23:59",
        "q=a&from=-4714-11-24",
        "q=a&to=-9999-01-01",
        "q=a&to=10000-01-01",
        "q=a&to=%2B10000-01-01T00:00:00Z",
        "q=a&from=2026-11-25&to=2026-11-23",
        "q=a&from=2026-11-24T10:00:00Z&to=2026-11-24T09:00:00Z",
        "q=a&cursor=x",
        "q=a&cursor=AAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert_bad_query(&app, query).await;
    }
}

#[tokio::test]
async fn sql_and_tsquery_syntax_is_searched_as_text() {
    let app = TestApp::spawn().await;
    for query in
        ["q='%3B%20DROP%20TABLE%20messages", "q=%22unbalanced", "q=%26%7C!()", "q=%F0%9F%98%80"]
    {
        assert!(hits(&app, query).await.is_empty(), "{query}");
    }
    app.post("/api/sessions", json!({})).await.data();
}

pub(super) async fn assert_bad_query(app: &TestApp, query: &str) {
    let path = format!("/api/search/messages?{query}");
    let response = app.get_raw(&path).await;
    let expected = (StatusCode::BAD_REQUEST, "BAD_QUERY".to_owned());
    assert_eq!(refusal(response).await, expected, "{query}");
}
