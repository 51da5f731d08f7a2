//! Checks of README.md, .env.example and docs/ against the program.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use kuku_coach::settings::Settings;
use serde_json::json;

use crate::{
    reply::ReplyExt,
    server_process::{ServerProcess, open_folder},
};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name)
}

/// The first shell block below a heading.
fn block(readme: &str, heading: &str) -> String {
    let section = readme.split(heading).nth(1).expect(heading);
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("a shell block").to_owned()
}

#[tokio::test]
async fn readme_first_conversation_runs_as_printed() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    let script = block(&file("README.md"), "## A first conversation")
        .replace("http://127.0.0.1:8000", &server.base);
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .output()
        .expect("bash and curl");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("\"success\":false"), "{text}");
    for expected in [
        "You said: \\\"My job wears me out, and I cannot sleep.\\\"",
        "\"awaitingWrapUpConfirmation\":true",
        "\"sessionEnded\":true",
        "ACTION PLAN:\\n- I will talk to my boss on Monday.",
        "\"rating\":5",
        "\"query\":\"sleeping\",\"messages\":[{",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[tokio::test]
async fn readme_streamed_turn_runs_as_printed() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    // The session of the first conversation, which has ended.
    let ended = server.given_session().await;
    server.post(&format!("/api/sessions/{ended}/end"), json!({})).await.data();
    let script = format!(
        "API={}/api ID={ended}\n{}",
        server.base,
        block(&file("README.md"), "With `Accept: text/event-stream`")
    );
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output();
    let output = output.expect("bash and curl");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    for event in ["transcript", "delta", "message", "done"] {
        assert!(text.contains(&format!("event: {event}\n")), "{event}: {text}");
    }
}

#[tokio::test]
async fn account_commands_in_the_docs_run_twice_as_printed() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[("KUKU_AUTH__MODE", "optional")]);
    let script = format!(
        "API={}/api\n{}",
        server.base,
        block(&file("README.md"), "With accounts, a session")
    );
    for run in 1..=2 {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .output()
            .expect("bash and curl");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert_eq!(run == 2, text.contains("user_already_exists"), "{text}");
        assert!(text.contains("\"sessions\":[{\"sessionId\":\"session-"), "{text}");
    }
}

#[test]
fn every_error_code_and_metric_is_documented() {
    let (errors, operations) = (file("src/http/response/error.rs"), file("docs/operations.md"));
    let metrics = file("src/metrics.rs") + &file("src/metrics/process.rs");
    let is_code = |text: &&str| text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let codes = errors.split('"').filter(|text| text.len() > 2).filter(is_code);
    let names = metrics.split("&str = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let all: Vec<&str> = codes.chain(names).collect();
    assert!(all.len() > 45, "{all:?}");
    for name in all {
        assert!(
            operations.contains(&format!("`{name}`")),
            "{name} is missing in docs/operations.md"
        );
    }
}

#[test]
fn every_setting_in_the_example_exists_and_is_documented() {
    let (example, documentation) = (file(".env.example"), file("docs/configuration.md"));
    let mut environment = BTreeMap::new();
    for line in example.lines().filter_map(|line| line.strip_prefix('#')) {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        if name.contains(' ') {
            continue;
        }
        // In the table, the second variable of a row is written with an ellipsis.
        let last = name.rsplit("__").next().unwrap_or(name);
        assert!(
            documentation.contains(&format!("`{name}`"))
                || documentation.contains(&format!("`…__{last}`")),
            "{name} is missing in docs/configuration.md"
        );
        environment.insert(name.to_owned(), value.trim_matches('\'').to_owned());
    }
    // The example's configuration file does not exist here.
    environment.remove("KUKU_CONFIG");
    assert!(environment.len() > 30, "{environment:?}");
    Settings::from_environment(environment).expect("the example's values are good");
}

#[test]
fn every_link_in_the_docs_resolves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<_> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)).into();
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root.join(folder)).expect(folder);
        pages.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    let mut links = 0;
    for page in pages.iter().filter(|page| page.extension().is_some_and(|kind| kind == "md")) {
        let text = fs::read_to_string(page).expect("text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().expect("a folder").join(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("text").to_lowercase();
                let found = text.lines().filter_map(|line| line.strip_prefix('#')).any(|line| {
                    let line = line.trim_start_matches('#').trim().replace(' ', "-");
                    line.chars()
                        .filter(|c| c.is_alphanumeric() || "-_".contains(*c))
                        .collect::<String>()
                        == heading
                });
                assert!(found, "{}: {link}", page.display());
            }
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}
