//! Recordings without speech: what models write for silence is no answer of the person.

use std::{f64::consts::TAU, time::Duration};

use serde_json::{Value, json};

use crate::{
    app::{TestApp, webm},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    reply::{ReplyExt, assert_refused},
};

const UNTRANSCRIBED: &str = "Could not transcribe audio. Please try again.";

async fn given_app(openai: &FakeOpenAi) -> TestApp {
    let app = TestApp::builder().with_openai(openai);
    app.with_setting("KUKU_SPEECH_TO_TEXT__MODEL", "whisper-1").spawn().await
}

/// A session whose coach has asked whether to wrap up.
async fn given_offered_session(app: &TestApp) -> String {
    let id = app.given_session().await;
    let offered = app.say(&id, "Let's wrap up").await;
    assert_eq!(offered["data"]["awaitingWrapUpConfirmation"], true, "{offered}");
    id
}

async fn assert_still_offered(app: &TestApp, id: &str, name: &str) {
    let session = app.session(id).await;
    assert_eq!(session["awaitingWrapUpConfirmation"], true, "{name}");
    assert_eq!((&session["status"], &session["messageCount"]), (&json!("active"), &json!(2)));
}

/// One second of 16 bit mono: a tone of the given amplitude.
fn wav(amplitude: f64) -> Vec<u8> {
    let rate = 16_000_u32;
    let samples = (0..rate).flat_map(|n| {
        let value = amplitude * (TAU * 200.0 * f64::from(n) / f64::from(rate)).sin();
        ((value * 32_767.0) as i16).to_le_bytes()
    });
    let header = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    let rates = [rate.to_le_bytes(), (rate * 2).to_le_bytes()].concat();
    let data = b"\x02\0\x10\0data\xff\xff\xff\xff".to_vec();
    header.into_iter().chain(rates).chain(data).chain(samples).collect()
}

/// A transcription with the given probabilities of silence of its segments.
fn transcription(text: &str, no_speech: &[f64]) -> Value {
    let segments: Vec<Value> =
        no_speech.iter().map(|p| json!({"id": 0, "text": text, "no_speech_prob": p})).collect();
    json!({"text": text, "segments": segments})
}

#[tokio::test]
async fn text_of_silence_does_not_decline_a_wrap_up() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = given_offered_session(&app).await;
    for text in [".", "...", "[BLANK_AUDIO]", "(silence)", "*music*", "♪ la la ♪", "<|en|>", "[en]"]
    {
        openai.queue_transcripts(&[text]);
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_refused(&reply, "NOT_TRANSCRIBABLE", UNTRANSCRIBED);
        assert_still_offered(&app, &id, text).await;
    }
}

#[tokio::test]
async fn okay_on_silence_does_not_end_the_session() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = given_offered_session(&app).await;
    openai.queue_transcripts(&["Okay.", "Thank you. Thank you."]);
    for _ in 0..2 {
        let reply = app.speak(&id, wav(0.001), "audio/wav").await;
        assert_refused(&reply, "NOT_TRANSCRIBABLE", UNTRANSCRIBED);
    }
    for no_speech in [&[0.9][..], &[0.7, 0.61]] {
        openai.queue_transcriptions(&[transcription("Okay.", no_speech)]);
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_refused(&reply, "NOT_TRANSCRIBABLE", UNTRANSCRIBED);
    }
    assert_still_offered(&app, &id, "silence").await;
}

#[tokio::test]
async fn okay_that_was_spoken_ends_the_session() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    for (name, recording, transcription) in [
        ("no sign of silence", webm(6_000), json!({"text": "Okay."})),
        ("a tone", wav(0.2), json!({"text": "Okay."})),
        ("one segment of speech", webm(6_000), transcription("Okay.", &[0.9, 0.1])),
        ("segments of another shape", webm(6_000), json!({"text": "Okay.", "segments": {"a": 1}})),
    ] {
        let id = given_offered_session(&app).await;
        openai.queue_transcriptions(&[transcription]);
        let reply = app.speak(&id, recording, "audio/wav").await;
        assert_eq!(reply["data"]["sessionEnded"], true, "{name}: {reply}");
    }
}

#[tokio::test]
async fn words_on_a_silent_recording_are_kept() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    openai.queue_transcriptions(&[transcription("I called her.", &[0.9])]);
    let reply = app.speak(&id, wav(0.0), "audio/wav").await;
    assert_eq!(reply["data"]["messages"][0]["text"], "I called her.", "{reply}");
}

#[tokio::test]
async fn tags_are_not_part_of_the_message() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let id = app.given_session().await;
    for text in [
        "SPEAKER_00: I cannot say no",
        "<|en|><|NEUTRAL|>I cannot say no",
        "language English<asr_text>I cannot say no",
        "[00:00:00.000 --> 00:00:02.000]  [en] I cannot say no\n",
    ] {
        openai.queue_transcripts(&[text]);
        let reply = app.speak(&id, webm(6_000), "audio/webm").await;
        assert_eq!(reply["data"]["messages"][0]["text"], "I cannot say no", "{reply}");
    }
}

#[tokio::test]
async fn typed_text_is_not_taken_for_a_transcript() {
    let app = TestApp::spawn().await;
    let id = app.given_session().await;
    for text in ["...", "(silence)", "SPEAKER_00: hello"] {
        let reply = app.say(&id, text).await;
        assert_eq!(reply.messages()[0]["text"], text, "{reply}");
    }
}

#[tokio::test]
async fn segments_are_asked_of_whisper_where_it_has_them() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai).await;
    let other = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_SPEECH_TO_TEXT__MODEL", "gpt-transcribe")
        .spawn()
        .await;
    let asks = |app: &'static str| {
        let calls = openai.take_calls(Endpoint::Transcription);
        let verbose = calls.iter().map(|call| call.text().contains("verbose_json"));
        (app, verbose.collect::<Vec<_>>())
    };
    let (id, other_id) = (app.given_session().await, other.given_session().await);
    app.speak(&id, webm(6_000), "audio/webm").await.data();
    assert_eq!(asks("whisper-1"), ("whisper-1", vec![true]));
    other.speak(&other_id, webm(6_000), "audio/webm").await.data();
    assert_eq!(asks("gpt-transcribe"), ("gpt-transcribe", vec![false]));

    // A recording that cannot be decoded tells nothing about the form of the results.
    openai.queue_faults(Endpoint::Transcription, [Fault::Status(400), Fault::Status(400)]);
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_refused(&reply, "NOT_TRANSCRIBABLE", UNTRANSCRIBED);
    assert_eq!(asks("corrupt"), ("corrupt", vec![true, false]));
    openai.queue_faults(Endpoint::Transcription, [Fault::Status(400)]);
    for _ in 0..2 {
        app.speak(&id, webm(6_000), "audio/webm").await.data();
    }
    assert_eq!(asks("without segments"), ("without segments", vec![true, false, false]));
}

#[tokio::test]
async fn long_recording_has_a_longer_timeout() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder()
        .with_openai(&openai)
        .with_setting("KUKU_SPEECH_TO_TEXT__TIMEOUT_SECONDS", 1)
        .spawn()
        .await;
    let id = app.given_session().await;
    let slow = || Fault::Slow(Duration::from_millis(2_500));
    openai.queue_faults(Endpoint::Transcription, [slow(), slow()]);
    let short = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_eq!(short["code"], "SPEECH_TO_TEXT_UNAVAILABLE", "{short}");
    // About 25 s of speech, a quarter of which is 6 s.
    let long = app.speak(&id, webm(100_000), "audio/webm").await;
    assert_eq!(long["success"], true, "{long}");
}
