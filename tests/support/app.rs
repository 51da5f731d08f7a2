//! The server in this process, on a port and a database of its own, and a client for it.

use std::{collections::BTreeMap, path::Path};

use kuku_coach::{server::Application, settings::Settings};
use reqwest::{Client, Response, StatusCode, multipart};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::postgres::TestDatabase;

pub struct TestApp {
    pub base: String,
    pub http: Client,
    pub database: TestDatabase,
    pub data_dir: TempDir,
    /// The server stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

impl TestApp {
    /// With the offline coach, and without speech.
    pub async fn spawn() -> Self {
        Self::with(&[]).await
    }

    /// With these settings, by the names that they have in the environment.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::on(TestDatabase::new().await, variables).await
    }

    /// On a database that exists already.
    pub async fn on(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        let data_dir = tempfile::tempdir().expect("a folder");
        let settings = settings(&database.url, data_dir.path(), variables);
        let application = Application::build(&settings)
            .await
            .expect("the server starts");
        let base = format!("http://{}", application.address());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(application.run_until(
            async {
                // A dropped sender stops it as well.
                stopped.await.ok();
            },
            std::future::pending(),
        ));
        Self {
            base,
            http: client(),
            database,
            data_dir,
            _stop: stop,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Value {
        body(
            self.http
                .get(self.url(path))
                .send()
                .await
                .expect("an answer"),
        )
        .await
    }

    pub async fn post(&self, path: &str, json: Value) -> Value {
        body(self.post_raw(path, json).await).await
    }

    pub async fn post_raw(&self, path: &str, json: Value) -> Response {
        self.http
            .post(self.url(path))
            .json(&json)
            .send()
            .await
            .expect("an answer")
    }

    pub async fn given_session(&self) -> String {
        let reply = self.post("/api/sessions", json!({})).await;
        text(&reply["data"]["sessionId"])
    }

    pub async fn given_ended_session(&self) -> String {
        let id = self.given_session().await;
        self.say(&id, "My job wears me out").await;
        let reply = self
            .post(&format!("/api/sessions/{id}/end"), json!({}))
            .await;
        assert_eq!(reply["success"], true, "{reply}");
        id
    }

    pub async fn say(&self, id: &str, words: &str) -> Value {
        self.post(
            &format!("/api/sessions/{id}/messages"),
            json!({ "text": words }),
        )
        .await
    }

    /// Uploads a recording as the browser does.
    pub async fn speak(&self, id: &str, recording: Vec<u8>, content_type: &str) -> Value {
        body(self.upload(id, recording, content_type).await).await
    }

    pub async fn upload(&self, id: &str, recording: Vec<u8>, content_type: &str) -> Response {
        let part = multipart::Part::bytes(recording)
            .file_name("recording.webm")
            .mime_str(content_type)
            .expect("a content type");
        self.http
            .post(self.url(&format!("/api/sessions/{id}/messages")))
            .multipart(multipart::Form::new().part("audio", part))
            .send()
            .await
            .expect("an answer")
    }

    pub async fn history(&self, id: &str) -> Vec<Value> {
        let reply = self.get(&format!("/api/sessions/{id}/messages")).await;
        assert_eq!(reply["success"], true, "{reply}");
        reply["data"]["messages"]
            .as_array()
            .expect("messages")
            .clone()
    }

    pub async fn session(&self, id: &str) -> Value {
        let reply = self.get(&format!("/api/sessions/{id}")).await;
        assert_eq!(reply["success"], true, "{reply}");
        reply["data"].clone()
    }

    /// Files in a folder below the data folder.
    pub fn files(&self, folder: &str) -> Vec<String> {
        std::fs::read_dir(self.data_dir.path().join(folder))
            .expect("the folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }
}

pub fn client() -> Client {
    // The server sets the process's TLS provider at its start; clients of a server in another process need it too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().expect("a client")
}

pub fn settings(database_url: &str, data_dir: &Path, variables: &[(&str, &str)]) -> Settings {
    let mut environment: BTreeMap<String, String> = BTreeMap::from([
        ("PORT".into(), "0".into()),
        ("DATABASE_URL".into(), database_url.into()),
        ("KUKU_DATA_DIR".into(), data_dir.display().to_string()),
        ("KUKU_DATABASE__MAX_CONNECTIONS".into(), "5".into()),
    ]);
    environment.extend(
        variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into())),
    );
    Settings::from_environment(environment).expect("settings")
}

/// The JSON of an answer, whatever its status.
pub async fn body(response: Response) -> Value {
    let status = response.status();
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON with status {status}: {text:?}"))
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Checks that something was refused as the contract says.
#[track_caller]
pub fn assert_refused(reply: &Value, code: &str, error: &str) {
    assert_eq!(reply["success"], false, "{reply}");
    assert_eq!(reply["data"], Value::Null, "{reply}");
    assert_eq!(reply["code"], code, "{reply}");
    assert_eq!(reply["error"], error, "{reply}");
}

/// The status and the code of an answer that must be in the envelope.
pub async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let reply = body(response).await;
    assert_eq!(reply["success"], false, "{reply}");
    assert_eq!(reply["data"], Value::Null, "{reply}");
    assert!(
        reply["error"]
            .as_str()
            .is_some_and(|error| !error.is_empty()),
        "{reply}"
    );
    (status, text(&reply["code"]))
}

/// Bytes that begin as Chromium's recordings do.
pub fn webm(size: usize) -> Vec<u8> {
    let mut bytes =
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04".to_vec();
    bytes.resize(size, 0x55);
    bytes
}
