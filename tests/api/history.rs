//! The history of a session, and the audio of its messages.

use serde_json::Value;

use crate::{
    app::{TestApp, eventually},
    fake_openai::FakeOpenAi,
    reply::{ReplyExt, RequestExt, refusal, text},
};

#[tokio::test]
async fn message_has_an_audio_url_while_the_file_exists() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let turn = app.say(&id, "hello there").await;
    let url = turn.audio_url();
    eventually("the audio is stored", async || app.files("audio").len() == 1).await;
    let history = app.history(&id).await;
    assert_eq!(history[0]["audioUrl"], Value::Null);
    assert_eq!(history[1]["audioUrl"], url);
    std::fs::remove_file(app.data_dir.path().join(url.trim_start_matches('/'))).expect("removed");
    assert_eq!(app.history(&id).await[1]["audioUrl"], Value::Null);
}

#[tokio::test]
async fn reply_audio_is_swept_after_its_retention() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_AUDIO_RETENTION_SECONDS", "1")
        .spawn()
        .await;
    let id = app.given_session().await;
    app.say(&id, "hello there").await;
    eventually("the audio is stored", async || app.files("audio").len() == 1).await;
    for _ in 0..200 {
        if app.files("audio").is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.files("audio").is_empty());
    assert_eq!(app.history(&id).await.len(), 2, "the texts stay");
}

/// Adds messages to a session, numbered from 1.
async fn add_messages(app: &TestApp, id: &str, count: usize) {
    app.database
        .execute(&format!(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || n, CASE WHEN n % 2 = 1 THEN 'user' ELSE 'ai' END, \
                 'message \"' || n, n \
             FROM public.sessions AS s, generate_series(1, {count}) AS n \
             WHERE s.session_id = '{id}'; \
             UPDATE public.sessions SET message_count = {count} WHERE session_id = '{id}'"
        ))
        .await;
}

#[tokio::test]
async fn long_history_is_complete_and_shaped_like_a_short_one() {
    let app = TestApp::spawn().await;
    for count in [0, 1, 500, 501, 1_000, 1_001, 2_000] {
        let id = app.given_session().await;
        app.database.execute("DELETE FROM public.messages").await;
        add_messages(&app, &id, count).await;
        let reply = app.get(&format!("/api/sessions/{id}/messages")).await;
        assert_eq!(
            reply.as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["data", "error", "success"]
        );
        assert_eq!(
            reply["data"].as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["messages", "nextCursor"]
        );
        assert_eq!(reply["data"]["nextCursor"], Value::Null);
        let texts: Vec<String> =
            app.history(&id).await.iter().map(|line| text(&line["text"])).collect();
        let expected: Vec<String> = (1..=count).map(|n| format!("message \"{n}")).collect();
        assert_eq!(texts, expected);
    }
}

#[tokio::test]
async fn history_can_be_read_in_pages() {
    let app = TestApp::spawn().await;
    let (id, other) = (app.given_session().await, app.given_session().await);
    add_messages(&app, &id, 25).await;
    let (mut read, mut cursor) = (Vec::new(), String::new());
    for page in 0..3 {
        let reply = app.get(&format!("/api/sessions/{id}/messages?limit=10{cursor}")).await;
        let lines = reply.messages();
        assert_eq!(lines.len(), if page < 2 { 10 } else { 5 });
        read.extend(lines.iter().map(|line| text(&line["text"])));
        match reply["data"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => assert_eq!(page, 2, "{reply}"),
        }
    }
    assert_eq!(read, (1..=25).map(|n| format!("message \"{n}")).collect::<Vec<_>>());
    for query in ["limit=0", "limit=501", "limit=x", "cursor=x", &cursor[1..]] {
        let of = if query == &cursor[1..] { &other } else { &id };
        let response =
            app.http.get(app.url(&format!("/api/sessions/{of}/messages?{query}"))).response().await;
        assert_eq!(
            refusal(response).await,
            (reqwest::StatusCode::BAD_REQUEST, "BAD_QUERY".into()),
            "{query}"
        );
    }
}
