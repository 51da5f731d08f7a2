//! What local programs of the `command` providers get from the server, and what the log gets from
//! them.

use std::{
    collections::BTreeSet, fs, os::unix::process::CommandExt, path::Path, process::Command,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, client, eventually, recording_form, webm},
    postgres::TestDatabase,
    reply::{RequestExt, body, text},
    server_process::{ServerProcess, command, open_folder},
};

/// Settings of speech to text by a shell script.
fn speech_to_text(script: &str) -> [(&'static str, String); 2] {
    [
        ("KUKU_SPEECH_TO_TEXT__PROVIDER", "command".into()),
        ("KUKU_SPEECH_TO_TEXT__COMMAND", json!([["sh", "-c", script]]).to_string()),
    ]
}

/// Settings of text to speech by a shell script.
fn text_to_speech(script: &str) -> [(&'static str, String); 2] {
    [
        ("KUKU_TEXT_TO_SPEECH__PROVIDER", "command".into()),
        ("KUKU_TEXT_TO_SPEECH__COMMAND", json!([["sh", "-c", script]]).to_string()),
    ]
}

/// Starts the program in a process group of its own, as a shell does.
fn start(folder: &Path, database: &TestDatabase, settings: &[(&str, String)]) -> ServerProcess {
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let settings: Vec<_> = settings.chain([("DATABASE_URL", database.url.as_str())]).collect();
    let mut command: Command = command(folder, &settings);
    command.process_group(0);
    ServerProcess::start_command(command)
}

async fn speak(server: &ServerProcess, id: &str) -> Value {
    let request = client().post(server.url(&format!("/api/sessions/{id}/messages")));
    body(request.multipart(recording_form(webm(6_000), "audio/webm")).response().await).await
}

#[tokio::test]
async fn programs_get_no_variables_but_the_named_ones() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let mut settings = speech_to_text("env > environment; echo I heard you").to_vec();
    settings.extend(text_to_speech("env > environment-of-speech; exit 1"));
    settings.extend([
        ("KUKU_COMMAND_ENVIRONMENT", "MODEL_PATH, NOT_SET".into()),
        ("MODEL_PATH", "/models".into()),
        ("LANG", "C.UTF-8".into()),
        ("SUPABASE_JWT_SECRET", "canary canary canary canary canary".into()),
        ("KUKU_COACH__API_KEY", "canary".into()),
        ("AWS_SECRET_ACCESS_KEY", "canary".into()),
        ("LD_SOMETHING", "canary".into()),
    ]);
    let server = start(folder.path(), &database, &settings);
    let id = server.given_session().await;
    let reply = speak(&server, &id).await;
    assert_eq!(reply["success"], true, "{reply}");
    for file in ["environment", "environment-of-speech"] {
        let file = folder.path().join(file);
        eventually("the program ran", async || file.exists()).await;
        let environment = fs::read_to_string(file).expect("text");
        let names = environment.lines().filter_map(|line| Some(line.split_once('=')?.0));
        // What the shell adds.
        let names = names.filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
        let allowed = BTreeSet::from(["PATH", "HOME", "LANG", "TMPDIR", "MODEL_PATH"]);
        let names: BTreeSet<&str> = names.collect();
        assert!(names.is_subset(&allowed), "{names:?}");
        assert!(names.contains("PATH"), "{names:?}");
        assert!(environment.contains("MODEL_PATH=/models\n"), "{environment}");
        assert!(environment.contains("LANG=C.UTF-8\n"), "{environment}");
    }
}

#[tokio::test]
async fn ctrl_c_reaches_the_server_and_not_its_programs() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = speech_to_text("touch started; sleep 2; echo I heard you");
    let mut server = start(folder.path(), &database, &settings);
    let id = server.given_session().await;
    let interrupt = async {
        let started = folder.path().join("started");
        eventually("the program runs", async || started.exists()).await;
        // What a terminal does for Ctrl-C.
        killpg(server.pid(), Signal::SIGINT).expect("signalled");
    };
    let (reply, ()) = tokio::join!(speak(&server, &id), interrupt);
    assert_eq!(reply["success"], true, "{reply}");
    assert_eq!(text(&reply["data"]["messages"][0]["text"]), "I heard you");
    assert!(server.wait().success(), "{}", server.log());
}

#[tokio::test]
async fn time_out_ends_what_a_program_has_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("child");
    let script = format!("sleep 300 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
    let mut settings = speech_to_text(&script).to_vec();
    settings.push(("KUKU_SPEECH_TO_TEXT__TIMEOUT_SECONDS", "1".into()));
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let app = TestApp::with(&settings).await;
    let id = app.given_session().await;
    let reply = app.speak(&id, webm(6_000), "audio/webm").await;
    assert_eq!(reply["code"], "SPEECH_TO_TEXT_UNAVAILABLE", "{reply}");
    let child = fs::read_to_string(&file).expect("its child");
    let status = format!("/proc/{}/status", child.trim());
    // In a container nobody may wait for orphans: they stay as zombies.
    eventually("the child is gone", async || {
        fs::read_to_string(&status).map_or(true, |status| status.contains("\nState:\tZ"))
    })
    .await;
}

#[tokio::test]
async fn failing_program_is_named_in_the_log_with_its_errors() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    for (name, script, logged, hidden) in [
        (
            "last lines",
            "yes 'a long story' | head -c 1000000 >&2; echo 'cannot load model.onnx' >&2; exit 3",
            &["stderr=", "cannot load model.onnx", "sh failed", "status 3"][..],
            &[][..],
        ),
        ("silence", "exit 4", &["sh failed", "status 4"], &["stderr="]),
        ("a signal", "kill -9 $$", &["sh was ended by signal 9"], &[]),
        (
            "what was said",
            "echo 'Methylphenidat, 工作压力'; echo 'bad words: METHYLPHENIDATs 压力 (Methyl)' >&2; \
             exit 1",
            &["bad words: "],
            &["ethylphenidat", "ETHYLPHENIDAT", "压", "力", "Methyl"],
        ),
        (
            "control characters",
            "printf 'first\\033[31m\\nINFO forged line\\n' >&2; exit 1",
            &["first\\u{1b}[31m\\nINFO forged line"],
            &["\u{1b}[31m"],
        ),
        (
            "file names",
            "echo \"cannot read $1\" >&2; exit 1",
            &["cannot read {input}"],
            &["upload-"],
        ),
    ] {
        let mut settings = speech_to_text(script).to_vec();
        settings[1].1 = json!([["sh", "-c", script, "sh", "{input}"]]).to_string();
        let server = start(folder.path(), &database, &settings);
        let id = server.given_session().await;
        let reply = speak(&server, &id).await;
        assert_eq!(reply["code"], "SPEECH_TO_TEXT_UNAVAILABLE", "{name}: {reply}");
        let log = server.stop();
        for text in logged {
            assert!(log.contains(text), "{name}: {text}: {log}");
        }
        for text in hidden {
            assert!(!log.contains(text), "{name}: {text}: {log}");
        }
        assert!(log.len() < 10_000, "{name}: {} bytes", log.len());
    }
}

#[tokio::test]
async fn failing_speech_program_does_not_quote_the_reply() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let script = "cat $0 > said; cat $0 >&2; echo no voice >&2; exit 3";
    let mut settings = text_to_speech(script).to_vec();
    settings[1].1 = json!([["sh", "-c", script, "{input}"]]).to_string();
    let server = start(folder.path(), &database, &settings);
    let id = server.given_session().await;
    assert_eq!(server.say(&id, "Zanzibar wears me out").await["success"], true);
    let said = folder.path().join("said");
    eventually("the program ran", async || said.exists()).await;
    eventually("the failure is logged", async || server.log().contains("no voice")).await;
    let (log, said) = (server.stop(), fs::read_to_string(said).expect("text"));
    let words: Vec<&str> =
        said.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 5).collect();
    assert!(!words.is_empty(), "{said}");
    let errors = log.lines().filter(|line| line.contains("stderr="));
    for line in errors {
        assert!(words.iter().all(|word| !line.contains(word)), "{said}: {line}");
    }
}

#[tokio::test]
async fn missing_program_is_named_in_the_log() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let [provider, (name, _)] = speech_to_text("");
    let missing = r#"[["cp", "{input}", "{output}"], ["/nowhere/whisper-cli", "{input}"]]"#;
    let server = start(folder.path(), &database, &[provider, (name, missing.into())]);
    let id = server.given_session().await;
    assert_eq!(speak(&server, &id).await["code"], "SPEECH_TO_TEXT_UNAVAILABLE");
    let log = server.stop();
    assert!(log.contains("whisper-cli: No such file or directory"), "{log}");
}

#[tokio::test]
async fn program_that_leaves_a_child_behind_has_ended() {
    // The child keeps the program's stderr open.
    let folder = tempfile::tempdir().expect("a folder");
    let script =
        format!("sleep 20 & echo $! > {}; echo I heard you", folder.path().join("child").display());
    let settings = speech_to_text(&script);
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let app = TestApp::with(&settings).await;
    let id = app.given_session().await;
    let speaking = app.speak(&id, webm(6_000), "audio/webm");
    let reply = tokio::time::timeout(Duration::from_secs(10), speaking).await;
    assert_eq!(reply.expect("no wait for the child")["success"], true);
    let child = fs::read_to_string(folder.path().join("child")).expect("its child");
    let child = Pid::from_raw(child.trim().parse().expect("a pid"));
    nix::sys::signal::kill(child, Signal::SIGKILL).expect("it was left running");
}
