//! The program as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    app::client,
    reply::{ReplyExt, RequestExt},
};

pub struct ServerProcess {
    child: Child,
    log: NamedTempFile,
    http: Client,
    pub base: String,
    pub startup_banner: String,
}

impl ServerProcess {
    /// Starts the program with these settings and waits for its banner.
    pub fn start(data_dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_command(command(data_dir, settings))
    }

    /// [`ServerProcess::start`] with a command that the test has changed.
    pub fn start_command(mut command: Command) -> Self {
        let log = NamedTempFile::new().expect("a log file");
        command.stderr(log.reopen().expect("the log"));
        Self::spawn(command, log)
    }

    /// [`ServerProcess::start`] with a log that goes to `stderr` instead of a file.
    pub fn start_with_stderr(
        data_dir: &Path,
        settings: &[(&str, &str)],
        stderr: impl Into<Stdio>,
    ) -> Self {
        let mut command = command(data_dir, settings);
        command.stderr(stderr);
        Self::spawn(command, NamedTempFile::new().expect("an empty log"))
    }

    fn spawn(mut command: Command, log: NamedTempFile) -> Self {
        let mut child = command.spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout"));
        let mut startup_banner = String::new();
        let mut base = None;
        while !startup_banner.contains("Stop with Ctrl-C") {
            let mut line = String::new();
            if lines.read_line(&mut line).expect("a line") == 0 {
                panic!("the program ended: {:?}\n{startup_banner}\n{}", child.wait(), read(&log));
            }
            if let Some(url) = line.trim().strip_prefix("API ") {
                base = Some(url.trim().trim_end_matches("/api").to_owned());
            }
            startup_banner.push_str(&line);
        }
        Self { child, log, http: client(), base: base.expect("the API's address"), startup_banner }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn post(&self, path: &str, json: Value) -> Value {
        self.http.post(self.url(path)).json(&json).reply().await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).reply().await
    }

    pub async fn given_session(&self) -> String {
        self.post("/api/sessions", json!({})).await.session_id()
    }

    pub async fn say(&self, id: &str, words: &str) -> Value {
        let path = format!("/api/sessions/{id}/messages");
        self.post(&path, json!({ "text": words })).await
    }

    pub async fn history(&self, id: &str) -> Vec<Value> {
        let path = format!("/api/sessions/{id}/messages");
        self.get(&path).await.messages().to_vec()
    }

    /// The address for psql of its embedded Postgres, as the banner shows it.
    pub fn psql_url(&self) -> String {
        let url = self.startup_banner.split('"').nth(1);
        url.expect("an address for psql").to_owned()
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("signalled");
    }

    /// Its process id, and its process group if it was started in one of its own.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().expect("a pid"))
    }

    /// Kills the program (SIGKILL) and waits for its end.
    pub fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.wait();
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("ended")
    }

    /// The log so far.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Stops the program (SIGTERM), waits for its end, and returns its log.
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
            // The program stops its embedded Postgres only on SIGTERM.
            self.signal(Signal::SIGTERM);
            // A server that hangs is what some tests look for: they fail, and do not hang too.
            for _ in 0..300 {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    return;
                }
                sleep(Duration::from_millis(100));
            }
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// A command of the program, with these settings and neither .env nor kuku.toml.
pub fn command(data_dir: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuku-coach"));
    command
        .current_dir(data_dir)
        .env_remove("DATABASE_URL")
        .env_remove("OPENAI_API_KEY")
        // Variables of the tests, which are no settings.
        .env_remove("KUKU_TEST_ROLE")
        .env_remove("KUKU_TEST_POSTGRES")
        .env_remove("KUKU_TEST_CITUS_URL")
        .env_remove("KUKU_TEST_STAND_IN_CITUS")
        .env_remove("KUKU_SCREENSHOTS")
        .env("PORT", "0")
        .env("KUKU_DATA_DIR", data_dir.join("data"))
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn read(log: &NamedTempFile) -> String {
    std::fs::read_to_string(log.path()).expect("a log")
}

/// The embedded Postgres of a server that runs in this folder; `None` if there is none.
pub fn postmaster(folder: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(folder.join("data/postgres/data/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

/// A folder that the user of the embedded Postgres can enter.
pub fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("permissions");
    folder
}
