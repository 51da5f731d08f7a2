//! Providers that fail, texts that look like HTML, and the switch that turns the page off.

use serde_json::json;

use crate::{
    app::TestApp,
    browser::{Browser, with_browser},
    fake_openai::{Endpoint, FakeOpenAi, Fault},
};

/// Storage as browsers have it that block it: its names throw.
const BLOCK_STORAGE: &str = "for (const name of ['localStorage', 'sessionStorage']) { \
    const get = () => { throw new DOMException('', 'SecurityError'); }; \
    Object.defineProperty(window, name, { get }); \
    } window.BroadcastChannel = class { constructor() { throw new DOMException(); } };";

/// Answers the next turns with these codes in an event stream.
const FAIL_TURNS: &str = "const [real, codes] = [window.fetch, [...arguments]]; \
    window.fetch = (path, options) => { \
        if (!path.endsWith('/messages') || options.method !== 'POST' || !codes.length) { \
            return real(path, options); \
        } \
        const data = JSON.stringify({ code: codes.shift(), error: 'It failed.' }); \
        return Promise.resolve(new Response(`event: error\\ndata: ${data}\\n\\n`)); \
    };";

/// Loses the first attempt of a turn, after the server took it if the argument says so, and lets
/// the second one hang until it is aborted.
const HANG: &str = "const [isTaken, real] = [arguments[0], window.fetch]; window.tries = 0; \
    window.fetch = async (path, options) => { \
        if (!path.endsWith('/messages') || options.method !== 'POST') return real(path, options); \
        window.tries += 1; \
        if (window.tries > 2) return real(path, options); \
        if (window.tries === 1) { \
            if (isTaken) await (await real(path, options)).text(); \
            throw new TypeError('lost'); \
        } \
        return new Promise((_, reject) => options.signal.addEventListener('abort', \
            () => reject(new DOMException('', 'AbortError')))); \
    };";

const COUNT: &str = "return document.querySelectorAll('.message').length";

/// What is in the field for a message.
async fn typed(browser: &Browser) -> String {
    let field = browser.field("Type a message").await;
    field.prop("value").await.expect("a field").expect("a text")
}

#[tokio::test]
async fn errors_in_a_stream_lose_nothing() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Begin a session").await;
        let passing = ["DATABASE_UNAVAILABLE", "OVERLOADED", "SESSION_FULL"];
        browser.script(FAIL_TURNS, passing.map(|code| json!(code)).into()).await;
        browser.press("Record").await;
        browser.sees("0:02").await;
        browser.press("Stop").await;
        browser.sees("Trying again").await;
        // A recording is kept, whatever the error.
        browser.press("Try again").await;
        browser.sees("My job wears me out").await;
        browser.sees("What would you like to be different?").await;
    })
    .await;
}

#[tokio::test]
async fn cancel_ends_an_attempt_that_hangs() {
    for is_taken in [true, false] {
        let app = TestApp::spawn().await;
        with_browser("en-US", &app.base, async |browser| {
            browser.press("Begin a session").await;
            browser.control("Send").await;
            browser.script(HANG, vec![json!(is_taken)]).await;
            browser.say("I sleep badly.").await;
            let tries = "return window.tries";
            let hangs = async || browser.script(tries, vec![]).await == json!(2);
            browser.wait_for("the second attempt", hangs).await;
            browser.press("Cancel").await;
            if is_taken {
                browser.sees("You said: \"I sleep badly.\"").await;
                assert_eq!(typed(browser).await, "");
                assert!(!browser.has_control("Try again").await);
            } else {
                browser.sees("This was not sent.").await;
                assert_eq!(typed(browser).await, "I sleep badly.");
                browser.press("Try again").await;
                browser.sees("You said: \"I sleep badly.\"").await;
                assert_eq!(typed(browser).await, "");
            }
            assert_eq!(browser.script(COUNT, vec![]).await, json!(2));
        })
        .await;
    }
}

#[tokio::test]
async fn answered_turn_is_shown_once_after_a_reload() {
    let app = TestApp::spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.sees_no("The coach is thinking").await;
        let forget = "sessionStorage['kuku.pending'] = JSON.stringify({ key: 'a-turn-again', \
            session: JSON.parse(sessionStorage['kuku.session']), count: 0, \
            text: 'I sleep badly.' })";
        browser.script(forget, vec![]).await;
        browser.reload().await;
        browser.sees("You said: \"I sleep badly.\"").await;
        let is_done = "return sessionStorage['kuku.pending'] === undefined";
        browser
            .wait_for("the end", async || browser.script(is_done, vec![]).await == json!(true))
            .await;
        assert_eq!(browser.script(COUNT, vec![]).await, json!(2));
        browser.press("Look back").await;
        browser.sees("2 messages").await;
    })
    .await;
}

#[tokio::test]
async fn page_works_where_storage_is_blocked() {
    let app = TestApp::builder().with_auth().spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        let script = json!({ "source": BLOCK_STORAGE });
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", script).await;
        browser.reload().await;
        browser.press("Begin a session").await;
        browser.say("I sleep badly.").await;
        browser.sees("You said: \"I sleep badly.\"").await;
        browser.press("Account").await;
        browser.press("Continue as a guest").await;
        browser.sees("You are a guest.").await;
    })
    .await;
}

#[tokio::test]
async fn names_that_objects_have_are_no_views() {
    let app = TestApp::spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        for name in ["constructor", "toString", "__proto__"] {
            browser.script("location.hash = arguments[0]", vec![json!(format!("#/{name}"))]).await;
            browser.sees("There is no such page.").await;
            browser.press("Talk").await;
            browser.control("Begin a session").await;
        }
    })
    .await;
}

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
        browser.sees_no("The coach is thinking").await;
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
        browser.sees_no("The coach is thinking").await;
        browser.press("Search").await;
        browser.fill("Words that were said", "bold").await;
        browser.sees("1 found").await;
        browser.sees("<img src=x").await;
        let made = "return document.querySelectorAll('main img, main b, main script').length";
        assert_eq!(browser.script(made, vec![]).await, 0);
    })
    .await;
}
