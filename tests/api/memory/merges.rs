//! Merging sessions into a memory.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    DUE, app, data, end, given_ended_session, given_session, given_user, memory, memory_of, put,
    value,
};
use crate::{
    app::{TestApp, eventually},
    distribution::is_distributed,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    reply::{ReplyExt, RequestExt, text},
    support::report_skipped,
};

#[tokio::test]
async fn twenty_facts_of_three_sessions_are_in_the_next_prompt() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    let facts: Vec<String> = (1..=20)
        .map(|number| format!("Fact {number:02} is that aunt {number:02} is well"))
        .collect();
    for (number, facts) in facts.chunks(7).enumerate() {
        let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
        given_ended_session(&app, &token, &facts).await;
        memory_of(&app, &token, number as i64 + 1).await;
    }
    assert_eq!(openai.take_calls(Endpoint::Memory).len(), 3, "a call for each session");
    openai.take_calls(Endpoint::Reply);
    given_session(&app, &token, &["Hello again"]).await;
    let prompt = text(&openai.last_call(Endpoint::Reply)["messages"][0]["content"]);
    let (_, inside) = prompt.split_once("\n<memory>\n").expect("a beginning");
    let (inside, _) = inside.split_once("\n</memory>").expect("an end");
    for fact in &facts {
        assert_eq!(inside.matches(fact.as_str()).count(), 1, "{fact} in {inside}");
    }
    assert!(inside.chars().count() <= 2_400 && inside.len() / 4 <= 400, "{inside}");
}

#[tokio::test]
async fn sessions_that_end_at_once_are_merged_once_each() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let other =
        TestApp::builder().sharing(&app.database).with_openai(&openai).with_auth().spawn().await;
    let token = given_user(&app).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let said = format!("Said in session {number}");
        ids.push(given_session(&app, &token, &[&said]).await);
    }
    let ends = ids.iter().map(|id| {
        let request = app.http.post(app.url(&format!("/api/sessions/{id}/end")));
        request.bearer_auth(&token).reply()
    });
    for reply in futures_util::future::join_all(ends).await {
        reply.data();
    }
    let merged = text(&memory_of(&app, &token, 6).await["text"]);
    for number in 0..6 {
        let said = format!("Said in session {number}");
        assert_eq!(merged.matches(&said).count(), 1, "{merged}");
    }
    assert_eq!(openai.take_calls(Endpoint::Memory).len(), 6, "no call is made twice");
    drop(other);
}

#[tokio::test]
async fn sessions_are_merged_in_the_order_of_their_endings() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    // The first call fails, so that all are due before one is merged.
    openai.queue_faults(Endpoint::Memory, [Fault::Status(400)]);
    let (one, two) = (
        given_session(&app, &token, &["Begun first"]).await,
        given_session(&app, &token, &["Begun second"]).await,
    );
    end(&app, &token, &two).await;
    eventually("the first call has failed", async || {
        value(&app, "SELECT count(*) FROM public.memories WHERE merge_failures = 1").await == 1
    })
    .await;
    end(&app, &token, &one).await;
    assert_eq!(memory(&app, &token).await["sessions"], 0);
    app.database.execute("UPDATE public.memories SET merge_retry_at = now()").await;
    let merged = memory_of(&app, &token, 2).await;
    assert_eq!(merged["text"], "- Begun second\n- Begun first");
    assert!(merged["updatedAt"].is_string(), "{merged}");
    let failures = "SELECT count(*) FROM public.memories WHERE merge_failing_since IS NOT NULL";
    assert_eq!(value(&app, failures).await, 0);
}

#[tokio::test]
async fn model_that_fails_for_a_day_is_replaced_by_the_rule() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    openai.queue_faults(Endpoint::Memory, [Fault::Status(400), Fault::Status(400)]);
    given_ended_session(&app, &token, &["My job wears me out"]).await;
    let failures =
        async || value(&app, "SELECT COALESCE(sum(merge_failures), 0) FROM public.memories").await;
    eventually("it has failed", async || failures().await == 1).await;
    app.database
        .execute(
            "UPDATE public.memories SET merge_retry_at = now(),
                 merge_failing_since = now() - interval '23 hours'",
        )
        .await;
    eventually("it has failed again", async || failures().await == 2).await;
    app.database
        .execute(
            "UPDATE public.sessions SET created_at = now() - interval '25 hours',
                 ended_at = now() - interval '25 hours';
             UPDATE public.memories SET merge_retry_at = now(),
                 merge_failing_since = now() - interval '25 hours'",
        )
        .await;
    let merged = text(&memory_of(&app, &token, 1).await["text"]);
    assert!(merged.ends_with(": Prompt on Monday"), "the action plan: {merged}");
    assert_eq!(openai.take_calls(Endpoint::Memory).len(), 2);
}

#[tokio::test]
async fn failures_of_a_deleted_session_are_not_those_of_the_next() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    let failures =
        async || value(&app, "SELECT COALESCE(sum(merge_failures), 0) FROM public.memories").await;
    let given_failure = async || {
        openai.queue_faults(Endpoint::Memory, [Fault::Status(400)]);
        let id = given_ended_session(&app, &token, &["My job wears me out"]).await;
        eventually("it has failed", async || failures().await == 1).await;
        let path = format!("/api/sessions/{id}");
        data(&app, Method::DELETE, &path, &token, Value::Null).await;
    };
    given_failure().await;
    app.database
        .execute(
            "UPDATE public.memories SET merge_retry_at = now(),
                 merge_failing_since = now() - interval '2 days'",
        )
        .await;
    openai.take_calls(Endpoint::Memory);
    given_ended_session(&app, &token, &["I have two cats"]).await;
    memory_of(&app, &token, 1).await;
    assert_eq!(openai.take_calls(Endpoint::Memory).len(), 1, "the model was asked");
    // A change by the person begins anew, too.
    given_failure().await;
    put(&app, &token, json!({"enabled": true})).await;
    assert_eq!(failures().await, 0);
}

#[tokio::test]
async fn empty_answer_changes_nothing_and_a_long_one_is_cut() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    given_ended_session(&app, &token, &["I have two cats"]).await;
    let before = memory_of(&app, &token, 1).await;
    openai.take_calls(Endpoint::Memory);
    openai.queue_faults(Endpoint::Memory, [Fault::Reply(" ")]);
    given_ended_session(&app, &token, &["Nothing new"]).await;
    eventually("it is done", async || {
        openai.count_calls(Endpoint::Memory) == 1 && value(&app, DUE).await == 0
    })
    .await;
    assert_eq!(memory(&app, &token).await, before);
    let long = format!("{}And a last one", "A fact about a cat. ".repeat(500));
    openai.queue_faults(Endpoint::Memory, [Fault::Reply(long.leak())]);
    given_ended_session(&app, &token, &["Much"]).await;
    let cut = text(&memory_of(&app, &token, 2).await["text"]);
    assert!(cut.ends_with("about a cat.") && cut.len() <= 2_400 && cut.len() > 2_000, "{cut}");
}

#[tokio::test]
async fn spoken_and_idle_ends_and_claims_are_merged_and_others_not() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    given_session(&app, &token, &["Spoken end", "Let's wrap up", "Yes"]).await;
    memory_of(&app, &token, 1).await;
    // Nothing was said in it.
    given_ended_session(&app, &token, &[]).await;
    let anonymous = app.given_ended_session().await;
    let claimed = app.given_ended_session().await;
    given_session(&app, &token, &["Left alone"]).await;
    app.database
        .execute(
            "UPDATE public.sessions SET created_at = now() - interval '30 hours',
                 updated_at = now() - interval '30 hours' WHERE status = 'active'",
        )
        .await;
    let _sweeping = TestApp::builder().sharing(&app.database).with_openai(&openai).spawn().await;
    memory_of(&app, &token, 2).await;
    let claim = app.http.post(app.url(&format!("/api/sessions/{claimed}/claim")));
    assert_eq!(claim.bearer_auth(&token).reply().await.data()["remembers"], true);
    let merged = text(&memory_of(&app, &token, 3).await["text"]);
    for said in ["Spoken end", "Left alone", "My job wears me out"] {
        assert_eq!(merged.matches(said).count(), 1, "{said} in {merged}");
    }
    assert_eq!(openai.take_calls(Endpoint::Memory).len(), 3);
    assert_eq!(app.session(&anonymous).await["remembers"], false);
    let memories = "SELECT count(*) FROM public.memories";
    assert_eq!(value(&app, memories).await, 1, "none of an anonymous session");
}

/// It ends sessions without a word about memories. A trigger of ordinary tables makes them due.
#[tokio::test]
async fn session_that_an_earlier_version_ends_is_merged() {
    let openai = FakeOpenAi::spawn().await;
    let app =
        TestApp::builder().on_ordinary_tables().with_openai(&openai).with_auth().spawn().await;
    let token = given_user(&app).await;
    let end = async |said: &str| {
        let id = given_session(&app, &token, &[said]).await;
        app.database
            .execute(&format!(
                "UPDATE public.sessions SET status = 'ended', ended_at = now(), summary = 'x' \
                 WHERE session_id = '{id}'"
            ))
            .await;
    };
    end("The old way").await;
    assert_eq!(memory_of(&app, &token, 1).await["text"], "- The old way");
    put(&app, &token, json!({"enabled": false})).await;
    end("While it is off").await;
    eventually("it is forgotten", async || value(&app, DUE).await == 0).await;
    put(&app, &token, json!({"enabled": true})).await;
    assert_eq!(memory(&app, &token).await["sessions"], 1);
}

#[tokio::test]
async fn server_without_memories_makes_and_uses_none() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_auth()
        .with_setting("KUKU_MEMORY__ENABLED", false)
        .spawn()
        .await;
    let token = given_user(&app).await;
    let written = put(&app, &token, json!({"text": "I have two cats"})).await;
    assert_eq!((&written["enabled"], &written["text"]), (&json!(false), &json!("I have two cats")));
    let id = given_ended_session(&app, &token, &["Unseen"]).await;
    let prompt = openai.last_call(Endpoint::Reply).to_string();
    assert!(!prompt.contains("two cats"), "{prompt}");
    let session = app.http.get(app.url(&format!("/api/sessions/{id}"))).bearer_auth(&token);
    assert_eq!(session.reply().await.data()["remembers"], false);
    assert_eq!(value(&app, DUE).await, 0, "never merged, not even by another server");
    let anonymous = app.given_ended_session().await;
    let claim = app.http.post(app.url(&format!("/api/sessions/{anonymous}/claim")));
    claim.bearer_auth(&token).reply().await.data();
    assert_eq!(value(&app, DUE).await, 0);
    let untouched: Value = memory(&app, &token).await;
    assert_eq!((&untouched["sessions"], &untouched["enabled"]), (&json!(0), &json!(false)));
}

/// On distributed tables, where no foreign key deletes its sessions.
#[tokio::test]
async fn sessions_without_account_do_not_stop_merges() {
    if !is_distributed() {
        return report_skipped("a foreign key of ordinary tables keeps this from happening");
    }
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    // More than the users of a page, and their sessions have waited longer.
    app.database
        .execute(
            "WITH names AS MATERIALIZED (
                SELECT 'left-behind-' || n AS name, gen_random_uuid() AS user_id
                FROM generate_series(1, 250) AS n
            )
            INSERT INTO public.sessions
                (id, session_id, user_id, status, memory_due, created_at, ended_at)
            SELECT public.session_key(name), name, user_id, 'ended', TRUE,
                now() - interval '2 days', now() - interval '1 day'
            FROM names",
        )
        .await;
    let token = given_user(&app).await;
    given_ended_session(&app, &token, &["The canary sings"]).await;
    eventually("the session is merged", async || memory(&app, &token).await["sessions"] == 1).await;
    assert_eq!(value(&app, DUE).await, 250, "those of accounts that may come back");
}
