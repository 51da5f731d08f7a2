//! Text to speech by the Realtime API: a voice model reads sentences aloud, over a WebSocket.
//!
//! Each sentence is a response outside of the conversation, so that the model has nothing to
//! continue. It may still reword a sentence, which is logged and counted.

mod connection;
mod events;
mod failure;
mod idle_connections;
mod wording;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{StatusCode, redirect::Policy};
use tokio::time::timeout;

use super::{
    OpenAiTextToSpeech, VENDOR,
    client::{Call, OpenAiClient, unusable},
    models::Models,
    refusal::SendError,
    shutdown::ModelInUse,
    text_to_speech::{STAGE, no_audio_in_time},
};
use crate::{
    domain::{AudioFormat, UNKNOWN_WAV_LENGTH, pcm16_mono, wav_header},
    metrics,
    providers::{
        AudioSender, FIRST_AUDIO_TIMEOUT, MissingApiKey, ProviderError, Result, SpeechFormat,
        TextToSpeech,
    },
    settings::{Settings, TextToSpeechProvider},
};
use connection::{Connection, Reading};
use failure::{Failure, lacks_realtime_api};
use idle_connections::IdleConnections;
use wording::Wording;

/// Default models, best first.
const MODELS: &[&str] = &["gpt-realtime-2.1-mini", "gpt-realtime-2.1"];
const VOICE: &str = "marin";
/// Most audio of one call, about ten minutes: a model that never stops must not fill the memory.
const MAX_PCM_BYTES: usize = 30_000_000;

/// Samples a second of the API's PCM, which has 16 bits, mono.
const SAMPLE_RATE_HZ: u32 = 24_000;

/// Text to speech by the Realtime API, as WAV.
pub struct RealtimeTextToSpeech {
    client: Arc<OpenAiClient>,
    models: Arc<Models>,
    voice: String,
    idle_connections: IdleConnections,
    format: Arc<SpeechFormat>,
    /// `None` if a setting names the provider or the model.
    fallback: Option<OpenAiTextToSpeech>,
    /// Whether the server has turned out to have no Realtime API.
    falls_back: AtomicBool,
}

impl RealtimeTextToSpeech {
    /// The provider that `settings` describe. Unless they name the provider or the model, it falls
    /// back to `/audio/speech`, by `http`, on servers without a Realtime API.
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.text_to_speech;
        // WebSockets are opened by HTTP/1.1, each on a new connection: an idle one may be dead.
        // Redirects: see `http_client`.
        let websocket_http = reqwest::Client::builder()
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(Policy::none());
        let client = OpenAiClient::new(
            STAGE,
            &stage.base_url,
            &stage.api_key,
            stage.timeout_seconds,
            &settings.openai,
            websocket_http.build().expect("the TLS provider is installed at the start"),
        )?;
        let is_named =
            stage.provider == Some(TextToSpeechProvider::OpenAiRealtime) || stage.model.is_some();
        let format = Arc::<SpeechFormat>::default();
        let fallback = match is_named {
            true => None,
            false => Some(OpenAiTextToSpeech::new(settings, http, Arc::clone(&format))?),
        };
        let models = Models::new(client.variable("MODEL"), stage.model.as_deref(), MODELS);
        Ok(Self {
            client: Arc::new(client),
            models: Arc::new(models),
            voice: stage.voice.as_deref().unwrap_or(VOICE).to_owned(),
            idle_connections: IdleConnections::default(),
            format,
            fallback,
            falls_back: AtomicBool::new(false),
        })
    }

    /// The model, and its server.
    pub fn model_in_use(&self) -> ModelInUse {
        ModelInUse::new(&self.client, &self.models)
    }

    /// `/audio/speech`, if the server has no Realtime API.
    fn fallback_in_use(&self) -> Option<&OpenAiTextToSpeech> {
        self.fallback.as_ref().filter(|_| self.falls_back.load(Ordering::Relaxed))
    }

    /// Has `text` read aloud, and returns what was spoken in words.
    async fn speak(
        &self,
        call: Call<'_>,
        text: &str,
        chunks: &AudioSender,
    ) -> Result<String, Failure> {
        let start = self.first_audio(call.within(FIRST_AUDIO_TIMEOUT), text);
        let (mut reading, first) =
            timeout(FIRST_AUDIO_TIMEOUT, start).await.map_err(|_| no_audio_in_time())??;
        let header = wav_header(&pcm16_mono(SAMPLE_RATE_HZ), UNKNOWN_WAV_LENGTH);
        self.format.accept(VENDOR, &header)?;
        chunks.send(header.into()).ok();
        let (mut next, mut length) = (Some(first), 0);
        while let Some(audio) = next {
            length += audio.len();
            if length > MAX_PCM_BYTES {
                return Err(unusable("a speech that is too long").into());
            }
            chunks.send(audio).ok();
            next = reading.next_audio().await?;
        }
        let (connection, transcript) = reading.finish();
        self.idle_connections.put(connection);
        Ok(transcript)
    }

    /// Begins to read `text`, on an idle connection or a new one, until the first audio.
    ///
    /// An idle connection may be dead, and a new one may break: until there is audio, another
    /// connection is tried once.
    async fn first_audio(&self, call: Call<'_>, text: &str) -> Result<(Reading, Bytes), Failure> {
        if let Some(connection) = self.idle_connections.take().await {
            metrics::record_attempt(STAGE);
            match begin(connection, text).await {
                Ok(started) => return Ok(started),
                Err(Failure::Send(error)) => return Err(error.into()),
                Err(_) => tracing::debug!("an idle connection was no longer usable"),
            }
        }
        let (mut attempts, mut is_retry) = (self.models.attempts(), false);
        loop {
            let failure = match self.open_and_begin(call, attempts.model(), text).await {
                Ok(started) => {
                    attempts.succeeded();
                    return Ok(started);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Send(SendError::Refused(refusal))
                | Failure::SessionRefused(refusal)
                | Failure::Closed(refusal)
                    if refusal.lacks_model(attempts.model()) =>
                {
                    attempts.advance(refusal).map_err(|e| Failure::NotOffered(e.into()))?;
                }
                Failure::Send(SendError::Refused(refusal)) if lacks_realtime_api(&refusal) => {
                    return Err(Failure::NotOffered(self.no_realtime_api(refusal.status)));
                }
                Failure::SessionRefused(refusal) => {
                    return Err(Failure::NotOffered((*refusal).into()));
                }
                Failure::Transient(_) | Failure::Closed(_) if !is_retry => is_retry = true,
                failure => return Err(failure),
            }
        }
    }

    async fn open_and_begin(
        &self,
        call: Call<'_>,
        model: &str,
        text: &str,
    ) -> Result<(Reading, Bytes), Failure> {
        let advice = format!(
            "not accepted: check {} and {}",
            self.client.variable("MODEL"),
            self.client.variable("VOICE")
        );
        begin(Connection::open(call, model, &self.voice, advice).await?, text).await
    }

    fn no_realtime_api(&self, status: StatusCode) -> ProviderError {
        let reason = format!(
            "the server has no Realtime API: set {}=openai, or check {}",
            self.client.variable("PROVIDER"),
            self.client.endpoint.base_url_variable
        );
        ProviderError::Refused { vendor: VENDOR, status: i32::from(status.as_u16()), reason }
    }

    /// Logs and counts a sentence that the model has changed. A server that sends no transcript is
    /// trusted.
    fn compare(text: &str, spoken: &str) {
        let (text, spoken) = (Wording::of(text), Wording::of(spoken));
        if spoken.len() > 0 && !text.matches(&spoken) {
            metrics::record_reworded_speech();
            tracing::warn!(
                words = text.len(),
                spoken_words = spoken.len(),
                "the voice model has reworded a sentence"
            );
        }
    }
}

#[async_trait]
impl TextToSpeech for RealtimeTextToSpeech {
    fn name(&self) -> String {
        match self.fallback_in_use() {
            Some(fallback) => fallback.name(),
            None => format!("openai-realtime ({}, voice {})", self.models.current(), self.voice),
        }
    }

    fn format(&self) -> Option<AudioFormat> {
        self.format.get()
    }

    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat> {
        if let Some(fallback) = self.fallback_in_use() {
            return fallback.synthesize(text, chunks).await;
        }
        let spoken = self.client.call(async |call| match self.speak(call, text, chunks).await {
            Ok(transcript) => Ok(Ok(transcript)),
            Err(Failure::NotOffered(error)) => Ok(Err(error)),
            Err(failure) => Err(SendError::from(failure)),
        });
        match (spoken.await?, &self.fallback) {
            (Ok(transcript), _) => {
                Self::compare(text, &transcript);
                Ok(AudioFormat::Wav)
            }
            (Err(error), None) => Err(error),
            (Err(error), Some(fallback)) => {
                if !self.falls_back.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "text to speech goes to /audio/speech from now on");
                }
                fallback.synthesize(text, chunks).await
            }
        }
    }
}

/// Begins to read `text` on `connection`, until the first audio.
async fn begin(connection: Connection, text: &str) -> Result<(Reading, Bytes), Failure> {
    let mut reading = connection.read_aloud(text).await?;
    match reading.next_audio().await? {
        Some(audio) => Ok((reading, audio)),
        None => Err(unusable("no audio").into()),
    }
}
