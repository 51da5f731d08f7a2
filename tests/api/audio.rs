//! Reply audio over HTTP.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Method, StatusCode,
    header::{self, HeaderName},
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::{
    app::{TestApp, client},
    fake_openai::{Endpoint, FakeOpenAi, Fault, MP3, SpeechEnd},
    fake_s3::{FakeS3, FaultMode},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, refusal, text},
    server_process::{ServerProcess, command, open_folder},
};

#[tokio::test]
async fn audio_of_a_session_erased_during_speech_is_not_stored() {
    for early in ["false", "true"] {
        let (openai, resume) = (FakeOpenAi::spawn().await, Arc::new(Notify::new()));
        openai.queue_faults(
            Endpoint::Speech,
            [Fault::PausedSpeech(
                Arc::clone(&resume),
                SpeechEnd::Complete,
            )],
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
    assert_eq!(
        path,
        format!("/audio/{}.mp3", text(&turn.coach_message()["id"]))
    );

    let whole = app
        .http
        .get(app.url(&path))
        .header(header::ORIGIN, "https://coach.example")
        .response()
        .await;
    assert_eq!(whole.status(), StatusCode::OK);
    let headers = whole.headers().clone();
    assert_eq!(headers[header::CONTENT_TYPE], "audio/mpeg");
    assert_eq!(headers[header::ACCEPT_RANGES], "bytes");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(whole.bytes().await.expect("bytes"), MP3);

    let part = app
        .http
        .get(app.url(&path))
        .header(header::RANGE, "bytes=0-2")
        .response()
        .await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.headers()[header::CONTENT_RANGE],
        format!("bytes 0-2/{}", MP3.len())
    );
    assert_eq!(part.bytes().await.expect("bytes").as_ref(), b"ID3");

    let beyond = app
        .http
        .get(app.url(&path))
        .header(header::RANGE, "bytes=9999-")
        .response()
        .await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);

    let known = app
        .http
        .get(app.url(&path))
        .header(header::IF_NONE_MATCH, headers[header::ETAG].clone())
        .response()
        .await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);

    let head = app.http.head(app.url(&path)).response().await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(
        head.headers()[header::CONTENT_LENGTH],
        MP3.len().to_string()
    );
}

#[tokio::test]
async fn audio_in_an_object_store_is_served_by_every_server() {
    let (database, openai, s3) = (
        TestDatabase::new().await,
        FakeOpenAi::spawn().await,
        FakeS3::spawn().await,
    );
    let folders = [open_folder(), open_folder()];
    let mut variables = [openai.settings(), s3.settings()].concat();
    variables.push(("DATABASE_URL", &database.url));
    let [one, two] = folders
        .each_ref()
        .map(|folder| ServerProcess::start(folder.path(), &variables));
    let id = one.given_session().await;
    let turn = one.say(&id, "hello there").await;
    let path = turn.audio_url();
    assert_eq!(
        s3.object_names(),
        [format!("replies/{}", path.trim_start_matches("/audio/"))]
    );
    assert_eq!(two.history(&id).await[1]["audioUrl"], path);

    let http = client();
    let get = async |method: Method, header: Option<(HeaderName, &str)>| {
        let request = http.request(method, format!("{}{path}", two.base));
        let request = header.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        request.response().await
    };
    let whole = get(Method::GET, None).await;
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(whole.headers()[header::CONTENT_TYPE], "audio/mpeg");
    assert_eq!(whole.headers()[header::ACCEPT_RANGES], "bytes");
    assert_eq!(
        whole.headers()[header::CONTENT_LENGTH],
        MP3.len().to_string()
    );
    let tag = whole.headers()[header::ETAG]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(whole.bytes().await.expect("bytes"), MP3);
    let size = MP3.len();
    for (range, content_range, bytes) in [
        ("bytes=0-2", format!("bytes 0-2/{size}"), &MP3[..3]),
        (
            "bytes=1990-",
            format!("bytes 1990-1999/{size}"),
            &MP3[1990..],
        ),
        (
            "bytes=1990-5000",
            format!("bytes 1990-1999/{size}"),
            &MP3[1990..],
        ),
        ("bytes=-5", format!("bytes 1995-1999/{size}"), &MP3[1995..]),
    ] {
        let part = get(Method::GET, Some((header::RANGE, range))).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(
            part.headers()[header::CONTENT_RANGE],
            content_range,
            "{range}"
        );
        assert_eq!(part.bytes().await.expect("bytes"), bytes, "{range}");
    }
    let beyond = get(Method::GET, Some((header::RANGE, "bytes=9999-"))).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        beyond.headers()[header::CONTENT_RANGE],
        format!("bytes */{size}")
    );
    let several = get(Method::GET, Some((header::RANGE, "bytes=0-1,5-6"))).await;
    assert_eq!(
        several.status(),
        StatusCode::OK,
        "several ranges are ignored"
    );
    let known = get(Method::GET, Some((header::IF_NONE_MATCH, &tag))).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let head = get(Method::HEAD, None).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()[header::CONTENT_LENGTH], size.to_string());
    let gone = http
        .get(format!("{}/audio/msg-gone.mp3", two.base))
        .response()
        .await;
    assert_eq!(
        refusal(gone).await,
        (StatusCode::NOT_FOUND, "AUDIO_NOT_FOUND".into())
    );

    // A refusing store loses the audio. Its error text reaches neither the client nor the log.
    s3.set_mode(FaultMode::Forbidden);
    let silent = one.say(&id, "hello again").await;
    assert_eq!(silent["success"], true, "{silent}");
    assert_eq!(silent["data"]["messages"][1]["audioUrl"], Value::Null);
    let refused = get(Method::GET, None).await;
    assert_eq!(
        refusal(refused).await,
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "AUDIO_STORE_UNAVAILABLE".into()
        )
    );
    let log = [one.stop(), two.stop()].concat();
    assert!(log.contains("the reply goes without audio"), "{log}");
    assert!(
        !log.contains("canary-secret") && !log.contains(path.trim_start_matches("/audio/")),
        "{log}"
    );
}

#[tokio::test]
async fn broken_audio_download_is_logged_without_the_file_name() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let (openai, s3) = (FakeOpenAi::spawn().await, FakeS3::spawn().await);
    let mut variables = [openai.settings(), s3.settings()].concat();
    variables.push(("DATABASE_URL", &database.url));
    let server = ServerProcess::start(folder.path(), &variables);
    let id = server.given_session().await;
    let turn = server.say(&id, "hello there").await;
    let path = turn.audio_url();
    s3.set_mode(FaultMode::Cut);
    let response = client()
        .get(format!("{}{path}", server.base))
        .response()
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    response.bytes().await.expect_err("half of it");
    let log = server.stop();
    assert!(log.contains("request failed"), "{log}");
    assert!(
        !log.contains(path.trim_start_matches("/audio/").trim_end_matches(".mp3")),
        "{log}"
    );
}

#[tokio::test]
async fn old_audio_in_an_object_store_is_swept_and_other_files_kept() {
    let (database, folder, s3) = (
        TestDatabase::new().await,
        open_folder(),
        FakeS3::spawn().await,
    );
    s3.put("replies/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3", "old");
    s3.put("replies/holiday.jpeg", "somebody's");
    s3.put(
        "elsewhere/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3",
        "somebody's",
    );
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
        [
            "elsewhere/msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3",
            "replies/holiday.jpeg"
        ]
    );
}

#[tokio::test]
async fn invalid_audio_store_stops_the_start_with_its_name() {
    let folder = open_folder();
    for address in ["audio", "http://127.0.0.1/audio", "file://audio", "s3://"] {
        let output = command(folder.path(), &[("KUKU_AUDIO_STORE", address)])
            .output()
            .expect("ended");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{address}");
        assert!(text.contains("KUKU_AUDIO_STORE"), "{address}: {text}");
    }
}

#[tokio::test]
async fn audio_route_serves_only_reply_audio() {
    let app = TestApp::spawn().await;
    std::fs::write(app.data_dir.path().join("secret.mp3"), "secret").expect("written");
    std::fs::write(app.data_dir.path().join("audio/.draft-x.mp3"), "draft").expect("written");
    let port = app
        .base
        .rsplit(':')
        .next()
        .expect("a port")
        .parse::<u16>()
        .expect("a number");
    for path in [
        "/audio/", "/audio/gone.mp3", "/audio/../secret.mp3", "/audio/%2e%2e/secret.mp3",
        "/audio/..%2fsecret.mp3", "/audio/....//secret.mp3", "/audio/.draft-x.mp3", "/audio/x",
        "/audio//etc/passwd", "/audio/%00.mp3",
    ] {
        // Written to a socket, because HTTP clients normalise such paths.
        let answer = raw_get(port, path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("\"success\":false"), "{path}: {answer}");
        assert!(
            !answer.contains("secret") && !answer.contains("draft"),
            "{path}: {answer}"
        );
    }
    let response = app
        .http
        .request(Method::GET, app.url("/audio/gone.mp3"))
        .response()
        .await;
    assert_eq!(
        refusal(response).await,
        (StatusCode::NOT_FOUND, "AUDIO_NOT_FOUND".into())
    );
}

async fn raw_get(port: u16, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read");
    String::from_utf8_lossy(&answer).into_owned()
}
