//! Offers to wrap up, closing summaries, and the end of sessions that are left alone.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use sqlx::{Executor, Row};
use tokio::{sync::Notify, time::sleep};

use crate::{
    app::{TestApp, eventually},
    events::Events,
    fake_openai::{Endpoint, FakeOpenAi, Fault, SUMMARY, Script},
    reply::{ReplyExt, RequestExt, text},
};

fn coach_text(data: &Value) -> String {
    text(&data["messages"][1]["text"])
}

#[tokio::test]
async fn something_else_than_a_bare_no_gets_a_real_reply() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    for words in ["No, and my sister called again yesterday", "yesterday was hard"] {
        let id = app.given_session().await;
        app.say(&id, "Let's wrap up").await;
        openai.take_calls(Endpoint::Reply);
        let declined = app.say(&id, words).await["data"].clone();
        assert_eq!(declined.get("awaitingWrapUpConfirmation"), None, "{declined}");
        assert_eq!(
            coach_text(&declined),
            "That sounds heavy. What would you like to be different?"
        );
        let asked = openai.last_call(Endpoint::Reply).to_string();
        assert!(asked.contains(words), "the coach answers to it: {asked}");
        let session = app.session(&id).await;
        let state = ["wrapUpCooldown", "timeExtensionMinutes", "ignoreContentWrapUp"];
        assert_eq!(state.map(|name| &session[name]), [&json!(5), &json!(5), &json!(true)]);
    }
}

/// On a phone, the offer and what stands before it are on the screen at once.
#[tokio::test]
async fn offer_takes_the_place_of_the_replys_question() {
    const OFFER: &str = "We made good progress. Shall I wrap up with a summary?";
    const LONG: &str = "That is a long sentence about much that you have said so far, and it goes \
        on and on until nobody remembers how it began. What now?";
    for (reply, kept) in [
        ("That sounds heavy. What would you like to be different?", "That sounds heavy. "),
        ("I see. You have come far today. What now? Or later?", "I see. You have come far today. "),
        ("What would you like to be different?", ""),
        (LONG, ""),
        ("Well done.", "Well done. "),
    ] {
        let openai = FakeOpenAi::spawn().await;
        let app = TestApp::builder().with_openai(&openai).spawn().await;
        let id = app.given_session().await;
        app.say(&id, "I sleep badly").await;
        app.database.execute("UPDATE public.sessions SET coach_rounds = 14").await;
        openai.queue_faults(Endpoint::Decision, [Fault::Reply("Yes.")]);
        openai.queue_faults(Endpoint::Reply, [Fault::Reply(reply)]);
        let path = format!("/api/sessions/{id}/messages");
        let request = app.http.post(app.url(&path)).header("accept", "text/event-stream");
        let request = request.json(&json!({"text": "I could ask for help"}));
        let events = request.response().await.text().await.expect("events");
        let data = |event: &str| -> Vec<Value> {
            let prefix = format!("event: {event}\ndata: ");
            let frames = events.split("\n\n").filter_map(|frame| frame.strip_prefix(&*prefix));
            frames.map(|data| serde_json::from_str(data).expect("JSON")).collect()
        };
        let expected = format!("{kept}{OFFER}");
        let deltas: String = data("delta").iter().map(|delta| text(&delta["text"])).collect();
        assert_eq!(deltas, expected, "nothing is shown and taken back");
        assert_eq!(text(&data("message")[0]["messages"][1]["text"]), expected);
        assert_eq!(data("done")[0]["awaitingWrapUpConfirmation"], true);
    }
}

#[tokio::test]
async fn reply_is_shown_whole_if_no_offer_is_made() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "I sleep badly").await;
    app.database.execute("UPDATE public.sessions SET coach_rounds = 14").await;
    let resume = Arc::new(Notify::new());
    openai.queue_faults(Endpoint::Decision, [Fault::PausedStatus(Arc::clone(&resume), 400)]);
    let mut events = Events::of(&app, &id, "and so on").await;
    let (first, _) = events.until("delta").await;
    assert_eq!(first["text"], "That sounds heavy.", "the rest waits for the decision");
    resume.notify_one();
    let (second, _) = events.until("delta").await;
    assert_eq!(second["text"], " What would you like to be different?");
}

#[tokio::test]
async fn decorated_summary_is_repaired_and_an_unusable_one_asked_for_again() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let end = async |replies: &[&'static str]| {
        let id = app.given_session().await;
        app.say(&id, "My job wears me out").await;
        app.say(&id, "I will talk to my boss on Monday").await;
        openai.queue_faults(Endpoint::Closing, replies.iter().map(|text| Fault::Reply(text)));
        let summary = text(&app.end(&id).await["data"]["summary"]);
        openai.clear_faults(Endpoint::Closing);
        (summary, openai.take_calls(Endpoint::Closing).len())
    };
    let decorated = "Here it is:\n## **Key discussion points**\n* Work\n\n**Main Breakthroughs:**\n\
        * Saying no\n\n### ACTION PLAN：\n1. Prompt on Monday\n\n**Final note:** Well done.";
    let expected = SUMMARY.replace("- Prompt", "1. Prompt");
    assert_eq!(end(&[decorated]).await, (expected, 1));
    let lacking = "KEY DISCUSSION POINTS:\n- Work\n\nACTION PLAN:\n- Prompt on Monday";
    assert_eq!(end(&[lacking]).await, (SUMMARY.into(), 2), "asked for once more");
    let (by_rule, calls) = end(&[lacking, lacking]).await;
    assert_eq!(calls, 2, "two calls in all");
    assert!(by_rule.contains("ACTION PLAN:\n- I will talk to my boss on Monday"), "{by_rule}");
    assert!(by_rule.contains("KEY DISCUSSION POINTS:\n- My job wears me out"), "{by_rule}");
}

/// Two hundred sessions that cannot be ended are as many as one run of the job ends.
#[tokio::test]
async fn sessions_without_a_summary_do_not_keep_others_from_ending() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "My job wears me out").await;
    app.database
        .execute(
            "UPDATE public.sessions SET created_at = now() - interval '30 hours', \
                 updated_at = now() - interval '30 hours'; \
             INSERT INTO public.sessions \
                 (id, session_id, created_at, updated_at, message_count, closing_failures) \
             SELECT lpad(to_hex(n), 32, '0')::uuid, \
                 'session-' || lpad(to_hex(n), 32, '0'), now() - interval '50 hours', \
                 now() - interval '50 hours', 2, 0 \
             FROM generate_series(1, 200) AS n; \
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT id, 'msg-' || md5(session_id || p), CASE p WHEN 1 THEN 'user' ELSE 'ai' END, \
                 'canary', p \
             FROM public.sessions, generate_series(1, 2) AS p WHERE message_count = 2 \
                 AND session_id LIKE 'session-0000%'",
        )
        .await;
    let count = async |condition: &str| {
        let mut connection = app.database.connect().await;
        let sql = format!("SELECT count(*) FROM public.sessions WHERE {condition}");
        let row = connection.fetch_one(sqlx::AssertSqlSafe(sql)).await.expect("counted");
        row.get::<i64, _>(0)
    };
    // A run of the job at each start: the first one fails for all that it takes.
    let statuses = (0..200).map(|_| Fault::Status(400));
    openai.queue_faults(Endpoint::Closing, statuses);
    let first = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    eventually("all 200 failed", async || count("closing_failures = 1").await == 200).await;
    drop(first);
    let second = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    eventually("the other one has ended", async || app.session(&id).await["status"] == "ended")
        .await;
    drop(second);
    // After five failures the summary is put together by rule, without the coach.
    app.database
        .execute(
            "UPDATE public.sessions SET closing_failures = 5, closing_retry_at = NULL \
             WHERE closing_failures > 0",
        )
        .await;
    openai.take_calls(Endpoint::Closing);
    let _third = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    eventually("all have ended", async || count("status = 'active'").await == 0).await;
    assert_eq!(openai.take_calls(Endpoint::Closing).len(), 0);
    assert_eq!(count("summary LIKE '%KEY DISCUSSION POINTS:_- canary%'").await, 200);
}

/// A provider that is away says nothing about the sessions that it was not asked about.
#[tokio::test]
async fn sessions_that_the_coach_has_not_seen_are_not_counted_as_failed() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = app.given_session().await;
        app.say(&id, "My job wears me out").await.data();
        ids.push(id);
    }
    for (number, id) in ids.iter().enumerate() {
        // In the order of their beginnings.
        let age = format!("now() - interval '30 hours' + interval '{number} seconds'");
        let earlier = format!(
            "UPDATE public.sessions SET created_at = {age}, updated_at = {age}
             WHERE session_id = '{id}'"
        );
        app.database.execute(&earlier).await;
    }
    // It does not fit the time-out: the call fails at once, and the provider is left alone.
    let away = || Fault::Respond(Script::new(503, "").header("retry-after", "100"));
    openai.queue_faults(Endpoint::Closing, [away(), away(), away()]);
    let _sweeping = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    let failures = async || -> Vec<i32> {
        let mut connection = app.database.connect().await;
        let sql = "SELECT closing_failures FROM public.sessions ORDER BY created_at";
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("counted")
    };
    eventually("the first one has failed", async || failures().await == [1, 0, 0]).await;
    // Longer than the pause before the next session is tried once more.
    sleep(Duration::from_secs(17)).await;
    assert_eq!(failures().await, [1, 0, 0]);
    assert_eq!(openai.take_calls(Endpoint::Closing).len(), 1);
}

#[tokio::test]
async fn sessions_without_a_message_are_removed_after_a_day() {
    let app = TestApp::spawn().await;
    let (empty, ended, young, spoken, uncounted) = (
        app.given_session().await,
        app.given_session().await,
        app.given_session().await,
        app.given_session().await,
        app.given_session().await,
    );
    app.end(&ended).await.data();
    app.say(&spoken, "hello there").await.data();
    app.say(&uncounted, "hello there").await.data();
    app.database
        .execute(&format!(
            // Rows that something else than the server has written.
            "UPDATE public.sessions SET message_count = 0 WHERE session_id = '{uncounted}'; \
             UPDATE public.sessions SET created_at = now() - interval '25 hours', \
                 updated_at = now() - interval '25 hours' \
             WHERE session_id <> '{young}'"
        ))
        .await;
    let settings = [("KUKU_SESSION_IDLE_HOURS", "1000")];
    let _other = TestApp::builder().sharing(&app.database).with_settings(&settings).spawn().await;
    eventually("both are gone", async || {
        let is_gone = async |id: &str| {
            app.get(&format!("/api/sessions/{id}")).await["code"] == "SESSION_NOT_FOUND"
        };
        is_gone(&empty).await && is_gone(&ended).await
    })
    .await;
    assert_eq!(app.session(&young).await["status"], "active");
    assert_eq!(app.history(&spoken).await.len(), 2);
    assert_eq!(app.history(&uncounted).await.len(), 2);
}
