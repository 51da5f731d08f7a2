//! OpenAI, and every server that speaks its language (Ollama, vLLM, whisper.cpp's and Kokoro's servers, …).
//!
//! By async-openai, whose client retries 429, 5xx and failed connections three times with growing pauses. Answers are
//! read into our own small types (its "bring your own types" calls), since its full ones insist on fields that only
//! OpenAI sends.

mod client;
mod coach;
mod speech;

pub use coach::OpenAiCoach;
pub use speech::{OpenAiSpeechToText, OpenAiTextToSpeech};
