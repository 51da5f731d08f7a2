//! Files: reply audio and uploads.

mod audio_store;
mod uploads;

pub use audio_store::{AudioError, AudioStore, AudioStoreError, parse_file_name};
pub use uploads::{Uploads, delete_stale_uploads};
