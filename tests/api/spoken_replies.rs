//! Speech of replies: made sentence by sentence while the reply is written, and heard early.

use std::{sync::Arc, time::Duration};

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::timeout};

use crate::{
    app::{TestApp, eventually},
    events::Events,
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3, SpeechEnd},
    reply::{ReplyExt, RequestExt, text},
};

/// Longer than any step here takes.
const TIME_OUT: Duration = Duration::from_secs(10);

/// A frame of MPEG-1 layer III, filled with one byte.
fn frame(filler: u8) -> Vec<u8> {
    let mut frame = vec![filler; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x44]);
    frame
}

/// An MP3 file as encoders write it: a tag, a frame that states the length, sound, a tag.
fn mp3(filler: u8) -> Vec<u8> {
    let mut info = frame(0);
    info[36..40].copy_from_slice(b"Xing");
    let tag = [b"TAG".as_slice(), &[0; 125]].concat();
    [b"ID3\x04\0\0\0\0\0\x04tag\0".as_slice(), &info, &frame(filler), &tag].concat()
}

async fn given(settings: &[(&str, &str)]) -> (FakeOpenAi, TestApp, String) {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).with_settings(settings).spawn().await;
    let id = app.given_session().await;
    (openai, app, id)
}

#[tokio::test]
async fn streaming_client_hears_the_reply_before_it_is_written() {
    let (openai, app, id) = given(&[]).await;
    let resume = Arc::new(Notify::new());
    let first = "That sounds like a heavy week for you.";
    let rest = " What would you like to be different?";
    openai.queue_faults(Endpoint::Reply, [Fault::PausedReply(first, Arc::clone(&resume), rest)]);
    openai.queue_faults(Endpoint::Speech, [1, 2].map(|number| Fault::Speech(mp3(number))));
    let mut events = Events::of(&app, &id, "hello there").await;
    let (audio, before) = events.until("audio").await;
    assert_eq!(before, ["transcript", "delta"]);
    assert!(app.history(&id).await.is_empty(), "not stored yet");
    let mut listener = app.get_raw(&text(&audio["audioUrl"])).await;
    assert_eq!(listener.status(), StatusCode::OK);
    let heard = timeout(TIME_OUT, listener.chunk()).await.expect("at once");
    assert!(heard.expect("a chunk").is_some());
    resume.notify_one();
    let (message, _) = events.until("message").await;
    assert_eq!(message["messages"][1]["text"], format!("{first}{rest}"));
    assert_eq!(message["messages"][1]["id"], audio["id"]);
    let (done, _) = events.until("done").await;
    assert_eq!(done["messages"][1]["audioUrl"], audio["audioUrl"]);
    // The turn does not wait for its speech.
    eventually("both are spoken", async || openai.count_calls(Endpoint::Speech) == 2).await;
    // Each sentence was spoken once, and the file has nothing but a tag and the sound of both.
    let spoken: Vec<Value> = openai
        .take_calls(Endpoint::Speech)
        .iter()
        .map(|call| call.json()["input"].clone())
        .collect();
    assert_eq!(spoken, [first, rest.trim()]);
    let expected = [b"ID3\x04\0\0\0\0\0\x04tag\0".as_slice(), &frame(1), &frame(2)].concat();
    eventually("the audio is stored", async || {
        let stored = app.get_raw(&text(&audio["audioUrl"])).await;
        stored.headers().contains_key(header::CONTENT_LENGTH)
            && stored.bytes().await.expect("bytes") == expected
    })
    .await;
}

#[tokio::test]
async fn two_sentences_are_synthesized_at_a_time_in_order() {
    let (openai, app, id) = given(&[]).await;
    let resume = [(); 4].map(|()| Arc::new(Notify::new()));
    let sentences = "The first of these sentences. The second of these sentences. \
        The third of these sentences. The fourth of these sentences.";
    openai.queue_faults(Endpoint::Reply, [Fault::PausedReply(sentences, Arc::default(), "")]);
    let paused =
        |resume: &Arc<Notify>| Fault::PausedSpeech(Arc::clone(resume), SpeechEnd::Complete);
    openai.queue_faults(Endpoint::Speech, resume.iter().map(paused));
    let mut events = Events::of(&app, &id, "hello there").await;
    let (audio, _) = events.until("audio").await;
    // The second one is synthesized meanwhile, the third one is not.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let inputs = || -> Vec<String> {
        let calls = openai.take_calls(Endpoint::Speech);
        calls.iter().map(|call| text(&call.json()["input"])).collect()
    };
    assert_eq!(inputs(), ["The first of these sentences.", "The second of these sentences."]);
    // The second one is complete first, and is heard second.
    resume[1].notify_one();
    openai.wait_for_call(Endpoint::Speech).await;
    let mut listener = app.get_raw(&text(&audio["audioUrl"])).await;
    let first_half = listener.chunk().await.expect("a chunk").expect("sound");
    assert_eq!(first_half, &MP3[..MP3.len() / 2]);
    let none = timeout(Duration::from_millis(200), listener.chunk()).await;
    assert!(none.is_err(), "the second sentence waits for the first");
    resume[0].notify_one();
    let next = timeout(TIME_OUT, listener.chunk()).await.expect("in time");
    assert!(next.expect("a chunk").is_some());
    // Stopped here: the reply is never completed.
    drop((events, listener));
}

#[tokio::test]
async fn speech_that_fails_after_it_was_promised_is_silence() {
    let (openai, app, id) = given(&[]).await;
    // The first reply shows the format: from then on speech can be promised.
    app.say(&id, "hello there").await.data();
    for status in [401, 500] {
        let resume = Arc::new(Notify::new());
        let faults = vec![Fault::PausedStatus(Arc::clone(&resume), status); 8];
        openai.queue_faults(Endpoint::Speech, faults);
        let reply = app.say(&id, "and then").await;
        let url = reply.audio_url();
        let listening = tokio::spawn(app.http.get(app.url(&url)).send());
        let retries = async {
            loop {
                resume.notify_one();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let listened = tokio::select! {
            listened = timeout(2 * TIME_OUT, listening) => listened,
            () = retries => unreachable!("endless"),
        };
        let listened = listened.expect("in time").expect("no panic");
        let clip = listened.expect("a response");
        assert_eq!(clip.status(), StatusCode::OK, "{status}");
        assert_eq!(clip.headers()[header::CONTENT_TYPE], "audio/mpeg");
        let clip = clip.bytes().await.expect("a clip");
        assert!(clip.starts_with(&[0xff, 0xf3]) && clip.len() < 2_000, "{status}: {clip:?}");
        // Still there, and not shown as audio of the message.
        assert_eq!(app.get_raw(&url).await.status(), StatusCode::OK);
        let history = app.history(&id).await;
        assert!(history.last().expect("a message")["audioUrl"].is_null(), "{history:?}");
        openai.clear_faults(Endpoint::Speech);
    }
}

#[tokio::test]
async fn range_of_audio_in_the_making_waits_for_the_whole() {
    let (openai, app, id) = given(&[]).await;
    for (range, expected) in [
        ("bytes=0-", 0..MP3.len()),
        ("bytes=0-1", 0..2),
        ("bytes=1500-", 1_500..MP3.len()),
        ("bytes=-10", MP3.len() - 10..MP3.len()),
    ] {
        let resume = Arc::new(Notify::new());
        let paused = Fault::PausedSpeech(Arc::clone(&resume), SpeechEnd::Complete);
        openai.queue_faults(Endpoint::Speech, [paused]);
        let url = app.url(&app.say(&id, "hello").await.audio_url());
        let request = app.http.get(&url).header(header::RANGE, range);
        let asked = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!asked.is_finished(), "{range}");
        resume.notify_one();
        let part = timeout(TIME_OUT, asked).await.expect("in time").expect("no panic");
        let part = part.expect("a response");
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let whole = format!("bytes {}-{}/{}", expected.start, expected.end - 1, MP3.len());
        assert_eq!(part.headers()[header::CONTENT_RANGE], whole, "{range}");
        assert_eq!(part.bytes().await.expect("bytes"), &MP3[expected], "{range}");
        // Once it is stored, a range that is the whole file is a range, too.
        let again = app.http.get(&url).header(header::RANGE, "bytes=0-").response().await;
        assert_eq!(again.status(), StatusCode::PARTIAL_CONTENT);
    }
}

#[tokio::test]
async fn other_server_serves_audio_of_a_reply_not_yet_stored() {
    let folder = crate::server_process::open_folder();
    let store = format!("file://{}", folder.path().display());
    let (openai, app, id) = given(&[("KUKU_AUDIO_STORE", &store)]).await;
    let other = TestApp::builder()
        .sharing(&app.database)
        .with_openai(&openai)
        .with_setting("KUKU_AUDIO_STORE", &store)
        .spawn()
        .await;
    let resume = Arc::new(Notify::new());
    let first = "That sounds like a heavy week for you.";
    openai.queue_faults(Endpoint::Reply, [Fault::PausedReply(first, Arc::clone(&resume), " So?")]);
    let mut events = Events::of(&app, &id, "hello there").await;
    let (audio, _) = events.until("audio").await;
    let listening = tokio::spawn(other.http.get(other.url(&text(&audio["audioUrl"]))).send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    resume.notify_one();
    let heard = timeout(TIME_OUT, listening).await.expect("in time").expect("no panic");
    assert_eq!(heard.expect("a response").status(), StatusCode::OK);
    events.until("done").await;
}

#[tokio::test]
async fn strangers_do_not_hear_a_reply_before_it_is_stored() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_auth().with_openai(&openai).spawn().await;
    let sign_up = |name: &'static str| {
        let account =
            json!({"email": format!("{name}@example.com"), "password": "a good password"});
        app.post("/api/auth/signup", account)
    };
    let (owner, stranger) = (sign_up("owner").await, sign_up("stranger").await);
    let token = |reply: &Value| text(&reply.data()["accessToken"]);
    let (owner, stranger) = (token(&owner), token(&stranger));
    let created = app.http.post(app.url("/api/sessions")).bearer_auth(&owner).reply().await;
    let resume = Arc::new(Notify::new());
    let first = "That sounds like a heavy week for you.";
    openai.queue_faults(Endpoint::Reply, [Fault::PausedReply(first, Arc::clone(&resume), " So?")]);
    let url = app.url(&format!("/api/sessions/{}/messages", created.session_id()));
    let request = app.http.post(url).header(header::ACCEPT, "text/event-stream");
    let request = request.bearer_auth(&owner).json(&json!({"text": "hello there"}));
    let mut events = Events::new(request.response().await);
    let (audio, _) = events.until("audio").await;
    let url = app.url(&text(&audio["audioUrl"]));
    for (token, status) in [
        (Some(&owner), StatusCode::OK),
        (Some(&stranger), StatusCode::NOT_FOUND),
        (None, StatusCode::NOT_FOUND),
    ] {
        let heard = app.http.get(&url).bearer(token.map(String::as_str)).response().await;
        assert_eq!(heard.status(), status);
    }
    resume.notify_one();
    events.until("done").await;
    let heard = app.http.get(&url).bearer_auth(&stranger).response().await;
    assert_eq!(heard.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn reply_that_is_not_saved_ends_with_an_error_after_its_audio() {
    let (openai, app, id) = given(&[]).await;
    let resume = Arc::new(Notify::new());
    let first = "That sounds like a heavy week for you.";
    openai.queue_faults(Endpoint::Reply, [Fault::PausedReply(first, Arc::clone(&resume), " So?")]);
    let mut events = Events::of(&app, &id, "hello there").await;
    let (audio, _) = events.until("audio").await;
    let gone = app.http.delete(app.url(&format!("/api/sessions/{id}"))).response().await;
    assert_eq!(gone.status(), StatusCode::OK);
    resume.notify_one();
    let (error, _) = events.until("error").await;
    assert_eq!(error["code"], "SESSION_NOT_FOUND");
    eventually("the audio is gone", async || {
        app.get_raw(&text(&audio["audioUrl"])).await.status() == StatusCode::NOT_FOUND
    })
    .await;
    assert_eq!(app.files("audio"), [""; 0]);
}

#[tokio::test]
async fn fixed_messages_are_streamed_and_spoken() {
    let (openai, app, id) = given(&[]).await;
    app.say(&id, "hello there").await.data();
    openai.take_calls(Endpoint::Speech);
    let mut events = Events::of(&app, &id, "let's wrap up").await;
    let (message, before) = events.until("message").await;
    assert!(before.contains(&"delta".to_owned()), "{before:?}");
    events.until("done").await;
    let asked = text(&message["messages"][1]["text"]);
    eventually("all of it is spoken", async || {
        openai.count_calls(Endpoint::Speech) == 2 && asked.contains("Shall I wrap up")
    })
    .await;
    let mut events = Events::of(&app, &id, "yes").await;
    let (_, before) = events.until("message").await;
    assert_eq!(before, ["transcript", "delta"], "the closing summary has no audio");
}

#[tokio::test]
async fn erased_reply_is_not_heard_while_its_speech_goes_on() {
    let (openai, app, id) = given(&[]).await;
    let resume = Arc::new(Notify::new());
    let paused = Fault::PausedSpeech(Arc::clone(&resume), SpeechEnd::Complete);
    openai.queue_faults(Endpoint::Speech, [paused]);
    let url = app.say(&id, "hello there").await.audio_url();
    assert_eq!(app.get_raw(&url).await.status(), StatusCode::OK, "in the making");
    let erased = app.http.delete(app.url(&format!("/api/sessions/{id}"))).response().await;
    assert_eq!(erased.status(), StatusCode::OK);
    let heard = timeout(TIME_OUT, app.get_raw(&url)).await.expect("in time");
    assert_eq!(heard.status(), StatusCode::NOT_FOUND);
    resume.notify_one();
}
