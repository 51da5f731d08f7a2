//! Sessions in the browser: spoken, typed, and continued after a reload and a restart.

use std::{sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    app::{TestApp, eventually},
    browser::{Browser, with_browser, with_careless_browser},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    postgres::TestDatabase,
    reply::ReplyExt,
    server_process::{ServerProcess, open_folder},
    sounds::{silent_mp3, tone},
};

/// Speech and replies of a fake; every reply is a tone.
async fn speaking(openai: &FakeOpenAi) -> TestApp {
    openai.queue_faults(Endpoint::Speech, vec![Fault::Speech(tone(4)); 20]);
    let settings = [("KUKU_TEXT_TO_SPEECH__PROVIDER", "openai")];
    TestApp::builder().with_openai(openai).with_settings(&settings).spawn().await
}

/// Records two seconds: shorter recordings may be below the 4,000 bytes that a turn needs.
async fn record(browser: &Browser) {
    browser.sees_no("The coach is thinking").await;
    browser.press("Record").await;
    browser.sees("0:02").await;
    browser.press("Stop").await;
}

async fn wrap_up(browser: &Browser) {
    browser.say("Let's wrap up.").await;
    browser.press("Yes").await;
    for heading in ["Key discussion points", "Main breakthroughs", "Action plan", "Final note"] {
        browser.sees(heading).await;
    }
}

#[tokio::test]
async fn spoken_session_runs_from_first_word_to_stars() {
    let openai = FakeOpenAi::spawn().await;
    let app = speaking(&openai).await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Begin a session").await;
        openai.queue_transcripts(&["My job wears me out, and I cannot sleep."]);
        let (resume, first) = (Arc::new(Notify::new()), "That sounds like a heavy week for you.");
        let reply = Fault::PausedReply(first, Arc::clone(&resume), " What would you like instead?");
        openai.queue_faults(Endpoint::Reply, [reply]);
        record(browser).await;
        browser.sees("My job wears me out, and I cannot sleep.").await;
        // Words and sound come before the reply is complete.
        browser.sees(first).await;
        browser.control("Stop sound").await;
        assert!(!browser.text().await.contains("What would you like instead?"));
        resume.notify_one();
        browser.sees("What would you like instead?").await;
        browser.press("Stop sound").await;
        browser.sees_no("Stop sound").await;
        openai.queue_transcripts(&["I will talk to my boss on Monday."]);
        record(browser).await;
        browser.sees("That sounds heavy. What would you like to be different?").await;
        wrap_up(browser).await;
        browser.rate("4 stars").await;
        browser.sees("4 of 5 stars are saved").await;
        browser.fill("What was good, what was missing?", "Good questions").await;
        browser.press("Send feedback").await;
        browser.sees("Your feedback is saved").await;
        look_back_at_it(browser, &app).await;
    })
    .await;
}

/// The session is in the history, with its sound, summary and stars, and can be deleted.
async fn look_back_at_it(browser: &Browser, app: &TestApp) {
    browser.press("Look back").await;
    browser.sees("8 messages").await;
    browser.open_first("sessions").await;
    browser.sees("My job wears me out, and I cannot sleep.").await;
    browser.sees("Saying no").await;
    let id = browser.path().await.rsplit('/').next().expect("an id").to_owned();
    let rating = app.get(&format!("/api/sessions/{id}/rating")).await;
    assert_eq!(rating.data()["rating"], 4);
    assert_eq!(rating.data()["feedback"], "Good questions");
    browser.press("Play").await;
    browser.press("Stop sound").await;
    browser.sees_no("Stop sound").await;
    browser.press("Delete").await;
    browser.sees("Delete this conversation?").await;
    browser.press("Cancel").await;
    assert_eq!(browser.focus().await, "Delete", "the focus returns");
    browser.press("Delete").await;
    let confirm = "document.querySelector('dialog .danger').click()";
    browser.script(confirm, vec![]).await;
    browser.sees("No conversations yet").await;
    assert_eq!(app.get(&format!("/api/sessions/{id}")).await.code(), "SESSION_NOT_FOUND");
}

#[tokio::test]
async fn both_formats_are_heard_with_and_without_an_account() {
    for speech in [silent_mp3(), tone(1)] {
        let openai = FakeOpenAi::spawn().await;
        openai.queue_faults(Endpoint::Speech, vec![Fault::Speech(speech); 20]);
        let settings = [("KUKU_TEXT_TO_SPEECH__PROVIDER", "openai")];
        let app = TestApp::builder().with_openai(&openai).with_auth().with_settings(&settings);
        let app = app.spawn().await;
        with_careless_browser("en-US", &app.base, async |browser| {
            browser.press("Begin a session").await;
            for words in ["I sleep badly.", "I go to bed too late."] {
                browser.say(words).await;
                browser.control("Stop sound").await;
                // To its end.
                browser.sees_no("Stop sound").await;
                assert!(!browser.text().await.contains("could not be played"), "{words}");
                browser.press("Account").await;
                if browser.has_control("Continue as a guest").await {
                    browser.press("Continue as a guest").await;
                    browser.sees("You are a guest.").await;
                }
                browser.press("Talk").await;
            }
            browser.assert_no_complaint(&[]).await;
        })
        .await;
    }
}

#[tokio::test]
async fn typed_session_works_without_speech_and_offline() {
    let app = TestApp::spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.sees("Speech is not set up on this server").await;
        browser.choose("Language", "Deutsch").await;
        browser.press("Begin a session").await;
        browser.say("Meine Arbeit macht mich fertig.").await;
        browser
            .wait_for("the reply", async || {
                let replies = "return document.querySelectorAll('.message.ai').length";
                browser.script(replies, vec![]).await == json!(1)
            })
            .await;
        assert!(!browser.has_control("Record").await);
        browser.say("Lass uns zum Ende kommen.").await;
        // The answer is in the language of the session.
        browser.press("Go on").await;
        browser.sees("Nein").await;
        browser.press("End session").await;
        browser.sees("Key discussion points").await;
        browser.press("Begin a new session").await;
        browser.sees("What would you like to talk about?").await;
    })
    .await;
}

#[tokio::test]
async fn reload_continues_the_session() {
    let app = TestApp::spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.say("Let's wrap up.").await;
        browser.control("Yes").await;
        browser.reload().await;
        browser.sees("You said: \"I sleep badly.\"").await;
        // The offer still stands.
        browser.press("Go on").await;
        browser.sees("No").await;
        browser.say("I go to bed too late.").await;
        browser.sees("You said: \"I go to bed too late.\"").await;
    })
    .await;
}

#[tokio::test]
async fn reload_takes_an_interrupted_turn_once() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        let resume = Arc::new(Notify::new());
        let reply = Fault::PausedReply("Let us look at it.", Arc::clone(&resume), " Why now?");
        openai.queue_faults(Endpoint::Reply, [reply]);
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("Let us look at it.").await;
        browser.reload().await;
        browser.sees("I sleep badly.").await;
        resume.notify_one();
        browser.sees("Why now?").await;
        let count = "return document.querySelectorAll('.message').length";
        assert_eq!(browser.script(count, vec![]).await, json!(2));
        browser.press("Look back").await;
        browser.sees("2 messages").await;
    })
    .await;
}

#[tokio::test]
async fn restarted_server_gets_the_turn_that_it_missed() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let mut settings = vec![("DATABASE_URL", database.url.as_str())];
    let server = ServerProcess::start(folder.path(), &settings);
    let base = server.base.clone();
    let port = base.rsplit(':').next().expect("a port").to_owned();
    settings.push(("PORT", &port));
    with_careless_browser("en-US", &base, async |browser| {
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        server.stop();
        browser.say("I go to bed too late.").await;
        browser.sees("The connection was lost. Trying again").await;
        let server = ServerProcess::start(folder.path(), &settings);
        browser.sees("You said: \"I go to bed too late.\"").await;
        browser.sees_no("Trying again").await;
        let count = "return document.querySelectorAll('.message').length";
        assert_eq!(browser.script(count, vec![]).await, json!(4));
        browser.assert_no_complaint(&["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE"]).await;
        server.signal(Signal::SIGTERM);
    })
    .await;
}

#[tokio::test]
async fn space_bar_records_and_the_keyboard_is_enough() {
    let openai = FakeOpenAi::spawn().await;
    let app = speaking(&openai).await;
    with_browser("en-US", &app.base, async |browser| {
        browser.tab_to("Begin a session").await;
        browser.keys("\u{e007}").await;
        browser.control("Record").await;
        // In a field it is a character.
        browser.tab_to("Type a message").await;
        browser.keys(" ").await;
        assert!(!browser.has_control("Stop").await);
        browser.script("document.activeElement.blur()", vec![]).await;
        browser.keys(" ").await;
        browser.control("Stop").await;
        browser.keys("\u{e00c}").await;
        browser.control("Record").await;
        assert_eq!(openai.count_calls(Endpoint::Transcription), 0, "Escape cancels");
        browser.keys(" ").await;
        browser.sees("0:02").await;
        browser.keys(" ").await;
        browser.sees("My job wears me out").await;
        browser.sees("What would you like to be different?").await;
        eventually("one recording", async || openai.count_calls(Endpoint::Transcription) == 1)
            .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        browser.tab_to("End session").await;
        browser.keys("\u{e007}").await;
        browser.sees("Key discussion points").await;
        assert_eq!(browser.focus().await, "Summary");
    })
    .await;
}
