//! Search and the list of sessions, limited to the caller's.

use reqwest::StatusCode;

use super::{ADA, BOB, Project, SERVICE_KEY, assert_status_and_code};
use crate::reply::{ReplyExt, text, texts};

#[tokio::test]
async fn search_is_limited_to_the_caller() {
    let project = Project::spawn(&[]).await;
    let (ada, bob) = (Some(project.ada.as_str()), Some(project.bob.as_str()));
    for (token, words) in [(ada, "my garden"), (bob, "his garden"), (None, "a garden")] {
        let id = project.given_session(token).await;
        project.say(&id, words, token).await;
    }
    let search = async |query: &str, token: Option<&str>| {
        let path = format!("/api/search/messages?q=garden&sender=user{query}");
        texts(project.get(&path, token).await.messages())
    };
    assert_eq!(search("", ada).await, ["my garden"]);
    assert_eq!(search(&format!("&user_id={BOB}"), bob).await, ["his garden"]);
    assert_eq!(search("", Some(SERVICE_KEY)).await.len(), 3);
    assert_eq!(search(&format!("&user_id={ADA}"), Some(SERVICE_KEY)).await, ["my garden"]);
    let path = format!("/api/search/messages?q=garden&user_id={BOB}");
    let response = project.get_raw(&path, ada).await;
    assert_status_and_code(response, StatusCode::FORBIDDEN, "FORBIDDEN").await;
    let path = "/api/search/messages?q=garden";
    let response = project.get_raw(path, None).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "TOKEN_NEEDED").await;
}

#[tokio::test]
async fn session_list_is_limited_to_the_caller_and_paged() {
    let project = Project::spawn(&[]).await;
    let (ada, bob) = (Some(project.ada.as_str()), Some(project.bob.as_str()));
    for token in [ada, ada, bob, None, ada, ada, ada] {
        project.given_session(token).await;
    }
    let (mut created, mut path) = (Vec::new(), "/api/sessions?limit=2".to_owned());
    let mut next = None;
    for page in 1..=3 {
        let reply = project.get(&path, ada).await;
        let sessions = reply["data"]["sessions"].as_array().expect("sessions");
        for session in sessions {
            assert!(session.get("messages").is_none() && session.get("id").is_none());
            created.push(text(&session["createdAt"]));
        }
        match reply["data"]["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/sessions?limit=2&cursor={cursor}"),
            None => next = Some(page),
        }
    }
    assert_eq!((created.len(), next), (5, Some(3)));
    assert!(created.is_sorted_by(|a, b| a >= b), "newest first: {created:?}");
    let response = project.get_raw(&path, bob).await;
    assert_status_and_code(response, StatusCode::BAD_REQUEST, "BAD_QUERY").await;
}
