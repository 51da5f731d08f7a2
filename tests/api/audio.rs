//! Reply audio over HTTP.

use reqwest::{Method, StatusCode, header};

use crate::{
    app::{TestApp, refusal, text},
    fake_openai::{FakeOpenAi, MP3},
};

#[tokio::test]
async fn a_reply_is_served_whole_in_parts_and_by_its_head() {
    let openai = FakeOpenAi::spawn().await;
    let app = TestApp::with(&openai.variables()).await;
    let id = app.given_session().await;
    let turn = app.say(&id, "hello there").await;
    let path = text(&turn["data"]["messages"][1]["audioUrl"]);
    assert_eq!(path, format!("/audio/{}.mp3", text(&turn["data"]["messages"][1]["id"])));

    let whole = app
        .http
        .get(app.url(&path))
        .header(header::ORIGIN, "https://coach.example")
        .send()
        .await
        .expect("an answer");
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
        .send()
        .await
        .expect("an answer");
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
        .send()
        .await
        .expect("an answer");
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);

    let known = app
        .http
        .get(app.url(&path))
        .header(header::IF_NONE_MATCH, headers[header::ETAG].clone())
        .send()
        .await
        .expect("an answer");
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);

    let head = app.http.head(app.url(&path)).send().await.expect("an answer");
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()[header::CONTENT_LENGTH], MP3.len().to_string());
}

#[tokio::test]
async fn nothing_else_is_served() {
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
        "/audio/", "/audio/gone.mp3", "/audio/../secret.mp3", "/audio/%2e%2e/secret.mp3", "/audio/..%2fsecret.mp3",
        "/audio/....//secret.mp3", "/audio/.draft-x.mp3", "/audio/x", "/audio//etc/passwd", "/audio/%00.mp3",
    ] {
        // By hand: clients tidy such paths up.
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
        .send()
        .await
        .expect("an answer");
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
