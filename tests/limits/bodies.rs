//! JSON bodies of hostile clients: slow, large, and costly to parse.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    app::TestApp,
    reply::{RequestExt, refusal},
};

/// Sends the head of a typed turn whose body has `length` bytes.
async fn start_turn(app: &TestApp, id: &str, length: usize) -> TcpStream {
    start_turn_with(app, "", id, length).await
}

/// The same with more header fields, each with its line end.
async fn start_turn_with(app: &TestApp, fields: &str, id: &str, length: usize) -> TcpStream {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = format!(
        "POST /api/sessions/{id}/messages HTTP/1.1\r\nHost: localhost\r\n\
         {fields}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// What the server has sent within ten seconds.
async fn received(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4_096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut bytes)).await;
    String::from_utf8_lossy(&bytes[..read.expect("in time").expect("a response")]).into_owned()
}

/// A body that keeps coming, so that the time-out for pauses does not cut it.
#[tokio::test]
async fn json_body_that_trickles_is_cut_after_fifteen_seconds() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let mut turn = start_turn(&app, &id, 1_000).await;
    let mut trickle = async || {
        for sent in 0.. {
            let byte = if sent == 0 { b"{" } else { b" " };
            if turn.write_all(byte).await.is_err() || sent >= 60 {
                break;
            }
            let mut response = [0; 12];
            let read = turn.read(&mut response);
            if let Ok(read) = tokio::time::timeout(Duration::from_millis(500), read).await {
                return String::from_utf8_lossy(&response[..read.expect("a response")])
                    .into_owned();
            }
        }
        panic!("the body was not cut");
    };
    assert_eq!(trickle().await, "HTTP/1.1 408");
    assert!(app.history(&id).await.is_empty());
}

/// The body of a turn that is refused is not waited for: the permit and the session come first.
#[tokio::test]
async fn body_is_read_after_permit_and_session() {
    let app = TestApp::builder()
        .with_setting("KUKU_LIMITS__CONCURRENT_TURNS", "1")
        // Turns are repeated until one is refused for another reason.
        .with_setting("KUKU_LIMITS__TURNS_PER_MINUTE", "0")
        .spawn()
        .await;
    let (id, other) = (app.given_session().await, app.given_session().await);
    let mut slow = start_turn(&app, &id, 16).await;
    let refused = async {
        // The permit is taken as soon as the head has arrived.
        loop {
            let reply = app.say(&other, "hello there").await;
            if reply["code"] == "OVERLOADED" {
                break;
            }
            assert_eq!(reply["success"], true, "{reply}");
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("a permit is held");
    slow.write_all(br#"{"text":"hello"}"#).await.expect("sent");
    let answer = received(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let mut missing = start_turn(&app, "session-00000000000000000000000000000000", 16).await;
    missing.write_all(br#"{"text":"hello"}"#).await.expect("sent");
    let answer = received(&mut missing).await;
    assert!(answer.contains("SESSION_NOT_FOUND"), "{answer}");
}

/// Hundreds of the largest bodies, begun and never ended, took 600 kB each.
#[tokio::test]
async fn one_address_sends_a_tenth_of_the_large_bodies() {
    let app = TestApp::builder()
        .with_setting("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1")
        .with_setting("KUKU_LIMITS__CONCURRENT_TURNS", "200")
        // Turns are repeated until one is refused, or accepted, for another reason.
        .with_setting("KUKU_LIMITS__TURNS_PER_MINUTE", "0")
        .spawn()
        .await;
    let id = app.given_session().await;
    let say = async |client: &str, characters: usize| {
        let request = Client::new().post(app.url(&format!("/api/sessions/{id}/messages")));
        let body = serde_json::json!({ "text": "é".repeat(characters) });
        request.header("X-Forwarded-For", client).json(&body).response().await
    };
    let (attacker, person) = ("203.0.113.7", "203.0.113.8");
    let forwarded = format!("X-Forwarded-For: {attacker}\r\n");
    let mut slow = Vec::new();
    for _ in 0..6 {
        let mut turn = start_turn_with(&app, &forwarded, &id, 600_000).await;
        turn.write_all(&[b' '; 70_000]).await.expect("sent");
        slow.push(turn);
    }
    let overloaded = (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED".to_owned());
    let refused = async {
        // The bodies count once the server has read so much of them.
        loop {
            let response = say(attacker, 40_000).await;
            if response.status() != StatusCode::OK {
                break response;
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(10), refused).await.expect("a limit");
    assert_eq!(refusal(refused).await, overloaded);
    assert_eq!(say(attacker, 20_000).await.status(), StatusCode::OK, "a small one");
    assert_eq!(say(person, 40_000).await.status(), StatusCode::OK, "of another address");
    drop(slow);
    let admitted = async { while say(attacker, 40_000).await.status() != StatusCode::OK {} };
    tokio::time::timeout(Duration::from_secs(10), admitted).await.expect("given back");
}

/// Values that no field wants are skipped: 149,000 small maps took 170 ms of a worker when they
/// were built. Arrays that are deeper than what is built are refused as any other wrong value.
#[tokio::test]
async fn costly_json_is_skipped() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let url = app.url(&format!("/api/sessions/{id}/messages"));
    let post = async |body: String| {
        let request = Client::new().post(&url).header("Content-Type", "application/json");
        refusal(request.body(body).response().await).await
    };
    let malformed = (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST".to_owned());
    let maps = format!("[{{}}{}]", ",{}".repeat(149_000));
    let deep = format!("{}{}", "[".repeat(250_000), "]".repeat(250_000));
    let keys: String = (0..40_000).map(|n| format!("\"{n}\":{{}},")).collect();
    for body in [
        maps.clone(),
        format!("{{\"text\":{maps}}}"),
        format!("{{\"text\":{deep}}}"),
        format!("{{{keys}\"text\":7}}"),
    ] {
        assert_eq!(post(body).await, malformed);
    }
    let unused = format!("{{\"unused\":{maps},\"text\":\"hello\"}}");
    let unused = Client::new().post(&url).header("Content-Type", "application/json").body(unused);
    assert_eq!(unused.response().await.status(), StatusCode::OK);
    assert_eq!(app.history(&id).await.len(), 2);
}

#[tokio::test]
async fn text_of_the_greatest_length_fits_however_it_is_escaped() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let post = async |text: &str| {
        let request = Client::new().post(app.url(&format!("/api/sessions/{id}/messages")));
        let request = request.header("Content-Type", "application/json");
        request.body(format!("{{\"text\":\"{text}\"}}")).response().await
    };
    let escaped = post(&r"\ud83d\ude00".repeat(50_000)).await;
    assert_eq!(escaped.status(), StatusCode::OK);
    assert_eq!(app.history(&id).await[0]["text"], "😀".repeat(50_000));
    let half_a_pair = post(&r"\ud83d".repeat(2)).await;
    assert_eq!(half_a_pair.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let error: serde_json::Value = half_a_pair.json().await.expect("JSON");
    let text = error["error"].as_str().expect("a text");
    assert!(text.starts_with("The body is not valid JSON (line 1, column "), "{text}");
    let in_line_two = Client::new()
        .post(app.url(&format!("/api/sessions/{id}/messages")))
        .header("Content-Type", "application/json")
        .body("{\n  \"text\": \"ok \\ud83d\"}");
    let error: serde_json::Value = in_line_two.response().await.json().await.expect("JSON");
    assert_eq!(error["error"], "The body is not valid JSON (line 2, column 21).");
    // One character more, and a megabyte.
    for text in [r"\ud83d\ude00".repeat(50_001), "x".repeat(1_000_000)] {
        assert_eq!(refusal(post(&text).await).await, (StatusCode::OK, "TEXT_TOO_LONG".into()));
    }
}

/// A rating takes no permit, so its body is small: 400 connections with a megabyte each held
/// 570 MiB.
#[tokio::test]
async fn rating_is_not_larger_than_its_feedback() {
    let app = TestApp::spawn().await;
    let id = app.given_ended_session().await;
    let post = async |feedback: String| {
        let request = Client::new().post(app.url(&format!("/api/sessions/{id}/rating")));
        let request = request.header("Content-Type", "application/json");
        request.body(format!("{{\"rating\":5,\"feedback\":\"{feedback}\"}}")).response().await
    };
    let escaped = post(r"\ud83d\ude00".repeat(10_000)).await;
    assert_eq!(escaped.status(), StatusCode::OK);
    assert_eq!(app.session(&id).await["feedback"], "😀".repeat(10_000));
    let refused = refusal(post("x".repeat(130_000)).await).await;
    assert_eq!(refused, (StatusCode::OK, "TEXT_TOO_LONG".into()));
}

/// Two million characters: what is said in some forty hours.
#[tokio::test]
async fn session_of_two_million_characters_takes_no_more_turns() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let fill = |characters: usize| {
        format!(
            "INSERT INTO public.messages (session_id, message_id, sender, text_content, position) \
             SELECT s.id, 'msg-' || md5(random()::text), \
                 CASE s.message_count % 2 WHEN 0 THEN 'user' ELSE 'ai' END, \
                 repeat('é', {characters}), s.message_count + 1 \
             FROM public.sessions AS s WHERE s.session_id = '{id}'; \
             UPDATE public.sessions SET message_count = message_count + 1 \
             WHERE session_id = '{id}'"
        )
    };
    for _ in 0..39 {
        app.database.execute(&fill(50_000)).await;
    }
    app.database.execute(&fill(49_995)).await;
    let refused = app.say(&id, "six, é").await;
    assert_eq!(refused["code"], "SESSION_FULL", "{refused}");
    assert_eq!(app.session(&id).await["messageCount"], 40);
    assert_eq!(app.say(&id, "fünf!").await["success"], true);
    assert_eq!(app.say(&id, "x").await["code"], "SESSION_FULL");
    // It has an end, and can be read.
    assert_eq!(app.end(&id).await["success"], true);
    assert_eq!(app.history(&id).await.len(), 42);
}
