//! The history of a session, and what of it can still be heard.

use serde_json::Value;

use crate::{
    app::{TestApp, text},
    fake_openai::FakeOpenAi,
};

#[tokio::test]
async fn a_line_has_its_audio_url_while_the_file_exists() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::with(&openai.variables()).await;
    let id = app.given_session().await;
    let turn = app.say(&id, "hello there").await;
    let url = text(&turn["data"]["messages"][1]["audioUrl"]);
    let history = app.history(&id).await;
    assert_eq!(history[0]["audioUrl"], Value::Null);
    assert_eq!(history[1]["audioUrl"], url);
    std::fs::remove_file(app.data_dir.path().join(url.trim_start_matches('/'))).expect("removed");
    assert_eq!(app.history(&id).await[1]["audioUrl"], Value::Null);
}

#[tokio::test]
async fn reply_audio_is_swept_when_its_time_is_over() {
    let openai = FakeOpenAi::spawn().await;
    let mut variables = openai.variables();
    variables.push(("KUKU_AUDIO_RETENTION_SECONDS", "1"));
    let app = TestApp::with(&variables).await;
    let id = app.given_session().await;
    app.say(&id, "hello there").await;
    assert_eq!(app.files("audio").len(), 1);
    for _ in 0..200 {
        if app.files("audio").is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.files("audio").is_empty());
    assert_eq!(app.history(&id).await.len(), 2, "the words stay");
}
