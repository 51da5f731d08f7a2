//! What is not kept, and what waits for a later turn.

use serde_json::json;

use super::{FAILS, UNREACHABLE, speak, speak_unanswered, unanswered};
use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi, Fault, Script},
    reply::{ReplyExt, assert_refused},
};

#[tokio::test]
async fn recording_beyond_twenty_thousand_characters_is_not_kept() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    // The longest in the database, too.
    let long = "\u{1}".repeat(19_990) + "end";
    speak_unanswered(&app, &openai, &id, &long, 6_000).await;
    openai.queue_transcripts(&["six more"]);
    openai.queue_faults(Endpoint::Reply, [FAILS]);
    assert_refused(&speak(&app, &id, 6_001).await, "COACH_UNAVAILABLE", UNREACHABLE);
    speak_unanswered(&app, &openai, &id, "fits", 6_002).await;
    assert_eq!(unanswered(&app.database).await, [long.as_str(), "fits"]);
}

#[tokio::test]
async fn recordings_wait_if_the_message_would_be_too_long() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "kept", 6_000).await;
    let long = "x".repeat(49_999);
    assert_eq!(app.say(&id, &long).await.messages()[0]["text"], long);
    assert_eq!(unanswered(&app.database).await, ["kept"]);
    assert_eq!(app.say(&id, "go on").await.messages()[0]["text"], "kept\n\ngo on");
}

#[tokio::test]
async fn recording_that_cannot_be_stored_is_an_ordinary_failure() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.database
        .execute("ALTER TABLE public.sessions ADD CHECK (unanswered_recordings = '[]')")
        .await;
    openai.queue_faults(Endpoint::Reply, [FAILS]);
    assert_refused(&speak(&app, &id, 6_000).await, "COACH_UNAVAILABLE", UNREACHABLE);
    assert_eq!(app.say(&id, "hello").await.messages()[0]["text"], "hello");
}

/// A kept one would be declined again, with every turn after it.
#[tokio::test]
async fn declined_recording_is_not_kept() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    let declined = || {
        let refusal = json!({ "content": null, "refusal": "I cannot help with that." });
        Fault::Respond(Script::completion(&refusal, &json!("stop")))
    };
    openai.queue_faults(Endpoint::Reply, [declined(), declined()]);
    assert_eq!(speak(&app, &id, 6_001).await["code"], "COACH_DECLINED");
    assert_eq!(unanswered(&app.database).await, ["My job wears me out"]);
    // What was kept is left out of a turn that is declined with it.
    openai.queue_faults(Endpoint::Reply, [declined()]);
    assert_eq!(app.say(&id, "hello").await.messages()[0]["text"], "hello");
}
