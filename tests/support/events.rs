//! Server-sent events of a turn.

use std::time::Duration;

use reqwest::{Response, header};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{app::TestApp, reply::RequestExt};

/// Longest wait for an event.
const TIME_OUT: Duration = Duration::from_secs(10);

/// The events of a turn, as they arrive.
pub struct Events {
    response: Response,
    received: String,
}

impl Events {
    pub async fn of(app: &TestApp, id: &str, words: &str) -> Self {
        let url = app.url(&format!("/api/sessions/{id}/messages"));
        let request = app.http.post(url).header(header::ACCEPT, "text/event-stream");
        Self::new(request.json(&json!({ "text": words })).response().await)
    }

    /// The events of this response.
    pub fn new(response: Response) -> Self {
        Self { response, received: String::new() }
    }

    /// The next event; the test fails if none comes.
    pub async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.received.split_once("\n\n") {
                let (name, data) = event.split_once('\n').expect("two lines");
                let name = name.strip_prefix("event: ").expect("a name").to_owned();
                let data = data.strip_prefix("data: ").expect("data");
                let data = serde_json::from_str(data).expect("JSON");
                self.received = rest.to_owned();
                return (name, data);
            }
            let chunk = timeout(TIME_OUT, self.response.chunk()).await.expect("in time");
            let chunk = chunk.expect("a chunk").expect("another event");
            self.received.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The data of the next event of this name, and the names of the events before it.
    pub async fn until(&mut self, name: &str) -> (Value, Vec<String>) {
        let mut names = Vec::new();
        loop {
            let (next, data) = self.next().await;
            if next == name {
                return (data, names);
            }
            names.push(next);
        }
    }
}
