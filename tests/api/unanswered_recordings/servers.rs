//! Unanswered recordings on two servers with one database.

use std::time::Duration;

use super::{FAILS, HEARD, UNREACHABLE, speak, speak_unanswered, unanswered};
use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    invariants::assert_invariants,
    reply::{ReplyExt, assert_refused, text, texts},
};

async fn two_servers(openai: &FakeOpenAi) -> (TestApp, TestApp) {
    let first = TestApp::builder().with_openai(openai).spawn().await;
    let second = TestApp::builder().sharing(&first.database).with_openai(openai).spawn().await;
    (first, second)
}

#[tokio::test]
async fn recordings_kept_by_two_servers_are_said_on_either() {
    let openai = FakeOpenAi::spawn().await;
    let (first, second) = two_servers(&openai).await;
    let id = first.given_session().await;
    first.say(&id, "hello").await.data();
    second.say(&id, "hello again").await.data();
    speak_unanswered(&first, &openai, &id, "one", 6_000).await;
    speak_unanswered(&second, &openai, &id, "two", 6_001).await;
    speak_unanswered(&first, &openai, &id, "three", 6_002).await;
    let reply = second.say(&id, "go on").await;
    assert_eq!(reply.messages()[0]["text"], "one\n\ntwo\n\nthree\n\ngo on");
    assert_eq!(first.say(&id, "and then").await.messages()[0]["text"], "and then");
    assert_invariants(&first.database).await;
}

#[tokio::test]
async fn concurrent_recordings_without_answer_are_all_kept() {
    let openai = FakeOpenAi::spawn().await;
    let (first, second) = two_servers(&openai).await;
    let id = first.given_session().await;
    let words: Vec<String> = (0..8).map(|number| format!("thought {number}")).collect();
    openai.queue_transcripts(&words.iter().map(String::as_str).collect::<Vec<_>>());
    openai.queue_faults(Endpoint::Reply, words.iter().map(|_| FAILS));
    openai.set_delay(Duration::from_millis(10));
    let apps = [&first, &second];
    let speak = async |number: usize| loop {
        let reply = speak(apps[number % 2], &id, 6_000 + number).await;
        // A session has one upload at a time.
        if reply["code"] != "SESSION_BUSY" {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let turns = (0..words.len()).map(speak);
    for reply in futures_util::future::join_all(turns).await {
        assert_refused(&reply, "COACH_UNAVAILABLE", HEARD);
    }
    let mut kept = unanswered(&first.database).await;
    let said = text(&second.say(&id, "go on").await.messages()[0]["text"]);
    assert_eq!(said, format!("{}\n\ngo on", kept.join("\n\n")));
    kept.sort();
    assert_eq!(kept, words);
}

const EXPIRE_LEASE: &str =
    "UPDATE public.sessions SET turn_claimed_until = now() - interval '1 second'";

/// The first server's turn loses its lease, as if the server had been paused.
#[tokio::test]
async fn recording_kept_during_a_turn_is_said_in_it() {
    let openai = FakeOpenAi::spawn().await;
    let (first, second) = two_servers(&openai).await;
    let id = first.given_session().await;
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_millis(800))]);
    let unanswered_meanwhile = async {
        openai.wait_for_call(Endpoint::Reply).await;
        first.database.execute(EXPIRE_LEASE).await;
        speak_unanswered(&second, &openai, &id, "spoken meanwhile", 6_000).await;
    };
    let (slow, ()) = tokio::join!(first.say(&id, "the slow thought"), unanswered_meanwhile);
    assert_eq!(slow.messages()[0]["text"], "spoken meanwhile\n\nthe slow thought");
    assert_eq!(first.history(&id).await.len(), 2);
    assert_eq!(unanswered(&first.database).await, [] as [&str; 0]);
}

#[tokio::test]
async fn turn_that_lost_its_lease_keeps_nothing() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Reply, [FAILS]);
    openai.set_delay(Duration::from_millis(300));
    let lose_lease = async {
        openai.wait_for_call(Endpoint::Reply).await;
        let other =
            "UPDATE public.sessions SET turn_claim = '00000001-0000-4000-8000-000000000000'";
        app.database.execute(other).await;
    };
    let (reply, ()) = tokio::join!(speak(&app, &id, 6_000), lose_lease);
    assert_refused(&reply, "COACH_UNAVAILABLE", UNREACHABLE);
    assert_eq!(unanswered(&app.database).await, [] as [&str; 0]);
}

/// A server of the version before does not know the column. On distributed tables it does not run.
#[tokio::test]
async fn turn_of_an_earlier_version_leaves_the_recording() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().on_ordinary_tables().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    speak_unanswered(&app, &openai, &id, "kept", 6_000).await;
    app.database
        .execute(
            "WITH session AS ( \
                 UPDATE public.sessions SET message_count = message_count + 2 RETURNING id \
             ) \
             INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT id, 'msg-' || gen_random_uuid(), sender, 'earlier version', position \
             FROM session, (VALUES ('user', 1), ('ai', 2)) AS message (sender, position)",
        )
        .await;
    assert_eq!(app.say(&id, "go on").await.messages()[0]["text"], "kept\n\ngo on");
    let history = texts(&app.history(&id).await);
    assert_eq!(history[..3], ["earlier version", "earlier version", "kept\n\ngo on"]);
}
