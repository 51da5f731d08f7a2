//! Speech to text.

use std::path::Path;

use async_trait::async_trait;
use reqwest::multipart::Form;
use serde::Deserialize;

use super::{
    client::{OpenAiClient, parse_json, read_body},
    models::Models,
    refusal::SendError,
};
use crate::{
    domain::AudioFormat,
    providers::{MissingApiKey, Result, SpeechToText},
    settings::Settings,
};

/// Default models, best first; the older ones end on 26 February 2027 at OpenAI.
const TRANSCRIPTION_MODELS: &[&str] = &["gpt-transcribe", "gpt-4o-mini-transcribe", "whisper-1"];

pub struct OpenAiSpeechToText {
    client: OpenAiClient,
    models: Models,
}

#[derive(Deserialize)]
struct Transcription {
    text: String,
}

impl OpenAiSpeechToText {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.speech_to_text;
        let client = OpenAiClient::new(
            "speech_to_text", &stage.base_url, &stage.api_key, stage.timeout_seconds,
            &settings.openai, http,
        )?;
        let variable = client.variable("MODEL");
        let models = Models::new(variable, stage.model.as_deref(), TRANSCRIPTION_MODELS);
        Ok(Self { client, models })
    }

    /// The model in use.
    pub fn model(&self) -> &str {
        self.models.current()
    }
}

#[async_trait]
impl SpeechToText for OpenAiSpeechToText {
    /// The file is sent under its own name: OpenAI derives the format from the extension.
    async fn transcribe(&self, audio: &Path, _format: AudioFormat) -> Result<String> {
        let transcription = self.client.call(async |call| {
            let mut attempts = self.models.attempts();
            loop {
                let model = attempts.model();
                let form = || async move {
                    Form::new().text("model", model.to_owned()).file("file", audio).await
                };
                match call.post_form("/audio/transcriptions", form).await {
                    Ok(response) => {
                        attempts.succeeded();
                        return parse_json::<Transcription>(&read_body(response).await?);
                    }
                    Err(SendError::Refused(refusal)) => attempts.advance(refusal)?,
                    Err(error) => return Err(error),
                }
            }
        });
        Ok(transcription.await?.text)
    }
}
