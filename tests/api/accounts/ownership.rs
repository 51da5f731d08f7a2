//! Sessions of other users, which look like missing ones.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Project, SERVICE_KEY, routes};
use crate::{
    fake_openai::FakeOpenAi,
    reply::{ReplyExt, RequestExt, text},
};

const MISSING_SESSION: &str = "session-00000000000000000000000000000000";
const MISSING_MESSAGE: &str = "msg-00000000000000000000000000000000";

/// What a caller can observe of a response: status, names of headers, and body.
async fn observed(
    project: &Project,
    token: Option<&str>,
    (method, path, json): (Method, String, Option<Value>),
) -> (StatusCode, Vec<String>, String) {
    let response = project.send(method, &path, token, json).await;
    let status = response.status();
    // `Connection` depends on how much of the body had arrived.
    let names = response.headers().keys();
    let names = names.filter(|name| *name != header::CONNECTION);
    let mut names: Vec<String> = names.map(ToString::to_string).collect();
    names.sort();
    (status, names, response.text().await.expect("a body"))
}

#[tokio::test]
async fn foreign_session_is_indistinguishable_from_a_missing_one() {
    let openai = FakeOpenAi::spawn().await;
    let project = Project::spawn(&openai.settings()).await;
    let owner = Some(project.ada.as_str());
    let id = project.given_session(owner).await;
    let turn = project.say(&id, "a secret of mine", owner).await;
    let audio = text(&turn.coach_message()["id"]);
    for token in [None, Some(project.bob.as_str())] {
        let foreign_routes = routes(&id, &audio).into_iter();
        for (foreign, missing) in foreign_routes.zip(routes(MISSING_SESSION, MISSING_MESSAGE)) {
            if foreign.1 == missing.1 {
                continue;
            }
            let route = format!("{} {} with {token:?}", foreign.0, foreign.1);
            let foreign = observed(&project, token, foreign).await;
            let missing = observed(&project, token, missing).await;
            assert_eq!(foreign, missing, "{route}");
            assert!(!foreign.2.contains("secret"), "{route}: {}", foreign.2);
        }
    }
    // The session is unchanged and visible to its owner and to the service.
    let path = format!("/api/sessions/{id}/messages");
    assert_eq!(project.get(&path, owner).await.messages().len(), 2);
    let audio = project.get_raw(&format!("/audio/{audio}.mp3"), owner).await;
    assert_eq!(audio.status(), StatusCode::OK);
    let path = format!("/api/sessions/{id}");
    project.get(&path, Some(SERVICE_KEY)).await.data();
}

#[tokio::test]
async fn stored_response_is_not_replayed_to_another_user() {
    let project = Project::spawn(&[]).await;
    let id = project.given_session(Some(&project.ada)).await;
    let end = format!("/api/sessions/{id}/end");
    project.send(Method::POST, &end, Some(&project.ada), None).await;
    let rate = async |token: &str| {
        let url = project.app.url(&format!("/api/sessions/{id}/rating"));
        let request = project.app.http.post(url).bearer_auth(token);
        let request = request.header("Idempotency-Key", "k");
        request.json(&json!({"rating": 5})).reply().await
    };
    rate(&project.ada).await.data();
    assert_eq!(rate(&project.bob).await.code(), "SESSION_NOT_FOUND");
}
