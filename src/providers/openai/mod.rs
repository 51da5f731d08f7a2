//! OpenAI and servers with a compatible API (Ollama, vLLM, whisper.cpp's and Kokoro's servers, …).
//!
//! The client of async-openai retries 429, 5xx and failed connections three times with exponential
//! backoff. Responses are parsed into small types of this module ("bring your own types"): the
//! crate's own types require fields that only OpenAI sends.

mod client;
mod coach;
mod speech;
mod text_to_speech;

pub use coach::OpenAiCoach;
pub use speech::OpenAiSpeechToText;
pub use text_to_speech::OpenAiTextToSpeech;
