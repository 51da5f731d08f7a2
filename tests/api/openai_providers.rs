//! The `openai` providers against a fake of its API: their requests, and their behaviour with
//! faults.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    app::{TestApp, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3},
    reply::{ReplyExt, RequestExt, assert_refused, text},
    support::report_skipped,
};

const UNREACHABLE: &str = "The coach cannot be reached just now. Please try again in a moment.";
const UNANSWERED: &str = "I heard you, but I cannot answer just now. Say \"go on\" in a moment.";
const NOT_TRANSCRIBED: &str = "I could not listen just now. Please try again in a moment.";

/// A server with short time-outs of its providers.
async fn given_app(openai: &FakeOpenAi) -> TestApp {
    TestApp::builder()
        .with_openai(openai)
        .with_setting("KUKU_SPEECH_TO_TEXT__TIMEOUT_SECONDS", 2)
        .with_setting("KUKU_COACH__TIMEOUT_SECONDS", 2)
        .with_setting("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", 2)
        .with_setting("KUKU_RESPOND_BEFORE_AUDIO", false)
        .spawn()
        .await
}

fn faults() -> Vec<(&'static str, Vec<Fault>)> {
    vec![
        ("always 500", vec![Fault::Status(500); 8]),
        ("always 429", vec![Fault::Status(429); 8]),
        ("refused", vec![Fault::Status(401)]),
        ("garbage", vec![Fault::Garbage]),
        ("cut off", vec![Fault::Cut]),
        ("too long", vec![Fault::TooLong]),
        ("too slow", vec![Fault::Slow(Duration::from_secs(30))]),
    ]
}

#[tokio::test]
async fn spoken_turn_calls_all_stages_and_serves_its_audio() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    openai.queue_transcripts(&["My job wears me out", "I cannot say no"]);
    let reply = app.speak(&id, webm(6_000), "audio/webm;codecs=opus").await;
    assert_eq!(reply["data"]["messages"][0]["text"], "My job wears me out", "{reply}");
    let url = reply.audio_url();
    let audio = app.http.get(app.url(&url)).response().await;
    assert_eq!(audio.bytes().await.expect("bytes"), MP3);

    let heard = openai.take_calls(Endpoint::Transcription).pop().expect("a call");
    assert_eq!(heard.authorization, "Bearer sk-canary-key");
    let sent = webm(6_000);
    assert!(heard.body.windows(sent.len()).any(|part| part == sent), "the recording, byte by byte");
    let form = heard.text();
    assert!(form.contains("gpt-transcribe") && form.contains(".webm\""), "{form}");
    let asked = openai.last_call(Endpoint::Reply);
    assert_eq!(asked["model"], "gpt-6-luna");
    assert_eq!(asked["reasoning_effort"], "none");
    assert_eq!(asked["temperature"], 0.7);
    let spoken = openai.last_call(Endpoint::Speech);
    assert_eq!((&spoken["model"], &spoken["voice"]), (&json!("tts-1"), &json!("nova")));
    assert_eq!(spoken["response_format"], "mp3");
    assert_eq!(spoken["input"], reply["data"]["messages"][1]["text"]);

    app.speak(&id, webm(6_000), "audio/webm").await;
    let asked = openai.last_call(Endpoint::Reply);
    let roles: Vec<&Value> =
        asked["messages"].as_array().expect("messages").iter().map(|m| &m["role"]).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert!(text(&asked["messages"][0]["content"]).ends_with("This is round 2 of 30."));
    let prompt = asked.to_string();
    assert_eq!(prompt.matches("I cannot say no").count(), 1, "{prompt}");
}

#[tokio::test]
async fn recording_is_sent_under_the_name_of_its_real_format() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    for (beginning, extension) in [
        (&b"OggS\0\x02\0\0\0\0\0\0\0\0"[..], "ogg"),
        (b"\0\0\0\x1cftypiso5\0\0", "mp4"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
        (b"ID3\x04\0\0\0\0\0\0\0\0", "mp3"),
        (b"fLaC\0\0\0\x22\0\0\0\0", "flac"),
    ] {
        let mut recording = beginning.to_vec();
        recording.resize(6_000, 1);
        // Browsers name every recording .webm, and Safari's content type differs from its file.
        let reply = app.speak(&id, recording, "audio/webm").await;
        assert_eq!(reply["success"], true, "{extension}: {reply}");
        let form = openai.take_calls(Endpoint::Transcription).pop().expect("a call").text();
        assert!(form.contains(&format!(".{extension}\"")), "{extension}: {form}");
    }
}

#[tokio::test]
async fn provider_overload_is_retried_once() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    for status in [429, 500, 503] {
        for endpoint in [Endpoint::Transcription, Endpoint::Reply, Endpoint::Speech] {
            openai.queue_faults(endpoint, [Fault::Status(status)]);
        }
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_eq!(reply["success"], true, "{status}: {reply}");
        assert!(reply["data"]["messages"][1]["audioUrl"].is_string(), "{status}: {reply}");
        for endpoint in [Endpoint::Transcription, Endpoint::Reply, Endpoint::Speech] {
            assert_eq!(openai.take_calls(endpoint).len(), 2, "{status} {endpoint:?}");
        }
    }
}

#[tokio::test]
async fn failed_reply_gives_an_error_and_stores_nothing() {
    for (name, faults) in faults() {
        let openai = FakeOpenAi::spawn().await;
        let app = given_app(&openai).await;
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Reply, faults);
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_refused(&reply, "COACH_UNAVAILABLE", UNANSWERED);
        assert!(app.history(&id).await.is_empty(), "{name}");
        assert_eq!(app.session(&id).await["messageCount"], 0, "{name}");
        assert!(app.files("uploads").is_empty(), "{name}");
    }
}

#[tokio::test]
async fn session_continues_after_a_failed_turn() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Reply, [Fault::Garbage, Fault::Reply("  ")]);
    for _ in 0..2 {
        assert_refused(&app.say(&id, "hello there").await, "COACH_UNAVAILABLE", UNREACHABLE);
    }
    assert_eq!(app.say(&id, "hello there").await["success"], true);
    assert_eq!(app.session(&id).await["messageCount"], 2);
}

#[tokio::test]
async fn failed_transcription_gives_an_error_and_stores_nothing() {
    for (name, faults) in faults() {
        let openai = FakeOpenAi::spawn().await;
        let app = given_app(&openai).await;
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Transcription, faults);
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_refused(&reply, "SPEECH_TO_TEXT_UNAVAILABLE", NOT_TRANSCRIBED);
        assert!(app.history(&id).await.is_empty(), "{name}");
        assert!(app.files("uploads").is_empty(), "{name}");
    }
}

#[tokio::test]
async fn undecodable_recording_is_reported_as_not_understood() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    // Whisper's models are asked once more, without segments.
    openai.queue_faults(Endpoint::Transcription, [Fault::Status(400), Fault::Status(400)]);
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_refused(&reply, "NOT_TRANSCRIBABLE", "Could not transcribe audio. Please try again.");
}

#[tokio::test]
async fn failed_speech_loses_the_audio_and_keeps_the_turn() {
    for (name, faults) in faults() {
        let openai = FakeOpenAi::spawn().await;
        let app = given_app(&openai).await;
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Speech, faults);
        let reply = app.say(&id, "hello there").await;
        assert_eq!(reply["success"], true, "{name}: {reply}");
        assert_eq!(reply["data"]["messages"][1]["audioUrl"], Value::Null, "{name}");
        assert_eq!(app.history(&id).await.len(), 2, "{name}");
        assert!(app.files("audio").is_empty(), "{name}: {:?}", app.files("audio"));
    }
}

#[tokio::test]
async fn failed_wrap_up_decision_counts_as_no() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    app.database
        .execute(&format!("UPDATE public.sessions SET coach_rounds = 14 WHERE session_id = '{id}'"))
        .await;
    openai.queue_faults(Endpoint::Decision, [Fault::Garbage]);
    let reply = app.say(&id, "hello there").await;
    assert_eq!(reply["success"], true, "{reply}");
    assert!(reply["data"].get("awaitingWrapUpConfirmation").is_none(), "{reply}");
}

#[tokio::test]
async fn failed_closing_call_leaves_the_session_active() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    app.say(&id, "My job wears me out").await;
    openai.queue_faults(Endpoint::Closing, [Fault::Garbage, Fault::Garbage]);
    let end = format!("/api/sessions/{id}/end");
    assert_refused(&app.post(&end, json!({})).await, "COACH_UNAVAILABLE", UNREACHABLE);
    assert_eq!(app.session(&id).await["status"], "active");
    app.say(&id, "Let's wrap up").await;
    assert_refused(&app.say(&id, "yes").await, "COACH_UNAVAILABLE", UNREACHABLE);
    let session = app.session(&id).await;
    assert_eq!((&session["status"], &session["messageCount"]), (&json!("active"), &json!(4)));
    assert_eq!(session["awaitingWrapUpConfirmation"], true, "the confirmation can be repeated");
    assert_eq!(app.say(&id, "yes").await["data"]["sessionEnded"], true);
}

#[tokio::test]
async fn closing_call_gets_the_whole_conversation() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    for words in ["My job wears me out", "I cannot say no", "I will talk on Monday"] {
        app.say(&id, words).await;
    }
    app.end(&id).await;
    let prompt = openai.take_calls(Endpoint::Closing).pop().expect("a call").text();
    for words in ["My job wears me out", "I cannot say no", "I will talk on Monday"] {
        assert_eq!(prompt.matches(words).count(), 1, "{words} in {prompt}");
    }
}

#[tokio::test]
async fn unreachable_provider_gives_an_error_response() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    openai.stop().await;
    assert_refused(&app.say(&id, "hello there").await, "COACH_UNAVAILABLE", UNREACHABLE);
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_refused(&reply, "SPEECH_TO_TEXT_UNAVAILABLE", NOT_TRANSCRIBED);
}

#[tokio::test]
async fn each_stage_can_have_its_own_base_url() {
    let (listens, coaches) = (FakeOpenAi::spawn().await, FakeOpenAi::spawn().await);
    let app = TestApp::builder()
        .with_setting("KUKU_SPEECH_TO_TEXT__PROVIDER", "openai")
        .with_setting("KUKU_SPEECH_TO_TEXT__BASE_URL", &listens.base_url)
        .with_setting("KUKU_COACH__PROVIDER", "openai")
        .with_setting("KUKU_COACH__BASE_URL", &coaches.base_url)
        .with_setting("KUKU_COACH__MODEL", "llama3.2")
        .spawn()
        .await;
    let id = app.given_session().await;
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_eq!(reply["success"], true, "other servers need no key: {reply}");
    assert_eq!(listens.take_calls(Endpoint::Transcription).len(), 1);
    assert_eq!(coaches.last_call(Endpoint::Reply)["model"], "llama3.2");
    assert!(listens.take_calls(Endpoint::Reply).is_empty());
}

#[tokio::test]
async fn open_circuit_breaker_fails_turns_at_once() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Reply, vec![Fault::Garbage; 100]);
    for _ in 0..8 {
        assert_refused(&app.say(&id, "hello there").await, "COACH_UNAVAILABLE", UNREACHABLE);
    }
    assert_eq!(openai.take_calls(Endpoint::Reply).len(), 5, "then the circuit breaker is open");
    // The circuit breaker of another stage is closed.
    openai.queue_faults(Endpoint::Transcription, [Fault::Status(400), Fault::Status(400)]);
    assert_eq!(app.speak(&id, webm(6_000), "audio/webm").await["code"], "NOT_TRANSCRIBABLE");
}

#[tokio::test]
async fn unwritable_audio_folder_loses_the_audio_not_the_turn() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    // A file in place of the folder makes writes fail for root too.
    let folder = app.data_dir.path().join("audio");
    std::fs::remove_dir_all(&folder).expect("removed");
    std::fs::write(&folder, "").expect("a file in its place");
    assert_no_audio(&app.say(&id, "hello there").await);
    assert_eq!(app.history(&id).await.len(), 2);
    std::fs::remove_file(&folder).expect("removed");

    // A full disk, if this process may mount one.
    std::fs::create_dir(&folder).expect("made");
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4k", "tmpfs"])
        .arg(&folder)
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        report_skipped("a full disk cannot be made here");
        return;
    }
    let filler = std::fs::write(folder.join("filler"), vec![0; 4096]);
    let reply = app.say(&id, "hello again").await;
    let unmounted = std::process::Command::new("umount").arg("-l").arg(&folder).status();
    assert!(filler.is_ok() && unmounted.is_ok_and(|status| status.success()));
    assert_no_audio(&reply);
    assert_eq!(app.history(&id).await.len(), 4);
}

#[track_caller]
fn assert_no_audio(reply: &Value) {
    assert_eq!(reply["success"], true, "{reply}");
    assert_eq!(reply["data"]["messages"][1]["audioUrl"], Value::Null, "{reply}");
}
