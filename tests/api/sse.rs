//! Turns as server-sent events.

use std::time::Duration;

use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, recording_form, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    invariants::assert_invariants,
    reply::{RequestExt, refusal, text},
};

async fn say(app: &TestApp, id: &str, words: &str, key: Option<&str>) -> Response {
    let request = app
        .http
        .post(app.url(&format!("/api/sessions/{id}/messages")))
        .header(header::ACCEPT, "text/event-stream")
        .json(&json!({ "text": words }));
    let request =
        key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
    request.response().await
}

/// The names and data of a response's events.
async fn events(response: Response) -> Vec<(String, Value)> {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store, no-transform");
    let body = response.text().await.expect("events");
    body.split_terminator("\n\n")
        .filter(|event| !event.starts_with(':'))
        .map(|event| {
            let (name, data) = event.split_once('\n').expect("two lines");
            let data = data.strip_prefix("data: ").expect("data");
            let name = name.strip_prefix("event: ").expect("a name").to_owned();
            (name, serde_json::from_str(data).expect("JSON"))
        })
        .collect()
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn sse_turn_streams_the_reply_and_stores_it() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let mut events_sent =
        events(say(&app, &id, "hello there", Some("a key of sixteen")).await).await;
    let is_audio = |(name, _): &(String, Value)| name == "audio";
    // The audio comes as soon as there is some.
    let audio = events_sent.iter().position(is_audio).expect("audio");
    let audio = events_sent.remove(audio).1;
    assert_eq!(names(&events_sent), ["transcript", "delta", "message", "done"], "{events_sent:?}");
    assert_eq!(events_sent[0].1["text"], "hello there");
    let words: Vec<String> = events_sent
        .iter()
        .filter(|(name, _)| name == "delta")
        .map(|(_, data)| text(&data["text"]))
        .collect();
    assert!(words.len() > 5, "word by word: {words:?}");
    let [.., (_, stored), (_, done)] = &events_sent[..] else { panic!("{events_sent:?}") };
    assert_eq!(words.concat(), text(&stored["messages"][1]["text"]));
    assert_eq!(audio["audioUrl"], done["messages"][1]["audioUrl"]);
    let history = app.history(&id).await;
    assert_eq!(history, *done["messages"].as_array().expect("messages"));
    assert_eq!(stored["messages"][1]["id"], history[1]["id"]);
    // A repeated request gets the stored response.
    let again = events(say(&app, &id, "hello there", Some("a key of sixteen")).await).await;
    assert_eq!(names(&again), ["done"]);
    assert_eq!(again[0].1, *done);

    // Scripted messages and the closing summary are streamed, too.
    let mut asked = events(say(&app, &id, "let's wrap up", None).await).await;
    asked.retain(|event| !is_audio(event));
    assert_eq!(names(&asked), ["transcript", "delta", "message", "done"]);
    assert_eq!(asked[3].1["awaitingWrapUpConfirmation"], true);
    let ended = events(say(&app, &id, "yes", None).await).await;
    assert_eq!(names(&ended), ["transcript", "delta", "message", "done"]);
    assert_eq!(ended[3].1["sessionEnded"], true);
    let over = events(say(&app, &id, "hello?", None).await).await;
    assert_eq!((names(&over), &over[0].1["code"]), (vec!["error"], &json!("SESSION_NOT_ACTIVE")));
    assert_invariants(&app.database).await;
}

#[tokio::test]
async fn sse_reply_failing_midway_is_an_error_and_not_stored() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_COACH__TIMEOUT_SECONDS", "1")
        .spawn()
        .await;
    let id = app.given_session().await;
    for fault in [
        Fault::EndsEarly,
        Fault::Cut,
        Fault::Garbage,
        Fault::Status(401),
        Fault::Slow(Duration::from_secs(3)),
    ] {
        let name = format!("{fault:?}");
        openai.queue_faults(Endpoint::Reply, [fault]);
        let events_sent = events(say(&app, &id, "hello there", None).await).await;
        let (last, data) = events_sent.last().expect("events");
        assert_eq!(
            (last.as_str(), &data["code"]),
            ("error", &json!("COACH_UNAVAILABLE")),
            "{name}: {events_sent:?}"
        );
        assert!(!events_sent.iter().any(|(name, _)| name == "message"), "{name}");
        assert!(app.history(&id).await.is_empty(), "{name}");
        // A success resets the circuit breaker, which opens after five failures in a row.
        assert_eq!(app.say(&id, "and now").await["success"], true, "{name}");
        app.database
            .execute("DELETE FROM public.messages; UPDATE public.sessions SET message_count = 0")
            .await;
    }
}

#[tokio::test]
async fn sse_turn_that_is_refused_is_an_error_event() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let missing = "session-00000000000000000000000000000000";
    let speak = async |id: &str, recording: Vec<u8>| {
        let url = app.url(&format!("/api/sessions/{id}/messages"));
        let form = recording_form(recording, "audio/webm");
        let request = app.http.post(url).header(header::ACCEPT, "text/event-stream");
        // A session that was not found has no language: the browser's is used.
        request.header(header::ACCEPT_LANGUAGE, "de").multipart(form).response().await
    };
    let long = "x".repeat(50_001);
    for (name, response, code) in [
        ("unknown session", say(&app, missing, "hello", None).await, "SESSION_NOT_FOUND"),
        ("no session id", say(&app, "x", "hello", None).await, "SESSION_NOT_FOUND"),
        ("recording, unknown session", speak(missing, webm(6_000)).await, "SESSION_NOT_FOUND"),
        ("no recording", speak(&id, vec![b'x'; 6_000]).await, "INVALID_AUDIO_FORMAT"),
        ("long text", say(&app, &id, &long, None).await, "TEXT_TOO_LONG"),
    ] {
        assert_eq!(response.status(), 200, "{name}");
        let events = events(response).await;
        assert_eq!(names(&events), ["error"], "{name}: {events:?}");
        let data = &events[0].1;
        assert_eq!((&data["success"], &data["code"]), (&json!(false), &json!(code)), "{name}");
    }
    let german = events(speak(missing, webm(6_000)).await).await;
    assert_eq!(german[0].1["error"], "Diese Sitzung finde ich nicht. Bitte starte eine neue.");
    // For programs it remains a status.
    let empty = say(&app, &id, " ", None).await;
    assert_eq!(
        refusal(empty).await,
        (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST".into())
    );
}

#[tokio::test]
async fn sse_client_that_disconnects_does_not_stop_the_turn() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(150));
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for turn in 1..=5 {
        // Disconnects before or after the first event.
        let mut response = say(&app, &id, "hold on to this", None).await;
        if turn % 2 == 0 {
            response.chunk().await.expect("a first event");
        }
        drop(response);
        for _ in 0..100 {
            if app.history(&id).await.len() == 2 * turn {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(app.history(&id).await.len(), 2 * turn);
    }
    assert_invariants(&app.database).await;
}
