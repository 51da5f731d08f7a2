//! Providers that fail, texts that look like HTML, and the switch that turns the page off.

use crate::{
    app::TestApp,
    browser::with_browser,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
};

#[tokio::test]
async fn failing_coach_is_said_and_asked_again() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        openai.queue_faults(Endpoint::Reply, [Fault::Status(401)]);
        browser.press("Begin a session").await;
        browser.fill("Type a message", "I sleep badly.").await;
        browser.press("Send").await;
        browser.press("Try again").await;
        browser.sees("That sounds heavy. What would you like to be different?").await;
        assert!(!browser.has_control("Try again").await);
        browser.press("Look back").await;
        browser.sees("2 messages").await;
    })
    .await;
}

#[tokio::test]
async fn failing_speech_to_text_keeps_the_recording() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        openai.queue_faults(Endpoint::Transcription, [Fault::Status(401)]);
        browser.press("Begin a session").await;
        browser.press("Record").await;
        browser.sees("0:02").await;
        browser.press("Stop").await;
        browser.press("Try again").await;
        browser.sees("My job wears me out").await;
        browser.sees("What would you like to be different?").await;
    })
    .await;
}

#[tokio::test]
async fn text_that_looks_like_html_stays_text() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        let html = "<img src=x onerror=alert(1)><b>bold</b>";
        openai.queue_faults(Endpoint::Reply, [Fault::Reply("<script>alert(1)</script> Why?")]);
        browser.press("Begin a session").await;
        browser.say(html).await;
        browser.sees("<script>alert(1)</script>").await;
        browser.press("Search").await;
        browser.fill("Words that were said", "bold").await;
        browser.sees("1 found").await;
        browser.sees("<img src=x").await;
        let made = "return document.querySelectorAll('main img, main b, main script').length";
        assert_eq!(browser.script(made, vec![]).await, 0);
    })
    .await;
}
