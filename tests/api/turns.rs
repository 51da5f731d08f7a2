//! Concurrent turns: one session, many clients, several servers.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    invariants::assert_invariants,
    reply::text,
};

/// Checks that the messages of each turn are adjacent and in order, and that their count is right.
async fn assert_complete(app: &TestApp, id: &str, turns: usize) {
    let history = app.history(id).await;
    assert_eq!(history.len(), turns * 2);
    for (index, line) in history.iter().enumerate() {
        assert_eq!(line["sender"], if index % 2 == 0 { "user" } else { "ai" }, "message {index}");
    }
    assert_eq!(app.session(id).await["messageCount"], turns * 2);
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn concurrent_turns_of_a_session_are_stored_in_order() {
    // One, and as many as a session queues.
    const TURNS: usize = 9;
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(10));
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let words: Vec<String> = (0..TURNS).map(|n| format!("thought number {n} of mine")).collect();
    let replies = join_all(words.iter().map(|words| app.say(&id, words))).await;
    assert!(replies.iter().all(|reply| reply["success"] == true), "{replies:?}");
    assert_complete(&app, &id, TURNS).await;
    let history = app.history(&id).await;
    for words in &words {
        let stored: Vec<&Value> = history.iter().filter(|line| line["text"] == **words).collect();
        assert_eq!(stored.len(), 1, "{words}");
    }
    // Each prompt holds all earlier turns: 1, 3, 5 … messages beside the system prompt.
    let mut lines: Vec<usize> = openai
        .take_calls(Endpoint::Reply)
        .iter()
        .map(|call| call.json()["messages"].as_array().expect("messages").len() - 1)
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, (0..TURNS).map(|n| 2 * n + 1).collect::<Vec<_>>());
}

#[tokio::test]
async fn sessions_do_not_wait_for_each_other() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let (slow, quick) = (app.given_session().await, app.given_session().await);
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_secs(20))]);
    let waiting = app.say(&slow, "take your time");
    let answered = async {
        // The first call is that of the slow session.
        openai.wait_for_call(Endpoint::Reply).await;
        app.say(&quick, "and me?").await
    };
    tokio::select! {
        reply = answered => assert_eq!(reply["success"], true, "{reply}"),
        reply = waiting => panic!("the slow one came first: {reply}"),
    }
}

#[tokio::test]
async fn turn_of_a_disconnected_client_is_stored() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(300));
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    tokio::select! {
        _ = app.say(&id, "are you still there") => panic!("answered too early"),
        () = async {
            openai.wait_for_call(Endpoint::Reply).await;
        } => {} // and with this the request is dropped
    }
    for _ in 0..200 {
        if app.history(&id).await.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let history = app.history(&id).await;
    assert_eq!(text(&history[0]["text"]), "are you still there");
    assert_complete(&app, &id, 1).await;
}

#[tokio::test]
async fn servers_on_one_database_store_turns_of_a_session_in_order() {
    let openai = FakeOpenAi::spawn().await;
    let first = TestApp::builder().with_openai(&openai).spawn().await;
    let second = second_server(&first, &openai).await;
    let id = first.given_session().await;
    for round in 0..3 {
        for app in [&first, &second] {
            let reply = app.say(&id, &format!("round {round}, go on")).await;
            assert_eq!(reply["success"], true, "{reply}");
        }
    }
    assert_complete(&first, &id, 6).await;
    let last = openai.last_call(Endpoint::Reply);
    assert_eq!(
        last["messages"].as_array().expect("messages").len(),
        12,
        "the prompt holds the turns of both servers: {last}"
    );
}

/// Sends a slow turn to the first server and, while its coach replies, a quick turn to the second.
async fn slow_and_quick(
    first: &TestApp,
    second: &TestApp,
    openai: &FakeOpenAi,
    id: &str,
    expire_lease: bool,
) {
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_millis(500))]);
    let quick = async {
        openai.wait_for_call(Endpoint::Reply).await;
        if expire_lease {
            first
                .database
                .execute(
                    "UPDATE public.sessions SET turn_claimed_until = now() - interval '1 second'",
                )
                .await;
        }
        second.say(id, "the quick thought").await
    };
    let (slow, quick) = tokio::join!(first.say(id, "the slow thought"), quick);
    assert_eq!((&slow["success"], &quick["success"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_complete(first, id, 2).await;
}

#[tokio::test]
async fn servers_on_one_database_serialise_turns_of_a_session() {
    let openai = FakeOpenAi::spawn().await;
    let first = TestApp::builder().with_openai(&openai).spawn().await;
    let second = second_server(&first, &openai).await;
    let id = first.given_session().await;
    slow_and_quick(&first, &second, &openai, &id, false).await;
    assert_eq!(first.history(&id).await[0]["text"], "the slow thought", "first come, first served");
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 1, "one reply for the second turn");
}

#[tokio::test]
async fn overtaken_turn_is_repeated_on_fresh_state() {
    let openai = FakeOpenAi::spawn().await;
    let first = TestApp::builder().with_openai(&openai).spawn().await;
    let second = second_server(&first, &openai).await;
    let id = first.given_session().await;
    // The first server's lease has expired, as if the server had been paused.
    slow_and_quick(&first, &second, &openai, &id, true).await;
    let history = first.history(&id).await;
    assert_eq!(history[0]["text"], "the quick thought");
    assert_eq!(history[2]["text"], "the slow thought");
    let last = openai.last_call(Endpoint::Reply);
    assert_eq!(last["messages"][1]["content"], "the quick thought", "{last}");
}

/// A second server on the database of the first.
async fn second_server(first: &TestApp, openai: &FakeOpenAi) -> TestApp {
    TestApp::builder().sharing(&first.database).with_openai(openai).spawn().await
}
