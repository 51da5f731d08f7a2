//! Speech to text.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use reqwest::multipart::Form;
use serde::Deserialize;
use serde_json::Value;

use super::{
    client::{OpenAiClient, parse_json, read_body},
    models::Models,
    refusal::SendError,
    shutdown::ModelInUse,
};
use crate::{
    domain::{AudioFormat, LanguageTag},
    providers::{
        MissingApiKey, Result, SpeechToText, Transcript,
        transcription_timeout::transcription_timeout,
    },
    settings::Settings,
};

/// Default models, best first; the older ones end on 26 February 2027 at OpenAI.
const TRANSCRIPTION_MODELS: &[&str] = &["gpt-transcribe", "gpt-4o-mini-transcribe", "whisper-1"];

/// Probability of silence above which Whisper's own programs drop a segment.
const NO_SPEECH_PROBABILITY: f64 = 0.6;

pub struct OpenAiSpeechToText {
    client: Arc<OpenAiClient>,
    models: Arc<Models>,
    /// Whether the server has refused to list segments.
    refuses_segments: AtomicBool,
}

#[derive(Deserialize)]
struct Transcription {
    text: String,
    /// A name or a tag, in long responses of Whisper's models.
    #[serde(default)]
    language: Value,
    /// Of any shape: only probabilities of silence are read.
    #[serde(default)]
    segments: Value,
}

impl Transcription {
    /// It has no speech if all segments are silence.
    fn into_transcript(self) -> Transcript {
        let is_silent = |segment: &Value| {
            segment["no_speech_prob"].as_f64().is_some_and(|p| p > NO_SPEECH_PROBABILITY)
        };
        let segments = self.segments.as_array();
        let no_speech = segments.is_some_and(|all| !all.is_empty() && all.iter().all(is_silent));
        let language = self.language.as_str().and_then(LanguageTag::parse);
        Transcript { text: self.text, no_speech, language }
    }
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
        Ok(Self {
            client: Arc::new(client),
            models: Arc::new(models),
            refuses_segments: AtomicBool::new(false),
        })
    }

    /// The model, and its server.
    pub fn model_in_use(&self) -> ModelInUse {
        ModelInUse::new(&self.client, &self.models)
    }

    /// Whether segments are asked for. Only Whisper's models have them, and not all servers.
    fn wants_segments(&self, model: &str) -> bool {
        model.to_lowercase().contains("whisper") && !self.refuses_segments.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl SpeechToText for OpenAiSpeechToText {
    fn name(&self) -> String {
        format!("openai ({})", self.models.current())
    }

    /// The file is sent under its own name: OpenAI derives the format from the extension.
    async fn transcribe(
        &self,
        audio: &Path,
        format: AudioFormat,
        mut language: Option<LanguageTag>,
    ) -> Result<Transcript> {
        let limit = transcription_timeout(self.client.timeout(), audio, format).await;
        let transcription = self.client.call_within(limit, async |call| {
            let mut attempts = self.models.attempts();
            let mut segments_refused = false;
            loop {
                let model = attempts.model();
                let wants_segments = !segments_refused && self.wants_segments(model);
                let form = || async move {
                    let format = if wants_segments { "verbose_json" } else { "json" };
                    let mut form = Form::new().text("model", model.to_owned());
                    if let Some(language) = language {
                        form = form.text("language", language.as_str().to_owned());
                    }
                    form.text("response_format", format).file("file", audio).await
                };
                match call.post_form("/audio/transcriptions", form).await {
                    Ok(response) => {
                        attempts.succeeded();
                        if segments_refused && !self.refuses_segments.swap(true, Ordering::Relaxed)
                        {
                            tracing::info!("speech to text tells no probabilities of silence");
                        }
                        return parse_json::<Transcription>(&read_body(response).await?);
                    }
                    Err(SendError::Refused(refusal))
                        if wants_segments && matches!(refusal.status.as_u16(), 400 | 422) =>
                    {
                        segments_refused = true;
                    }
                    // Some models know few languages.
                    Err(SendError::Refused(refusal))
                        if language.is_some() && matches!(refusal.status.as_u16(), 400 | 422) =>
                    {
                        language = None;
                    }
                    Err(SendError::Refused(refusal)) => attempts.advance(refusal)?,
                    Err(error) => return Err(error),
                }
            }
        });
        Ok(transcription.await?.into_transcript())
    }
}
