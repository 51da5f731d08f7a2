//! Errors of the audio store.

use crate::domain::MessageId;

/// The store cannot be used with its settings.
#[derive(Debug, thiserror::Error)]
#[error(
    "audio_store (KUKU_AUDIO_STORE): {address:?} cannot be used: {reason}. \
     Set it to file:///a/folder or s3://bucket/prefix"
)]
pub struct AudioStoreError {
    pub(super) address: String,
    pub(super) reason: String,
}

/// Why there is no audio.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The audio never existed or has expired.
    #[error("no such audio")]
    NotFound,
    /// The caller has the audio already.
    #[error("audio not modified")]
    NotModified,
    /// The store timed out (10 s) or refused. The text never names a message: its id is enough to
    /// fetch the audio.
    #[error("the audio store fails: {0}")]
    Failed(String),
}

impl AudioError {
    /// The store's error for the audio of `id`, with the id removed from the text.
    pub fn of(id: &MessageId, error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            object_store::Error::NotModified { .. } => Self::NotModified,
            error => Self::Failed(error.to_string().replace(id.as_str(), "…")),
        }
    }
}
