//! Sessions that end with unanswered recordings: the closing summary includes them.

use std::time::Duration;

use super::{speak_unanswered, unanswered};
use crate::{
    app::{TestApp, eventually},
    fake_openai::{Endpoint, FakeOpenAi, Fault, SUMMARY},
    invariants::assert_invariants,
    reply::{ReplyExt, text},
};

/// The conversation that the last closing summary was made from.
fn summarized(openai: &FakeOpenAi) -> String {
    text(&openai.last_call(Endpoint::Closing)["messages"][1]["content"])
}

#[tokio::test]
async fn confirmed_end_summarizes_the_unanswered_recording() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    let asked = app.say(&id, "Let's wrap up").await;
    assert_eq!(asked.data()["awaitingWrapUpConfirmation"], true);
    assert_eq!(asked.messages()[0]["text"], "My job wears me out\n\nLet's wrap up");
    assert!(openai.take_calls(Endpoint::Reply).len() == 1, "a scripted question");
    let ended = app.say(&id, "yes").await;
    assert_eq!(ended.data()["sessionEnded"], true);
    assert!(summarized(&openai).contains("Person: My job wears me out"));
    assert_invariants(&app.database).await;
}

/// The wrap-up rules look at the new text only: what was said before is neither yes nor no.
#[tokio::test]
async fn confirmation_behind_a_recording_ends_the_session() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "hello").await.data();
    speak_unanswered(&app, &openai, &id, "No, my job wears me out", 6_000).await;
    let offer = "UPDATE public.sessions SET awaiting_wrap_up_confirmation = TRUE";
    app.database.execute(offer).await;
    let ended = app.say(&id, "yes").await;
    assert_eq!(ended.data()["sessionEnded"], true);
    assert_eq!(ended.messages()[0]["text"], "No, my job wears me out\n\nyes");
    assert!(summarized(&openai).ends_with("Person: No, my job wears me out\n"));
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn end_without_messages_summarizes_the_recording() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    let ended = app.end(&id).await;
    assert_eq!(
        (&ended.data()["summary"], &ended["data"]["messageCount"]),
        (&SUMMARY.into(), &0.into())
    );
    assert_eq!(summarized(&openai), "Person: My job wears me out\n");
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn end_refused_with_recordings_is_made_without() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "hello").await.data();
    speak_unanswered(&app, &openai, &id, "what the vendor refuses", 6_000).await;
    openai.queue_faults(Endpoint::Closing, [Fault::Status(400)]);
    assert_eq!(app.end(&id).await.data()["summary"], SUMMARY);
    assert!(!summarized(&openai).contains("refuses"));
}

#[tokio::test]
async fn scripted_coach_summarizes_the_recording_of_another_server() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let scripted = TestApp::builder().sharing(&app.database).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    let summary = text(&scripted.end(&id).await.data()["summary"]);
    assert!(summary.contains("My job wears me out"), "{summary}");
}

#[tokio::test]
async fn recording_counts_as_activity_until_the_session_is_idle() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let age = |hours: u32| {
        format!(
            "UPDATE public.sessions SET created_at = now() - interval '26 hours', \
             updated_at = now() - interval '{hours} hours'"
        )
    };
    app.database.execute(&age(25)).await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    // Each server looks for abandoned sessions at its start.
    let _second = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(app.session(&id).await["status"], "active");
    app.database.execute(&age(25)).await;
    let _third = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    eventually("the session has ended", async || app.session(&id).await["status"] == "ended").await;
    assert_eq!(summarized(&openai), "Person: My job wears me out\n");
    assert_invariants(&app.database).await;
}

/// The first server's ending loses its lease, as if the server had been paused.
#[tokio::test]
async fn recording_kept_during_the_ending_is_summarized() {
    let openai = FakeOpenAi::spawn().await;
    let first = TestApp::builder().with_openai(&openai).spawn().await;
    let second = TestApp::builder().sharing(&first.database).with_openai(&openai).spawn().await;
    let id = first.given_session().await;
    first.say(&id, "hello").await.data();
    openai.queue_faults(Endpoint::Closing, [Fault::Slow(Duration::from_millis(800))]);
    let unanswered_meanwhile = async {
        openai.wait_for_call(Endpoint::Closing).await;
        first
            .database
            .execute("UPDATE public.sessions SET turn_claimed_until = now() - interval '1 second'")
            .await;
        speak_unanswered(&second, &openai, &id, "spoken meanwhile", 6_000).await;
    };
    let (ended, ()) = tokio::join!(first.end(&id), unanswered_meanwhile);
    assert_eq!(ended.data()["summary"], SUMMARY);
    assert!(summarized(&openai).contains("Person: spoken meanwhile"));
    assert_invariants(&first.database).await;
}
