//! Data folder: creation, and the audio store that is in it by default.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::StartError;
use crate::{settings::Settings, storage::AudioStore};

/// Absolute path of the data folder, which is created if necessary.
pub fn data_dir(settings: &Settings) -> Result<PathBuf, StartError> {
    // Other users may traverse it: the embedded Postgres can run as one. Subfolders are private.
    create_dir(&settings.data_dir, 0o755)
}

/// Audio store: `audio_store` of the settings, or a folder in the data folder.
pub fn audio_store(settings: &Settings) -> Result<AudioStore, StartError> {
    let retention = Duration::from_secs(settings.audio_retention_seconds);
    Ok(match &settings.audio_store {
        Some(url) => AudioStore::from_url(url, retention)?,
        None => {
            let folder = create_dir(&data_dir(settings)?.join("audio"), 0o700)?;
            AudioStore::local(&folder, retention)?
        }
    })
}

/// Creates a folder if necessary, and returns its absolute path.
pub(super) fn create_dir(path: &Path, mode: u32) -> Result<PathBuf, StartError> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .and_then(|()| path.canonicalize())
        .map_err(|error| StartError::Folder(path.to_owned(), error))
}
