//! Files: reply audio and uploads.

mod audio_error;
mod audio_joiner;
mod audio_store;
mod live_audio;
mod uploads;

pub use audio_error::{AudioError, AudioStoreError};
pub use audio_joiner::UnexpectedFormat;
pub use audio_store::{AudioStore, parse_file_name};
pub use live_audio::{AudioFile, LiveAudio};
pub use uploads::Uploads;
