//! Text to speech by the route `/audio/speech`.

use async_trait::async_trait;
use bytes::BytesMut;
use serde_json::{Value, json};

use super::client::{OpenAiClient, VENDOR, connection_broke, unusable};
use crate::{
    domain::AudioFormat,
    providers::{AudioSender, MissingApiKey, Result, SpeechFormat, TextToSpeech},
    settings::Settings,
};

/// Longest text that OpenAI's speech endpoint accepts.
const MAX_INPUT_CHARACTERS: usize = 4096;

pub struct OpenAiTextToSpeech {
    client: OpenAiClient,
    model: String,
    voice: String,
    format: SpeechFormat,
}

impl OpenAiTextToSpeech {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.text_to_speech;
        Ok(Self {
            client: OpenAiClient::new(
                "text_to_speech", &stage.base_url, &stage.api_key, stage.timeout_seconds,
                &settings.openai, http,
            )?,
            model: stage.model.clone(),
            voice: stage.voice.clone(),
            format: SpeechFormat::default(),
        })
    }

    fn request(&self, text: &str) -> Value {
        let input: String = text.chars().take(MAX_INPUT_CHARACTERS).collect();
        json!({
            "input": input, "model": self.model, "voice": self.voice, "response_format": "mp3",
        })
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTextToSpeech {
    fn format(&self) -> Option<AudioFormat> {
        self.format.get()
    }

    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        let request = self.request(text);
        let speech = self.client.call(async |call| {
            let mut response = call.post_json("/audio/speech", &request).await?;
            let (mut header, mut format) = (BytesMut::new(), None);
            while let Some(chunk) = response.chunk().await.map_err(|_| connection_broke())? {
                if format.is_some() {
                    chunks.send(chunk).ok();
                    continue;
                }
                header.extend_from_slice(&chunk);
                if header.len() >= AudioFormat::SNIFF_LENGTH {
                    format = Some(self.format.accept(VENDOR, &header)?);
                    chunks.send(header.split().freeze()).ok();
                }
            }
            Ok(format.ok_or_else(|| unusable("no audio"))?)
        });
        speech.await
    }
}
