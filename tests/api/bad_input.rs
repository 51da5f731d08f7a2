//! Invalid requests: each gets a clear error, and nothing is stored.

use reqwest::{Response, StatusCode, header, multipart};
use serde_json::json;

use crate::{
    app::{TestApp, start_upload, wait_until, webm},
    fake_openai::{Endpoint, FakeOpenAi},
    reply::{ReplyExt, RequestExt, assert_refused, body, refusal},
};

const UNTRANSCRIBED: &str = "Could not transcribe audio. Please try again.";
const TRUNCATED_FORM: &[u8] = b"--X\r\n\
    Content-Disposition: form-data; name=\"audio\"; filename=\"r\"\r\n\
    Content-Type: audio/webm\r\n\r\nabc";
const FORM_WITHOUT_AUDIO: &[u8] =
    b"--X\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nabc\r\n--X--\r\n";
const INVALID: &str = "Invalid audio format. Please use MP3, WAV, or WebM format.";

async fn post_bytes(app: &TestApp, id: &str, content_type: &str, bytes: Vec<u8>) -> Response {
    app.http
        .post(app.url(&format!("/api/sessions/{id}/messages")))
        .header(header::CONTENT_TYPE, content_type)
        .body(bytes)
        .response()
        .await
}

async fn assert_nothing_stored(app: &TestApp, id: &str) {
    assert!(app.history(id).await.is_empty());
    assert_eq!(app.session(id).await["messageCount"], 0);
    assert!(app.files("uploads").is_empty(), "{:?}", app.files("uploads"));
    assert!(app.files("audio").is_empty(), "{:?}", app.files("audio"));
}

#[tokio::test]
async fn malformed_turn_is_422_and_stores_nothing() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let json_type = "application/json";
    let form = "multipart/form-data; boundary=X";
    for (name, content_type, bytes) in [
        ("malformed JSON", json_type, b"{\"text\": ".to_vec()),
        ("non-UTF-8 JSON", json_type, b"{\"text\": \"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", json_type, b"{\"text\": \"\\ud800\"}".to_vec()),
        ("deep nesting", json_type, b"[".repeat(100_000)),
        ("no object", json_type, b"[]".to_vec()),
        ("nothing", json_type, Vec::new()),
        ("no text", json_type, b"{\"words\": \"x\"}".to_vec()),
        ("a number", json_type, b"{\"text\": 7}".to_vec()),
        ("empty text", json_type, b"{\"text\": \"\"}".to_vec()),
        ("blank text", json_type, b"{\"text\": \" \\n \"}".to_vec()),
        ("NUL in the text", json_type, b"{\"text\": \"a\\u0000b\"}".to_vec()),
        ("plain text", "text/plain", b"hello".to_vec()),
        ("a bare recording", "audio/webm", webm(6_000)),
        ("no boundary", "multipart/form-data", b"x".to_vec()),
        ("an empty form", form, Vec::new()),
        ("a truncated form", form, TRUNCATED_FORM.to_vec()),
        ("no audio part", form, FORM_WITHOUT_AUDIO.to_vec()),
        ("no form at all", form, b"what?".to_vec()),
    ] {
        let response = post_bytes(&app, &id, content_type, bytes).await;
        assert_eq!(
            refusal(response).await,
            (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST".into()),
            "{name}"
        );
    }
    assert_nothing_stored(&app, &id).await;
}

#[tokio::test]
async fn invalid_recording_is_refused_with_a_readable_error() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_MAX_UPLOAD_MIB", "1")
        .spawn()
        .await;
    let id = app.given_session().await;
    let too_large = "That was too long for me. Please speak for at most 1 min at a time.";
    for (name, content_type, recording, code, error) in [
        ("empty", "audio/webm", Vec::new(), "NOT_TRANSCRIBABLE", UNTRANSCRIBED),
        ("tiny", "audio/webm", webm(100), "NOT_TRANSCRIBABLE", UNTRANSCRIBED),
        ("just too short", "audio/webm", webm(3_999), "NOT_TRANSCRIBABLE", UNTRANSCRIBED),
        ("a text that says it is one", "text/plain", webm(6_000), "INVALID_AUDIO_FORMAT", INVALID),
        ("a picture", "image/png", webm(6_000), "INVALID_AUDIO_FORMAT", INVALID),
        ("not a film", "video/mp4", vec![b'a'; 6_000], "INVALID_AUDIO_FORMAT", INVALID),
        (
            "not what its type says",
            "audio/webm",
            vec![b'a'; 6_000],
            "INVALID_AUDIO_FORMAT",
            INVALID,
        ),
        ("zeros", "audio/wav", vec![0; 6_000], "INVALID_AUDIO_FORMAT", INVALID),
        ("too large", "audio/webm", webm(1024 * 1024 + 1), "RECORDING_TOO_LARGE", too_large),
        ("much too large", "audio/webm", webm(8 * 1024 * 1024), "RECORDING_TOO_LARGE", too_large),
    ] {
        let reply = app.speak(&id, recording, content_type).await;
        assert_refused(&reply, code, error);
        assert!(openai.take_calls(Endpoint::Transcription).is_empty(), "{name}");
    }
    assert_nothing_stored(&app, &id).await;
    let largest = app.speak(&id, webm(1024 * 1024), "audio/webm").await;
    assert_eq!(largest["success"], true, "{largest}");
}

#[tokio::test]
async fn silent_recording_is_not_stored() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    openai.queue_transcripts(&["", "  \n", "\u{0}"]);
    for _ in 0..3 {
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_refused(&reply, "NOT_TRANSCRIBABLE", UNTRANSCRIBED);
    }
    assert_nothing_stored(&app, &id).await;
}

#[tokio::test]
async fn errors_are_checked_in_the_order_of_the_contract() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let ended = app.given_ended_session().await;
    let reply = app.speak("missing", vec![b'a'; 6_000], "text/plain").await;
    assert_refused(&reply, "SESSION_NOT_FOUND", "Session not found");
    let reply = app.speak(&ended, vec![b'a'; 6_000], "text/plain").await;
    assert_refused(&reply, "INVALID_AUDIO_FORMAT", INVALID);
    let reply = app.speak(&ended, webm(10), "audio/webm").await;
    assert_refused(&reply, "SESSION_NOT_ACTIVE", "Session is not active");
    assert!(openai.take_calls(Endpoint::Transcription).is_empty());
}

#[tokio::test]
async fn recording_without_transcriber_is_refused_without_settings() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_eq!(reply["code"], "SPEECH_TO_TEXT_NOT_CONFIGURED", "{reply}");
    let error = reply["error"].as_str().expect("a text");
    // They are for the operator, who finds them in the log.
    assert!(!error.contains("OPENAI") && !error.contains("Typed"), "{error}");
    assert_nothing_stored(&app, &id).await;
}

#[tokio::test]
async fn megabyte_of_text_is_refused_as_too_long() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    for length in [50_001, 1_000_000, 3_000_000] {
        let reply = app.say(&id, &"x".repeat(length)).await;
        assert_eq!(reply["code"], "TEXT_TOO_LONG", "{length}: {reply}");
    }
    assert_nothing_stored(&app, &id).await;
    let reply = app.say(&id, &"é".repeat(50_000)).await;
    assert_eq!(reply["success"], true, "the longest one is stored");
}

#[tokio::test]
async fn unusual_text_is_stored_unchanged() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    for words in [
        "'; DROP TABLE messages; --",
        "我今天很累，睡不好",
        "🙂 e\u{301} \u{202e}abc",
        "a\tb\r\nc",
        "<script>alert(1)</script>",
        "\\u0000",
    ] {
        let reply = app.say(&id, words).await;
        assert_eq!(reply["data"]["messages"][0]["text"], words, "{reply}");
    }
    assert_eq!(app.session(&id).await["messageCount"], 12);
}

#[tokio::test]
async fn interrupted_upload_leaves_no_file() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let stream = start_upload(&app, &id).await;
    wait_until(|| app.files("uploads").len() == 1).await;
    drop(stream);
    wait_until(|| app.files("uploads").is_empty()).await;
    assert_nothing_stored(&app, &id).await;
}

/// A form whose audio part has the given raw headers.
fn form_with(headers: &[u8], recording: &[u8]) -> Vec<u8> {
    [b"--X\r\n".as_slice(), headers, b"\r\n\r\n", recording, b"\r\n--X--\r\n"].concat()
}

#[tokio::test]
async fn recording_of_any_declared_type_is_accepted() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for content_type in [
        &b"video/webm;codecs=vp8,opus"[..],
        b"audio/webm; codecs=vp8, opus",
        b"  AUDIO/WebM ;codecs=\"opus\"  ",
        b"audio/webm;",
        b"audio/webm;codecs",
        b"audio / webm",
        b"audio/webm; title=\xfc",
        b"video/mp4",
        b"application/ogg",
        b"application/octet-stream",
    ] {
        let headers = [
            b"Content-Disposition: form-data; name=\"audio\"; filename=\"r.webm\"\r\n".as_slice(),
            b"Content-Type: ",
            content_type,
        ]
        .concat();
        let form = form_with(&headers, &webm(6_000));
        let response = post_bytes(&app, &id, "multipart/form-data; boundary=X", form).await;
        assert_eq!(response.status(), StatusCode::OK);
        let reply = body(response).await;
        assert_eq!(reply["success"], true, "{}: {reply}", content_type.escape_ascii());
    }
    for content_type in ["Content-Type: text/plain", "X-Type: none"] {
        let disposition = "Content-Disposition: form-data; name=\"audio\"";
        let headers = format!("{disposition}\r\n{content_type}");
        let form = form_with(headers.as_bytes(), &webm(6_000));
        let response = post_bytes(&app, &id, "multipart/form-data; boundary=X", form).await;
        assert_refused(&body(response).await, "INVALID_AUDIO_FORMAT", INVALID);
    }
}

#[tokio::test]
async fn recording_of_any_file_name_is_accepted() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    for file_name in [
        "filename=\"Größe 録音.webm\"".as_bytes(),
        b"filename=\"Gr\xf6\xdfe.webm\"",
        b"filename=\"\x95\x5c.webm\"",
        b"filename*=UTF-8''Gr%C3%B6%C3%9Fe.webm",
        b"filename=\"a.webm\"; filename*=iso-8859-15''Gr%F6%DFe.webm",
        b"filename*=%zz",
        b"filename=\"a;b=\\\"c\\\".webm\"",
        b"filename=",
        b"filename=\"\"",
    ] {
        let headers = [
            b"Content-Disposition: form-data; name=\"audio\"; ".as_slice(),
            file_name,
            b"\r\nContent-Type: audio/webm",
        ]
        .concat();
        let form = form_with(&headers, &webm(6_000));
        let response = post_bytes(&app, &id, "multipart/form-data; boundary=X", form).await;
        let reply = body(response).await;
        assert_eq!(reply["success"], true, "{}: {reply}", file_name.escape_ascii());
    }
}

#[tokio::test]
async fn multipart_upload_accepts_extra_parts() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let audio =
        multipart::Part::bytes(webm(6_000)).mime_str("audio/webm; codecs=opus").expect("a type");
    let form =
        multipart::Form::new().text("note", "before").part("audio", audio).text("other", "after");
    let reply = app
        .http
        .post(app.url(&format!("/api/sessions/{id}/messages")))
        .multipart(form)
        .reply()
        .await;
    reply.data();
    assert!(app.files("uploads").is_empty(), "the recording is gone after the turn");
    app.post("/api/sessions", json!({})).await;
}
