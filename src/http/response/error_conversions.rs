//! Conversions of lower layers' errors into [`ApiError`].
//!
//! Causes are logged here, once, and never sent to the client.

use actix_web::http::StatusCode;

use crate::{
    http::response::error::ApiError,
    providers::ProviderError,
    repository::RepositoryError,
    services::{ConversationError, IdempotencyError, RatingError},
    storage::AudioError,
};

impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(_) => {
                tracing::warn!(%error, "request failed");
                Self::DatabaseUnavailable
            }
            RepositoryError::UserNotFound => {
                tracing::info!(reason = "its account does not exist any more", "token refused");
                Self::BadToken
            }
            RepositoryError::EmailTaken | RepositoryError::Unexpected(_) => {
                tracing::error!(%error, "request failed");
                Self::Internal
            }
        }
    }
}

impl From<AudioError> for ApiError {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::NotFound | AudioError::NotModified => Self::AudioNotFound,
            AudioError::Failed(_) => {
                tracing::warn!(%error, "request failed");
                Self::AudioStoreUnavailable
            }
        }
    }
}

impl From<IdempotencyError> for ApiError {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::InProgress => Self::IdempotencyKeyInUse,
            IdempotencyError::KeyReused => Self::IdempotencyKeyReused,
            IdempotencyError::Repository(error) => error.into(),
        }
    }
}

impl From<ConversationError> for ApiError {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotFound => Self::SessionNotFound(StatusCode::OK),
            ConversationError::NotActive => Self::SessionNotActive,
            ConversationError::NotTranscribable => Self::NotTranscribable,
            ConversationError::SpeechToTextNotConfigured => {
                tracing::warn!(
                    advice = "set OPENAI_API_KEY, or KUKU_SPEECH_TO_TEXT__PROVIDER",
                    "recording refused: no speech to text is set up"
                );
                Self::SpeechToTextNotConfigured
            }
            ConversationError::SpeechToText(_) => {
                tracing::warn!(%error, "turn failed");
                Self::SpeechToTextUnavailable
            }
            ConversationError::Coach(ProviderError::Declined { .. }) => {
                tracing::info!(%error, "turn declined");
                Self::CoachDeclined
            }
            ConversationError::Coach(
                ProviderError::Unavailable { .. }
                | ProviderError::Refused { .. }
                | ProviderError::Unusable { .. },
            ) => {
                tracing::warn!(%error, "turn failed");
                Self::CoachUnavailable
            }
            ConversationError::Unanswered(_) => {
                tracing::warn!(%error, "turn failed");
                Self::RecordingUnanswered
            }
            ConversationError::Full => Self::SessionFull,
            ConversationError::Busy => Self::SessionBusy,
            ConversationError::Overloaded => Self::Overloaded,
            ConversationError::Idempotency(error) => error.into(),
            ConversationError::Repository(error) => error.into(),
            ConversationError::Cancelled => Self::ShuttingDown,
            ConversationError::TaskFailed(_) => {
                tracing::error!(%error, "turn failed");
                Self::Internal
            }
        }
    }
}

impl From<RatingError> for ApiError {
    fn from(error: RatingError) -> Self {
        match error {
            RatingError::NotFound => Self::SessionNotFound(StatusCode::OK),
            RatingError::NotEnded => Self::SessionNotEnded,
            RatingError::Request(error) => error.into(),
            RatingError::Repository(error) => error.into(),
        }
    }
}
