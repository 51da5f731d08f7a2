//! Text to speech by the Realtime API, and its fallback to `/audio/speech`.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    app::{TestApp, eventually, webm},
    fake_openai::{Catalog, Endpoint, FakeOpenAi, MP3},
    fake_realtime::{FakeRealtime, Opening, PCM, Reading},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt},
    server_process::{ServerProcess, open_folder},
};

const REPLY: &str = "That sounds heavy. What would you like to be different?";
const NAMED_PROVIDER: (&str, &str) = ("KUKU_TEXT_TO_SPEECH__PROVIDER", "openai-realtime");

/// A server, with both fakes behind it.
struct Realtime {
    app: TestApp,
    openai: FakeOpenAi,
    fake: FakeRealtime,
    session: String,
}

impl Realtime {
    async fn spawn(settings: &[(&str, &str)]) -> Self {
        let openai = FakeOpenAi::spawn().await;
        let fake = FakeRealtime::in_front_of(&openai).await;
        let app = TestApp::builder()
            .with_settings(&fake.settings())
            .with_setting("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", 3)
            // A turn is answered with its whole audio, or with none.
            .with_setting("KUKU_RESPOND_BEFORE_AUDIO", false)
            .with_settings(settings)
            .spawn()
            .await;
        let session = app.given_session().await;
        Self { app, openai, fake, session }
    }

    /// Takes a turn; the bytes of its audio, if it has any.
    async fn turn(&self) -> Option<Vec<u8>> {
        let reply = self.app.say(&self.session, "hello there").await;
        let message = reply.coach_message();
        if message["audioUrl"].is_null() {
            return None;
        }
        let audio = self.app.get_raw(&reply.audio_url()).await;
        Some(audio.bytes().await.expect("bytes").to_vec())
    }

    /// The models of the connections so far.
    fn models(&self) -> Vec<String> {
        self.fake.sessions().into_iter().map(|session| session.model).collect()
    }

    /// The calls of `/audio/speech` since the last look.
    fn speech_calls(&self) -> Vec<Value> {
        self.openai.take_calls(Endpoint::Speech).iter().map(|call| call.json()).collect()
    }
}

/// Compares audio, without printing all of it.
#[track_caller]
fn assert_audio(name: &str, audio: Option<Vec<u8>>, expected: &[u8]) {
    let Some(audio) = audio else { panic!("{name}: no audio") };
    assert!(audio == expected, "{name}: {} of {} bytes", audio.len(), expected.len());
}

/// The WAV of a sentence of the fake.
fn wav() -> Vec<u8> {
    let length = u32::try_from(PCM.len()).expect("short");
    let mut wav = b"RIFF".to_vec();
    wav.extend((length + 36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0");
    // PCM, one channel, 24,000 samples a second of two bytes.
    wav.extend([1, 0, 1, 0]);
    wav.extend(24_000u32.to_le_bytes());
    wav.extend(48_000u32.to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(PCM);
    wav
}

fn missing_model() -> Opening {
    Opening::Error(json!({
        "type": "invalid_request_error", "code": "model_not_found", "message": "vendor-canary",
    }))
}

#[tokio::test]
async fn reply_is_read_aloud_in_the_shapes_of_the_api() {
    let realtime = Realtime::spawn(&[]).await;
    assert_audio("turn", realtime.turn().await, &wav());
    let [session] = &realtime.fake.sessions()[..] else { panic!("one connection") };
    assert_eq!(session.model, "gpt-realtime-2.1-mini");
    assert_eq!(session.authorization, "Bearer sk-canary-key");
    let configured = &session.update["session"];
    assert_eq!(configured["type"], "realtime");
    assert_eq!(configured["output_modalities"], json!(["audio"]));
    let output = json!({"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "marin"});
    assert_eq!(configured["audio"]["output"], output);
    let [create] = &session.sentences[..] else { panic!("one sentence") };
    let response = &create["response"];
    assert_eq!(response["conversation"], "none", "out of band");
    assert_eq!(response["input"].as_array().expect("messages").len(), 1);
    assert!(response["metadata"].is_object(), "{create}");
    let instructions = response["instructions"].as_str().expect("instructions");
    assert!(instructions.contains("word for word"), "{instructions}");
    assert_eq!(realtime.fake.sentences(), [REPLY]);
    assert_eq!(realtime.speech_calls(), [json!(null); 0]);
}

#[tokio::test]
async fn connection_is_reused_and_replaced_when_it_is_cut() {
    let realtime = Realtime::spawn(&[]).await;
    for _ in 0..3 {
        assert_audio("turn", realtime.turn().await, &wav());
    }
    assert_eq!(realtime.fake.sessions().len(), 1);
    realtime.fake.cut_connections().await;
    assert_audio("turn", realtime.turn().await, &wav());
    assert_eq!(realtime.fake.sessions().len(), 2);
    // The idle connection dies with the sentence that it gets.
    realtime.fake.queue_readings([Reading::CutBeforeAudio]);
    assert_audio("turn", realtime.turn().await, &wav());
    assert_eq!(realtime.fake.sessions().len(), 3);
}

#[tokio::test]
async fn concurrent_sentences_have_connections_of_their_own() {
    let realtime = Realtime::spawn(&[]).await;
    let other = realtime.app.given_session().await;
    let slow = Reading::Slow(Duration::from_millis(300));
    for _ in 0..2 {
        realtime.fake.queue_readings([slow.clone(), slow.clone()]);
        let (first, second) =
            tokio::join!(realtime.turn(), realtime.app.say(&other, "hello there"));
        assert_audio("first", first, &wav());
        assert_eq!(second["success"], true, "{second}");
        assert_eq!(realtime.fake.sessions().len(), 2, "both are kept");
    }
}

#[tokio::test]
async fn server_without_the_realtime_api_speaks_by_its_route() {
    let refused = |status| vec![Opening::Refused(status, r#"{"detail":"Not Found"}"#)];
    for (name, openings) in [
        ("404", refused(404)),
        ("405", refused(405)),
        ("426", refused(426)),
        ("501", refused(501)),
        ("Starlette's 403", vec![Opening::Refused(403, "")]),
        ("no WebSocket", vec![Opening::Page]),
        ("no model", vec![missing_model(), missing_model()]),
        ("a voice or format that is not there", vec![Opening::SessionRefused("session.audio")]),
    ] {
        let realtime = Realtime::spawn(&[]).await;
        let asked = openings.len();
        realtime.fake.queue_openings(openings);
        for _ in 0..2 {
            assert_audio(name, realtime.turn().await, MP3);
        }
        assert_eq!(realtime.fake.sessions().len(), asked, "{name}: remembered");
        let calls = realtime.speech_calls();
        assert_eq!(calls.len(), 2, "{name}");
        assert_eq!(calls[0]["model"], "tts-1", "{name}");
        assert_eq!(calls[0]["voice"], "nova", "{name}");
        assert_eq!(calls[0]["input"], REPLY, "{name}");
    }
}

#[tokio::test]
async fn default_model_that_is_missing_is_replaced_by_the_next() {
    let not_found = r#"{"error":{"message":"vendor-canary","code":"model_not_found"}}"#;
    for (name, opening) in [
        ("an event", missing_model()),
        ("a status", Opening::Refused(404, not_found)),
        ("a close frame", Opening::Closed("The model does not exist: model_not_found")),
    ] {
        let realtime = Realtime::spawn(&[]).await;
        realtime.fake.queue_openings([opening]);
        assert_audio(name, realtime.turn().await, &wav());
        assert_eq!(realtime.models(), ["gpt-realtime-2.1-mini", "gpt-realtime-2.1"], "{name}");
        realtime.fake.cut_connections().await;
        assert_audio(name, realtime.turn().await, &wav());
        assert_eq!(realtime.models()[2..], ["gpt-realtime-2.1"], "{name}: remembered");
    }
}

#[tokio::test]
async fn named_provider_model_or_voice_is_never_replaced() {
    let model = ("KUKU_TEXT_TO_SPEECH__MODEL", "gpt-realtime-mine");
    let voice = ("KUKU_TEXT_TO_SPEECH__VOICE", "cedar");
    for (name, settings, opening) in [
        ("provider", vec![NAMED_PROVIDER], Opening::Refused(404, "")),
        ("model", vec![model], missing_model()),
        ("model without the API", vec![model], Opening::Refused(404, "")),
        ("voice", vec![NAMED_PROVIDER, voice], Opening::SessionRefused("session.audio.output")),
    ] {
        let realtime = Realtime::spawn(&settings).await;
        realtime.fake.queue_openings([opening]);
        assert_eq!(realtime.turn().await, None, "{name}");
        assert_eq!(realtime.speech_calls(), [json!(null); 0], "{name}");
        assert_audio(name, realtime.turn().await, &wav());
    }
    let realtime = Realtime::spawn(&[NAMED_PROVIDER, model, voice]).await;
    realtime.turn().await;
    assert_eq!(realtime.models(), ["gpt-realtime-mine"]);
    let update = &realtime.fake.sessions()[0].update;
    assert_eq!(update["session"]["audio"]["output"]["voice"], "cedar");
}

#[tokio::test]
async fn named_model_of_another_kind_speaks_by_its_route() {
    let realtime = Realtime::spawn(&[("KUKU_TEXT_TO_SPEECH__MODEL", "kokoro")]).await;
    assert_audio("turn", realtime.turn().await, MP3);
    assert_eq!(realtime.fake.sessions().len(), 0);
    assert_eq!(realtime.speech_calls()[0]["model"], "kokoro");
}

#[tokio::test]
async fn failed_sentence_loses_the_audio_and_keeps_the_turn() {
    let cut = json!({"type": "incomplete", "reason": "max_output_tokens"});
    for (name, readings) in [
        ("refused", vec![Reading::Error("invalid_request_error", "invalid_value")]),
        (
            "overloaded twice",
            vec![Reading::Error("server_error", "x"), Reading::Fails("server_error")],
        ),
        ("failed", vec![Reading::Fails("invalid_request_error")]),
        ("incomplete", vec![Reading::Ends("incomplete", cut)]),
        ("cancelled", vec![Reading::Ends("cancelled", json!({"reason": "turn_detected"}))]),
        ("failed late", vec![Reading::Ends("failed", json!({"error": {"type": "server_error"}}))]),
        ("cut twice", vec![Reading::CutBeforeAudio; 2]),
        ("cut in the middle", vec![Reading::CutAfterAudio]),
        ("no audio", vec![Reading::WithoutAudio]),
        ("garbage", vec![Reading::Garbage]),
        ("stalled", vec![Reading::Stalls]),
        ("too slow", vec![Reading::Slow(Duration::from_secs(30))]),
    ] {
        let realtime = Realtime::spawn(&[]).await;
        let tried = readings.len();
        realtime.fake.queue_readings(readings);
        assert_eq!(realtime.turn().await, None, "{name}");
        assert_eq!(realtime.fake.sentences().len(), tried, "{name}");
        assert_eq!(realtime.app.history(&realtime.session).await.len(), 2, "{name}");
        assert_audio(name, realtime.turn().await, &wav());
        assert_eq!(realtime.speech_calls(), [json!(null); 0], "{name}");
    }
}

#[tokio::test]
async fn failed_opening_is_retried_once() {
    for (name, opening) in [
        ("reset", Opening::Reset),
        ("overloaded", Opening::Refused(503, "")),
        ("closed", Opening::Closed("going away")),
        ("error", Opening::Error(json!({"type": "server_error"}))),
    ] {
        let realtime = Realtime::spawn(&[]).await;
        realtime.fake.queue_openings([opening]);
        assert_audio(name, realtime.turn().await, &wav());
        assert_eq!(realtime.fake.sessions().len(), 2, "{name}");
    }
    let realtime = Realtime::spawn(&[]).await;
    realtime.fake.queue_openings([Opening::Silent]);
    assert_eq!(realtime.turn().await, None, "time-out");
    assert_audio("turn", realtime.turn().await, &wav());
}

#[tokio::test]
async fn unknown_events_and_any_chunks_are_survived() {
    let realtime = Realtime::spawn(&[]).await;
    realtime.fake.queue_readings([Reading::Noise, Reading::Noise, Reading::WithoutTranscript]);
    for chunk_bytes in [PCM.len(), 333, 4_800] {
        realtime.fake.set_chunk_bytes(chunk_bytes);
        assert_audio("chunks", realtime.turn().await, &wav());
    }
    assert_eq!(realtime.fake.sessions().len(), 1);
}

#[tokio::test]
async fn spoken_session_of_12_turns_needs_one_key_only() {
    for (name, catalog) in
        [("today", Catalog::openai_today()), ("27 February 2027", Catalog::openai_2027())]
    {
        let realtime = Realtime::spawn(&[]).await;
        realtime.openai.set_catalog(catalog);
        for turn in 1..=12 {
            let recording = webm(6_000);
            let reply = realtime.app.speak(&realtime.session, recording, "audio/webm").await;
            let audio = realtime.app.get_raw(&reply.audio_url()).await;
            let audio = audio.bytes().await.expect("bytes").to_vec();
            assert_audio(&format!("{name}, turn {turn}"), Some(audio), &wav());
        }
        assert_eq!(realtime.app.history(&realtime.session).await.len(), 24, "{name}");
    }
}

#[tokio::test]
async fn provider_in_use_is_shown() {
    let realtime = Realtime::spawn(&[]).await;
    let shown = realtime.app.get("/").await.to_string();
    assert!(shown.contains("openai-realtime (gpt-realtime-2.1-mini, voice marin)"), "{shown}");
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    // It has no Realtime API.
    let id = app.given_session().await;
    app.say(&id, "hello there").await.data();
    eventually("the fallback is shown", async || {
        app.get("/").await["textToSpeech"] == "openai (tts-1, voice nova)"
    })
    .await;
}

#[tokio::test]
async fn reworded_sentence_is_counted_and_logged_without_words() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    let fake = FakeRealtime::in_front_of(&openai).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let mut settings = fake.settings();
    settings.extend([
        ("DATABASE_URL", database.url.as_str()),
        ("KUKU_METRICS__ADDRESS", address.as_str()),
        NAMED_PROVIDER,
    ]);
    let server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    fake.queue_readings([
        Reading::Reworded("That sounds hard! I am here for you."),
        Reading::Reworded("that sounds HEAVY, what would you like to be different"),
        Reading::WithoutTranscript,
        Reading::Error("invalid_request_error", "invalid_value"),
    ]);
    for _ in 0..4 {
        server.say(&id, "hello there").await;
    }
    let metrics = Client::new().get(format!("http://{address}/metrics")).response().await;
    let metrics = metrics.text().await.expect("text");
    assert!(metrics.contains("kuku_speech_reworded_total 1"), "{metrics}");
    assert!(metrics.contains("kuku_provider_calls_total{provider=\"text_to_speech\"} 4"));
    assert!(metrics.contains("kuku_provider_attempts_total{provider=\"text_to_speech\"} 4"));
    let log = server.stop();
    assert_eq!(log.matches("reworded a sentence").count(), 1, "{log}");
    assert!(log.contains("words=10"), "{log}");
    assert!(
        log.contains("check KUKU_TEXT_TO_SPEECH__MODEL and KUKU_TEXT_TO_SPEECH__VOICE"),
        "{log}"
    );
    for text in ["heavy", "hard", "HEAVY", "vendor-canary", "sk-canary"] {
        assert!(!log.contains(text), "{text}: {log}");
    }
}
