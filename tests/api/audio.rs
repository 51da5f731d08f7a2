//! Reply audio over HTTP.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Method, Response, StatusCode,
    header::{self, HeaderName},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::{
    app::{TestApp, client, eventually},
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3, SpeechEnd},
    fake_s3::{FakeS3, FaultMode},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, header_text, refusal, text},
    server_process::{ServerProcess, command, open_folder},
};

#[tokio::test]
async fn audio_of_a_session_erased_during_speech_is_not_stored() {
    for early in ["false", "true"] {
        let (openai, resume) = (FakeOpenAi::spawn().await, Arc::new(Notify::new()));
        openai.queue_faults(
            Endpoint::Speech,
            [Fault::PausedSpeech(Arc::clone(&resume), SpeechEnd::Complete)],
        );
        let app = TestApp::builder()
            .with_openai(&openai)
            .with_setting("KUKU_RESPOND_BEFORE_AUDIO", early)
            .spawn()
            .await;
        let id = app.given_session().await;
        let erased = async {
            while app.history(&id).await.len() < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let url = app.url(&format!("/api/sessions/{id}"));
            let erased = app.http.delete(url).response().await;
            assert_eq!(erased.status(), StatusCode::OK);
            resume.notify_one();
        };
        let (turn, ()) = tokio::join!(app.say(&id, "hello there"), erased);
        assert_eq!(turn["success"], true, "{turn}");
        let path = format!("/audio/{}.mp3", text(&turn.coach_message()["id"]));
        // With an early response the speech continues after it.
        wait_until_gone(&app, &path).await;
        assert_eq!(app.files("audio"), [""; 0], "early: {early}");
    }
}

/// Waits until the audio is neither streamed nor stored.
async fn wait_until_gone(app: &TestApp, path: &str) {
    for _ in 0..100 {
        let response = app.get_raw(path).await;
        if response.status() == StatusCode::NOT_FOUND && app.files("audio").is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn reply_audio_supports_ranges_and_head_requests() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::builder().with_openai(&openai).spawn().await;
    let id = app.given_session().await;
    let turn = app.say(&id, "hello there").await;
    let path = turn.audio_url();
    assert_eq!(path, format!("/audio/{}.mp3", text(&turn.coach_message()["id"])));
    eventually("the audio is stored", async || app.files("audio").len() == 1).await;

    let whole = app
        .http
        .get(app.url(&path))
        .header(header::ORIGIN, "http://localhost:5173")
        .response()
        .await;
    assert_eq!(whole.status(), StatusCode::OK);
    let headers = whole.headers().clone();
    assert_eq!(headers[header::CONTENT_TYPE], "audio/mpeg");
    assert_eq!(headers[header::ACCEPT_RANGES], "bytes");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "http://localhost:5173");
    assert_eq!(whole.bytes().await.expect("bytes"), MP3);

    let part = app.http.get(app.url(&path)).header(header::RANGE, "bytes=0-2").response().await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()[header::CONTENT_RANGE], format!("bytes 0-2/{}", MP3.len()));
    assert_eq!(part.bytes().await.expect("bytes").as_ref(), b"ID3");

    let beyond = app.http.get(app.url(&path)).header(header::RANGE, "bytes=9999-").response().await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);

    // Ranges that are not valid, or of other audio, are ignored.
    let tag = headers[header::ETAG].to_str().expect("text");
    let date = headers[header::LAST_MODIFIED].to_str().expect("text");
    for (range, if_range, status) in [
        ("bytes=0-2", Some(tag), StatusCode::PARTIAL_CONTENT),
        ("bytes=0-2", Some(date), StatusCode::PARTIAL_CONTENT),
        ("bytes=0-2", Some("\"another\""), StatusCode::OK),
        ("bytes=0-2", Some("Mon, 06 Jan 2020 10:00:00 GMT"), StatusCode::OK),
        ("bytes=9999-", Some("\"another\""), StatusCode::OK),
        ("bytes=-0", None, StatusCode::RANGE_NOT_SATISFIABLE),
        ("bytes=5-2", None, StatusCode::OK),
        ("bytes=a-b", None, StatusCode::OK),
        ("bytes=", None, StatusCode::OK),
        ("bytes=0-1,x", None, StatusCode::OK),
        ("bytes=0-1,5-6", None, StatusCode::OK),
        ("seconds=0-2", None, StatusCode::OK),
        ("0-2", None, StatusCode::OK),
        ("bytes=0-\u{e9}", None, StatusCode::OK),
    ] {
        let request = app.http.get(app.url(&path)).header(header::RANGE, range);
        let request = if_range.into_iter().fold(request, |r, tag| r.header(header::IF_RANGE, tag));
        let response = request.response().await;
        assert_eq!(response.status(), status, "{range} {if_range:?}");
        if status == StatusCode::OK {
            assert_eq!(response.headers()[header::CONTENT_LENGTH], MP3.len().to_string());
            assert_eq!(response.headers()[header::ETAG], tag);
            assert!(!response.headers().contains_key(header::CONTENT_RANGE), "{range}");
            assert_eq!(response.bytes().await.expect("bytes"), MP3, "{range}");
        }
    }

    let known = app.http.get(app.url(&path)).header(header::IF_NONE_MATCH, tag).response().await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);

    let head = app.http.head(app.url(&path)).response().await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()[header::CONTENT_LENGTH], MP3.len().to_string());
}

/// Two servers that share a database and an object store, with one turn taken on the first.
struct TwoServers {
    _database: TestDatabase,
    _openai: FakeOpenAi,
    _folders: [TempDir; 2],
    s3: FakeS3,
    first: ServerProcess,
    second: ServerProcess,
    session: String,
    /// The audio of the turn.
    path: String,
}

impl TwoServers {
    async fn start() -> Self {
        let (database, openai, s3) =
            (TestDatabase::new().await, FakeOpenAi::spawn().await, FakeS3::spawn().await);
        let folders = [open_folder(), open_folder()];
        let mut settings = [openai.settings(), s3.settings()].concat();
        settings.push(("DATABASE_URL", &database.url));
        // Once a turn is answered, its audio is stored.
        settings.push(("KUKU_RESPOND_BEFORE_AUDIO", "false"));
        let [first, second] =
            folders.each_ref().map(|folder| ServerProcess::start(folder.path(), &settings));
        let session = first.given_session().await;
        let path = first.say(&session, "hello there").await.audio_url();
        Self {
            _database: database,
            _openai: openai,
            _folders: folders,
            s3,
            first,
            second,
            session,
            path,
        }
    }

    fn file_name(&self) -> &str {
        self.path.trim_start_matches("/audio/")
    }

    /// Requests the audio from the server that did not make it.
    async fn fetch(&self, method: Method, headers: &[(HeaderName, &str)]) -> Response {
        let request = client().request(method, self.second.url(&self.path));
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        request.response().await
    }
}

#[tokio::test]
async fn audio_in_an_object_store_is_served_by_every_server() {
    let servers = TwoServers::start().await;
    let stored = format!("replies/{}", servers.file_name());
    assert_eq!(servers.s3.object_names(), [stored]);
    let history = servers.second.history(&servers.session).await;
    assert_eq!(history[1]["audioUrl"], servers.path);

    let whole = servers.fetch(Method::GET, &[]).await;
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(header_text(&whole, "content-type"), "audio/mpeg");
    assert_eq!(header_text(&whole, "accept-ranges"), "bytes");
    assert_eq!(header_text(&whole, "content-length"), "2000");
    let tag = header_text(&whole, "etag");
    assert_eq!(whole.bytes().await.expect("bytes"), MP3);
    let known = servers.fetch(Method::GET, &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let head = servers.fetch(Method::HEAD, &[]).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(header_text(&head, "content-length"), "2000");
    let missing = servers.second.url("/audio/msg-gone.mp3");
    let missing = client().get(missing).response().await;
    assert_eq!(refusal(missing).await, (StatusCode::NOT_FOUND, "AUDIO_NOT_FOUND".into()));
}

#[tokio::test]
async fn audio_in_an_object_store_is_served_in_ranges() {
    let servers = TwoServers::start().await;
    for (range, content_range, bytes) in [
        ("bytes=0-2", "bytes 0-2/2000", &MP3[..3]),
        ("bytes=1990-", "bytes 1990-1999/2000", &MP3[1990..]),
        ("bytes=1990-5000", "bytes 1990-1999/2000", &MP3[1990..]),
        ("bytes=-5", "bytes 1995-1999/2000", &MP3[1995..]),
    ] {
        let part = servers.fetch(Method::GET, &[(header::RANGE, range)]).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(header_text(&part, "content-range"), content_range);
        assert_eq!(part.bytes().await.expect("bytes"), bytes, "{range}");
    }
    let headers = [(header::RANGE, "bytes=9999-")];
    let beyond = servers.fetch(Method::GET, &headers).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header_text(&beyond, "content-range"), "bytes */2000");
    // Several ranges at once, invalid ones and those of other audio are ignored.
    for (range, if_range) in
        [("bytes=0-1,5-6", None), ("bytes=5-2", None), ("bytes=0-2", Some("\"another\""))]
    {
        let mut headers = vec![(header::RANGE, range)];
        headers.extend(if_range.map(|tag| (header::IF_RANGE, tag)));
        let whole = servers.fetch(Method::GET, &headers).await;
        assert_eq!(whole.status(), StatusCode::OK, "{range}");
    }
}

#[tokio::test]
async fn refusing_object_store_loses_the_audio_not_the_turn() {
    let servers = TwoServers::start().await;
    servers.s3.set_mode(FaultMode::Forbidden);
    let turn = servers.first.say(&servers.session, "hello again").await;
    assert_eq!(turn.coach_message()["audioUrl"], Value::Null);
    let response = servers.fetch(Method::GET, &[]).await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::SERVICE_UNAVAILABLE, "AUDIO_STORE_UNAVAILABLE".into())
    );
    // The store's error text names the file, which the log may not.
    let name = servers.file_name().to_owned();
    let log = [servers.first.stop(), servers.second.stop()].concat();
    assert!(log.contains("the reply goes without audio"), "{log}");
    assert!(!log.contains("canary-secret") && !log.contains(&name), "{log}");
}

#[tokio::test]
async fn broken_audio_download_is_logged_without_the_file_name() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let (openai, s3) = (FakeOpenAi::spawn().await, FakeS3::spawn().await);
    let mut variables = [openai.settings(), s3.settings()].concat();
    variables.push(("DATABASE_URL", &database.url));
    variables.push(("KUKU_RESPOND_BEFORE_AUDIO", "false"));
    let server = ServerProcess::start(folder.path(), &variables);
    let id = server.given_session().await;
    let turn = server.say(&id, "hello there").await;
    let path = turn.audio_url();
    s3.set_mode(FaultMode::Cut);
    let response = client().get(format!("{}{path}", server.base)).response().await;
    assert_eq!(response.status(), StatusCode::OK);
    response.bytes().await.expect_err("half of it");
    let log = server.stop();
    assert!(log.contains("request failed"), "{log}");
    assert!(!log.contains(path.trim_start_matches("/audio/").trim_end_matches(".mp3")), "{log}");
}

#[tokio::test]
async fn old_audio_in_an_object_store_is_swept_and_other_files_kept() {
    let (database, folder, s3) = (TestDatabase::new().await, open_folder(), FakeS3::spawn().await);
    s3.put("replies/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3", "old");
    s3.put("replies/holiday.jpeg", "somebody's");
    s3.put("elsewhere/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3", "somebody's");
    let mut variables = s3.settings();
    variables.push(("DATABASE_URL", &database.url));
    let _server = ServerProcess::start(folder.path(), &variables);
    for _ in 0..200 {
        if s3.object_names().len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(
        s3.object_names(),
        ["elsewhere/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3", "replies/holiday.jpeg"]
    );
}

#[tokio::test]
async fn invalid_audio_store_stops_the_start_with_its_name() {
    let folder = open_folder();
    for address in [
        "audio",
        "http://127.0.0.1/audio",
        "file://audio",
        "s3://",
        "s3://id:secret@bucket/replies",
        "s3://bucket?key=secret",
        "https://id:secret@127.0.0.1/audio",
    ] {
        let output =
            command(folder.path(), &[("KUKU_AUDIO_STORE", address)]).output().expect("ended");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{address}");
        assert!(text.contains("KUKU_AUDIO_STORE"), "{address}: {text}");
        assert!(!text.contains("secret"), "{address}: {text}");
    }
}

#[tokio::test]
async fn audio_route_serves_only_reply_audio() {
    let app = TestApp::spawn().await;
    std::fs::write(app.data_dir.path().join("secret.mp3"), "secret").expect("written");
    std::fs::write(app.data_dir.path().join("audio/.draft-x.mp3"), "draft").expect("written");
    let port = app.base.rsplit(':').next().expect("a port").parse::<u16>().expect("a number");
    for path in [
        "/audio/",
        "/audio/gone.mp3",
        "/audio/../secret.mp3",
        "/audio/%2e%2e/secret.mp3",
        "/audio/..%2fsecret.mp3",
        "/audio/....//secret.mp3",
        "/audio/.draft-x.mp3",
        "/audio/x",
        "/audio//etc/passwd",
        "/audio/%00.mp3",
    ] {
        // Written to a socket, because HTTP clients normalise such paths.
        let answer = raw_get(port, path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("\"success\":false"), "{path}: {answer}");
        assert!(!answer.contains("secret") && !answer.contains("draft"), "{path}: {answer}");
    }
    let response = app.http.request(Method::GET, app.url("/audio/gone.mp3")).response().await;
    assert_eq!(refusal(response).await, (StatusCode::NOT_FOUND, "AUDIO_NOT_FOUND".into()));
}

async fn raw_get(port: u16, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read");
    String::from_utf8_lossy(&answer).into_owned()
}
