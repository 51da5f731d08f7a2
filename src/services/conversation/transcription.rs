//! The person's text: typed, or transcribed from a recording.

use std::{fs::File, io, path::Path};

use tokio::task::spawn_blocking;

use super::{ConversationError, Inner, turn::TurnInput};
use crate::{
    domain::{
        AudioFormat, LanguageTag, MAX_TEXT_CHARACTERS, WavHeader, clean_transcript,
        is_known_hallucination, is_silence,
    },
    metrics::{self, Stage, time_stage},
    providers::{ProviderError, Transcript},
};

impl Inner {
    /// The text of `input`: not blank, and no longer than a message may be; and its language, if
    /// speech to text tells it. `language` is the session's, if it is certain.
    pub(super) async fn transcribe(
        &self,
        input: TurnInput,
        language: Option<LanguageTag>,
    ) -> Result<(String, Option<LanguageTag>), ConversationError> {
        let (text, heard) = match input {
            TurnInput::Text(text) => (text.replace('\0', "").trim().to_owned(), None),
            TurnInput::TooShort => return Err(ConversationError::NotTranscribable),
            TurnInput::Recording(file, format, _) => {
                let transcript = self.transcribe_file(&file, format, language).await?;
                // After a hint, servers repeat it.
                let heard = transcript.language.filter(|_| language.is_none());
                (spoken_words(transcript, &file, format).await?, heard)
            }
        };
        match text.chars().count() {
            0 => Err(ConversationError::NotTranscribable),
            1..=MAX_TEXT_CHARACTERS => Ok((text, heard)),
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
        language: Option<LanguageTag>,
    ) -> Result<Transcript, ConversationError> {
        let Some(speech_to_text) = &self.speech_to_text else {
            return Err(ConversationError::SpeechToTextNotConfigured);
        };
        match time_stage(Stage::SpeechToText, speech_to_text.transcribe(file, format, language))
            .await
        {
            Ok(transcript) => Ok(transcript),
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

/// The words of a transcript. Models write "Okay." or "[BLANK_AUDIO]" for silence, which must not
/// confirm or decline a wrap-up.
async fn spoken_words(
    transcript: Transcript,
    file: &Path,
    format: AudioFormat,
) -> Result<String, ConversationError> {
    let text = clean_transcript(&transcript.text);
    let is_silent = is_silence(&text)
        || is_known_hallucination(&text)
            && (transcript.no_speech || is_silent_file(file, format).await);
    if is_silent {
        tracing::info!("recording holds no speech");
        return Err(ConversationError::NotTranscribable);
    }
    Ok(text)
}

/// Whether a WAVE file is silent by its energy; `false` for other formats, which are not decoded.
async fn is_silent_file(file: &Path, format: AudioFormat) -> bool {
    if format != AudioFormat::Wav {
        return false;
    }
    let file = file.to_owned();
    let measured = spawn_blocking(move || -> io::Result<bool> {
        let mut file = File::open(file)?;
        match WavHeader::read(&mut file)? {
            Some(header) => header.is_silent(&mut file),
            None => Ok(false),
        }
    });
    measured.await.map_err(io::Error::other).flatten().unwrap_or_else(|error| {
        tracing::warn!(%error, "energy of a recording not measured");
        false
    })
}
