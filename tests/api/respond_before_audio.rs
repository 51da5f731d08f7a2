//! Answers that go out before their sound is made (`KUKU_RESPOND_BEFORE_AUDIO`), and the sound, which is heard as it comes.

use std::{sync::Arc, time::Duration};

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::timeout};

use crate::{
    app::{TestApp, text},
    fake_openai::{End, Endpoint, FakeOpenAi, Fault, MP3},
    postgres::TestDatabase,
    server_process::open_folder,
};

/// Longer than anything here takes, and shorter than the provider's time-out.
const SOON: Duration = Duration::from_secs(10);

struct Early {
    app: TestApp,
    openai: FakeOpenAi,
}

impl Early {
    async fn spawn(more: &[(&str, &str)]) -> Self {
        let openai = FakeOpenAi::spawn().await;
        let mut variables = openai.variables();
        variables.push(("KUKU_RESPOND_BEFORE_AUDIO", "true"));
        variables.extend(more);
        let app = TestApp::on(TestDatabase::new().await, &variables).await;
        Self { app, openai }
    }

    /// Takes a turn whose speech stops in the middle until told; the line, and what tells.
    async fn turn(&self, id: &str, end: End) -> (Value, Arc<Notify>) {
        let told = Arc::new(Notify::new());
        self.openai
            .fail(Endpoint::Speech, [Fault::Halves(Arc::clone(&told), end)]);
        let reply = timeout(SOON, self.app.say(id, "hello"))
            .await
            .expect("it does not wait for the sound");
        assert_eq!(reply["success"], true, "{reply}");
        (reply["data"]["messages"][1].clone(), told)
    }

    async fn audio(&self, url: &str) -> reqwest::Response {
        let request = self.app.http.get(self.app.url(url)).send();
        timeout(SOON, request)
            .await
            .expect("in time")
            .expect("an answer")
    }

    /// Asks until the speech is in the store.
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
    let early = Early::spawn(&[]).await;
    let id = early.app.given_session().await;
    let (line, told) = early.turn(&id, End::Whole).await;
    let url = text(&line["audioUrl"]);
    let mut listening = early.audio(&url).await;
    assert_eq!(listening.status(), StatusCode::OK);
    assert_eq!(listening.headers()["cache-control"], "no-store");
    let first = timeout(SOON, listening.chunk())
        .await
        .expect("at once")
        .expect("a part")
        .expect("not the end");
    assert_eq!(first, &MP3[..MP3.len() / 2]);
    assert_eq!(
        early.app.history(&id).await[1]["audioUrl"],
        url.as_str(),
        "also in the history"
    );
    let head = early
        .app
        .http
        .head(early.app.url(&url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(head.status(), StatusCode::OK);
    told.notify_one();
    assert_eq!(
        listening.bytes().await.expect("the rest"),
        &MP3[MP3.len() / 2..]
    );
    assert_eq!(
        early.stored(&url).await.bytes().await.expect("all of it"),
        MP3
    );
    let part = early
        .app
        .http
        .get(early.app.url(&url))
        .header("range", "bytes=0-2")
        .send()
        .await;
    let part = part.expect("an answer");
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.expect("a part"), "ID3");
}

#[tokio::test]
async fn failed_speech_ends_its_stream_and_nothing_else() {
    let early = Early::spawn(&[("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", "2")]).await;
    let id = early.app.given_session().await;
    let (line, told) = early.turn(&id, End::Cut).await;
    let url = text(&line["audioUrl"]);
    let listening = early.audio(&url).await;
    told.notify_one();
    // What there was, and a proper end: a player does not take it for a broken connection.
    assert_eq!(
        listening.bytes().await.expect("an end"),
        &MP3[..MP3.len() / 2]
    );
    assert_eq!(early.audio(&url).await.status(), StatusCode::NOT_FOUND);
    early.openai.fail(Endpoint::Speech, [Fault::Garbage]);
    let reply = early.app.say(&id, "and again").await;
    assert_eq!(reply["success"], true);
    if let Some(url) = reply["data"]["messages"][1]["audioUrl"].as_str() {
        assert_eq!(early.audio(url).await.status(), StatusCode::NOT_FOUND);
    }
    let history = early.app.history(&id).await;
    assert_eq!(history.len(), 4);
    assert!(
        history.iter().all(|line| line["audioUrl"].is_null()),
        "{history:?}"
    );
}

#[tokio::test]
async fn other_server_waits_for_audio_in_progress() {
    let folder = open_folder();
    let store = format!("file://{}", folder.path().display());
    let early = Early::spawn(&[("KUKU_AUDIO_STORE", &store)]).await;
    let other_variables = [
        ("KUKU_AUDIO_STORE", store.as_str()),
        ("KUKU_RESPOND_BEFORE_AUDIO", "true"),
    ];
    let other = TestApp::on(
        TestDatabase::borrowed(&early.app.database),
        &other_variables,
    )
    .await;
    let id = early.app.given_session().await;
    let (line, told) = early.turn(&id, End::Whole).await;
    let asking = tokio::spawn(other.http.get(other.url(&text(&line["audioUrl"]))).send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    told.notify_one();
    let heard = timeout(SOON, asking)
        .await
        .expect("in time")
        .expect("no panic")
        .expect("an answer");
    assert_eq!(heard.status(), StatusCode::OK);
    assert_eq!(heard.bytes().await.expect("all of it"), MP3);
}

#[tokio::test]
async fn sse_turn_carries_the_audio_url_with_the_text() {
    let early = Early::spawn(&[]).await;
    let id = early.app.given_session().await;
    let told = Arc::new(Notify::new());
    early.openai.fail(
        Endpoint::Speech,
        [Fault::Halves(Arc::clone(&told), End::Whole)],
    );
    let response = early
        .app
        .http
        .post(early.app.url(&format!("/api/sessions/{id}/messages")));
    let response = response
        .header("accept", "text/event-stream")
        .json(&json!({"text": "hello"}))
        .send()
        .await;
    let events = timeout(SOON, response.expect("an answer").text())
        .await
        .expect("in time")
        .expect("text");
    let names: Vec<&str> = events
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(
        names[names.len() - 3..],
        ["message", "audio", "done"],
        "{events}"
    );
    told.notify_one();
}
