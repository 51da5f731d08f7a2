//! Requests and the JSON of their responses.

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Sends requests; the test fails if no response comes.
pub trait RequestExt {
    /// With the token of a caller, if there is one.
    fn bearer(self, token: Option<&str>) -> RequestBuilder;
    async fn response(self) -> Response;
    /// The JSON of the response, whatever its status.
    async fn reply(self) -> Value;
}

impl RequestExt for RequestBuilder {
    fn bearer(self, token: Option<&str>) -> RequestBuilder {
        match token {
            Some(token) => self.bearer_auth(token),
            None => self,
        }
    }

    async fn response(self) -> Response {
        self.send().await.expect("no response")
    }

    async fn reply(self) -> Value {
        body(self.response().await).await
    }
}

/// Reads the fields of the envelope; the test fails with the whole reply if they are missing.
pub trait ReplyExt {
    /// The data of a reply that must be a success.
    fn data(&self) -> &Value;
    fn session_id(&self) -> String;
    /// The messages of a turn, a history or a search.
    fn messages(&self) -> &[Value];
    /// The coach's message of a turn.
    fn coach_message(&self) -> &Value;
    /// The URL of the reply audio of a turn.
    fn audio_url(&self) -> String;
    fn code(&self) -> &str;
}

impl ReplyExt for Value {
    #[track_caller]
    fn data(&self) -> &Value {
        assert_eq!(self["success"], true, "{self}");
        &self["data"]
    }

    #[track_caller]
    fn session_id(&self) -> String {
        text(&self.data()["sessionId"])
    }

    #[track_caller]
    fn messages(&self) -> &[Value] {
        match self.data()["messages"].as_array() {
            Some(messages) => messages,
            None => panic!("no messages: {self}"),
        }
    }

    #[track_caller]
    fn coach_message(&self) -> &Value {
        match self.messages() {
            [_, message] => message,
            _ => panic!("not the two messages of a turn: {self}"),
        }
    }

    #[track_caller]
    fn audio_url(&self) -> String {
        text(&self.coach_message()["audioUrl"])
    }

    #[track_caller]
    fn code(&self) -> &str {
        match self["code"].as_str() {
            Some(code) => code,
            None => panic!("no error code: {self}"),
        }
    }
}

/// The JSON of a response, whatever its status.
pub async fn body(response: Response) -> Value {
    let status = response.status();
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON with status {status}: {text:?}"))
}

/// A JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => panic!("not a string: {value}"),
    }
}

/// The texts of messages, in their order.
#[track_caller]
pub fn texts(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| text(&message["text"])).collect()
}

/// Checks the envelope of an error.
#[track_caller]
pub fn assert_refused(reply: &Value, code: &str, error: &str) {
    assert_eq!(reply["success"], false, "{reply}");
    assert_eq!(reply["data"], Value::Null, "{reply}");
    assert_eq!(reply["code"], code, "{reply}");
    assert_eq!(reply["error"], error, "{reply}");
}

/// The status and the code of a response that must be an error in the envelope.
pub async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let reply = body(response).await;
    assert_eq!(reply["success"], false, "{reply}");
    assert_eq!(reply["data"], Value::Null, "{reply}");
    let error = reply["error"].as_str();
    assert!(error.is_some_and(|error| !error.is_empty()), "{reply}");
    (status, reply.code().to_owned())
}

/// A response header as text.
#[track_caller]
pub fn header_text(response: &Response, name: &str) -> String {
    match response.headers().get(name).map(|value| value.to_str()) {
        Some(Ok(value)) => value.to_owned(),
        other => panic!("no text in the header {name}: {other:?}"),
    }
}
