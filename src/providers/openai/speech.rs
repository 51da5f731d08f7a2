//! Listening and speaking.

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
    providers::{AudioSender, MissingApiKey, ProviderError, SpeechToText, TextToSpeech},
    settings::Settings,
};

/// Longest text that its speech endpoint takes, in characters.
const LONGEST_SPEECH: usize = 4096;
/// So many bytes of a file tell its format.
const ENOUGH_TO_TELL: usize = 16;

pub struct OpenAiSpeechToText {
    server: OpenAiClient,
    model: String,
}

pub struct OpenAiTextToSpeech {
    server: OpenAiClient,
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
            server: OpenAiClient::new(
                "speech_to_text",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
        })
    }
}

#[async_trait]
impl SpeechToText for OpenAiSpeechToText {
    /// The file goes out under its own name, whose extension has to tell the real format.
    async fn transcribe(
        &self,
        audio: &Path,
        _format: AudioFormat,
    ) -> Result<String, ProviderError> {
        let request = CreateTranscriptionRequest {
            file: AudioInput {
                source: InputSource::Path {
                    path: audio.to_owned(),
                },
            },
            model: self.model.clone(),
            ..Default::default()
        };
        let transcription: Transcription = self
            .server
            .ask(
                self.server
                    .client
                    .audio()
                    .transcription()
                    .create_byot(request),
            )
            .await?;
        Ok(transcription.text)
    }
}

impl OpenAiTextToSpeech {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.text_to_speech;
        Ok(Self {
            server: OpenAiClient::new(
                "text_to_speech",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
            voice: stage.voice.clone(),
        })
    }

    fn request(&self, text: &str) -> CreateSpeechRequest {
        CreateSpeechRequest {
            input: text.chars().take(LONGEST_SPEECH).collect(),
            model: SpeechModel::Other(self.model.clone()),
            voice: Voice::Other(self.voice.clone()),
            response_format: Some(SpeechResponseFormat::Mp3),
            ..Default::default()
        }
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTextToSpeech {
    async fn synthesize(&self, text: &str) -> Result<Bytes, ProviderError> {
        let request = self.request(text);
        let speech = self
            .server
            .ask(self.server.client.audio().speech().create(request))
            .await?;
        if AudioFormat::sniff(&speech.bytes) != Some(AudioFormat::Mp3) {
            return Err(unusable("something else than MP3"));
        }
        Ok(speech.bytes)
    }

    async fn synthesize_streaming(
        &self,
        text: &str,
        sound: &AudioSender,
    ) -> Result<Bytes, ProviderError> {
        let request = self.request(text);
        let streaming = async {
            let mut response = self.server.post("/audio/speech", &request).await?;
            let (mut speech, mut told) = (BytesMut::new(), 0);
            while let Some(part) = response.chunk().await? {
                speech.extend_from_slice(&part);
                if told == 0 {
                    if speech.len() < ENOUGH_TO_TELL {
                        continue;
                    }
                    if AudioFormat::sniff(&speech) != Some(AudioFormat::Mp3) {
                        return Ok(None);
                    }
                }
                sound.send(Bytes::copy_from_slice(&speech[told..])).ok();
                told = speech.len();
            }
            Ok((told > 0).then(|| speech.freeze()))
        };
        let speech = self.server.ask(streaming).await?;
        speech.ok_or_else(|| unusable("something else than MP3"))
    }
}
