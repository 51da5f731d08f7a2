//! The person's text: typed, or transcribed from a recording.

use std::path::Path;

use super::{ConversationError, Inner, turn::TurnInput};
use crate::{
    domain::{AudioFormat, MAX_TEXT_CHARACTERS},
    metrics::{self, Stage, time_stage},
    providers::ProviderError,
};

impl Inner {
    /// The text of `input`: not blank, and no longer than a message may be.
    pub(super) async fn transcribe(&self, input: TurnInput) -> Result<String, ConversationError> {
        let text = match input {
            TurnInput::Text(text) => text,
            TurnInput::TooShort => return Err(ConversationError::NotTranscribable),
            TurnInput::Recording(file, format) => self.transcribe_file(&file, format).await?,
        };
        let text = text.replace('\0', "").trim().to_owned();
        match text.chars().count() {
            0 => Err(ConversationError::NotTranscribable),
            1..=MAX_TEXT_CHARACTERS => Ok(text),
            // Typed text was measured before: only a broken transcript is so long.
            _ => Err(ConversationError::SpeechToText(ProviderError::Unusable {
                vendor: "speech to text",
                what: "an endless transcript",
            })),
        }
    }

    async fn transcribe_file(
        &self,
        file: &Path,
        format: AudioFormat,
    ) -> Result<String, ConversationError> {
        let Some(speech_to_text) = &self.speech_to_text else {
            return Err(ConversationError::SpeechToTextNotConfigured);
        };
        match time_stage(Stage::SpeechToText, speech_to_text.transcribe(file, format)).await {
            Ok(text) => Ok(text),
            // The provider was reached and cannot decode this file.
            Err(error @ ProviderError::Refused { status: 400 | 413 | 415 | 422, .. }) => {
                tracing::info!(%error, "recording not transcribable");
                Err(ConversationError::NotTranscribable)
            }
            Err(error) => {
                metrics::record_provider_error(Stage::SpeechToText);
                Err(ConversationError::SpeechToText(error))
            }
        }
    }
}
