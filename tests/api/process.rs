//! The program as a process: starts, stops, kills, logs, metrics and spans.

use std::{pin::pin, time::Duration};

use kuku_coach::domain::SessionId;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use crate::{
    app::{client, eventually, recording_form, webm},
    fake_collector::FakeCollector,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, text},
    server_process::{ServerProcess, command, open_folder},
};

#[tokio::test]
async fn restarted_server_continues_the_session() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    let mut settings = openai.settings();
    settings.push(("DATABASE_URL", &database.url));
    let mut server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    for turn in 1..=14 {
        assert_eq!(server.say(&id, &format!("thought {turn}")).await["success"], true);
        // The server is killed after every acknowledged turn.
        server.kill();
        server = ServerProcess::start(folder.path(), &settings);
        assert_eq!(server.history(&id).await.len(), 2 * turn);
    }
    openai.take_calls(Endpoint::Reply);
    openai.queue_faults(Endpoint::Decision, [Fault::Reply("yes")]);
    let offered = server.say(&id, "thought 15").await;
    assert_eq!(
        offered["data"]["awaitingWrapUpConfirmation"], true,
        "the wrap-up state is restored: {offered}"
    );
    let asked = openai.last_call(Endpoint::Reply);
    assert_eq!(
        asked["messages"].as_array().expect("messages").len(),
        30,
        "the coach gets the whole history"
    );
    server.kill();
    let server = ServerProcess::start(folder.path(), &settings);
    let ended = server.say(&id, "yes").await;
    assert_eq!(ended["data"]["sessionEnded"], true, "{ended}");
    let log = server.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn shutdown_waits_for_turns_in_progress() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    let mut settings = openai.settings();
    settings.push(("DATABASE_URL", &database.url));
    let mut server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    let mut idle =
        TcpStream::connect(server.base.trim_start_matches("http://")).await.expect("a connection");
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut answer = [0; 4_096];
    assert!(idle.read(&mut answer).await.expect("a response") > 0);
    openai.set_delay(Duration::from_millis(400));
    let stop = async {
        openai.wait_for_call(Endpoint::Reply).await;
        server.signal(Signal::SIGTERM);
        idle.read(&mut answer).await.expect("an end")
    };
    let reply = {
        let mut turn = pin!(server.say(&id, "one last thing"));
        let rest = tokio::select! {
            reply = &mut turn => panic!("an idle connection is still open: {reply}"),
            rest = stop => rest,
        };
        assert_eq!(rest, 0, "the idle connection was closed");
        turn.await
    };
    assert_eq!(reply["success"], true, "{reply}");
    assert!(server.wait().success());
    assert!(
        client().get(format!("{}/health", server.base)).send().await.is_err(),
        "the port is closed"
    );
    let server = ServerProcess::start(folder.path(), &settings);
    assert_eq!(server.history(&id).await.len(), 2);
}

/// As `timeout` does: to the process, and to its process group.
#[tokio::test]
async fn signal_sent_twice_at_once_waits_for_turns() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    let mut settings = openai.settings();
    settings.push(("DATABASE_URL", &database.url));
    let mut server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    openai.set_delay(Duration::from_millis(400));
    let stop = async {
        openai.wait_for_call(Endpoint::Reply).await;
        server.signal(Signal::SIGTERM);
        // Another one: two equal signals may become one.
        server.signal(Signal::SIGINT);
    };
    let (reply, ()) = tokio::join!(server.say(&id, "one last thing"), stop);
    assert_eq!(reply["success"], true, "{reply}");
    assert!(server.wait().success());
    assert!(!server.log().contains("forced"), "{}", server.log());
}

#[tokio::test]
async fn later_signal_ends_the_wait_for_turns() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    let mut settings = openai.settings();
    settings.push(("DATABASE_URL", &database.url));
    let mut server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    openai.set_delay(Duration::from_secs(60));
    let stop = async {
        openai.wait_for_call(Endpoint::Reply).await;
        while !server.log().contains("forced") {
            server.signal(Signal::SIGTERM);
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
    };
    let url = server.url(&format!("/api/sessions/{id}/messages"));
    let say = client().post(url).json(&json!({"text": "one last thing"})).send();
    tokio::select! {
        // The end may cut the request off.
        sent = say => if let Ok(response) = sent && let Ok(reply) = response.json::<Value>().await {
            assert_eq!(reply.code(), "SHUTTING_DOWN");
        },
        () = stop => {}
    }
    server.wait();
    assert!(server.log().contains("forced"), "{}", server.log());
}

#[tokio::test]
async fn banner_says_what_is_missing_and_where_accounts_are() {
    let (database, folder) = (TestDatabase::ordinary().await, open_folder());
    let url = ("DATABASE_URL", database.url.as_str());
    let server = ServerProcess::start(folder.path(), &[url, ("KUKU_DATABASE__MIGRATE", "false")]);
    let banner = server.startup_banner.clone();
    assert!(banner.starts_with("Kuku Coach runs, but is NOT READY: migrations are"), "{banner}");
    assert!(banner.contains("Accounts        off"), "{banner}");
    assert!(banner.contains("For real speech set OPENAI_API_KEY"), "{banner}");
    let log = server.stop();
    assert!(log.contains("run kuku-coach migrate"), "{log}");

    let speech = [
        url,
        ("KUKU_AUTH__MODE", "optional"),
        ("KUKU_SPEECH_TO_TEXT__PROVIDER", "command"),
        ("KUKU_SPEECH_TO_TEXT__COMMAND", r#"[["cat", "{input}"]]"#),
        ("KUKU_TEXT_TO_SPEECH__PROVIDER", "command"),
        ("KUKU_TEXT_TO_SPEECH__COMMAND", r#"[["cat", "{input}"]]"#),
    ];
    let banner = ServerProcess::start(folder.path(), &speech).startup_banner.clone();
    assert!(banner.starts_with("Kuku Coach is ready."), "{banner}");
    let secret = folder.path().join("data/jwt-secret");
    let accounts = format!("Accounts        in the database (secret: {})", secret.display());
    assert!(banner.contains(&accounts), "{banner}");
    assert!(banner.contains("Not set up: the coach's model. See"), "{banner}");
    assert!(!banner.contains("OPENAI_API_KEY"), "{banner}");
}

#[tokio::test]
async fn empty_secret_of_local_accounts_stops_the_start() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    std::fs::write(folder.path().join("data/jwt-secret"), "").expect("written");
    let settings = [("DATABASE_URL", database.url.as_str()), ("KUKU_AUTH__MODE", "optional")];
    let output = command(folder.path(), &settings).output().expect("ended");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("data/jwt-secret is too short"), "{error}");
}

/// Otherwise log lines of another thread get into it.
#[tokio::test]
async fn banner_is_one_write() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    // Each write to a datagram socket is a message.
    let (ours, theirs) = std::os::unix::net::UnixDatagram::pair().expect("a pair of sockets");
    let mut child = command(folder.path(), &[("DATABASE_URL", database.url.as_str())])
        .stdout(std::os::fd::OwnedFd::from(theirs))
        .spawn()
        .expect("started");
    let mut buffer = [0; 8_192];
    let length = ours.recv(&mut buffer).expect("a message");
    child.kill().expect("killed");
    child.wait().expect("ended");
    let text = String::from_utf8_lossy(&buffer[..length]);
    assert!(text.starts_with("Kuku Coach is ready"), "{text}");
    assert!(text.ends_with("Stop with Ctrl-C.\n"), "{text}");
}

/// Texts that the log may not contain, beside everything with "canary".
type Secrets = Vec<String>;

/// Uses a session anonymously, with faults of providers and invalid requests.
async fn use_anonymous_session(server: &ServerProcess, openai: &FakeOpenAi) -> Secrets {
    let id = server.given_session().await;
    let session = format!("/api/sessions/{id}");
    server.say(&id, "canary phrase of mine").await.data();
    for fault in
        [Fault::Garbage, Fault::Status(500), Fault::Status(401), Fault::Reply("canary reply")]
    {
        openai.queue_faults(Endpoint::Reply, [fault]);
        openai.queue_faults(Endpoint::Speech, [Fault::Garbage]);
        server.say(&id, "canary again").await;
    }
    openai.queue_transcripts(&["canary spoken"]);
    let upload = client().post(server.url(&format!("{session}/messages")));
    let upload = upload.multipart(recording_form(webm(6_000), "audio/webm"));
    upload.reply().await.data();
    openai.queue_transcripts(&["canary unanswered"]);
    openai.queue_faults(Endpoint::Reply, [Fault::Status(401)]);
    let upload = client().post(server.url(&format!("{session}/messages")));
    let upload = upload.multipart(recording_form(webm(6_001), "audio/webm"));
    assert_eq!(upload.reply().await.code(), "COACH_UNAVAILABLE");
    server.say(&id, "go on").await.data();
    server.get("/api/search/messages?q=canary").await;
    server.get("/canary/path?canary=1").await;
    for (path, json) in [
        ("end", json!({})),
        ("rating", json!({"rating": 5, "feedback": "canary feedback"})),
        ("rating", json!({"rating": "canary"})),
        ("rating", json!({"rating": 6})),
        ("messages", json!({"text": "canary\u{0}"})),
    ] {
        server.post(&format!("{session}/{path}"), json).await;
    }
    vec![id]
}

/// Signs up, logs in, and reads with the token.
async fn use_account(server: &ServerProcess, email: &str) -> Secrets {
    let credentials = json!({"email": email, "password": "canary-password"});
    server.post("/api/auth/signup", credentials.clone()).await;
    let login = server.post("/api/auth/login", credentials).await;
    let access = text(&login.data()["accessToken"]);
    let refresh = text(&login.data()["refreshToken"]);
    let http = client();
    let create = http.post(server.url("/api/sessions")).bearer_auth(&access);
    let id = create.reply().await.session_id();
    for path in [
        format!("/api/sessions/{id}"),
        format!("/api/sessions/{id}/messages"),
        "/api/search/messages?q=canary".into(),
        "/api/sessions".into(),
        "/api/users/me/export".into(),
    ] {
        let request = http.get(server.url(&path)).bearer_auth(&access);
        assert_eq!(request.response().await.status(), 200, "{path}");
    }
    for (method, json) in [
        (reqwest::Method::PUT, json!({"text": "canary of a memory"})),
        (reqwest::Method::PUT, json!({"text": ["canary"]})),
        (reqwest::Method::GET, Value::Null),
    ] {
        let request = http.request(method, server.url("/api/users/me/memory")).bearer_auth(&access);
        request.json(&json).response().await;
    }
    let ended = format!("/api/sessions/{id}");
    for (path, json) in [("messages", json!({"text": "canary again"})), ("end", json!({}))] {
        let request = http.post(server.url(&format!("{ended}/{path}"))).bearer_auth(&access);
        request.json(&json).reply().await.data();
    }
    eventually("the session is merged", async || {
        let request = http.get(server.url("/api/users/me/memory")).bearer_auth(&access);
        request.reply().await.data()["sessions"] == 1
    })
    .await;
    // The second request gets the same tokens.
    for _ in 0..2 {
        let json = json!({ "refreshToken": refresh });
        server.post("/api/auth/refresh", json).await;
    }
    vec![id, access, refresh]
}

#[tokio::test]
async fn log_holds_no_transcript_and_no_key() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let openai = FakeOpenAi::spawn().await;
    // A password in the address is ignored if the test server needs none.
    let url = if database.url.contains('@') {
        database.url.clone()
    } else {
        format!("{}&password=canary-password", database.url)
    };
    for format in ["text", "json"] {
        let mut settings = openai.settings();
        settings.extend([
            ("DATABASE_URL", url.as_str()),
            ("RUST_LOG", "trace"),
            ("KUKU_LOG__FORMAT", format),
            ("KUKU_AUTH__MODE", "optional"),
        ]);
        let server = ServerProcess::start(folder.path(), &settings);
        let mut secrets = use_anonymous_session(&server, &openai).await;
        secrets.extend(use_account(&server, &format!("{format}@canary.example")).await);
        // The keys of their rows are as secret as the ids of sessions.
        let ids = secrets.iter().filter_map(|secret| SessionId::parse(secret));
        let keys: Vec<Uuid> = ids.map(|id| id.key()).collect();
        secrets.extend(keys.iter().flat_map(|key| [key.to_string(), key.simple().to_string()]));
        let log = server.stop();
        for line in log.lines() {
            assert!(!line.contains("canary"), "{line}");
            assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
            if format == "json" {
                let entry: Value = serde_json::from_str(line).expect(line);
                assert!(entry["level"].is_string(), "{entry}");
            }
        }
        assert!(log.contains("COACH_UNAVAILABLE") && log.contains("RATING_OUT_OF_RANGE"), "{log}");
        let requests = log.matches("request completed").count();
        assert!(requests >= 10, "{log}");
    }
}

#[tokio::test]
async fn log_names_the_reason_of_a_refused_token() {
    let folder = open_folder();
    let server = ServerProcess::start(folder.path(), &[("KUKU_AUTH__MODE", "optional")]);
    let account = server.post("/api/auth/anonymous", json!({})).await;
    let token = text(&account.data()["accessToken"]);
    let (signed, _) = token.rsplit_once('.').expect("three parts");
    let forged = format!("{signed}.{}", "A".repeat(43));
    let request = client().get(server.url("/api/sessions")).bearer_auth(&forged);
    assert_eq!(request.response().await.status(), 401);
    let log = server.stop();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("token refused")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("signature") && !log.contains(signed), "{log}");
}

#[tokio::test]
async fn invalid_http_is_refused_without_an_error_log() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let server = ServerProcess::start(folder.path(), &[("DATABASE_URL", &database.url)]);
    let address = server.base.strip_prefix("http://").expect("an address");
    for bad in [
        &b"good morning\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: \x01\r\n\r\n",
        b"POST /api/sessions HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
        // A TLS ClientHello.
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n",
        // A connection closed within the headers.
        b"GET / HTTP/1.1\r\nho",
    ] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(bad).await.expect("sent");
        stream.shutdown().await.expect("no more to say");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an end");
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"),
            "{:?}",
            bad.escape_ascii()
        );
    }
    server.given_session().await;
    let log = server.stop();
    assert!(!log.contains("ERROR") && log.contains("request completed"), "{log}");
    assert!(log.contains("requests refused") && log.contains("INVALID_HTTP"), "{log}");
}

#[tokio::test]
async fn start_up_error_is_one_line() {
    let folder = open_folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for (settings, expected) in [
        (vec![("PORT", port.as_str())], "cannot listen on 127.0.0.1:"),
        (vec![("PORT", "http")], "PORT (environment or .env)"),
        (vec![("KUKU_DATABSE__URL", "x")], "databse"),
        (
            vec![(
                "DATABASE_URL",
                "postgres://u:canary@aws-0-eu.pooler.supabase.com:6543/postgres",
            )],
            "session pooler",
        ),
        (
            vec![("DATABASE_URL", "postgres://u:canary@127.0.0.1:1/x")],
            "cannot connect to the database at 127.0.0.1:1",
        ),
        (vec![("DATABASE_URL", "mysql://u:canary@h/x")], "DATABASE_URL"),
        (vec![("DATABASE_URL", "postgres://u:canary/canary@h/x")], "percent-encoded"),
        (vec![("DATABASE_URL", "postgres://u:canary?canary@h/x")], "percent-encoded"),
        (vec![("DATABASE_URL", "postgres://u:[YOUR-PASSWORD]@h/x")], "placeholder"),
        (vec![("KUKU_COACH__PROVIDER", "openai")], "OPENAI_API_KEY"),
        (vec![("KUKU_DATA_DIR", "/proc/nowhere")], "KUKU_DATA_DIR"),
        (vec![("RUST_LOG", "=====")], "RUST_LOG"),
    ] {
        let output = command(folder.path(), &settings).output().expect("ran");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{settings:?}");
        assert!(error.contains(expected), "{settings:?}: {error}");
        assert!(!error.contains("canary"), "{error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[tokio::test]
async fn metrics_have_their_own_port_and_no_client_data() {
    let (database, folder, openai) =
        (TestDatabase::new().await, open_folder(), FakeOpenAi::spawn().await);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let mut settings = openai.settings();
    settings.extend([
        ("DATABASE_URL", database.url.as_str()),
        ("KUKU_METRICS__ADDRESS", address.as_str()),
        // A turn is answered after its speech, which is counted below.
        ("KUKU_RESPOND_BEFORE_AUDIO", "false"),
    ]);
    let server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    openai.queue_faults(Endpoint::Speech, [Fault::Status(503)]);
    server.say(&id, "canary").await;
    openai.queue_faults(Endpoint::Reply, [Fault::Status(401)]);
    server.say(&id, "canary again").await;
    server.get("/canary/path").await;
    server.get("/api/search/messages?q=canary").await;
    let turn = client()
        .post(format!("{}/api/sessions/{id}/messages", server.base))
        .json(&json!({"text": "how long"}))
        .response()
        .await;
    let timing = turn.headers()["server-timing"].to_str().expect("text").to_owned();
    assert!(timing.starts_with("listen;dur=0.0, answer;dur="), "{timing}");
    let metrics = client().get(format!("http://{address}/metrics")).response().await;
    let metrics = metrics.text().await.expect("text");
    for line in [
        "kuku_http_requests_total{route=\"/api/sessions\",method=\"POST\",status=\"200\"} 1",
        "kuku_http_requests_total{route=\"unknown\",method=\"GET\",status=\"404\"} 1",
        "kuku_turns_total{outcome=\"stored\"} 2",
        "kuku_turns_total{outcome=\"failed\"} 1",
        "kuku_provider_errors_total{stage=\"reply\"} 1",
        "kuku_turn_stage_duration_seconds_count{stage=\"commit\"} 2",
        "kuku_turn_stage_duration_seconds_count{stage=\"text_to_speech\"} 2",
        "kuku_http_request_duration_seconds_count{route=\"/api/search/messages\",method=\"GET\"} 1",
        // The status of the first is 200.
        "kuku_errors_total{code=\"COACH_UNAVAILABLE\"} 1",
        "kuku_errors_total{code=\"UNKNOWN_ROUTE\"} 1",
        "kuku_build_info{version=\"",
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "kuku_cached_sessions ",
        "kuku_database_connections{state=\"idle\"} ",
        "kuku_database_pool_waiting 0",
        "kuku_log_lines_dropped_total 0",
        // One call found no Realtime API, and another one was retried.
        "kuku_provider_calls_total{provider=\"text_to_speech\"} 3",
        "kuku_provider_attempts_total{provider=\"text_to_speech\"} 4",
    ] {
        assert!(metrics.contains(line), "{line}:\n{metrics}");
    }
    assert!(!metrics.contains("canary") && !metrics.contains(&id), "{metrics}");
    let public = client().get(format!("{}/metrics", server.base)).response().await;
    assert_eq!(public.status(), 404, "not on the public listener");
    let port = server.base.rsplit(':').next().expect("a port").to_owned();
    let ready = |port: &str| {
        command(folder.path(), &[("PORT", port)]).arg("ready").output().expect("ended")
    };
    assert!(ready(&port).status.success());
    assert!(!ready("1").status.success());
    server.stop();
}

#[tokio::test]
async fn exported_spans_hold_no_transcript() {
    let (database, folder, openai) =
        (TestDatabase::new().await, open_folder(), FakeOpenAi::spawn().await);
    let collector = FakeCollector::spawn();
    let mut settings = openai.settings();
    settings.extend([
        ("DATABASE_URL", database.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()),
    ]);
    let server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    assert_eq!(server.say(&id, "canary").await["success"], true);
    server.get("/canary/path").await;
    // The last spans are exported at shutdown.
    server.stop();
    let spans = collector.received();
    for part in [
        "kuku-coach",
        "POST /api/sessions/{session_id}/messages",
        "GET unknown",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "service.instance.id",
        "service.version",
        "reply",
        "commit",
        "text_to_speech",
    ] {
        assert!(spans.contains(part), "{part}:\n{spans}");
    }
    assert!(!spans.contains("canary") && !spans.contains(&id), "{spans}");
}

#[tokio::test]
async fn log_of_an_sse_turn_has_its_request_id() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let server = ServerProcess::start(folder.path(), &[("DATABASE_URL", &database.url)]);
    let id = server.given_session().await;
    let turn = client()
        .post(server.url(&format!("/api/sessions/{id}/messages")))
        .header("Accept", "text/event-stream")
        .json(&json!({ "text": "hello" }));
    let response = turn.response().await;
    let request_id = response.headers()["x-request-id"].to_str().expect("an id").to_owned();
    let events = response.text().await.expect("events");
    assert!(events.contains("event: done"), "{events}");
    let log = server.stop();
    let stored = log.lines().find(|line| line.contains("turn stored")).expect("a line");
    assert!(stored.contains(&request_id), "{stored}");
}

#[tokio::test]
async fn unreachable_collector_loses_spans_and_no_requests() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let collector = FakeCollector::spawn();
    let endpoint = collector.endpoint.clone();
    collector.stop().await;
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
    ];
    let server = ServerProcess::start(folder.path(), &settings);
    let id = server.given_session().await;
    assert_eq!(server.say(&id, "hello").await["success"], true);
    let log = server.stop();
    assert!(log.contains("OTLP export"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}
