//! Responses that precede their audio, and audio that is streamed while it is made.

use std::{sync::Arc, time::Duration};

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::timeout};

use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3, SpeechEnd},
    reply::{ReplyExt, RequestExt, text},
    server_process::open_folder,
};

/// Longer than any step here takes, and shorter than the provider's time-out.
const TIME_OUT: Duration = Duration::from_secs(10);

struct EarlyApp {
    app: TestApp,
    openai: FakeOpenAi,
}

impl EarlyApp {
    async fn spawn(settings: &[(&str, &str)]) -> Self {
        let openai = FakeOpenAi::spawn().await;
        let app = TestApp::builder().with_openai(&openai).with_settings(settings).spawn().await;
        Self { app, openai }
    }

    /// Takes a turn whose speech pauses in the middle; the coach's message, and the notification
    /// that resumes the speech.
    async fn turn(&self, id: &str, end: SpeechEnd) -> (Value, Arc<Notify>) {
        let resume = Arc::new(Notify::new());
        self.openai.queue_faults(Endpoint::Speech, [Fault::PausedSpeech(Arc::clone(&resume), end)]);
        let reply =
            timeout(TIME_OUT, self.app.say(id, "hello")).await.expect("waits for the audio");
        (reply.coach_message().clone(), resume)
    }

    async fn audio(&self, url: &str) -> reqwest::Response {
        let response = self.app.get_raw(url);
        timeout(TIME_OUT, response).await.expect("in time")
    }

    /// Waits until the audio is in the store.
    async fn stored(&self, url: &str) -> reqwest::Response {
        for _ in 0..100 {
            let response = self.audio(url).await;
            if response.headers().contains_key(header::CONTENT_LENGTH) {
                return response;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("never stored");
    }
}

#[tokio::test]
async fn response_precedes_its_audio_which_is_streamed() {
    let early = EarlyApp::spawn(&[]).await;
    let id = early.app.given_session().await;
    let (message, resume) = early.turn(&id, SpeechEnd::Complete).await;
    let url = text(&message["audioUrl"]);
    let mut stream = early.audio(&url).await;
    assert_eq!(stream.status(), StatusCode::OK);
    assert_eq!(stream.headers()["cache-control"], "no-store, no-transform");
    let first = timeout(TIME_OUT, stream.chunk())
        .await
        .expect("at once")
        .expect("a part")
        .expect("not the end");
    assert_eq!(first, &MP3[..MP3.len() / 2]);
    assert_eq!(early.app.history(&id).await[1]["audioUrl"], url.as_str(), "also in the history");
    let head = early.app.http.head(early.app.url(&url)).response().await;
    assert_eq!(head.status(), StatusCode::OK);
    resume.notify_one();
    assert_eq!(stream.bytes().await.expect("the rest"), &MP3[MP3.len() / 2..]);
    assert_eq!(early.stored(&url).await.bytes().await.expect("all of it"), MP3);
    let request = early.app.http.get(early.app.url(&url));
    let part = request.header("range", "bytes=0-2").response().await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.expect("a part"), "ID3");
}

#[tokio::test]
async fn failed_speech_ends_its_stream_and_nothing_else() {
    let early = EarlyApp::spawn(&[("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", "2")]).await;
    let id = early.app.given_session().await;
    let (message, resume) = early.turn(&id, SpeechEnd::Cut).await;
    let url = text(&message["audioUrl"]);
    let stream = early.audio(&url).await;
    resume.notify_one();
    // The body ends properly, so that a player does not report a broken connection.
    assert_eq!(stream.bytes().await.expect("an end"), &MP3[..MP3.len() / 2]);
    assert_eq!(early.audio(&url).await.status(), StatusCode::NOT_FOUND);
    early.openai.queue_faults(Endpoint::Speech, [Fault::Garbage]);
    let reply = early.app.say(&id, "and again").await;
    if let Some(url) = reply.coach_message()["audioUrl"].as_str() {
        assert_eq!(early.audio(url).await.status(), StatusCode::OK, "silence, as it was promised");
    }
    let history = early.app.history(&id).await;
    assert_eq!(history.len(), 4);
    assert!(history.iter().all(|message| message["audioUrl"].is_null()), "{history:?}");
}

#[tokio::test]
async fn other_server_waits_for_audio_in_progress() {
    let folder = open_folder();
    let store = format!("file://{}", folder.path().display());
    let early = EarlyApp::spawn(&[("KUKU_AUDIO_STORE", &store)]).await;
    let other = TestApp::builder()
        .sharing(&early.app.database)
        .with_setting("KUKU_AUDIO_STORE", &store)
        .spawn()
        .await;
    let id = early.app.given_session().await;
    let (message, resume) = early.turn(&id, SpeechEnd::Complete).await;
    let download = tokio::spawn(other.http.get(other.url(&text(&message["audioUrl"]))).send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    resume.notify_one();
    let audio =
        timeout(TIME_OUT, download).await.expect("in time").expect("no panic").expect("a response");
    assert_eq!(audio.status(), StatusCode::OK);
    assert_eq!(audio.bytes().await.expect("all of it"), MP3);
}

#[tokio::test]
async fn sse_turn_carries_the_audio_url_with_the_text() {
    let early = EarlyApp::spawn(&[]).await;
    let id = early.app.given_session().await;
    let resume = Arc::new(Notify::new());
    early.openai.queue_faults(
        Endpoint::Speech,
        [Fault::PausedSpeech(Arc::clone(&resume), SpeechEnd::Complete)],
    );
    let url = early.app.url(&format!("/api/sessions/{id}/messages"));
    let request = early.app.http.post(url).header("accept", "text/event-stream");
    let response = request.json(&json!({"text": "hello"})).response().await;
    let events = timeout(TIME_OUT, response.text()).await.expect("in time").expect("text");
    let names: Vec<&str> = events.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names.iter().filter(|name| **name == "audio").count(), 1, "{events}");
    assert!(names.ends_with(&["done"]), "{events}");
    resume.notify_one();
}
