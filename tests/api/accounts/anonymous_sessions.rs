//! Anonymous sessions: anyone who knows the id can read, claim and delete one.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Project, assert_status_and_code};
use crate::{
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    reply::{ReplyExt, RequestExt, body},
};

#[tokio::test]
async fn anonymous_session_is_open_to_every_caller() {
    let project = Project::spawn(&[]).await;
    let id = project.given_session(None).await;
    let path = format!("/api/sessions/{id}/messages");
    for token in [None, Some(project.ada.as_str()), Some(project.bob.as_str())] {
        project.say(&id, "hello", token).await.data();
        project.get(&path, token).await.data();
    }
}

#[tokio::test]
async fn anonymous_session_can_be_claimed_once() {
    let project = Project::spawn(&[]).await;
    let (ada, bob) = (Some(project.ada.as_str()), Some(project.bob.as_str()));
    let id = project.given_session(None).await;
    let path = format!("/api/sessions/{id}/claim");
    let claim = async |token| project.send(Method::POST, &path, token, None).await;

    let response = claim(None).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "TOKEN_NEEDED").await;
    // The owner may repeat the request.
    for _ in 0..2 {
        assert_eq!(body(claim(ada).await).await.session_id(), id);
    }
    let response = claim(bob).await;
    assert_status_and_code(response, StatusCode::NOT_FOUND, "SESSION_NOT_FOUND").await;
    let anonymous = project.get(&format!("/api/sessions/{id}"), None).await;
    assert_eq!(anonymous.code(), "SESSION_NOT_FOUND");
    let list = project.get("/api/sessions", ada).await;
    assert_eq!(list["data"]["sessions"][0]["sessionId"], id, "{list}");
}

#[tokio::test]
async fn concurrent_claims_of_a_session_give_it_one_owner() {
    let project = Project::spawn(&[]).await;
    let id = project.given_session(None).await;
    let path = format!("/api/sessions/{id}/claim");
    let claims = [&project.ada, &project.bob]
        .map(|token| project.send(Method::POST, &path, Some(token), None));
    let responses = join_all(claims).await;
    let owners = responses.iter().filter(|response| response.status() == StatusCode::OK);
    assert_eq!(owners.count(), 1);
}

#[tokio::test]
async fn session_is_deleted_by_its_owner_or_by_id_if_anonymous() {
    let project = Project::spawn(&[]).await;
    let (ada, bob) = (Some(project.ada.as_str()), Some(project.bob.as_str()));
    let (owned, anonymous) = (project.given_session(ada).await, project.given_session(None).await);
    project.say(&owned, "hello", ada).await;
    for (id, token, status) in [
        (&owned, None, 404),
        (&owned, bob, 404),
        (&owned, ada, 200),
        (&owned, ada, 404),
        (&anonymous, None, 200),
        (&anonymous, None, 404),
    ] {
        let path = format!("/api/sessions/{id}");
        let response = project.send(Method::DELETE, &path, token, None).await;
        assert_eq!(response.status().as_u16(), status, "{token:?}");
    }
    let reply = project.say(&owned, "hello", ada).await;
    assert_eq!(reply.code(), "SESSION_NOT_FOUND");
}

#[tokio::test]
async fn turn_of_a_stranger_is_not_stored_after_a_claim() {
    let openai = FakeOpenAi::spawn().await;
    let project = Project::spawn(&openai.settings()).await;
    let ada = Some(project.ada.as_str());
    let id = project.given_session(None).await;
    openai.queue_faults(Endpoint::Reply, [Fault::Slow(Duration::from_secs(1))]);
    let claim = async {
        // The second turn and the ending are queued behind the first turn by now.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let path = format!("/api/sessions/{id}/claim");
        project.send(Method::POST, &path, ada, None).await
    };
    let later = async {
        openai.wait_for_call(Endpoint::Reply).await;
        let path = format!("/api/sessions/{id}/end");
        let end = project.send(Method::POST, &path, None, None);
        tokio::join!(project.say(&id, "second", None), end, claim)
    };
    let first = project.say(&id, "first", None);
    let (first, (second, end, claim)) = tokio::join!(first, later);
    assert_eq!(claim.status(), StatusCode::OK);
    for reply in [first, second, body(end).await] {
        assert_eq!(reply.code(), "SESSION_NOT_FOUND", "{reply}");
    }
    let session = project.get(&format!("/api/sessions/{id}"), ada).await;
    assert_eq!(session.data()["messageCount"], 0, "{session}");
    assert_eq!(session["data"]["status"], "active", "{session}");
    project.say(&id, "mine", ada).await.data();
}

#[tokio::test]
async fn key_of_a_claimed_session_creates_another() {
    let project = Project::spawn(&[]).await;
    let create = async || {
        let request = project.app.http.post(project.app.url("/api/sessions")).json(&json!({}));
        let reply = request.header("Idempotency-Key", "a secret of some length").reply().await;
        reply.session_id()
    };
    let claimed = create().await;
    let path = format!("/api/sessions/{claimed}/claim");
    project.send(Method::POST, &path, Some(&project.ada), None).await;
    let other = create().await;
    assert_ne!(other, claimed);
    assert_eq!(create().await, other);
}
