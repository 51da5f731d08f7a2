//! Full-text search.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{TestApp, refusal};

async fn found(app: &TestApp, query: &str) -> Vec<Value> {
    let reply = app.get(&format!("/api/search/messages?{query}")).await;
    assert_eq!(reply["success"], true, "{reply}");
    reply["data"]["messages"].as_array().expect("messages").clone()
}

#[tokio::test]
async fn words_are_found_by_their_stems_over_all_sessions() {
    let app = TestApp::spawn().await;
    let first = app.given_session().await;
    let second = app.given_session().await;
    app.say(&first, "I was walking along the river").await;
    app.say(&second, "Yesterday I walked home; walking, walking all the way")
        .await;
    app.say(&second, "Something else entirely").await;
    let hits = found(&app, "q=walks").await;
    // The offline coach quotes what was said, so its lines match as well.
    assert_eq!(hits.len(), 4, "{hits:?}");
    assert_eq!(hits[0]["sessionId"], second, "the denser line is better: {hits:?}");
    let history = app.history(&second).await;
    assert!(
        history
            .iter()
            .any(|line| line["id"] == hits[0]["id"] && line["text"] == hits[0]["text"])
    );
    for hit in &hits {
        let keys: Vec<&String> = hit.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["id", "sender", "sessionId", "text", "timestamp"]);
    }
    assert_eq!(found(&app, "q=river%20walk").await.len(), 2, "all words have to occur");
    assert!(found(&app, "q=mountain").await.is_empty());
    assert!(found(&app, "q=the").await.is_empty(), "a stop word alone finds nothing");
    assert_eq!(found(&app, "q=walk&limit=1").await.len(), 1);
    assert_eq!(
        app.get("/api/search/messages?q=%20river%20").await["data"]["query"],
        "river"
    );
}

#[tokio::test]
async fn a_user_id_limits_the_search_to_that_person() {
    let app = TestApp::spawn().await;
    let (mine, nobodys) = (app.given_session().await, app.given_session().await);
    let user = "7b0e4f0c-9a3d-4e1f-8011-22335f0c6c1f";
    app.database
        .execute(&format!(
            "INSERT INTO auth.users (id) VALUES ('{user}'); \
             UPDATE public.sessions SET user_id = '{user}' WHERE session_id = '{mine}'"
        ))
        .await;
    app.say(&mine, "The garden is wild").await;
    app.say(&nobodys, "The garden is tidy").await;
    assert_eq!(found(&app, "q=garden").await.len(), 4);
    let hits = found(&app, &format!("q=garden&user_id={user}")).await;
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit["sessionId"] == mine), "{hits:?}");
    assert!(
        found(&app, "q=garden&user_id=00000000-0000-4000-8000-000000000000")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_bad_search_is_a_clear_400() {
    let app = TestApp::spawn().await;
    let long = format!("q={}", "x".repeat(201));
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
    ] {
        let response = app
            .http
            .get(app.url(&format!("/api/search/messages?{query}")))
            .send()
            .await;
        let refused = refusal(response.expect("an answer")).await;
        assert_eq!(refused, (StatusCode::BAD_REQUEST, "BAD_QUERY".into()), "{query}");
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
