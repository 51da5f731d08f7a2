//! Limits of the log: long fields, floods of refused requests, and a reader that stalls.

use std::{
    io::{PipeReader, Read},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    app::{client, eventually},
    postgres::TestDatabase,
    reply::RequestExt,
    server_process::{ServerProcess, open_folder},
};

/// Sends `count` requests, eight at a time, and asserts that each is answered.
async fn assert_requests_are_answered(server: &ServerProcess, count: usize) {
    let (http, url) = (client(), server.url("/health"));
    let requests = stream::iter(0..count).map(|_| http.get(&url).response());
    let mut responses = requests.buffer_unordered(8);
    while let Some(response) =
        timeout(Duration::from_secs(60), responses.next()).await.expect("the server answers")
    {
        assert_eq!(response.status(), StatusCode::OK);
    }
}

/// Reads a pipe to its end, on a thread of its own.
fn read_in_background(mut pipe: PipeReader) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("a log");
        text
    })
}

#[tokio::test]
async fn stalled_reader_of_the_log_does_not_stop_the_server() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let metrics = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let settings = [("DATABASE_URL", &*database.url), ("KUKU_METRICS__ADDRESS", &*metrics)];
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let server = ServerProcess::start_with_stderr(folder.path(), &settings, writer);
    // More lines than the pipe, the write buffer and the queue hold.
    assert_requests_are_answered(&server, 8_000).await;
    let dropped_lines = async || {
        let url = format!("http://{metrics}/metrics");
        let text = client().get(url).response().await.text().await.expect("metrics");
        let value =
            text.lines().find_map(|line| line.strip_prefix("kuku_log_lines_dropped_total "));
        value.expect("the metric").parse::<u64>().expect("a number")
    };
    let dropped = dropped_lines().await;
    assert!(dropped > 0, "no line was dropped");
    // The reader goes on: lines are written again, and the gap is named.
    let log = read_in_background(reader);
    let is_written_again = async || {
        let before = dropped_lines().await;
        assert_requests_are_answered(&server, 1).await;
        dropped_lines().await == before
    };
    eventually("lines are written again", is_written_again).await;
    // The gap is named by a job that runs every second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.stop();
    let log = log.join().expect("read");
    assert!(log.contains("log lines were dropped"), "{}", &log[log.len().saturating_sub(2_000)..]);
    assert!(log.matches("request completed").count() > 1_000);
}

#[tokio::test]
async fn stalled_reader_of_the_log_does_not_delay_a_stop() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = [("DATABASE_URL", &*database.url)];
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut server = ServerProcess::start_with_stderr(folder.path(), &settings, writer);
    assert_requests_are_answered(&server, 8_000).await;
    server.signal(nix::sys::signal::Signal::SIGTERM);
    let stopped = tokio::task::spawn_blocking(move || server.wait());
    let status = timeout(Duration::from_secs(60), stopped).await.expect("a stop");
    assert!(status.expect("ended").success());
    drop(reader);
}

#[tokio::test]
async fn refused_requests_share_a_line_per_second_and_address() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = [
        ("DATABASE_URL", &*database.url),
        ("KUKU_LIMITS__REQUESTS_PER_MINUTE", "1"),
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let server = ServerProcess::start(folder.path(), &settings);
    let (http, started) = (client(), Instant::now());
    let mut refused = 0;
    for _ in 0..300 {
        // The second address belongs to the network of the third one.
        for address in ["203.0.113.7", "2001:db8::1", "2001:db8::2"] {
            let request = http.get(server.url("/health")).header("X-Forwarded-For", address);
            let response = request.response().await;
            refused += u64::from(response.status() == StatusCode::TOO_MANY_REQUESTS);
        }
    }
    assert!(refused > 800, "{refused}");
    let counts = |log: &str| -> Vec<u64> {
        let lines = log.lines().filter(|line| line.contains("requests refused"));
        let count = |line: &str| line.split("requests=").nth(1)?.split(' ').next()?.parse().ok();
        lines.map(|line| count(line).expect("a count")).collect()
    };
    eventually("all are counted", async || counts(&server.log()).iter().sum::<u64>() == refused)
        .await;
    let seconds = started.elapsed().as_secs() + 1;
    let log = server.stop();
    // One for each of two addresses and each second that has begun.
    assert!(counts(&log).len() as u64 <= 2 * (seconds + 1), "{log}");
    for address in ["203.0.113.7", "2001:db8::"] {
        assert!(log.contains(&format!("address={address} ")), "{address}: {log}");
    }
    assert!(!log.contains("status=429"), "{log}");
}

#[tokio::test]
async fn requests_of_foreign_pages_share_lines_and_are_limited() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = [
        ("DATABASE_URL", &*database.url),
        ("KUKU_LIMITS__REQUESTS_PER_MINUTE", "100"),
        ("KUKU_LIMITS__TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let server = ServerProcess::start(folder.path(), &settings);
    let (http, mut statuses) = (client(), Vec::new());
    for (header, value) in [("Origin", "https://evil.example"), ("Host", "evil.example")] {
        for _ in 0..80 {
            let request = http.get(server.url("/health")).header("X-Forwarded-For", "203.0.113.7");
            statuses.push(request.header(header, value).response().await.status());
        }
    }
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert!(count(StatusCode::FORBIDDEN) >= 100, "{statuses:?}");
    assert!(count(StatusCode::TOO_MANY_REQUESTS) >= 1, "{statuses:?}");
    eventually("they are logged", async || server.log().contains("ORIGIN_NOT_ALLOWED")).await;
    let log = server.stop();
    assert!(!log.contains("status=403"), "{log}");
}

#[tokio::test]
async fn logged_fields_of_a_client_are_bounded() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let settings = [("DATABASE_URL", &*database.url), ("RUST_LOG", "trace")];
    let server = ServerProcess::start(folder.path(), &settings);
    let address = server.base.strip_prefix("http://").expect("an address");
    let long = |letter: &str| letter.repeat(3_000);
    for request in [
        format!("{} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", long("Q")),
        format!("GET /{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", long("Q")),
        format!(
            "GET /health?{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            long("Q")
        ),
        format!(
            "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: {0}\r\n\
             X-Request-Id: {0}\r\nOrigin: {0}\r\nAccept-Language: {0}\r\n\
             Authorization: Bearer {0}\r\nX-Forwarded-For: {0}\r\n\r\n",
            "Q".repeat(1_000)
        ),
        format!(
            "POST /api/sessions/{0}/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary={0}\r\nContent-Length: 0\r\n\r\n",
            "Q".repeat(1_000)
        ),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}: \x01\r\n\r\n", long("Q")),
        format!("GET {} HTTP/9\r\nHost: localhost\r\n\r\n", long("Q")),
    ] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(b"HTTP/1.1 "), "{}", String::from_utf8_lossy(&answer));
    }
    let log = server.stop();
    assert!(log.contains(&"Q".repeat(100)), "the method is logged: {log}");
    assert!(!log.contains(&"Q".repeat(201)), "a field is longer than 200 characters");
}
