//! Text to speech by the route `/audio/speech`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    VENDOR,
    client::{Call, OpenAiClient, connection_broke, unavailable, unusable},
    models::Models,
    refusal::SendError,
    shutdown::ModelInUse,
};
use crate::{
    domain::AudioFormat,
    providers::{
        AudioSender, FIRST_AUDIO_TIMEOUT, MissingApiKey, ProviderError, Result, SpeechFormat,
        TextToSpeech,
    },
    settings::Settings,
};

/// Section of the settings.
pub(super) const STAGE: &str = "text_to_speech";
/// Longest text that OpenAI's speech endpoint accepts.
const MAX_INPUT_CHARACTERS: usize = 4096;
/// Default models, best first; at OpenAI both end on 6 January 2027.
const MODELS: &[&str] = &["tts-1", "gpt-4o-mini-tts"];
const VOICE: &str = "nova";

pub struct OpenAiTextToSpeech {
    client: Arc<OpenAiClient>,
    models: Arc<Models>,
    voice: String,
    format: Arc<SpeechFormat>,
}

impl OpenAiTextToSpeech {
    /// The provider that `settings` describe, with speech of `format`.
    pub fn new(
        settings: &Settings,
        http: reqwest::Client,
        format: Arc<SpeechFormat>,
    ) -> Result<Self, MissingApiKey> {
        let stage = &settings.text_to_speech;
        let client = OpenAiClient::new(
            STAGE, &stage.base_url, &stage.api_key, stage.timeout_seconds, &settings.openai, http,
        )?;
        let models = Models::new(client.variable("MODEL"), stage.model.as_deref(), MODELS);
        Ok(Self {
            client: Arc::new(client),
            models: Arc::new(models),
            voice: stage.voice.as_deref().unwrap_or(VOICE).to_owned(),
            format,
        })
    }

    /// The model, and its server.
    pub fn model_in_use(&self) -> ModelInUse {
        ModelInUse::new(&self.client, &self.models)
    }

    fn request(&self, text: &str, model: &str) -> Value {
        let input: String = text.chars().take(MAX_INPUT_CHARACTERS).collect();
        let format = self.format.get().unwrap_or(AudioFormat::Mp3).extension();
        json!({
            "input": input, "model": model, "voice": self.voice, "response_format": format,
        })
    }

    /// The first bytes of the speech, and the response with the rest.
    async fn first_audio(
        &self,
        call: Call<'_>,
        text: &str,
    ) -> Result<(Bytes, Response), SendError> {
        let mut attempts = self.models.attempts();
        let mut response = loop {
            let request = self.request(text, attempts.model());
            match call.post_json("/audio/speech", &request).await {
                Ok(response) => break response,
                Err(SendError::Refused(refusal)) => attempts.advance(refusal)?,
                Err(error) => return Err(error),
            }
        };
        attempts.succeeded();
        let mut start = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| connection_broke())? {
            start.extend_from_slice(&chunk);
            if start.len() >= AudioFormat::SNIFF_LENGTH {
                return Ok((start.freeze(), response));
            }
        }
        Err(unusable("no audio").into())
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTextToSpeech {
    fn name(&self) -> String {
        format!("openai ({}, voice {})", self.models.current(), self.voice)
    }

    fn format(&self) -> Option<AudioFormat> {
        self.format.get()
    }

    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        let speech = self.client.call(async |call| {
            let start = self.first_audio(call.within(FIRST_AUDIO_TIMEOUT), text);
            let (first, mut response) =
                timeout(FIRST_AUDIO_TIMEOUT, start).await.map_err(|_| no_audio_in_time())??;
            let format = self.format.accept(VENDOR, &first)?;
            chunks.send(first).ok();
            while let Some(chunk) = response.chunk().await.map_err(|_| connection_broke())? {
                chunks.send(chunk).ok();
            }
            Ok(format)
        });
        speech.await
    }
}

pub(super) fn no_audio_in_time() -> ProviderError {
    unavailable(format!("no audio within {} s", FIRST_AUDIO_TIMEOUT.as_secs()))
}
