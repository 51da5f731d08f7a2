//! Each view: accessible, in both languages, on a phone and on a screen.

use std::{env, fs, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    browser::{Browser, with_browser, with_careless_browser},
    fake_openai::{Endpoint, FakeOpenAi, Fault, SUMMARY},
    reply::{ReplyExt, text},
    sounds::silent_mp3,
};

const SERVICE_KEY: &str = "canary-service-role-key";
const WIDTHS: [(u32, u32); 2] = [(375, 740), (1280, 800)];

/// Checks what is shown at both widths and in both colour schemes, and takes its picture.
async fn check(browser: &Browser, view: &str) {
    for (width, height) in WIDTHS {
        browser.resize(width, height).await;
        let overflow = "return document.documentElement.scrollWidth - innerWidth";
        assert!(
            browser.script(overflow, vec![]).await.as_i64().is_some_and(|pixels| pixels <= 0),
            "{view} is wider than {width} pixels"
        );
        for scheme in ["dark", "light"] {
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" }]);
            browser.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
            browser.assert_accessible(&format!("{view}, {width}, {scheme}")).await;
        }
        save_screenshot(browser, &format!("{view}-{width}")).await;
    }
}

/// Writes a picture into the folder that `KUKU_SCREENSHOTS` names.
async fn save_screenshot(browser: &Browser, name: &str) {
    let Some(folder) = env::var_os("KUKU_SCREENSHOTS") else {
        return;
    };
    if name.starts_with("talk") {
        // Where the page is after a turn.
        browser.script("scrollTo(0, document.body.scrollHeight)", vec![]).await;
    }
    let format = json!({ "format": "webp", "quality": 75 });
    let picture = browser.cdp("Page.captureScreenshot", format).await;
    let bytes = BASE64_STANDARD.decode(text(&picture["data"])).expect("base64");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::write(root.join(folder).join(format!("{name}.webp")), bytes).expect("written");
}

#[tokio::test]
async fn views_are_accessible_at_all_sizes() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_shutdown_date("gpt-transcribe", "2026-01-31");
    openai.queue_faults(Endpoint::Speech, vec![Fault::Speech(silent_mp3()); 20]);
    let settings =
        [("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY), ("KUKU_TEXT_TO_SPEECH__PROVIDER", "openai")];
    let app =
        TestApp::builder().with_openai(&openai).with_auth().with_settings(&settings).spawn().await;
    with_careless_browser("en-US", &app.base, async |browser| {
        browser.sees("What would you like to talk about?").await;
        check(browser, "begin").await;
        browser.press("Account").await;
        check(browser, "sign-in").await;
        browser.fill("E-mail address", "ada@example.com").await;
        browser.fill("Password", "a good password").await;
        browser.press("Sign up").await;
        browser.sees("Signed in as ada@example.com").await;
        check(browser, "account").await;
        browser.press("Talk").await;
        browser.press("Begin a session").await;
        browser.say("My job wears me out, and I cannot sleep.").await;
        browser.sees("What would you like to be different?").await;
        browser.say("Let's wrap up.").await;
        browser.control("Yes").await;
        browser.sees_no("Stop sound").await;
        check(browser, "talk").await;
        browser.press("Yes").await;
        browser.sees("Saying no").await;
        browser.rate("5 stars").await;
        browser.sees("5 of 5 stars").await;
        check(browser, "summary").await;
        browser.press("Look back").await;
        browser.sees("6 messages").await;
        check(browser, "look-back").await;
        browser.open_first("sessions").await;
        browser.sees("Download as text").await;
        check(browser, "conversation").await;
        browser.press("Search").await;
        browser.fill("Words that were said", "job").await;
        browser.sees("found").await;
        check(browser, "search").await;
        browser.press("Status").await;
        browser.fill("Secret key", SERVICE_KEY).await;
        browser.press("Show status").await;
        browser.sees("ends on 2026-01-31").await;
        check(browser, "status").await;
        browser.assert_no_complaint(&[]).await;
    })
    .await;
}

#[tokio::test]
async fn chinese_browser_gets_chinese_texts() {
    let app = TestApp::spawn().await;
    with_browser("zh-CN", &app.base, async |browser| {
        browser.sees("今天想聊点什么？").await;
        browser.press("开始对话").await;
        browser.fill("输入消息", "我睡不好。").await;
        browser.press("发送").await;
        browser.sees("教练").await;
        let lang = browser.script("return document.documentElement.lang", vec![]).await;
        assert_eq!(lang, "zh");
        browser.press("回顾").await;
        browser.sees("2 条消息").await;
    })
    .await;
}

#[tokio::test]
async fn operator_on_this_machine_sees_the_status_without_a_key() {
    let app = TestApp::spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Status").await;
        browser.sees(env!("CARGO_PKG_VERSION")).await;
        browser.sees("scripted").await;
        browser.sees("ready").await;
        assert!(!browser.has_control("Account").await, "no accounts here");
    })
    .await;
}

#[tokio::test]
async fn downloads_hold_what_was_said() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let folder = tempfile::tempdir().expect("a folder");
    with_browser("en-US", &app.base, async |browser| {
        let path = folder.path().display().to_string();
        let behavior = json!({ "behavior": "allow", "downloadPath": path });
        browser.cdp("Browser.setDownloadBehavior", behavior).await;
        browser.press("Begin a session").await;
        browser.say("My job wears me out.").await;
        browser.sees("What would you like to be different?").await;
        browser.press("End session").await;
        browser.sees("Saying no").await;
        browser.press("Look back").await;
        browser.open_first("sessions").await;
        browser.press("Download as text").await;
        browser.press("Download as NDJSON").await;
        let read = |kind: &str| {
            let entries = fs::read_dir(folder.path()).expect("the folder");
            let mut paths = entries.map(|entry| entry.expect("an entry").path());
            let path = paths.find(|path| path.extension().is_some_and(|found| found == kind))?;
            Some(fs::read_to_string(path).expect("a file"))
        };
        browser
            .wait_for("the files", async || {
                read("txt").is_some_and(|text| text.contains("My job wears me out."))
                    && read("ndjson").is_some_and(|text| text.ends_with('\n'))
            })
            .await;
        let lines = read("ndjson").expect("a file");
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines[0]["session"]["summary"], SUMMARY);
        assert_eq!(lines[1]["text"], "My job wears me out.");
        assert!(read("txt").expect("a file").contains(SUMMARY));
        let id = text(&lines[0]["session"]["sessionId"]);
        assert_eq!(app.session(&id).await["status"], "ended");
        assert_eq!(app.history(&id).await.len(), lines.len() - 1);
        app.end(&id).await.data();
    })
    .await;
}

#[tokio::test]
async fn key_that_cannot_be_sent_is_asked_for_again() {
    let app = TestApp::builder().with_auth();
    let app = app.with_setting("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY).spawn().await;
    with_browser("en-US", &app.base, async |browser| {
        browser.press("Status").await;
        browser.fill("Secret key", "密钥").await;
        browser.press("Show status").await;
        browser.sees("Something went wrong.").await;
        browser.fill("Secret key", SERVICE_KEY).await;
        browser.press("Show status").await;
        browser.sees(env!("CARGO_PKG_VERSION")).await;
    })
    .await;
}
