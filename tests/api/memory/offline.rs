//! Memories without a model.

use serde_json::json;

use super::{given_ended_session, given_session, given_user, memory_of, put};
use crate::{
    app::TestApp,
    reply::{ReplyExt, RequestExt, text},
};

#[tokio::test]
async fn action_plans_are_kept_newest_first_and_taken_up() {
    let app = TestApp::builder().with_auth().spawn().await;
    let token = given_user(&app).await;
    given_ended_session(&app, &token, &["It is hard", "I will call the bank."]).await;
    memory_of(&app, &token, 1).await;
    given_ended_session(&app, &token, &["I will go for a walk."]).await;
    let merged = text(&memory_of(&app, &token, 2).await["text"]);
    let lines: Vec<&str> = merged.lines().collect();
    let [newest, oldest] = lines[..] else { panic!("two lines: {merged}") };
    assert!(newest.ends_with(": I will go for a walk."), "{merged}");
    assert!(oldest.ends_with(": I will call the bank."), "{merged}");
    let id = given_session(&app, &token, &[]).await;
    let say = async |words: &str| {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        let request = request.bearer_auth(&token).json(&json!({ "text": words }));
        text(&request.reply().await.coach_message()["text"])
    };
    assert_eq!(
        say("Hello").await,
        "You said: \"Hello\" Last time you decided: I will go for a walk. How did it go?"
    );
    assert!(!say("Well enough").await.contains("Last time"));
    // Whoever has written another text decides what is taken up.
    put(&app, &token, json!({"text": "Mine"})).await;
    let id = given_session(&app, &token, &[]).await;
    let request = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
    let request = request.bearer_auth(&token).json(&json!({ "text": "Hello" }));
    let reply = text(&request.reply().await.coach_message()["text"]);
    assert!(!reply.contains("Last time"), "{reply}");
}
