//! Addresses of clients behind proxies, and headers that may not switch limits off.

use reqwest::{StatusCode, header::HeaderValue};

use crate::{
    app::{TestApp, client},
    postgres::TestDatabase,
    reply::RequestExt,
    server_process::{ServerProcess, open_folder},
};

const LIMIT: &str = "KUKU_LIMITS__REQUESTS_PER_MINUTE";
const TRUSTED_PROXIES: &str = "KUKU_LIMITS__TRUSTED_PROXIES";

/// The status of a request with this header.
async fn status(base: &str, name: &str, value: &[u8]) -> StatusCode {
    let value = HeaderValue::from_bytes(value).expect("a value");
    let request = client().get(format!("{base}/health")).header(name, value);
    request.response().await.status()
}

#[tokio::test]
async fn every_spelling_of_a_client_address_is_one_client() {
    let app = TestApp::with(&[(LIMIT, "5"), (TRUSTED_PROXIES, "127.0.0.1")]).await;
    for spellings in [
        [
            "203.0.113.7",
            "203.0.113.7:4321",
            "::ffff:203.0.113.7",
            "[::ffff:203.0.113.7]:80",
            "198.51.100.1, 203.0.113.7:1",
            "203.0.113.7",
        ],
        [
            "2001:db8:1:2::3",
            "[2001:db8:1:2::3]",
            "[2001:db8:1:2::3]:443",
            "2001:db8:1:2::4%eth0",
            "[2001:db8:1:2::5%25eth0]:443",
            "2001:db8:1:2::3",
        ],
    ] {
        for (index, spelling) in spellings.iter().enumerate() {
            let status = status(&app.base, "X-Forwarded-For", spelling.as_bytes()).await;
            let is_limited = status == StatusCode::TOO_MANY_REQUESTS;
            assert_eq!(is_limited, index == 5, "{spelling}: {status}");
        }
    }
}

#[tokio::test]
async fn address_that_does_not_parse_counts_as_the_proxy() {
    let app = TestApp::with(&[(LIMIT, "12"), (TRUSTED_PROXIES, "127.0.0.1")]).await;
    let spellings: [&[u8]; 13] = [
        b"unknown",
        b"",
        b"203.0.113.7, ",
        b"203.0.113.7, client",
        b"203.0.113.7, 203.0.113.8:http",
        b"203.0.113.7, [2001:db8::1",
        b"203.0.113.7, 2001:db8::1]",
        b"203.0.113.7, [203.0.113.8]x",
        b"203.0.113.7, 203.0.113.8:",
        b"203.0.113.7, 203.0.113.8:80:80",
        b"203.0.113.7, \xff",
        b"127.0.0.1",
        b"127.0.0.1:4321",
    ];
    for spelling in spellings {
        let name = String::from_utf8_lossy(spelling);
        let status = status(&app.base, "X-Forwarded-For", spelling).await;
        let is_limited = status == StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(is_limited, spelling == b"127.0.0.1:4321", "{name}: {status}");
    }
    // Bytes of a client do not hide the address that the proxy adds to them.
    let status = status(&app.base, "X-Forwarded-For", b"\xff, 203.0.113.9").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn no_header_of_a_proxy_switches_limits_off() {
    let app = TestApp::with(&[(LIMIT, "3")]).await;
    for (index, (name, value)) in [
        ("X-Forwarded-For", "203.0.113.7"),
        ("Forwarded", "for=203.0.113.7"),
        ("Via", "1.1 proxy"),
        ("X-Real-IP", "203.0.113.8"),
        ("X-Forwarded-For", "127.0.0.1"),
    ]
    .into_iter()
    .enumerate()
    {
        let status = status(&app.base, name, value.as_bytes()).await;
        assert_eq!(status == StatusCode::TOO_MANY_REQUESTS, index >= 3, "{name}: {status}");
    }
    for _ in 0..10 {
        let response = app.get_raw("/health").await;
        assert_eq!(response.status(), StatusCode::OK, "this machine's own requests");
    }
}

#[tokio::test]
async fn unnamed_proxy_is_reported_once() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    for (trusted, warnings) in [("", 1), ("127.0.0.1", 0)] {
        let settings = [("DATABASE_URL", database.url.as_str()), (TRUSTED_PROXIES, trusted)];
        let server = ServerProcess::start(folder.path(), &settings);
        for _ in 0..5 {
            assert!(status(&server.base, "X-Forwarded-For", b"203.0.113.7").await.is_success());
        }
        let log = server.stop();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(TRUSTED_PROXIES)).collect();
        assert_eq!(lines.len(), warnings, "{log}");
        for line in lines {
            assert!(line.contains("WARN") && line.contains("proxy=127.0.0.1"), "{line}");
            assert!(!line.contains("203.0.113.7"), "{line}");
        }
    }
}
