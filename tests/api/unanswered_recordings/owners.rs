//! Unanswered recordings belong to their session: claimed, exported and deleted with it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{FAILS, HEARD, speak_unanswered, unanswered};
use crate::{
    app::{TestApp, recording_form, webm},
    cli,
    fake_openai::{Endpoint, FakeOpenAi},
    reply::{ReplyExt, RequestExt, assert_refused, text},
};

/// The token of a new user.
async fn sign_up(app: &TestApp) -> String {
    let account = app.post("/api/auth/anonymous", Value::Null).await;
    text(&account.data()["accessToken"])
}

async fn request(app: &TestApp, method: Method, path: &str, token: &str) -> Value {
    app.http.request(method, app.url(path)).bearer_auth(token).reply().await
}

/// The lines of a user's export.
async fn export(app: &TestApp, token: &str) -> Vec<Value> {
    let export = app.http.get(app.url("/api/users/me/export")).bearer_auth(token);
    let export = export.response().await.text().await.expect("lines");
    export.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn claimed_session_keeps_the_recording_for_its_owner() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).with_auth().spawn().await;
    let (ada, bob) = (sign_up(&app).await, sign_up(&app).await);
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    request(&app, Method::POST, &format!("/api/sessions/{id}/claim"), &ada).await.data();

    let messages = format!("/api/sessions/{id}/messages");
    let say = async |token: &str| -> Value {
        let request = app.http.post(app.url(&messages)).bearer_auth(token);
        request.json(&json!({"text": "go on"})).reply().await
    };
    assert_eq!(say(&bob).await.code(), "SESSION_NOT_FOUND");
    assert_eq!(app.say(&id, "go on").await.code(), "SESSION_NOT_FOUND");
    assert_eq!(export(&app, &bob).await, [] as [Value; 0]);
    assert_eq!(say(&ada).await.messages()[0]["text"], "My job wears me out\n\ngo on");
}

#[tokio::test]
async fn users_export_holds_unanswered_recordings_in_order() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).with_auth().spawn().await;
    let token = sign_up(&app).await;
    let id = request(&app, Method::POST, "/api/sessions", &token).await.session_id();
    openai.queue_transcripts(&["one", "two"]);
    openai.queue_faults(Endpoint::Reply, [FAILS, FAILS]);
    for size in [6_000, 6_001] {
        let upload = app.http.post(app.url(&format!("/api/sessions/{id}/messages")));
        let upload = upload.bearer_auth(&token);
        let reply = upload.multipart(recording_form(webm(size), "audio/webm")).reply().await;
        assert_refused(&reply, "COACH_UNAVAILABLE", HEARD);
    }
    let line = |text: &str| json!({"type": "unansweredRecording", "sessionId": id, "text": text});
    assert_eq!(export(&app, &token).await[1..], [line("one"), line("two")]);

    // No other response shows them.
    for path in ["/api/sessions".to_owned(), format!("/api/sessions/{id}")] {
        let reply = request(&app, Method::GET, &path, &token).await;
        assert!(!reply.data().to_string().contains("two"), "{reply}");
    }
    request(&app, Method::DELETE, "/api/users/me", &token).await.data();
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
}

#[tokio::test]
async fn deleted_session_takes_its_recording_along() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    app.http.delete(app.url(&format!("/api/sessions/{id}"))).reply().await.data();
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
}

#[tokio::test]
async fn exported_recording_is_imported_and_said() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let other = TestApp::builder().with_openai(&openai).spawn().await;
    let (id, without) = (app.given_session().await, app.given_session().await);
    speak_unanswered(&app, &openai, &id, "My job wears me out", 6_000).await;
    let all = cli::export(&app.database, &[]);
    let line = |id: &str| all.lines().find(|line| line.contains(id)).expect("a session").to_owned();
    assert!(line(&id).contains("My job wears me out"), "{all}");
    // A file of sessions without them is one for earlier versions, too.
    assert!(!line(&without).contains("unanswered"), "{all}");
    cli::succeeded(&crate::import::import(&other.database, &all));
    assert!(cli::export(&other.database, &[]) == all, "not the same bytes");
    assert_eq!(other.say(&id, "go on").await.messages()[0]["text"], "My job wears me out\n\ngo on");
}
