//! Ratings of ended sessions.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    contract::assert_time,
    reply::{ReplyExt, RequestExt, assert_refused, refusal},
};

async fn rate(app: &TestApp, id: &str, rating: Value) -> Value {
    let path = format!("/api/sessions/{id}/rating");
    app.post(&path, json!({ "rating": rating })).await
}

#[tokio::test]
async fn rating_is_stored_shown_and_replaced() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    let path = format!("/api/sessions/{id}/rating");
    assert_eq!(
        app.get(&path).await["data"],
        json!({"sessionId": id, "rating": null, "feedback": null, "hasRating": false})
    );
    let stored = app.post(&path, json!({"rating": 4, "feedback": "Good questions"})).await;
    assert_time(&stored["data"]["timestamp"]);
    assert_eq!(
        stored["data"],
        json!({
            "sessionId": id, "rating": 4, "feedback": "Good questions",
            "timestamp": stored["data"]["timestamp"],
        })
    );
    assert_eq!(
        app.get(&path).await["data"],
        json!({"sessionId": id, "rating": 4, "feedback": "Good questions", "hasRating": true})
    );
    let replaced = app.post(&format!("/api/sessions/{id}/rate"), json!({"rating": 5})).await;
    assert_eq!(replaced["success"], true, "{replaced}");
    let session = app.session(&id).await;
    assert_eq!(
        (&session["rating"], &session["feedback"]),
        (&json!(5), &Value::Null),
        "feedback goes too"
    );
    app.end(&id).await;
    assert_eq!(app.session(&id).await["rating"], 5, "ending again keeps it");
}

#[tokio::test]
async fn rating_outside_one_to_five_is_refused_for_any_session() {
    let app = TestApp::spawn().await;
    let active = app.given_session().await;
    let ended = app.given_ended_session().await;
    for rating in [json!(0), json!(6), json!(-3), json!("6")] {
        for id in ["missing", &active, &ended] {
            assert_refused(
                &rate(&app, id, rating.clone()).await,
                "RATING_OUT_OF_RANGE",
                "Rating must be between 1 and 5",
            );
        }
    }
}

#[tokio::test]
async fn rating_of_a_missing_or_active_session_is_refused() {
    let app = TestApp::spawn().await;
    let active = app.given_session().await;
    assert_refused(
        &rate(&app, "missing", json!(3)).await,
        "SESSION_NOT_FOUND",
        "Session not found",
    );
    assert_refused(
        &rate(&app, &active, json!(3)).await,
        "SESSION_NOT_ENDED",
        "Can only rate completed sessions",
    );
}

#[tokio::test]
async fn malformed_rating_is_422_and_not_stored() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    let long = "x".repeat(10_001);
    for (name, content) in [
        ("a fraction", json!({"rating": 4.5})),
        ("a word", json!({"rating": "many"})),
        ("missing", json!({})),
        ("null", json!({"rating": null})),
        ("no object", json!([5])),
        ("feedback is a number", json!({"rating": 5, "feedback": 7})),
        ("feedback with NUL", json!({"rating": 5, "feedback": "a\u{0}b"})),
        ("feedback too long", json!({"rating": 5, "feedback": long})),
    ] {
        let path = format!("/api/sessions/{id}/rating");
        let response = app.post_raw(&path, content).await;
        assert_eq!(
            refusal(response).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST".into()),
            "{name}"
        );
    }
    assert_eq!(app.session(&id).await["rating"], Value::Null);
}

#[tokio::test]
async fn rating_as_text_or_decimal_is_accepted() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    for rating in [json!("4"), json!(4.0)] {
        let reply = rate(&app, &id, rating).await;
        assert_eq!(reply.data()["rating"], 4, "{reply}");
    }
}

#[tokio::test]
async fn rating_without_json_is_refused() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    for (name, content_type, content) in [
        ("a form", "application/x-www-form-urlencoded", "rating=5"),
        ("malformed", "application/json", "{"),
        ("empty", "application/json", ""),
    ] {
        let response = app
            .http
            .post(app.url(&format!("/api/sessions/{id}/rating")))
            .header(header::CONTENT_TYPE, content_type)
            .body(content)
            .response()
            .await;
        assert_eq!(
            refusal(response).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST".into()),
            "{name}"
        );
    }
    assert_eq!(app.session(&id).await["rating"], Value::Null);
}
