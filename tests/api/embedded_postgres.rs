//! The embedded Postgres of a server that has no `DATABASE_URL`.

use std::{fs, time::Duration};

use kuku_coach::embedded_postgres::{Binaries, EmbeddedPostgresError};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    cli::succeeded,
    server_process::{ServerProcess, command, open_folder, postmaster},
};

/// Waits for the end of a process. An orphan stays visible until init reaps it.
async fn is_gone(pid: Pid) -> bool {
    for _ in 0..200 {
        if kill(pid, None).is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    false
}

#[tokio::test]
async fn cluster_stops_with_the_server_and_keeps_its_data() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    assert!(server.startup_banner.contains("embedded Postgres in"), "{}", server.startup_banner);
    assert!(server.startup_banner.contains("/docs"), "{}", server.startup_banner);
    assert!(server.startup_banner.contains("OPENAI_API_KEY"), "{}", server.startup_banner);
    for line in ["Accounts        off: ", "Web pages       this machine\n"] {
        assert!(server.startup_banner.contains(line), "{}", server.startup_banner);
    }
    let id = server.given_session().await;
    server.say(&id, "remember this").await;
    let first = postmaster(folder.path()).expect("it runs");
    server.stop();
    assert!(postmaster(folder.path()).is_none() && is_gone(first).await, "stopped");
    let server = ServerProcess::start(folder.path(), &[]);
    assert_eq!(server.history(&id).await[0]["text"], "remember this");
    server.signal(Signal::SIGINT);
}

#[tokio::test]
async fn cluster_listens_on_a_private_socket_and_syncs_to_disk() {
    use std::os::unix::fs::PermissionsExt;
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    let cluster = folder.path().join("data/postgres");
    for private in [cluster.clone(), cluster.join("socket"), cluster.join("data")] {
        let mode = fs::metadata(&private).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", private.display());
    }
    let options: sqlx::postgres::PgConnectOptions = server.psql_url().parse().expect("an address");
    let mut connection = sqlx::ConnectOptions::connect(&options).await.expect("connected");
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .expect("a setting");
        assert_eq!(value, expected, "{setting}");
    }
}

#[tokio::test]
async fn cluster_of_a_killed_server_is_taken_over() {
    let folder = open_folder();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let id = server.given_session().await;
    server.say(&id, "remember this").await;
    let running = postmaster(folder.path()).expect("it runs");
    server.kill();
    assert_eq!(postmaster(folder.path()), Some(running), "still running");
    let server = ServerProcess::start(folder.path(), &[]);
    assert_eq!(postmaster(folder.path()), Some(running), "taken over");
    assert_eq!(server.history(&id).await.len(), 2);
    server.stop();
    assert!(is_gone(running).await, "and stopped with its new server");
}

#[tokio::test]
async fn second_server_on_a_data_folder_stops_with_an_error() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    let output = command(folder.path(), &[]).output().expect("ran");
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("another Kuku Coach server (process "), "{error}");
    assert!(error.contains("KUKU_DATA_DIR"), "{error}");
    let id = server.given_session().await;
    assert_eq!(
        server.say(&id, "still here").await["success"],
        true,
        "the first server still works"
    );
}

#[tokio::test]
async fn commands_share_the_cluster_of_a_running_server() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    let id = server.given_session().await;
    server.say(&id, "beside the server").await;
    let running = postmaster(folder.path());
    let run = |arguments: &[&str]| {
        succeeded(&command(folder.path(), &[]).args(arguments).output().expect("ended"))
    };
    let report = run(&["doctor"]);
    assert!(report.contains("the database is the embedded Postgres"), "{report}");
    assert!(!run(&["migrate", "status"]).contains("pending  "));
    assert!(run(&["migrate"]).contains("Nothing to do"));
    let export = run(&["export"]);
    assert!(export.contains("beside the server"), "{export}");
    let file = folder.path().join("all.ndjson");
    fs::write(&file, export).expect("written");
    run(&["import", file.to_str().expect("UTF-8")]);
    assert_eq!(postmaster(folder.path()), running, "the cluster runs on");
    assert_eq!(server.history(&id).await.len(), 2);
}

#[tokio::test]
async fn banner_names_the_socket_of_a_database() {
    let (folder, other) = (open_folder(), open_folder());
    let server = ServerProcess::start(folder.path(), &[]);
    let url = server.psql_url();
    let second = ServerProcess::start(other.path(), &[("DATABASE_URL", &url)]);
    let socket = folder.path().join("data/postgres/socket");
    let expected = format!("Postgres at {}", socket.display());
    assert!(second.startup_banner.contains(&expected), "{}", second.startup_banner);
}

#[tokio::test]
async fn kill_of_server_and_cluster_after_a_turn_loses_nothing() {
    let folder = open_folder();
    let mut server = ServerProcess::start(folder.path(), &[]);
    let id = server.given_session().await;
    for turn in 1..=4 {
        assert_eq!(server.say(&id, &format!("thought {turn}")).await["success"], true);
        let postgres = postmaster(folder.path()).expect("it runs");
        if turn % 2 == 0 {
            server.signal(Signal::SIGKILL);
        }
        kill(postgres, Signal::SIGKILL).expect("killed");
        server.kill();
        server = ServerProcess::start(folder.path(), &[]);
        let history = server.history(&id).await;
        assert_eq!(history.len(), 2 * turn);
        assert_eq!(history[2 * turn - 2]["text"], format!("thought {turn}"));
    }
}

#[tokio::test]
async fn cluster_that_dies_is_restarted() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[]);
    let id = server.given_session().await;
    server.say(&id, "before").await;
    let first = postmaster(folder.path()).expect("it runs");
    kill(first, Signal::SIGKILL).expect("killed");
    let mut reply = server.say(&id, "after").await;
    for _ in 0..100 {
        if reply["success"] == true {
            break;
        }
        assert_eq!(reply["code"], "DATABASE_UNAVAILABLE", "{reply}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        reply = server.say(&id, "after").await;
    }
    assert_eq!(reply["success"], true, "{reply}");
    assert_eq!(server.history(&id).await.len(), 4);
    assert_ne!(postmaster(folder.path()), Some(first));
}

#[tokio::test]
async fn data_folder_too_deep_for_a_socket_works() {
    let folder = open_folder();
    let deep = folder.path().join("d".repeat(60)).join("e".repeat(60));
    let deep_text = deep.display().to_string();
    let server = ServerProcess::start(folder.path(), &[("KUKU_DATA_DIR", &deep_text)]);
    let id = server.given_session().await;
    assert_eq!(server.say(&id, "deep down").await["success"], true);
}

#[tokio::test]
async fn failed_download_is_told_in_two_lines() {
    let folder = open_folder();
    let data = folder.path().join("data/postgres/data");
    fs::create_dir_all(&data).expect("a folder");
    // A version that is neither installed nor offered for download.
    fs::write(data.join("PG_VERSION"), "99").expect("written");
    let output = command(folder.path(), &[]).arg("migrate").output().expect("ended");
    let error = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].starts_with("No Postgres is installed; downloading"), "{error}");
    assert!(lines[1].starts_with("kuku-coach: no Postgres 99 found"), "{error}");
}

#[tokio::test]
async fn missing_postgres_binaries_name_the_package_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    // A version that is neither installed nor offered for download.
    let error = Binaries::find(Some(99), folder.path()).await.expect_err("not installed");
    assert!(matches!(error, EmbeddedPostgresError::NotInstalled { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("no Postgres 99 found") && text.contains("apt-get install postgresql"),
        "{text}"
    );
}
