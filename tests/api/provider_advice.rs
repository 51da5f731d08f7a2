//! What the log and `doctor` say of a provider's failure: status, route and the setting to change,
//! and nothing of what the vendor wrote.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    app::{TestApp, eventually},
    cli::{failed, run, succeeded},
    fake_openai::{Catalog, Endpoint, FakeOpenAi, Fault, Script},
    server_process::{ServerProcess, open_folder},
};

/// Responses, and what is said of each.
fn failures() -> Vec<(Script, &'static str)> {
    let missing = "The model `gpt-4o-mini` does not exist (canary)";
    vec![
        (Script::new(401, "canary"), "status 401: POST /chat/completions: the key is missing"),
        (Script::json(401, &json!({ "error": "canary" })), "check OPENAI_API_KEY"),
        (Script::new(403, "canary"), "the key of OPENAI_API_KEY has no access"),
        (Script::new(404, "<html>canary</html>"), "check OPENAI_BASE_URL and KUKU_COACH__MODEL"),
        (
            Script::error(404, "model_not_found", None, missing),
            "the model gpt-4o-mini is not there, or this key may not use it: set KUKU_COACH__MODEL",
        ),
        (Script::new(410, "canary"), "set KUKU_COACH__MODEL"),
        (Script::new(308, "canary"), "set OPENAI_BASE_URL to its new address"),
        (
            Script::error(429, "insufficient_quota", None, "canary"),
            "the quota of OPENAI_API_KEY is used up",
        ),
        (Script::new(200, "canary"), "openai is not available: "),
    ]
}

#[tokio::test]
async fn log_says_which_setting_to_check_and_never_the_body() {
    let (app, openai) = (TestApp::spawn().await, FakeOpenAi::spawn().await);
    let folder = open_folder();
    let settings = [
        vec![("DATABASE_URL", app.database.url.as_str()), ("KUKU_COACH__MODEL", "gpt-4o-mini")],
        openai.settings(),
    ]
    .concat();
    let server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    for (script, _) in failures() {
        openai.queue_faults(Endpoint::Reply, [Fault::Respond(script)]);
        assert_eq!(server.say(&id, "hello there").await["code"], "COACH_UNAVAILABLE");
    }
    let log = server.stop();
    for (_, said) in failures() {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_calls_every_stage_and_says_what_to_change() {
    let (app, openai) = (TestApp::spawn().await, FakeOpenAi::spawn().await);
    let folder = open_folder();
    let doctor = |more: &[(&str, &str)]| {
        let variables = [&openai.settings(), more].concat();
        run(folder.path(), &app.database, &variables, &["doctor", "--call-providers"])
    };
    openai.set_catalog(Catalog::openai_today());
    let good = succeeded(&doctor(&[]));
    for stage in ["speech to text", "the coach", "text to speech"] {
        assert!(good.contains(&format!("ok    {stage} works")), "{stage}: {good}");
    }
    let recording = openai.take_calls(Endpoint::Transcription).pop().expect("a call").body;
    assert!(recording.windows(4).any(|bytes| bytes == b"WAVE"));
    assert!(recording.len() > 32_000, "a second of 16 bits at 16 kHz");

    for (script, said) in failures() {
        openai.queue_faults(Endpoint::Reply, [Fault::Respond(script)]);
        failed(&doctor(&[("KUKU_COACH__MODEL", "gpt-4o-mini")]), said);
    }
    openai.set_catalog(Catalog::openai_2027());
    let whisper = [("KUKU_SPEECH_TO_TEXT__MODEL", "whisper-1")];
    failed(&doctor(&whisper), "FAIL  speech to text does not work");
    failed(&doctor(&whisper), "set KUKU_SPEECH_TO_TEXT__MODEL to a model of this server");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_and_start_warn_of_models_that_end_soon() {
    let (app, openai) = (TestApp::spawn().await, FakeOpenAi::spawn().await);
    let folder = open_folder();
    let in_days = |days| (OffsetDateTime::now_utc().date() + Duration::days(days)).to_string();
    openai.set_shutdown_date("gpt-4o-mini", &in_days(60));
    openai.set_shutdown_date("gpt-transcribe", &in_days(62));
    let settings = [openai.settings(), vec![("KUKU_COACH__MODEL", "gpt-4o-mini")]].concat();
    let report = succeeded(&run(folder.path(), &app.database, &settings, &["doctor"]));
    let warning = format!("the model gpt-4o-mini ends on {}", in_days(60));
    assert!(report.contains(&format!("warn  {warning}")), "{report}");
    assert!(report.contains("Set KUKU_COACH__MODEL=gpt-6-luna."), "{report}");
    assert_eq!(report.matches("the model ").count(), 1, "{report}");

    let settings = [settings, vec![("DATABASE_URL", app.database.url.as_str())]].concat();
    let server = ServerProcess::start(folder.path(), &settings);
    eventually("the log warns", async || server.log().contains(&warning)).await;
}
