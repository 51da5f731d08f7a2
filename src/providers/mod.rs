//! Who listens, coaches and speaks: three small traits, and the vendors behind them.
//!
//! Every call has a time-out and bounded retries. What a vendor says about its own failures never reaches a person
//! or a log: it may quote what was said.

mod circuit_breaker;
mod command;
mod openai;
mod prompts;
mod scripted;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    domain::{AudioFormat, Message},
    settings::{CoachProvider, Settings, SpeechProvider},
};

use command::{CommandSpeechToText, CommandTextToSpeech};
use openai::{OpenAiCoach, OpenAiSpeechToText, OpenAiTextToSpeech};
use scripted::ScriptedCoach;

/// Why a provider gave nothing usable. Carries no text of the vendor's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not reached, too slow, overloaded or broken, retries included: may work later.
    #[error("{vendor} is not available: {reason}")]
    Unavailable {
        /// Which provider.
        vendor: &'static str,
        /// In our own words.
        reason: String,
    },
    /// It understood us and said no.
    #[error("{vendor} refused the request with status {status}")]
    Refused {
        /// Which provider.
        vendor: &'static str,
        /// Its HTTP status, or the exit status of a program.
        status: i32,
    },
    /// It answered with something else than was asked for.
    #[error("{vendor} gave {what}")]
    Unusable {
        /// Which provider.
        vendor: &'static str,
        /// What came instead.
        what: &'static str,
    },
}

/// Turns a recording into text.
#[async_trait]
pub trait SpeechToText: Send + Sync {
    /// What is said in the file; blank if nothing is.
    async fn transcribe(&self, audio: &Path, format: AudioFormat) -> Result<String, ProviderError>;
}

/// Turns text into speech.
#[async_trait]
pub trait TextToSpeech: Send + Sync {
    /// `text`, spoken, as MP3.
    async fn synthesize(&self, text: &str) -> Result<Bytes, ProviderError>;
    /// The same, with its parts told as they come. If it fails, what was told until then is the beginning of a speech.
    async fn synthesize_streaming(
        &self,
        text: &str,
        sound: &AudioSender,
    ) -> Result<Bytes, ProviderError> {
        let speech = self.synthesize(text).await?;
        sound.send(speech.clone()).ok();
        Ok(speech)
    }
}

/// What the coach knows when it is asked something.
#[derive(Clone, Copy)]
pub struct Prompt<'a> {
    /// The oldest part told in short; may be empty.
    pub summary: &'a str,
    /// The lines since then, in order.
    pub messages: &'a [Message],
    /// What the person has just said; not in `lines`. Empty if nothing is to be answered.
    pub user_text: &'a str,
    /// The coach's current round, from 1.
    pub reply_number: i32,
}

/// Where the words of a reply go as they come. Nobody may be listening any more; that changes nothing.
pub type TextSender = UnboundedSender<String>;

/// Where the parts of a speech go as they come. Nobody may be listening any more; that changes nothing.
pub type AudioSender = UnboundedSender<Bytes>;

/// Leads the conversation.
#[async_trait]
pub trait Coach: Send + Sync {
    /// The coach's answer to what was said.
    async fn reply(&self, prompt: Prompt<'_>) -> Result<String, ProviderError>;
    /// The same, with its words told as they come. If it fails, those told until then are no reply.
    async fn reply_streaming(
        &self,
        prompt: Prompt<'_>,
        words: &TextSender,
    ) -> Result<String, ProviderError> {
        let reply = self.reply(prompt).await?;
        words.send(reply.clone()).ok();
        Ok(reply)
    }
    /// Whether enough was reached to offer a wrap-up.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool, ProviderError>;
    /// The closing summary, under the headings that the frontend knows.
    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String, ProviderError>;
    /// `summary` and `lines` told in short.
    async fn fold_into_summary(
        &self,
        summary: &str,
        lines: &[Message],
    ) -> Result<String, ProviderError>;
}

/// The providers of one server, and how they introduce themselves.
#[derive(Clone)]
pub struct Providers {
    /// None: audio cannot be taken.
    pub speech_to_text: Option<Arc<dyn SpeechToText>>,
    /// There always is a coach.
    pub coach: Arc<dyn Coach>,
    /// None: answers go without audio.
    pub text_to_speech: Option<Arc<dyn TextToSpeech>>,
    /// For the start-up lines and `GET /`.
    pub provider_names: ProviderNames,
}

/// Which provider does what, in words.
#[derive(Debug, Clone)]
pub struct ProviderNames {
    /// Such as `openai (whisper-1)`.
    pub speech_to_text: String,
    /// Such as `openai (gpt-4o-mini)`.
    pub coach: String,
    /// Such as `openai (tts-1, voice nova)`.
    pub text_to_speech: String,
}

/// A provider is set up in a way that cannot work.
#[derive(Debug, thiserror::Error)]
#[error(
    "{stage}.provider is openai, but there is no key: set OPENAI_API_KEY, or {stage}.base_url for a server without one"
)]
pub struct MissingApiKey {
    stage: &'static str,
}

impl Providers {
    /// The providers that the settings choose; work files go to `work_dir`.
    ///
    /// # Errors
    /// [`MissingApiKey`] if OpenAI itself is chosen for a stage and no key is set.
    pub fn new(settings: &Settings, work_dir: &Path) -> Result<Self, MissingApiKey> {
        let speech_default = if settings.has_openai() {
            SpeechProvider::OpenAi
        } else {
            SpeechProvider::None
        };
        let coach_default = if settings.has_openai() {
            CoachProvider::OpenAi
        } else {
            CoachProvider::Scripted
        };

        // One for all: the stages of a turn follow each other, mostly on the same connection.
        let http = reqwest::Client::new();
        let listen = &settings.speech_to_text;
        let (speech_to_text, about_listening): (Option<Arc<dyn SpeechToText>>, String) =
            match (listen.provider.unwrap_or(speech_default), &listen.command) {
                (SpeechProvider::OpenAi, _) => (
                    Some(Arc::new(OpenAiSpeechToText::new(settings, http.clone())?)),
                    format!("openai ({})", listen.model),
                ),
                (SpeechProvider::Command, Some(pipeline)) => (
                    Some(Arc::new(CommandSpeechToText::new(
                        pipeline, work_dir, listen.timeout_seconds,
                    ))),
                    format!("command ({})", pipeline.names()),
                ),
                (SpeechProvider::Command | SpeechProvider::None, _) => (None, "none".into()),
            };

        let coach_settings = &settings.coach;
        let (coach, about_coach): (Arc<dyn Coach>, String) =
            match coach_settings.provider.unwrap_or(coach_default) {
                CoachProvider::OpenAi => (
                    Arc::new(OpenAiCoach::new(settings, http.clone())?),
                    format!("openai ({})", coach_settings.model),
                ),
                CoachProvider::Scripted => (
                    Arc::new(ScriptedCoach),
                    "scripted (offline: fixed questions, no model)".into(),
                ),
            };

        let speak = &settings.text_to_speech;
        let (text_to_speech, about_speaking): (Option<Arc<dyn TextToSpeech>>, String) =
            match (speak.provider.unwrap_or(speech_default), &speak.command) {
                (SpeechProvider::OpenAi, _) => (
                    Some(Arc::new(OpenAiTextToSpeech::new(settings, http.clone())?)),
                    format!("openai ({}, voice {})", speak.model, speak.voice),
                ),
                (SpeechProvider::Command, Some(pipeline)) => (
                    Some(Arc::new(CommandTextToSpeech::new(
                        pipeline, work_dir, speak.timeout_seconds,
                    ))),
                    format!("command ({})", pipeline.names()),
                ),
                (SpeechProvider::Command | SpeechProvider::None, _) => (None, "none".into()),
            };

        Ok(Self {
            speech_to_text,
            coach,
            text_to_speech,
            provider_names: ProviderNames {
                speech_to_text: about_listening,
                coach: about_coach,
                text_to_speech: about_speaking,
            },
        })
    }
}
