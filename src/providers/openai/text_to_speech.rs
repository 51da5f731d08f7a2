//! Text to speech by the route `/audio/speech`.

use async_openai::types::audio::{CreateSpeechRequest, SpeechModel, SpeechResponseFormat, Voice};
use async_trait::async_trait;
use bytes::BytesMut;

use super::client::{OpenAiClient, VENDOR, unusable};
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

    fn request(&self, text: &str) -> CreateSpeechRequest {
        CreateSpeechRequest {
            input: text.chars().take(MAX_INPUT_CHARACTERS).collect(),
            model: SpeechModel::Other(self.model.clone()),
            voice: Voice::Other(self.voice.clone()),
            response_format: Some(SpeechResponseFormat::Mp3),
            ..Default::default()
        }
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTextToSpeech {
    fn format(&self) -> Option<AudioFormat> {
        self.format.get()
    }

    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        let request = self.request(text);
        let streaming = async {
            let mut response = self.client.post("/audio/speech", &request).await?;
            let (mut header, mut format) = (BytesMut::new(), None);
            while let Some(chunk) = response.chunk().await? {
                if matches!(format, Some(Ok(_))) {
                    chunks.send(chunk).ok();
                    continue;
                }
                header.extend_from_slice(&chunk);
                if header.len() < AudioFormat::SNIFF_LENGTH {
                    continue;
                }
                let accepted = self.format.accept(VENDOR, &header);
                if accepted.is_err() {
                    return Ok(accepted);
                }
                chunks.send(header.split().freeze()).ok();
                format = Some(accepted);
            }
            Ok(format.unwrap_or_else(|| Err(unusable("no audio"))))
        };
        self.client.call(streaming).await?
    }
}
