//! The `command` providers, with real programs where they are installed.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{
    app::TestApp,
    reply::{ReplyExt, RequestExt, text},
    support::report_skipped,
};

/// Runs a program, which must succeed.
fn run(program: &str, arguments: &[&str]) {
    let output =
        Command::new(program).args(arguments).stdin(Stdio::null()).output().expect(program);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn installed(programs: &[&str]) -> bool {
    let missing: Vec<&&str> = programs
        .iter()
        .filter(|program| {
            let found = Command::new("sh")
                .args(["-c", "command -v \"$1\" >/dev/null", "sh", program])
                .status();
            !found.is_ok_and(|status| status.success())
        })
        .collect();
    if !missing.is_empty() {
        report_skipped(&format!("not installed: {missing:?}"));
    }
    missing.is_empty()
}

#[tokio::test]
async fn espeak_and_pocketsphinx_serve_a_spoken_turn() {
    if !installed(&["espeak-ng", "ffmpeg", "pocketsphinx_continuous"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    run("espeak-ng", &["-s", "130", "-w", &file("a.wav"), "I want to talk about my work"]);
    run(
        "ffmpeg",
        &[
            "-loglevel",
            "error",
            "-i",
            &file("a.wav"),
            "-c:a",
            "libopus",
            "-b:a",
            "64k",
            &file("a.webm"),
        ],
    );
    let app = TestApp::with(&[
        ("KUKU_SPEECH_TO_TEXT__PROVIDER", "command"),
        (
            "KUKU_SPEECH_TO_TEXT__COMMAND",
            r#"[["ffmpeg", "-loglevel", "error", "-i", "{input}",
                 "-ar", "16000", "-ac", "1", "{output}"],
                ["pocketsphinx_continuous", "-infile", "{input}", "-logfn", "/dev/null"]]"#,
        ),
        ("KUKU_TEXT_TO_SPEECH__PROVIDER", "command"),
        (
            "KUKU_TEXT_TO_SPEECH__COMMAND",
            r#"[["espeak-ng", "-f", "{input}", "-w", "{output}"],
                ["ffmpeg", "-loglevel", "error", "-i", "{input}", "{output}"]]"#,
        ),
    ])
    .await;
    let id = app.given_session().await;
    let recording = std::fs::read(file("a.webm")).expect("a recording");
    let reply = app.speak(&id, recording, "audio/webm;codecs=opus").await;
    assert_eq!(reply["success"], true, "{reply}");
    let heard = text(&reply["data"]["messages"][0]["text"]);
    assert!(
        heard.contains("talk") || heard.contains("work") || heard.contains("want"),
        "heard: {heard}"
    );

    let url = reply.audio_url();
    let audio = app.http.get(app.url(&url)).response().await.bytes().await.expect("bytes");
    std::fs::write(file("reply.mp3"), audio).expect("written");
    // The whole file can be decoded.
    run("ffmpeg", &["-v", "error", "-xerror", "-i", &file("reply.mp3"), "-f", "null", "-"]);
    assert!(app.files("uploads").is_empty(), "{:?}", app.files("uploads"));
}

#[tokio::test]
async fn failing_program_gives_an_error_response() {
    for (name, command) in [
        ("missing", r#"[["/nowhere/whisper", "{input}"]]"#),
        ("failing", r#"[["false"]]"#),
        ("hanging", r#"[["sleep", "60"]]"#),
    ] {
        let app = TestApp::builder()
            .with_setting("KUKU_SPEECH_TO_TEXT__PROVIDER", "command")
            .with_setting("KUKU_SPEECH_TO_TEXT__COMMAND", command)
            .with_setting("KUKU_SPEECH_TO_TEXT__TIMEOUT_SECONDS", "1")
            .with_setting("KUKU_TEXT_TO_SPEECH__PROVIDER", "command")
            .with_setting("KUKU_TEXT_TO_SPEECH__COMMAND", command)
            .with_setting("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", "1")
            .spawn()
            .await;
        let id = app.given_session().await;
        let reply = app.speak(&id, crate::app::webm(6_000), "audio/webm").await;
        assert_eq!(reply["code"], "SPEECH_TO_TEXT_UNAVAILABLE", "{name}: {reply}");
        let reply = app.say(&id, "hello there").await;
        assert_eq!(reply["success"], true, "{name}: {reply}");
        assert_eq!(reply["data"]["messages"][1]["audioUrl"], Value::Null, "{name}");
        assert!(app.files("uploads").is_empty(), "{name}: {:?}", app.files("uploads"));
        assert!(app.files("audio").is_empty(), "{name}: {:?}", app.files("audio"));
    }
}

/// A response that waits for its audio waits for eight seconds, whatever the time-out is.
#[tokio::test]
async fn program_that_speaks_slowly_loses_the_audio_not_the_turn() {
    let app = TestApp::with(&[
        ("KUKU_TEXT_TO_SPEECH__PROVIDER", "command"),
        ("KUKU_TEXT_TO_SPEECH__COMMAND", r#"[["sleep", "60"]]"#),
        ("KUKU_TEXT_TO_SPEECH__TIMEOUT_SECONDS", "50"),
        ("KUKU_RESPOND_BEFORE_AUDIO", "false"),
    ])
    .await;
    let id = app.given_session().await;
    let reply = tokio::time::timeout(Duration::from_secs(40), app.say(&id, "hello there"));
    let reply = reply.await.expect("before the time-out of the stage");
    assert_eq!(reply["success"], true, "{reply}");
    assert_eq!(reply["data"]["messages"][1]["audioUrl"], Value::Null);
    assert!(app.files("uploads").is_empty(), "{:?}", app.files("uploads"));
}

#[tokio::test]
async fn program_output_is_the_transcript() {
    let app = TestApp::with(&[
        ("KUKU_SPEECH_TO_TEXT__PROVIDER", "command"),
        (
            "KUKU_SPEECH_TO_TEXT__COMMAND",
            r#"[["cp", "{input}", "{output}"], ["echo", "I heard; $(nothing) {input}"]]"#,
        ),
    ])
    .await;
    let id = app.given_session().await;
    let reply = app.speak(&id, crate::app::webm(6_000), "audio/webm").await;
    let heard = text(&reply["data"]["messages"][0]["text"]);
    assert!(heard.starts_with("I heard; $(nothing) /"), "no shell in between: {heard}");
}
