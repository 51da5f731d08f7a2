//! OpenAI and servers with a compatible API (Ollama, vLLM, whisper.cpp's and Kokoro's servers, …).
//!
//! Requests and responses are this module's own small types: libraries of OpenAI's API require
//! fields that only OpenAI sends, and read an error's body before its status
//! ([decision 20](../../../docs/decisions/0020-own-client-of-openai-compatible-servers.md)).

mod chat_prompt;
mod chat_stream;
mod client;
mod coach;
mod completion;
mod endpoint;
mod models;
mod parameters;
mod realtime;
mod refusal;
mod retry;
mod shutdown;
mod speech;
mod text_to_speech;

use reqwest::{Client, redirect::Policy};

pub use coach::OpenAiCoach;
pub use realtime::RealtimeTextToSpeech;
pub use shutdown::{ModelInUse, ModelShutdown, ModelStatus, model_statuses, upcoming_shutdowns};
pub use speech::OpenAiSpeechToText;
pub use text_to_speech::OpenAiTextToSpeech;

/// Name of these providers in errors.
const VENDOR: &str = "openai";

/// The HTTP client that all stages share: they follow each other, mostly on the same connection.
///
/// Redirects are not followed: they could take the headers with the organisation to another host,
/// and turn a POST into a GET.
pub fn http_client() -> Client {
    let client = Client::builder().redirect(Policy::none()).build();
    client.expect("the TLS provider is installed at the start")
}
