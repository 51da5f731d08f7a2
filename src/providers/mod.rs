//! Providers of speech to text, coaching and text to speech: three traits and their adapters.
//!
//! A call has a time-out, which includes its retries, and a circuit breaker. Error texts of vendors
//! never reach a person or a log: they may quote the conversation.

mod circuit_breaker;
mod command;
mod openai;
mod prompts;
mod scripted;
mod speech_format;
mod transcription_timeout;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    domain::{AudioFormat, Intent, Language, LanguageTag, Memory, Message},
    settings::{CoachProvider, Settings, SpeechProvider, TextToSpeechProvider},
};

use command::CommandProvider;
pub use openai::{ModelInUse, ModelShutdown, ModelStatus, model_statuses, upcoming_shutdowns};
use openai::{OpenAiCoach, OpenAiSpeechToText, OpenAiTextToSpeech, RealtimeTextToSpeech};
use scripted::ScriptedCoach;
use speech_format::SpeechFormat;

/// Result of a call of a provider.
pub type Result<T, E = ProviderError> = std::result::Result<T, E>;

/// Why a provider returned no usable result. Holds no text of the vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Unreachable, overloaded, failing or out of time after all retries: may work later.
    #[error("{vendor} is not available: {reason}")]
    Unavailable {
        /// Name of the provider.
        vendor: &'static str,
        /// Cause, in this program's words.
        reason: String,
    },
    /// The provider rejected the request: a retry would not help.
    #[error("{vendor} refused the request with status {status}: {reason}")]
    Refused {
        /// Name of the provider.
        vendor: &'static str,
        /// HTTP status, or the exit status of a program.
        status: i32,
        /// What may be wrong, in this program's words.
        reason: String,
    },
    /// The model, or a content filter, declines to continue this conversation.
    #[error("{vendor} declined to reply")]
    Declined {
        /// Name of the provider.
        vendor: &'static str,
    },
    /// The provider returned a result that cannot be used.
    #[error("{vendor} returned {what}")]
    Unusable {
        /// Name of the provider.
        vendor: &'static str,
        /// What is wrong with the result.
        what: &'static str,
    },
}

impl ProviderError {
    /// How long to wait before another call has a chance, if the provider was not called at all
    /// because earlier calls failed.
    pub fn not_called(&self) -> Option<Duration> {
        circuit_breaker::was_not_called(self).then_some(circuit_breaker::OPEN_DURATION)
    }
}

/// Result of speech to text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The text as the provider wrote it, perhaps with tags of speakers and languages.
    pub text: String,
    /// The provider takes all of the recording for silence. `false` if it does not tell.
    pub no_speech: bool,
    /// The language that the provider heard; `None` if it does not tell.
    pub language: Option<LanguageTag>,
}

/// Transcribes recordings. Time-out of a call: `speech_to_text.timeout_seconds`, and a quarter of
/// the recording's length.
#[async_trait]
pub trait SpeechToText: Send + Sync {
    /// For display: the provider and its model, such as `openai (gpt-transcribe)`. After a fallback
    /// it is another one.
    fn name(&self) -> String;

    /// The text of the recording in the file `audio`; blank if it holds no speech, and
    /// [`ProviderError::Refused`] if it cannot be decoded. The file's extension names its `format`.
    /// `language` is what the person speaks, if that is known.
    async fn transcribe(
        &self,
        audio: &Path,
        format: AudioFormat,
        language: Option<LanguageTag>,
    ) -> Result<Transcript>;
}

/// Synthesizes speech, sentence by sentence. Time-out of a call: `text_to_speech.timeout_seconds`.
#[async_trait]
pub trait TextToSpeech: Send + Sync {
    /// For display, such as `openai-realtime (gpt-realtime-2.1-mini, voice marin)`. After a
    /// fallback it is another one.
    fn name(&self) -> String;

    /// The format of the speech, MP3 or WAV; `None` until the first call has shown it. Once known,
    /// it stays the same for the life of the process.
    fn format(&self) -> Option<AudioFormat>;

    /// Synthesizes `text` and sends chunks as they arrive: together a file of the returned format.
    /// After an error, the chunks sent before are the beginning of the speech. Audio of another
    /// format than [`format`](Self::format) is [`ProviderError::Unusable`].
    async fn synthesize(&self, text: &str, chunks: &AudioSender) -> Result<AudioFormat>;
}

/// Conversation as the coach gets it.
#[derive(Clone, Copy)]
pub struct Prompt<'a> {
    /// Language of fixed texts.
    pub language: Language,
    /// Running summary of the oldest messages; may be empty.
    pub summary: &'a str,
    /// Messages since then, in order.
    pub messages: &'a [Message],
    /// New message of the user, which is not in `messages`. Empty if there is none to reply to.
    pub user_text: &'a str,
    /// Number of the coach's next reply, from 1.
    pub reply_number: i32,
    /// What is remembered of the person from earlier sessions, for replies only.
    pub memory: Option<&'a Memory>,
}

/// A session to merge into the memory of its user.
#[derive(Clone, Copy)]
pub struct MemoryPrompt<'a> {
    /// The memory so far.
    pub memory: &'a Memory,
    /// Day on which the session ended, such as `2026-11-29`.
    pub date: &'a str,
    /// Closing summary of the session.
    pub summary: &'a str,
    /// Items of its action plan.
    pub plan: &'a [&'a str],
    /// Its last messages, in order.
    pub messages: &'a [Message],
}

/// Longest wait for the first audio of a sentence, retries included: people wait, and can read the
/// reply.
const FIRST_AUDIO_TIMEOUT: Duration = Duration::from_secs(8);

/// What is asked about a short text of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentQuestion {
    /// Whether it confirms or declines an offer to wrap up, or says something else.
    AnswerToOffer,
    /// Whether it asks to finish the session, or says something else.
    WishToFinish,
}

/// Receives fragments of a reply. A closed receiver is ignored.
pub type TextSender = UnboundedSender<String>;

/// Receives chunks of audio. A closed receiver is ignored.
pub type AudioSender = UnboundedSender<Bytes>;

/// Leads the conversation. Time-out of a call: `coach.timeout_seconds`.
#[async_trait]
pub trait Coach: Send + Sync {
    /// For display, such as `openai (gpt-6-luna)`. After a fallback it is another one.
    fn name(&self) -> String;

    /// The coach's reply to `prompt.user_text`; sends fragments of it as they arrive. After an
    /// error the fragments sent before are no reply.
    async fn reply(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String>;

    /// Whether the conversation has reached a point to offer a wrap-up.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool>;

    /// What the person's text means after the coach's text `said_before`. Anything but one of the
    /// words that the model may answer with is [`ProviderError::Unusable`].
    async fn intent(
        &self,
        question: IntentQuestion,
        said_before: &str,
        text: &str,
    ) -> Result<Intent>;

    /// The closing summary, under the headings that the frontend parses, which models may decorate
    /// or leave out. `again`: a first one could not be used.
    async fn closing_summary(&self, prompt: Prompt<'_>, again: bool) -> Result<String>;

    /// A new running summary: `summary` and `messages` in short.
    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String>;

    /// The merged text of a memory with a session in it. It may be too long. `None` if a model has
    /// nothing to say.
    async fn merge_memory(&self, prompt: MemoryPrompt<'_>) -> Result<Option<String>>;
}

/// Providers of one server.
#[derive(Clone)]
pub struct Providers {
    /// `None`: recordings are refused.
    pub speech_to_text: Option<Arc<dyn SpeechToText>>,
    /// The coach.
    pub coach: Arc<dyn Coach>,
    /// `None`: replies have no audio.
    pub text_to_speech: Option<Arc<dyn TextToSpeech>>,
    /// Models of OpenAI-compatible servers, whose end the servers may announce.
    pub models_in_use: Vec<ModelInUse>,
}

/// Names of the providers in use, with their models.
#[derive(Debug)]
pub struct ProviderNames {
    /// `none` without speech to text.
    pub speech_to_text: String,
    /// The coach's.
    pub coach: String,
    /// `none` without text to speech.
    pub text_to_speech: String,
}

/// A stage uses OpenAI itself, and no key is set.
#[derive(Debug, thiserror::Error)]
#[error(
    "{stage}.provider is openai, but there is no key: set OPENAI_API_KEY, or {stage}.base_url for \
     a server without one"
)]
pub struct MissingApiKey {
    stage: &'static str,
}

impl Providers {
    /// The providers that `settings` choose; temporary files go to `work_dir`.
    pub fn new(settings: &Settings, work_dir: &Path) -> Result<Self, MissingApiKey> {
        let http = openai::http_client();
        let mut models_in_use = Vec::new();
        Ok(Self {
            coach: coach(settings, &http, &mut models_in_use)?,
            speech_to_text: speech_to_text(settings, work_dir, &http, &mut models_in_use)?,
            text_to_speech: text_to_speech(settings, work_dir, &http, &mut models_in_use)?,
            models_in_use,
        })
    }

    /// The names, which a fallback to another model changes.
    pub fn names(&self) -> ProviderNames {
        let none = || "none".to_owned();
        ProviderNames {
            speech_to_text: self.speech_to_text.as_ref().map_or_else(none, |stage| stage.name()),
            coach: self.coach.name(),
            text_to_speech: self.text_to_speech.as_ref().map_or_else(none, |stage| stage.name()),
        }
    }
}

fn speech_to_text(
    settings: &Settings,
    work_dir: &Path,
    http: &reqwest::Client,
    models_in_use: &mut Vec<ModelInUse>,
) -> Result<Option<Arc<dyn SpeechToText>>, MissingApiKey> {
    let stage = &settings.speech_to_text;
    let provider = stage.provider.unwrap_or(default_speech_provider(settings));
    Ok(match (provider, &stage.command) {
        (SpeechProvider::OpenAi, _) => {
            let provider = OpenAiSpeechToText::new(settings, http.clone())?;
            models_in_use.push(provider.model_in_use());
            Some(Arc::new(provider))
        }
        (SpeechProvider::Command, Some(pipeline)) => Some(Arc::new(CommandProvider::new(
            pipeline,
            work_dir,
            stage.timeout_seconds,
            &settings.command_environment,
        ))),
        (SpeechProvider::Command | SpeechProvider::None, _) => None,
    })
}

fn coach(
    settings: &Settings,
    http: &reqwest::Client,
    models_in_use: &mut Vec<ModelInUse>,
) -> Result<Arc<dyn Coach>, MissingApiKey> {
    let default =
        if settings.has_openai() { CoachProvider::OpenAi } else { CoachProvider::Scripted };
    Ok(match settings.coach.provider.unwrap_or(default) {
        CoachProvider::OpenAi => {
            let provider = OpenAiCoach::new(settings, http.clone())?;
            models_in_use.extend(provider.models_in_use());
            Arc::new(provider)
        }
        CoachProvider::Scripted => Arc::new(ScriptedCoach),
    })
}

fn text_to_speech(
    settings: &Settings,
    work_dir: &Path,
    http: &reqwest::Client,
    models_in_use: &mut Vec<ModelInUse>,
) -> Result<Option<Arc<dyn TextToSpeech>>, MissingApiKey> {
    let stage = &settings.text_to_speech;
    Ok(match (settings.text_to_speech_provider(), &stage.command) {
        (TextToSpeechProvider::OpenAiRealtime, _) => {
            let provider = RealtimeTextToSpeech::new(settings, http.clone())?;
            models_in_use.push(provider.model_in_use());
            Some(Arc::new(provider))
        }
        (TextToSpeechProvider::OpenAi, _) => {
            let provider = OpenAiTextToSpeech::new(settings, http.clone(), Arc::default())?;
            models_in_use.push(provider.model_in_use());
            Some(Arc::new(provider))
        }
        (TextToSpeechProvider::Command, Some(pipeline)) => Some(Arc::new(CommandProvider::new(
            pipeline,
            work_dir,
            stage.timeout_seconds,
            &settings.command_environment,
        ))),
        (TextToSpeechProvider::Command | TextToSpeechProvider::None, _) => None,
    })
}

fn default_speech_provider(settings: &Settings) -> SpeechProvider {
    if settings.has_openai() { SpeechProvider::OpenAi } else { SpeechProvider::None }
}
