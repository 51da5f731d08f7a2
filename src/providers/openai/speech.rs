//! Speech to text and text to speech.

use std::path::Path;

use async_openai::types::{
    InputSource,
    audio::{
        AudioInput, CreateSpeechRequest, CreateTranscriptionRequest, SpeechModel,
        SpeechResponseFormat, Voice,
    },
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;

use super::client::{OpenAiClient, unusable};
use crate::{
    domain::AudioFormat,
    providers::{AudioSender, MissingApiKey, Result, SpeechToText, TextToSpeech},
    settings::Settings,
};

/// Longest text that OpenAI's speech endpoint accepts.
const MAX_INPUT_CHARACTERS: usize = 4096;
/// Bytes of a file that suffice to detect its format.
const SNIFF_BYTES: usize = 16;

pub struct OpenAiSpeechToText {
    client: OpenAiClient,
    model: String,
}

pub struct OpenAiTextToSpeech {
    client: OpenAiClient,
    model: String,
    voice: String,
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
    async fn synthesize(&self, text: &str) -> Result<Bytes> {
        let request = self.request(text);
        let speech = self.client.call(self.client.client.audio().speech().create(request)).await?;
        if AudioFormat::sniff(&speech.bytes) != Some(AudioFormat::Mp3) {
            return Err(unusable("audio that is not MP3"));
        }
        Ok(speech.bytes)
    }

    async fn synthesize_streaming(&self, text: &str, chunks: &AudioSender) -> Result<Bytes> {
        let request = self.request(text);
        let streaming = async {
            let mut response = self.client.post("/audio/speech", &request).await?;
            let (mut speech, mut sent) = (BytesMut::new(), 0);
            while let Some(chunk) = response.chunk().await? {
                speech.extend_from_slice(&chunk);
                if sent == 0 {
                    if speech.len() < SNIFF_BYTES {
                        continue;
                    }
                    if AudioFormat::sniff(&speech) != Some(AudioFormat::Mp3) {
                        return Ok(None);
                    }
                }
                chunks.send(Bytes::copy_from_slice(&speech[sent..])).ok();
                sent = speech.len();
            }
            Ok((sent > 0).then(|| speech.freeze()))
        };
        let speech = self.client.call(streaming).await?;
        speech.ok_or_else(|| unusable("audio that is not MP3"))
    }
}
