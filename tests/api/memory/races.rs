//! A memory, its sessions or its user that change while a merge waits for the model.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    DUE, PATH, app, data, given_ended_session, given_user, memory, memory_of, put, send, value,
};
use crate::{
    app::{TestApp, eventually},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    reply::text,
};

/// A server and a user with a session whose merge is waiting for the model.
async fn given_merge_in_progress() -> (FakeOpenAi, TestApp, String, String) {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    let token = given_user(&app).await;
    openai.queue_faults(Endpoint::Memory, [Fault::Slow(Duration::from_secs(1))]);
    let id = given_ended_session(&app, &token, &["The canary sings"]).await;
    openai.wait_for_call(Endpoint::Memory).await;
    (openai, app, token, id)
}

/// Merges in progress.
const LEASES: &str = "SELECT count(*) FROM public.memories WHERE merge_lease IS NOT NULL";

#[tokio::test]
async fn text_that_is_written_during_a_merge_stays_on_top() {
    let (openai, app, token, _) = given_merge_in_progress().await;
    let own = "  I have two cats.\n<memory> & more\n";
    let written = put(&app, &token, json!({ "text": own })).await;
    assert_eq!((&written["text"], &written["sessions"]), (&json!(own), &json!(0)));
    let merged = memory_of(&app, &token, 1).await;
    assert_eq!(text(&merged["text"]), format!("{own}\n\n- The canary sings"));
    let task = openai.last_call(Endpoint::Memory).to_string();
    assert!(task.contains("I have two cats"), "merged once more, with what was written: {task}");
    given_ended_session(&app, &token, &["And dances"]).await;
    let merged = text(&memory_of(&app, &token, 2).await["text"]);
    assert_eq!(merged, format!("{own}\n\n- The canary sings\n- And dances"));
}

#[tokio::test]
async fn memory_deleted_or_off_during_a_merge_stays_empty() {
    for turned_off in [false, true] {
        let (openai, app, token, _) = given_merge_in_progress().await;
        let empty = json!({"enabled": !turned_off, "text": "", "updatedAt": null, "sessions": 0});
        let changed = match turned_off {
            true => put(&app, &token, json!({"enabled": false})).await,
            false => data(&app, Method::DELETE, PATH, &token, Value::Null).await,
        };
        assert_eq!(changed, empty);
        assert_eq!(value(&app, DUE).await, 0, "it is forgotten");
        // Longer than the model takes, and than the job waits.
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(memory(&app, &token).await, empty);
        assert_eq!(openai.take_calls(Endpoint::Memory).len(), 0, "no second try");
        put(&app, &token, json!({"enabled": true})).await;
        given_ended_session(&app, &token, &["Later"]).await;
        assert_eq!(memory_of(&app, &token, 1).await["text"], "- Later");
    }
}

#[tokio::test]
async fn session_deleted_during_a_merge_is_not_merged() {
    let (_openai, app, token, id) = given_merge_in_progress().await;
    data(&app, Method::DELETE, &format!("/api/sessions/{id}"), &token, Value::Null).await;
    eventually("the merge has ended", async || value(&app, LEASES).await == 0).await;
    let empty = json!({"enabled": true, "text": "", "updatedAt": null, "sessions": 0});
    assert_eq!(memory(&app, &token).await, empty);
}

#[tokio::test]
async fn account_erased_during_a_merge_leaves_nothing() {
    let (_openai, app, token, _) = given_merge_in_progress().await;
    let receipt = data(&app, Method::DELETE, "/api/users/me", &token, Value::Null).await;
    assert_eq!((&receipt["sessions"], &receipt["memory"]), (&json!(1), &json!(false)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(value(&app, "SELECT count(*) FROM public.memories").await, 0);
    let written = send(&app, Method::PUT, PATH, &token, json!({"text": "canary"})).await;
    assert_eq!(written.status(), StatusCode::UNAUTHORIZED);
    let gone = send(&app, Method::DELETE, PATH, &token, Value::Null).await;
    assert_eq!(gone.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(value(&app, "SELECT count(*) FROM public.memories").await, 0);
}

#[tokio::test]
async fn changes_beside_each_other_neither_fail_nor_get_stuck() {
    let openai = FakeOpenAi::spawn().await;
    let app = app(&openai).await;
    for _ in 0..10 {
        let token = given_user(&app).await;
        let ids = [
            given_ended_session(&app, &token, &["One"]).await,
            given_ended_session(&app, &token, &["Two"]).await,
        ];
        let path = format!("/api/sessions/{}", ids[0]);
        let (written, off, deleted, session, erased) = tokio::join!(
            send(&app, Method::PUT, PATH, &token, json!({"text": "Mine"})),
            send(&app, Method::PUT, PATH, &token, json!({"enabled": false})),
            send(&app, Method::DELETE, PATH, &token, Value::Null),
            send(&app, Method::DELETE, &path, &token, Value::Null),
            send(&app, Method::DELETE, "/api/users/me", &token, Value::Null),
        );
        assert_eq!(erased.status(), StatusCode::OK);
        for response in [written, off, deleted] {
            let is_expected = [StatusCode::OK, StatusCode::UNAUTHORIZED];
            assert!(is_expected.contains(&response.status()), "{response:?}");
        }
        let is_expected = [StatusCode::OK, StatusCode::NOT_FOUND];
        assert!(is_expected.contains(&session.status()), "{session:?}");
    }
    assert_eq!(value(&app, "SELECT count(*) FROM public.memories").await, 0);
    assert_eq!(value(&app, DUE).await, 0);
}
