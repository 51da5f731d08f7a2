//! The real program as a process of its own: started, stopped and killed like one.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::app::{body, client, text};

pub struct ServerProcess {
    child: Child,
    log: NamedTempFile,
    http: Client,
    pub base: String,
    pub startup_banner: String,
}

impl ServerProcess {
    /// Starts the program with a data folder and these variables, and waits until it says that it is ready.
    pub fn start(data_dir: &Path, variables: &[(&str, &str)]) -> Self {
        // A file, not a pipe: nobody reads while it runs, and a full pipe would stop it.
        let log = NamedTempFile::new().expect("a file for its log");
        let mut child = command(data_dir, variables)
            .stderr(log.reopen().expect("the log"))
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut startup_banner = String::new();
        let mut base = None;
        while !startup_banner.contains("Stop with Ctrl-C") {
            let mut line = String::new();
            if lines.read_line(&mut line).expect("a line") == 0 {
                panic!(
                    "it ended: {:?}\n{startup_banner}\n{}",
                    child.wait(),
                    read(&log)
                );
            }
            if let Some(url) = line.trim().strip_prefix("API ") {
                base = Some(url.trim().trim_end_matches("/api").to_owned());
            }
            startup_banner.push_str(&line);
        }
        Self {
            child,
            log,
            http: client(),
            base: base.expect("the API's address"),
            startup_banner,
        }
    }

    pub async fn post(&self, path: &str, json: Value) -> Value {
        let response = self
            .http
            .post(format!("{}{path}", self.base))
            .json(&json)
            .send()
            .await;
        body(response.expect("an answer")).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.http.get(format!("{}{path}", self.base)).send().await;
        body(response.expect("an answer")).await
    }

    pub async fn given_session(&self) -> String {
        text(&self.post("/api/sessions", json!({})).await["data"]["sessionId"])
    }

    pub async fn say(&self, id: &str, words: &str) -> Value {
        self.post(
            &format!("/api/sessions/{id}/messages"),
            json!({ "text": words }),
        )
        .await
    }

    pub async fn history(&self, id: &str) -> Vec<Value> {
        let reply = self.get(&format!("/api/sessions/{id}/messages")).await;
        reply["data"]["messages"]
            .as_array()
            .unwrap_or_else(|| panic!("{reply}"))
            .clone()
    }

    pub fn signal(&self, signal: Signal) {
        kill(
            Pid::from_raw(self.child.id().try_into().expect("a pid")),
            signal,
        )
        .expect("signalled");
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("ended")
    }

    /// Asks it to stop, waits, and returns what it logged.
    pub fn stop(mut self) -> String {
        self.signal(Signal::SIGTERM);
        let status = self.wait();
        let log = read(&self.log);
        assert!(status.success(), "{log}");
        log
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // A private Postgres goes with it only on a polite request.
            self.signal(Signal::SIGTERM);
            self.child.wait().ok();
        }
    }
}

pub fn command(data_dir: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuku-coach"));
    command
        // Not the project's folder: no .env and no kuku.toml there.
        .current_dir(data_dir)
        .env_remove("DATABASE_URL")
        .env_remove("OPENAI_API_KEY")
        .env("PORT", "0")
        .env("KUKU_DATA_DIR", data_dir.join("data"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn read(log: &NamedTempFile) -> String {
    std::fs::read_to_string(log.path()).expect("a log")
}

/// The private Postgres of a server that was started in this folder; `None` if it is not running.
pub fn postmaster(folder: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(folder.join("data/postgres/data/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

/// A folder that the private Postgres's own user can pass, as it may be somebody else.
pub fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(
        folder.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .expect("permissions");
    folder
}
