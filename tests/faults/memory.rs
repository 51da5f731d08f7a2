//! A server that is killed between the end of a session and its merge into the memory.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    app::client,
    fake_openai::{Endpoint, FakeOpenAi, Fault},
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, text},
    server_process::{ServerProcess, open_folder},
};

/// Kills, each after the end of a session.
const KILLS: usize = 10;

async fn memory(server: &ServerProcess, token: &str) -> Value {
    let request = client().get(server.url("/api/users/me/memory")).bearer_auth(token);
    request.reply().await.data().clone()
}

#[tokio::test]
async fn session_is_merged_once_although_the_server_is_killed() {
    let (database, folder, openai) =
        (TestDatabase::new().await, open_folder(), FakeOpenAi::spawn().await);
    let mut settings = openai.settings();
    settings.extend([("DATABASE_URL", database.url.as_str()), ("KUKU_AUTH__MODE", "optional")]);
    let mut server = ServerProcess::start(folder.path(), &settings);
    let account = server.post("/api/auth/anonymous", Value::Null).await;
    let token = text(&account.data()["accessToken"]);
    for number in 1..=KILLS {
        let post = async |path: &str, json: Value| {
            client().post(server.url(path)).bearer_auth(&token).json(&json).reply().await
        };
        let id = post("/api/sessions", json!({})).await.session_id();
        let said = format!("Said before kill {number:02}");
        post(&format!("/api/sessions/{id}/messages"), json!({ "text": said })).await.data();
        // Killed at once, during the call of the model, or about when its answer is stored.
        let (waits_for_call, pause) = match number % 4 {
            0 => (true, Duration::from_millis(30)),
            2 => (true, Duration::ZERO),
            _ => (false, Duration::ZERO),
        };
        let slow = if pause.is_zero() { Duration::from_secs(60) } else { pause };
        openai.take_calls(Endpoint::Memory);
        openai.queue_faults(Endpoint::Memory, [Fault::Slow(slow)]);
        post(&format!("/api/sessions/{id}/end"), json!({})).await.data();
        if waits_for_call {
            openai.wait_for_call(Endpoint::Memory).await;
            sleep(pause).await;
        }
        server.kill();
        openai.clear_faults(Endpoint::Memory);
        server = ServerProcess::start(folder.path(), &settings);
        // The lease of the killed server lasts 6 s. The cap is three times what is promised.
        for _ in 0..300 {
            if memory(&server, &token).await["sessions"] == number {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let merged = memory(&server, &token).await;
        assert_eq!(merged["sessions"], number, "kill {number}: {merged}");
    }
    let merged = text(&memory(&server, &token).await["text"]);
    for number in 1..=KILLS {
        let said = format!("Said before kill {number:02}");
        assert_eq!(merged.matches(&said).count(), 1, "{merged}");
    }
    server.stop();
}
