//! A recording that is sent again is kept once and said once.

use serde_json::{Value, json};

use super::{FAILS, HEARD, UNREACHABLE, shown_to_coach, speak, speak_unanswered, unanswered};
use crate::{
    app::{TestApp, recording_form, webm},
    fake_openai::{Endpoint, FakeOpenAi},
    reply::{ReplyExt, RequestExt, assert_refused},
};

#[tokio::test]
async fn repeated_recording_is_kept_and_said_once() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "one", 6_000).await;
    for _ in 0..3 {
        speak_unanswered(&app, &openai, &id, "two", 6_001).await;
    }
    assert_eq!(unanswered(&app.database).await, ["one", "two"]);
    openai.queue_transcripts(&["two"]);
    assert_eq!(speak(&app, &id, 6_001).await.messages()[0]["text"], "one\n\ntwo");
    assert_eq!(shown_to_coach(&openai), "one\n\ntwo");
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
}

#[tokio::test]
async fn repeated_key_keeps_and_says_the_recording_once() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let speak = async || -> Value {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        let request = request.header("Idempotency-Key", "a key of sixteen");
        request.multipart(recording_form(webm(6_000), "audio/webm")).reply().await
    };
    openai.queue_faults(Endpoint::Reply, [FAILS, FAILS]);
    for _ in 0..2 {
        assert_refused(&speak().await, "COACH_UNAVAILABLE", HEARD);
    }
    assert_eq!(unanswered(&app.database).await, ["My job wears me out"]);
    let answered = speak().await;
    assert_eq!(answered.messages()[0]["text"], "My job wears me out");
    assert_eq!(speak().await, answered, "replayed");
    assert_eq!(app.history(&id).await.len(), 2);

    // A replayed response holds the unanswered recordings, too.
    speak_unanswered(&app, &openai, &id, "another", 6_001).await;
    let say = async || -> Value {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        let request = request.header("Idempotency-Key", "another of sixteen");
        request.json(&json!({"text": "go on"})).reply().await
    };
    let answered = say().await;
    assert_eq!(answered.messages()[0]["text"], "another\n\ngo on");
    assert_eq!(say().await, answered);
}

#[tokio::test]
async fn repeated_yes_ends_the_session_with_its_first_recording() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "Let's wrap up").await.data();
    openai.queue_transcripts(&["Yes.", "Yes, please."]);
    openai.queue_faults(Endpoint::Closing, [FAILS]);
    // "Go on" would decline the offer.
    assert_refused(&speak(&app, &id, 6_000).await, "COACH_UNAVAILABLE", UNREACHABLE);
    assert_eq!(unanswered(&app.database).await, ["Yes."]);
    let ended = speak(&app, &id, 6_001).await;
    assert_eq!(ended["data"]["sessionEnded"], true, "{ended}");
    assert_eq!(ended.messages()[0]["text"], "Yes.\n\nYes, please.");
}
