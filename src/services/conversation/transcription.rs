//! What the person said, typed or spoken.

use super::{ConversationError, Inner, turn::TurnInput};
use crate::{
    domain::MAX_TEXT_CHARACTERS,
    metrics::{self, Stage, time_stage},
    providers::ProviderError,
};

impl Inner {
    /// The words, which are no longer than a line may be.
    pub(super) async fn listen(&self, input: TurnInput) -> Result<String, ConversationError> {
        let text = match input {
            TurnInput::Text(text) => text,
            TurnInput::TooShort => return Err(ConversationError::NotTranscribable),
            TurnInput::Recording(audio, format) => {
                let Some(speech_to_text) = &self.speech_to_text else {
                    return Err(ConversationError::SpeechToTextNotConfigured);
                };
                match time_stage(
                    Stage::SpeechToText,
                    speech_to_text.transcribe(&audio, format),
                )
                .await
                {
                    Ok(text) => text,
                    // It was reached, and could make nothing of this file.
                    Err(
                        error @ ProviderError::Refused {
                            status: 400 | 413 | 415 | 422,
                            ..
                        },
                    ) => {
                        tracing::info!(%error, "recording not understood");
                        return Err(ConversationError::NotTranscribable);
                    }
                    Err(error) => {
                        metrics::record_provider_error(Stage::SpeechToText);
                        return Err(ConversationError::SpeechToText(error));
                    }
                }
            }
        };
        let text = text.replace('\0', "").trim().to_owned();
        match text.chars().count() {
            0 => Err(ConversationError::NotTranscribable),
            1..=MAX_TEXT_CHARACTERS => Ok(text),
            // Typed text was measured before: this is no transcript of any recording.
            _ => Err(ConversationError::SpeechToText(ProviderError::Unusable {
                vendor: "speech to text",
                what: "an endless transcript",
            })),
        }
    }
}
