//! The server in this process, on a port and a database of its own, and a client for it.

use std::{collections::BTreeMap, path::Path, time::Duration};

use kuku_coach::{server::Application, settings::Settings};
use reqwest::{Client, Response, multipart};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::oneshot};

#[allow(unused_imports, reason = "search.rs")]
pub use crate::reply::{body, refusal, text};
use crate::{
    fake_openai::FakeOpenAi,
    fake_s3::FakeS3,
    fake_supabase::FakeSupabase,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{ReplyExt, RequestExt},
};

pub struct TestApp {
    pub base: String,
    pub http: Client,
    pub database: TestDatabase,
    pub data_dir: TempDir,
    /// The server stops when this is dropped.
    _stop: oneshot::Sender<()>,
}

/// Settings of a [`TestApp`], by their names in the environment.
#[derive(Default)]
pub struct TestAppBuilder {
    database: Option<TestDatabase>,
    is_ordinary: bool,
    settings: Vec<(String, String)>,
}

impl TestAppBuilder {
    pub fn with_setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    pub fn with_settings(mut self, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter();
        self.settings
            .extend(settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// With accounts of its own, and anonymous callers.
    pub fn with_auth(self) -> Self {
        self.with_setting("KUKU_AUTH__MODE", "optional")
    }

    /// With speech and replies of this server.
    pub fn with_openai(self, openai: &FakeOpenAi) -> Self {
        self.with_settings(&openai.settings())
    }

    pub fn with_supabase(self, supabase: &FakeSupabase) -> Self {
        self.with_settings(&supabase.settings())
    }

    pub fn with_s3(self, s3: &FakeS3) -> Self {
        self.with_settings(&s3.settings())
    }

    /// On a database that exists already.
    pub fn with_database(mut self, database: TestDatabase) -> Self {
        self.database = Some(database);
        self
    }

    /// On [`TestDatabase::ordinary`].
    pub fn on_ordinary_tables(mut self) -> Self {
        self.is_ordinary = true;
        self
    }

    /// On a database that somebody else drops.
    pub fn sharing(self, database: &TestDatabase) -> Self {
        self.with_database(TestDatabase::borrowed(database))
    }

    /// On a database that it reaches through this proxy only.
    pub fn through_proxy(self, database: &TestDatabase, proxy: &Proxy) -> Self {
        self.sharing(database)
            .with_setting("DATABASE_URL", database.url_through(proxy.address))
            .with_setting("KUKU_DATABASE__CONNECT_TO_WORKERS", false)
    }

    pub async fn spawn(self) -> TestApp {
        let database = match self.database {
            Some(database) => database,
            None if self.is_ordinary => TestDatabase::ordinary().await,
            None => TestDatabase::new().await,
        };
        let data_dir = tempfile::tempdir().expect("a folder");
        let settings = settings(&database.url, data_dir.path(), self.settings);
        let application = Application::build(&settings).await.expect("the server starts");
        let base = format!("http://{}", application.address());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(application.run_until(
            async {
                // A dropped sender stops the server as well.
                stopped.await.ok();
            },
            std::future::pending(),
        ));
        TestApp { base, http: client(), database, data_dir, _stop: stop }
    }
}

impl TestApp {
    /// With the scripted coach, and without speech.
    pub async fn spawn() -> Self {
        Self::builder().spawn().await
    }

    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    /// With these settings, by their names in the environment.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::builder().with_settings(settings).spawn().await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).reply().await
    }

    pub async fn get_raw(&self, path: &str) -> Response {
        self.http.get(self.url(path)).response().await
    }

    pub async fn post(&self, path: &str, json: Value) -> Value {
        body(self.post_raw(path, json).await).await
    }

    pub async fn post_raw(&self, path: &str, json: Value) -> Response {
        self.http.post(self.url(path)).json(&json).response().await
    }

    pub async fn given_session(&self) -> String {
        self.post("/api/sessions", json!({})).await.session_id()
    }

    /// A session of two messages that has ended.
    pub async fn given_ended_session(&self) -> String {
        let id = self.given_session().await;
        self.say(&id, "My job wears me out").await;
        self.end(&id).await.data();
        id
    }

    pub async fn end(&self, id: &str) -> Value {
        let path = format!("/api/sessions/{id}/end");
        self.post(&path, json!({})).await
    }

    /// Takes a typed turn.
    pub async fn say(&self, id: &str, words: &str) -> Value {
        let path = format!("/api/sessions/{id}/messages");
        self.post(&path, json!({ "text": words })).await
    }

    /// Takes a spoken turn: uploads a recording as the browser does.
    pub async fn speak(&self, id: &str, recording: Vec<u8>, content_type: &str) -> Value {
        body(self.upload(id, recording, content_type).await).await
    }

    pub async fn upload(&self, id: &str, recording: Vec<u8>, content_type: &str) -> Response {
        self.http
            .post(self.url(&format!("/api/sessions/{id}/messages")))
            .multipart(recording_form(recording, content_type))
            .response()
            .await
    }

    pub async fn history(&self, id: &str) -> Vec<Value> {
        let path = format!("/api/sessions/{id}/messages");
        self.get(&path).await.messages().to_vec()
    }

    pub async fn session(&self, id: &str) -> Value {
        self.get(&format!("/api/sessions/{id}")).await.data().clone()
    }

    /// The names of the files in a folder of the data folder.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.data_dir.path().join(folder)).expect("the folder");
        entries
            .map(|entry| entry.expect("an entry").file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }
}

pub fn client() -> Client {
    // The server sets the process's TLS provider at its start; a client of a server in another
    // process needs it too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Shorter than the server's keep-alive of 5 s: no request meets a connection that is closing.
    let idle = Duration::from_secs(2);
    Client::builder().no_proxy().pool_idle_timeout(idle).build().expect("a client")
}

fn settings(database_url: &str, data_dir: &Path, more: Vec<(String, String)>) -> Settings {
    let mut environment: BTreeMap<String, String> = BTreeMap::from([
        ("PORT".into(), "0".into()),
        ("DATABASE_URL".into(), database_url.into()),
        ("KUKU_DATA_DIR".into(), data_dir.display().to_string()),
        ("KUKU_DATABASE__MAX_CONNECTIONS".into(), "5".into()),
    ]);
    environment.extend(more);
    Settings::from_environment(environment).expect("settings")
}

/// The form in which a browser uploads a recording.
pub fn recording_form(recording: Vec<u8>, content_type: &str) -> multipart::Form {
    let part = multipart::Part::bytes(recording)
        .file_name("recording.webm")
        .mime_str(content_type)
        .expect("a content type");
    multipart::Form::new().part("audio", part)
}

/// Bytes that start as Chromium's recordings do.
pub fn webm(size: usize) -> Vec<u8> {
    let mut bytes =
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04".to_vec();
    bytes.resize(size, 0x55);
    bytes
}

/// Sends the headers and a part of an upload, and then nothing.
pub async fn start_upload(app: &TestApp, id: &str) -> TcpStream {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = format!(
        "POST /api/sessions/{id}/messages HTTP/1.1\r\nHost: localhost\r\n\
         Content-Length: 1000000\r\nContent-Type: multipart/form-data; boundary=X\r\n\r\n--X\r\n\
         Content-Disposition: form-data; name=\"audio\"; filename=\"recording.webm\"\r\n\
         Content-Type: audio/webm\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&webm(100_000)).await.expect("sent");
    stream
}

/// Waits up to five seconds for a condition.
pub async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the condition stayed false");
}

/// Waits up to ten seconds for a condition, and fails the test with its name if it stays false.
pub async fn eventually(name: &str, mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("still not true after ten seconds: {name}");
}
