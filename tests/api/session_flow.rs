//! Whole sessions, from the first turn to each kind of end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    app::{TestApp, eventually, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault, SUMMARY},
    invariants::assert_invariants,
    reply::{RequestExt, text},
};

async fn take_spoken_turn(app: &TestApp, id: &str) -> Value {
    let reply = app.speak(id, webm(6_000), "audio/webm;codecs=opus").await;
    assert_eq!(reply["success"], true, "{reply}");
    reply["data"].clone()
}

fn coach_text(data: &Value) -> String {
    let messages = data["messages"].as_array().expect("messages");
    let line = messages.iter().find(|line| line["sender"] == "ai").expect("the coach's line");
    text(&line["text"])
}

#[tokio::test]
async fn spoken_session_runs_from_start_to_summary_and_rating() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Decision, [Fault::Reply("Yes.")]);
    for turn in 1..=14 {
        let data = take_spoken_turn(&app, &id).await;
        assert!(data.get("awaitingWrapUpConfirmation").is_none(), "turn {turn}: {data}");
        let url = text(&data["messages"][1]["audioUrl"]);
        let audio = app.http.get(app.url(&url)).response().await;
        assert_eq!(audio.status(), 200, "turn {turn}");
    }
    assert!(openai.take_calls(Endpoint::Decision).is_empty(), "not before turn 15");
    let offered = take_spoken_turn(&app, &id).await;
    assert_eq!(offered["awaitingWrapUpConfirmation"], true, "{offered}");
    assert!(coach_text(&offered).contains("good progress"), "{offered}");
    assert_eq!(openai.take_calls(Endpoint::Decision).len(), 1, "one decision call");
    let session = app.session(&id).await;
    assert_eq!(session["awaitingWrapUpConfirmation"], true);
    assert_eq!(session["messageCount"], 30);

    openai.queue_transcripts(&["Yes, please."]);
    let ended = take_spoken_turn(&app, &id).await;
    assert_eq!(ended["sessionEnded"], true, "{ended}");
    assert_eq!(ended["finalSummary"], SUMMARY);
    assert_eq!(coach_text(&ended), SUMMARY);
    assert!(ended.get("awaitingWrapUpConfirmation").is_none());
    assert_eq!(ended["messages"][1]["audioUrl"], Value::Null, "a summary has no audio");

    let again = app.end(&id).await;
    assert_eq!(
        again["data"]["summary"], SUMMARY,
        "an end after the spoken end gives the stored summary"
    );
    let rated = app.post(&format!("/api/sessions/{id}/rating"), json!({"rating": 5})).await;
    assert_eq!(rated["success"], true, "{rated}");
    let history = app.history(&id).await;
    assert_eq!(history.len(), 32);
    assert_eq!(history[31]["text"], SUMMARY);
    assert_eq!(openai.take_calls(Endpoint::Closing).len(), 1);
}

#[tokio::test]
async fn wrap_up_is_offered_on_turn_twenty_six() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for turn in 1..=25 {
        let data = app.say(&id, "and then there is more").await["data"].clone();
        assert!(data.get("awaitingWrapUpConfirmation").is_none(), "turn {turn}");
    }
    let data = app.say(&id, "and then there is more").await["data"].clone();
    assert_eq!(data["awaitingWrapUpConfirmation"], true, "{data}");
    assert_eq!(openai.take_calls(Endpoint::Decision).len(), 11, "turns 15 to 25");
    assert_eq!(app.session(&id).await["messageCount"], 52);
}

#[tokio::test]
async fn wrap_up_after_thirty_minutes_is_deferred_by_five() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    app.say(&id, "I feel tired").await;
    let set_age = |minutes| {
        let sql =
            format!("UPDATE public.sessions SET created_at = now() - interval '{minutes} minutes'");
        let database = &app.database;
        async move { database.execute(&sql).await }
    };
    set_age(31).await;
    let offered = app.say(&id, "and I sleep badly").await["data"].clone();
    assert_eq!(offered["awaitingWrapUpConfirmation"], true, "{offered}");
    assert!(coach_text(&offered).contains("time together is nearly up"), "{offered}");

    let declined = app.say(&id, "No, not yet.").await["data"].clone();
    assert!(declined.get("awaitingWrapUpConfirmation").is_none(), "{declined}");
    assert!(declined.get("sessionEnded").is_none(), "{declined}");
    assert!(coach_text(&declined).contains("let us go on"), "{declined}");
    let session = app.session(&id).await;
    assert_eq!(
        [
            &session["wrapUpCooldown"],
            &session["timeExtensionMinutes"],
            &session["ignoreContentWrapUp"],
            &session["awaitingWrapUpConfirmation"],
            &session["messageCount"],
        ],
        [&json!(5), &json!(5), &json!(true), &json!(false), &json!(6)]
    );
    assert_eq!(
        app.history(&id).await[4]["text"],
        "No, not yet.",
        "the declining exchange is stored"
    );

    set_age(36).await;
    for cooldown in (0..5).rev() {
        let data = app.say(&id, "more about it").await["data"].clone();
        assert!(data.get("awaitingWrapUpConfirmation").is_none(), "{data}");
        assert_eq!(app.session(&id).await["wrapUpCooldown"], cooldown);
    }
    let data = app.say(&id, "more about it").await["data"].clone();
    assert_eq!(data["awaitingWrapUpConfirmation"], true, "{data}");
}

#[tokio::test]
async fn request_to_finish_is_confirmed_before_the_session_ends() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "I must wrap up a project at work").await;
    assert_eq!(
        openai.take_calls(Endpoint::Reply).len(),
        1,
        "a mention of wrapping up is an ordinary turn"
    );
    let asked = app.say(&id, "Let's wrap up").await["data"].clone();
    assert_eq!(asked["awaitingWrapUpConfirmation"], true, "{asked}");
    assert!(coach_text(&asked).contains("\"yes\""), "{asked}");
    let declined = app.say(&id, "no, please do not end the session yet").await["data"].clone();
    assert!(declined.get("sessionEnded").is_none(), "{declined}");
    app.say(&id, "end session").await;
    assert!(openai.take_calls(Endpoint::Reply).is_empty(), "fixed replies need no model");
    let ended = app.say(&id, "wrap up and summarize").await["data"].clone();
    assert_eq!(ended["sessionEnded"], true, "{ended}");
    assert_eq!(app.session(&id).await["status"], "ended");
}

#[tokio::test]
async fn old_messages_move_into_the_running_summary() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_COACH__MEMORY_TOKENS", "60")
        .spawn()
        .await;
    let id = app.given_session().await;
    let mut merged = Vec::new();
    for turn in 0..200 {
        app.say(&id, &format!("thought {turn} about my work and my sleep")).await;
        merged.extend(openai.take_calls(Endpoint::Merge));
        let call = openai.last_call(Endpoint::Reply);
        if call["messages"][0]["content"]
            .as_str()
            .is_some_and(|s| s.contains("The person is worn out by work."))
        {
            let system = text(&call["messages"][0]["content"]);
            assert!(system.trim_end().ends_with("of 30."), "{system}");
            let lines = call["messages"].as_array().expect("messages").len();
            let all = 2 * turn + 2;
            assert!(lines < all, "merged messages are not sent: {lines} in turn {turn}");
            assert_eq!(call["messages"][1]["role"], "user", "{call}");
            let first = merged.first().expect("a merge").text();
            assert!(first.contains("thought 0 about"), "{first}");
            return;
        }
    }
    panic!("nothing was merged");
}

#[tokio::test]
async fn abandoned_sessions_are_ended_once_with_a_summary() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let (left, fresh, empty) =
        (app.given_session().await, app.given_session().await, app.given_session().await);
    app.say(&left, "My job wears me out").await;
    app.say(&fresh, "I am still here").await;
    let set = |id: &str, ago: &str| {
        let sql = format!(
            "UPDATE public.sessions \
             SET created_at = now() - interval '26 hours', updated_at = now() - interval '{ago}' \
             WHERE session_id = '{id}'"
        );
        let database = &app.database;
        async move { database.execute(&sql).await }
    };
    set(&left, "25 hours").await;
    set(&fresh, "23 hours").await;
    set(&empty, "25 hours").await;
    openai.set_delay(Duration::from_millis(100));
    // Each server looks for abandoned sessions at its start.
    let second = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    let third = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    eventually("the session has ended, and the empty one is gone", async || {
        let is_empty_gone =
            app.get(&format!("/api/sessions/{empty}")).await["code"] == "SESSION_NOT_FOUND";
        app.session(&left).await["status"] == "ended" && is_empty_gone
    })
    .await;
    for server in [&app, &second, &third] {
        let ended = server.post(&format!("/api/sessions/{left}/end"), json!({})).await;
        assert_eq!(ended["data"]["summary"], SUMMARY, "{ended}");
        assert_eq!(ended["data"]["duration"], 3_600, "until the last turn: {ended}");
    }
    assert_eq!(app.session(&fresh).await["status"], "active");
    assert_eq!(openai.take_calls(Endpoint::Closing).len(), 1, "by one server, once");
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn old_sessions_are_removed_if_retention_is_set() {
    let app = TestApp::spawn().await;
    let (old, young, active) = (
        app.given_ended_session().await,
        app.given_ended_session().await,
        app.given_session().await,
    );
    app.database
        .execute(&format!(
            "UPDATE public.sessions SET ended_at = now() - interval '3 days' \
             WHERE session_id = '{old}'; \
             UPDATE public.sessions SET updated_at = now() - interval '3 days' \
             WHERE session_id = '{active}'"
        ))
        .await;
    // Two servers with retention, and one without.
    let settings = [("KUKU_RETENTION_DAYS", "2"), ("KUKU_SESSION_IDLE_HOURS", "1000")];
    let _one = TestApp::builder().sharing(&app.database).with_settings(&settings).spawn().await;
    let _two = TestApp::builder().sharing(&app.database).with_settings(&settings).spawn().await;
    for _ in 0..100 {
        if app.get(&format!("/api/sessions/{old}")).await["success"] == false {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        app.get(&format!("/api/sessions/{old}/messages")).await["code"],
        "SESSION_NOT_FOUND"
    );
    assert_eq!(app.history(&young).await.len(), 2);
    assert_eq!(app.session(&active).await["status"], "active");
}
