//! Recordings that the coach could not answer: kept, and said with the next turn.

mod endings;
mod limits;
mod owners;
mod repeats;
mod servers;

use reqwest::header;
use serde_json::{Value, json};
use sqlx::Connection;

use crate::{
    app::{TestApp, recording_form, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    invariants::assert_invariants,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, assert_refused, text, texts},
};

const HEARD: &str = "I heard you, but I cannot answer just now. Say \"go on\" in a moment.";
const UNREACHABLE: &str = "The coach cannot be reached just now. Please try again in a moment.";

/// A failure that is not retried.
const FAILS: Fault = Fault::Status(401);

/// Recordings of different sizes are different recordings.
async fn speak(app: &TestApp, id: &str, size: usize) -> Value {
    app.speak(id, webm(size), "audio/webm").await
}

/// Speaks these words, and gets no answer.
async fn speak_unanswered(app: &TestApp, openai: &FakeOpenAi, id: &str, words: &str, size: usize) {
    openai.queue_transcripts(&[words]);
    openai.queue_faults(Endpoint::Reply, [FAILS]);
    assert_refused(&speak(app, id, size).await, "COACH_UNAVAILABLE", HEARD);
}

/// The texts of the unanswered recordings of all sessions, as stored.
async fn unanswered(database: &TestDatabase) -> Vec<String> {
    let mut connection = database.connect().await;
    let sql = "SELECT kept ->> 'text' FROM public.sessions, \
        jsonb_array_elements(unanswered_recordings) WITH ORDINALITY AS r (kept, place) \
        ORDER BY created_at, place";
    let kept = sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("read");
    connection.close().await.expect("closed");
    kept
}

/// The last text that the coach was shown.
fn shown_to_coach(openai: &FakeOpenAi) -> String {
    let call = openai.last_call(Endpoint::Reply);
    text(&call["messages"].as_array().and_then(|all| all.last()).expect("messages")["content"])
}

#[tokio::test]
async fn unanswered_recording_is_said_with_the_next_turn() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "hello").await.data();
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;

    assert_eq!(app.history(&id).await.len(), 2, "no message yet");
    assert_eq!(app.session(&id).await["messageCount"], 2);
    let hits = app.get("/api/search/messages?q=wears").await;
    assert_eq!(hits.messages(), [] as [Value; 0]);
    assert!(app.files("uploads").is_empty());

    let reply = app.say(&id, "go on").await;
    let said = "My job wears me out\n\ngo on";
    assert_eq!(reply.messages()[0]["text"], said);
    assert_eq!(shown_to_coach(&openai), said);
    assert_eq!(app.history(&id).await[2]["text"], said);
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);

    app.say(&id, "and then").await.data();
    assert_eq!(shown_to_coach(&openai), "and then", "said once");
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn unanswered_recordings_are_said_in_order() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for (number, words) in ["one", "two", "three"].iter().enumerate() {
        speak_unanswered(&app, &openai, &id, words, 6_000 + number).await;
    }
    openai.queue_transcripts(&["go on"]);
    let reply = speak(&app, &id, 7_000).await;
    assert_eq!(reply.messages()[0]["text"], "one\n\ntwo\n\nthree\n\ngo on");
    assert_eq!(shown_to_coach(&openai), "one\n\ntwo\n\nthree\n\ngo on");
    assert_eq!(app.session(&id).await["messageCount"], 2);
}

#[tokio::test]
async fn unanswered_typed_text_is_not_kept() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for expected in [&[][..], &["spoken"]] {
        openai.queue_faults(Endpoint::Reply, [FAILS]);
        assert_refused(&app.say(&id, "typed").await, "COACH_UNAVAILABLE", UNREACHABLE);
        assert_eq!(unanswered(&app.database).await, expected);
        if expected.is_empty() {
            speak_unanswered(&app, &openai, &id, "spoken", 6_000).await;
        }
    }
    assert_eq!(app.say(&id, "typed").await.messages()[0]["text"], "spoken\n\ntyped");
}

#[tokio::test]
async fn failed_speech_to_text_keeps_nothing() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Transcription, [FAILS]);
    assert_eq!(speak(&app, &id, 6_000).await.code(), "SPEECH_TO_TEXT_UNAVAILABLE");
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
}

#[tokio::test]
async fn sse_client_gets_the_error_and_later_the_whole_text() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let events = async || {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        let request = request.header(header::ACCEPT, "text/event-stream");
        let request = request.multipart(recording_form(webm(6_000), "audio/webm"));
        request.response().await.text().await.expect("events")
    };
    openai.queue_faults(Endpoint::Reply, [FAILS]);
    let failed = events().await;
    let error = failed.split("event: error\ndata: ").nth(1).expect("an error");
    let error: Value = serde_json::from_str(error.trim()).expect("JSON");
    assert_refused(&error, "COACH_UNAVAILABLE", HEARD);

    speak_unanswered(&app, &openai, &id, "another", 6_001).await;
    let said = "another\n\nMy job wears me out";
    let transcript = format!("event: transcript\ndata: {}\n\n", json!({ "text": said }));
    let answered = events().await;
    assert!(answered.starts_with(&transcript), "{answered}");
    assert_eq!(texts(&app.history(&id).await)[0], said);
}

/// Every later turn would be refused, too.
#[tokio::test]
async fn turn_refused_with_recordings_is_answered_without() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "what the vendor refuses", 6_000).await;
    openai.take_calls(Endpoint::Reply);
    openai.queue_faults(Endpoint::Reply, [Fault::Status(400)]);
    assert_eq!(app.say(&id, "go on").await.messages()[0]["text"], "go on");
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 2);
    assert_eq!(unanswered(&app.database).await, ["what the vendor refuses"]);
    let reply = app.say(&id, "once more").await;
    assert_eq!(reply.messages()[0]["text"], "what the vendor refuses\n\nonce more");
}
