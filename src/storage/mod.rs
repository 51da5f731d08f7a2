//! Files: reply audio and uploads.

mod audio_store;
mod uploads;

pub use audio_store::{AudioError, AudioStoreError, ReplyAudio, id_of};
pub use uploads::{Uploads, sweep_uploads};
