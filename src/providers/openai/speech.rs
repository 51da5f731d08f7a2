//! Speech to text.

use std::path::Path;

use async_openai::types::{
    InputSource,
    audio::{AudioInput, CreateTranscriptionRequest},
};
use async_trait::async_trait;
use serde::Deserialize;

use super::client::OpenAiClient;
use crate::{
    domain::AudioFormat,
    providers::{MissingApiKey, Result, SpeechToText},
    settings::Settings,
};

pub struct OpenAiSpeechToText {
    client: OpenAiClient,
    model: String,
}

#[derive(Deserialize)]
struct Transcription {
    text: String,
}

impl OpenAiSpeechToText {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.speech_to_text;
        Ok(Self {
            client: OpenAiClient::new(
                "speech_to_text", &stage.base_url, &stage.api_key, stage.timeout_seconds,
                &settings.openai, http,
            )?,
            model: stage.model.clone(),
        })
    }
}

#[async_trait]
impl SpeechToText for OpenAiSpeechToText {
    /// The file is sent under its own name: OpenAI derives the format from the extension.
    async fn transcribe(&self, audio: &Path, _format: AudioFormat) -> Result<String> {
        let request = CreateTranscriptionRequest {
            file: AudioInput { source: InputSource::Path { path: audio.to_owned() } },
            model: self.model.clone(),
            ..Default::default()
        };
        let transcription: Transcription = self
            .client
            .call(self.client.client.audio().transcription().create_byot(request))
            .await?;
        Ok(transcription.text)
    }
}
