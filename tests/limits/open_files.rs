//! Limit of open files: raised at the start, and never used up by connections.

use std::{fs, process::Command, process::Stdio, time::Duration};

use serde_json::json;
use tokio::{net::TcpStream, time::sleep};

use crate::{
    app::{client, eventually},
    postgres::TestDatabase,
    reply::{RequestExt, body},
    server_process::{ServerProcess, command, open_folder},
};

/// `command` with these limits of open files.
fn limited(command: &Command, soft: u32, hard: u32) -> Command {
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}

fn proc_file(server: &ServerProcess, name: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{name}", server.pid())).expect(name)
}

fn open_files(server: &ServerProcess) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("open files").count()
}

/// Hundredths of a second of CPU time so far, of the program and of the system for it.
fn cpu_time(server: &ServerProcess) -> u64 {
    let stat = proc_file(server, "stat");
    // The name of the program, in parentheses, may hold spaces.
    let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks")).sum()
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_without_a_busy_loop() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = [("DATABASE_URL", &*database.url), ("KUKU_DATABASE__MAX_CONNECTIONS", "5")];
    let server =
        ServerProcess::start_command(limited(&command(folder.path(), &settings), 128, 256));
    let limits = proc_file(&server, "limits");
    let limit = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    let numbers: Vec<&str> = limit.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers, ["256", "256"], "{limit}");

    let id = server.given_session().await;
    let before = open_files(&server);
    let address = server.base.strip_prefix("http://").expect("an address");
    // In its own connection, which is open before the flood.
    let http = client();
    http.get(server.url("/health")).response().await;
    let mut flood = Vec::new();
    for _ in 0..400 {
        flood.push(TcpStream::connect(address).await.expect("connected, or waiting"));
    }
    eventually("connections are accepted", async || open_files(&server) > before + 100).await;
    let used = cpu_time(&server);
    let path = format!("/api/sessions/{id}/messages");
    let turn = http.post(server.url(&path)).json(&json!({"text": "hello there"})).response().await;
    assert_eq!(body(turn).await["success"], true);
    sleep(Duration::from_secs(2)).await;
    let used = cpu_time(&server) - used;
    assert!(used < 100, "{used} hundredths of a second of CPU time in two seconds");
    let open = open_files(&server);
    assert!(open <= before + 130, "{open} open files, {before} before");

    drop(flood);
    let is_served = async || {
        let request = client().get(server.url("/health")).timeout(Duration::from_secs(5));
        request.send().await.is_ok_and(|response| response.status() == 200)
    };
    eventually("new clients are served again", is_served).await;
    let log = server.stop();
    assert!(!log.contains("Too many open files"), "{log}");
}

#[tokio::test]
async fn doctor_reports_the_limit_of_open_files() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let mut doctor = command(folder.path(), &[("DATABASE_URL", &*database.url)]);
    doctor.arg("doctor");
    let output = limited(&doctor, 128, 512).output().expect("ended");
    let text = String::from_utf8_lossy(&output.stdout);
    let expected = "warn  only 512 files may be open: a server accepts 256 connections at a time";
    assert!(text.contains(expected), "{text}");
}
