//! Text to speech by `/audio/speech`: formats, models and time-outs.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    app::TestApp,
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3, Script},
    reply::ReplyExt,
};

const WAV: &[u8] = b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0\
    \x02\0\x10\0data\x04\0\0\0\x01\0\x02\0";

async fn given_app(openai: &FakeOpenAi, settings: &[(&str, &str)]) -> TestApp {
    TestApp::builder()
        .with_openai(openai)
        .with_setting("KUKU_TEXT_TO_SPEECH__PROVIDER", "openai")
        // A turn is answered with its whole audio, or with none.
        .with_setting("KUKU_RESPOND_BEFORE_AUDIO", false)
        .with_settings(settings)
        .spawn()
        .await
}

/// Takes a turn; the bytes of its audio, if it has any.
async fn turn(app: &TestApp, session: &str) -> Option<Vec<u8>> {
    let reply = app.say(session, "hello there").await;
    if reply.coach_message()["audioUrl"].is_null() {
        return None;
    }
    let audio = app.get_raw(&reply.audio_url()).await;
    Some(audio.bytes().await.expect("bytes").to_vec())
}

fn speech_calls(openai: &FakeOpenAi) -> Vec<Value> {
    openai.take_calls(Endpoint::Speech).iter().map(|call| call.json()).collect()
}

#[tokio::test]
async fn wav_in_place_of_mp3_is_accepted_and_asked_for() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai, &[]).await;
    let id = app.given_session().await;
    let wav = Fault::Respond(Script::new(200, WAV).byte_by_byte());
    openai.queue_faults(Endpoint::Speech, [wav.clone(), wav]);
    for asked in ["mp3", "wav"] {
        assert_eq!(turn(&app, &id).await.as_deref(), Some(WAV));
        assert_eq!(speech_calls(&openai)[0]["response_format"], asked);
    }
    assert_eq!(turn(&app, &id).await, None, "MP3 after WAV");
}

#[tokio::test]
async fn answer_that_is_no_speech_loses_the_audio() {
    for (name, body) in [
        ("JSON", &br#"{"error": "no voice"}"#[..]),
        ("Ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0"),
        ("a few bytes", b"ID3"),
        ("nothing", b""),
    ] {
        let openai = FakeOpenAi::spawn().await;
        let app = given_app(&openai, &[]).await;
        let id = app.given_session().await;
        openai.queue_faults(Endpoint::Speech, [Fault::Respond(Script::new(200, body))]);
        assert_eq!(turn(&app, &id).await, None, "{name}");
        let next = turn(&app, &id).await;
        assert!(next.as_deref() == Some(MP3), "{name}: the format is still open");
    }
}

#[tokio::test]
async fn missing_default_model_is_replaced_and_a_named_one_not() {
    let missing = || Fault::Respond(Script::error(404, "model_not_found", None, "vendor-canary"));
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai, &[]).await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Speech, [missing()]);
    assert!(turn(&app, &id).await.is_some() && turn(&app, &id).await.is_some());
    let calls = speech_calls(&openai);
    let models: Vec<_> = calls.iter().map(|call| &call["model"]).collect();
    assert_eq!(models, ["tts-1", "gpt-4o-mini-tts", "gpt-4o-mini-tts"], "remembered");

    let app = given_app(&openai, &[("KUKU_TEXT_TO_SPEECH__MODEL", "kokoro")]).await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Speech, [missing()]);
    assert_eq!(turn(&app, &id).await, None);
    let calls = speech_calls(&openai);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["model"], "kokoro");
}

#[tokio::test]
async fn speech_without_a_first_byte_in_8_seconds_is_given_up() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai, &[]).await;
    let id = app.given_session().await;
    openai.queue_faults(Endpoint::Speech, [Fault::Slow(Duration::from_secs(60))]);
    let start = Instant::now();
    assert_eq!(turn(&app, &id).await, None);
    let waited = start.elapsed().as_secs_f64();
    assert!((7.9..20.0).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn long_speech_may_take_longer_than_its_first_byte() {
    let openai = FakeOpenAi::spawn().await;
    let app = given_app(&openai, &[]).await;
    let id = app.given_session().await;
    let slow = Script::new(200, MP3).then(Duration::from_secs(9), b"the rest");
    openai.queue_faults(Endpoint::Speech, [Fault::Respond(slow)]);
    let audio = turn(&app, &id).await.expect("audio");
    assert!(audio.ends_with(b"the rest"));
}
