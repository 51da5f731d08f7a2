//! The session cache after the erasure of a user.

use std::{net::TcpListener, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    app::client,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, text},
    server_process::{ServerProcess, open_folder},
};

/// A user with an access token.
struct Person<'a> {
    server: &'a ServerProcess,
    http: Client,
    token: String,
}

impl<'a> Person<'a> {
    async fn sign_up(server: &'a ServerProcess, email: &str) -> Self {
        let credentials = json!({"email": email, "password": "a good password"});
        let reply = server.post("/api/auth/signup", credentials).await;
        Self { server, http: client(), token: text(&reply["data"]["accessToken"]) }
    }

    async fn post(&self, path: &str, json: Value) -> Value {
        let request = self.http.post(self.server.url(path)).json(&json);
        request.bearer_auth(&self.token).reply().await
    }

    async fn given_session(&self) -> String {
        self.post("/api/sessions", json!({})).await.session_id()
    }

    async fn say(&self, id: &str) {
        let path = format!("/api/sessions/{id}/messages");
        self.post(&path, json!({"text": "hello"})).await.data();
    }

    async fn erase(self) -> Value {
        let request = self.http.delete(self.server.url("/api/users/me"));
        request.bearer_auth(&self.token).reply().await
    }
}

/// The number of conversations in the session cache.
async fn cached_sessions(address: &str) -> String {
    let request = client().get(format!("http://{address}/metrics"));
    let metrics = request.response().await.text().await.expect("text");
    let gauge = metrics.lines().find_map(|line| line.strip_prefix("kuku_cached_sessions "));
    gauge.expect("the gauge").to_owned()
}

/// Waits for the gauge. The cache counts its entries when it is next used after a change.
async fn await_cached_sessions(address: &str, user: &Person<'_>, id: &str, expected: &str) {
    let counted = async {
        while cached_sessions(address).await != expected {
            user.say(id).await;
            sleep(Duration::from_millis(100)).await;
        }
    };
    let in_time = timeout(Duration::from_secs(5), counted).await;
    assert!(in_time.is_ok(), "never {expected} cached sessions");
}

#[tokio::test]
async fn erased_user_leaves_the_session_cache() {
    let (database, folder) = (TestDatabase::new().await, open_folder());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("KUKU_METRICS__ADDRESS", address.as_str()),
        ("KUKU_AUTH__MODE", "optional"),
    ];
    let server = ServerProcess::start(folder.path(), &settings);
    let ada = Person::sign_up(&server, "ada@example.com").await;
    let bob = Person::sign_up(&server, "bob@example.com").await;
    for _ in 0..2 {
        ada.say(&ada.given_session().await).await;
    }
    let id = bob.given_session().await;
    await_cached_sessions(&address, &bob, &id, "3").await;
    let receipt = ada.erase().await;
    assert_eq!(receipt["data"]["sessions"], 2, "{receipt}");
    await_cached_sessions(&address, &bob, &id, "1").await;
}
