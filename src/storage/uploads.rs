//! Files that come and go: uploads in progress, and the sweeping of folders.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;
use tokio::{task::spawn_blocking, time::interval};

use crate::{
    domain::AudioFormat,
    metrics::{self, CleanupKind},
};

/// No upload and no program takes as long; what is older was left by a process that was killed.
const LEFTOVER_AGE: Duration = Duration::from_secs(60 * 60);
/// How often a place is looked through.
pub(super) const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// The folder of uploads in progress.
#[derive(Debug, Clone)]
pub struct Uploads {
    folder: PathBuf,
}

impl Uploads {
    /// Keeps uploads in `folder`, which exists.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A file for a recording of this format, gone with its value whatever happens to the turn.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(&self, format: AudioFormat) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix("upload-")
            .suffix(&format!(".{}", format.extension()))
            .tempfile_in(&self.folder)
    }
}

/// Removes what a killed process left of its uploads, now and every minute; never returns.
pub async fn delete_stale_uploads(folder: PathBuf) {
    let mut ticks = interval(SWEEP_INTERVAL);
    loop {
        ticks.tick().await;
        let folder = folder.clone();
        let swept = spawn_blocking(move || sweep(&folder, LEFTOVER_AGE, |_| true));
        match swept.await.map_err(io::Error::other).flatten() {
            Ok(0) => {}
            Ok(files) => {
                metrics::record_cleanup(CleanupKind::Uploads, files as u64);
                tracing::info!(files, "swept uploads that were left behind");
            }
            Err(error) => tracing::warn!(%error, "could not sweep old uploads"),
        }
    }
}

/// Removes the files and folders in `folder` that are `ours` by their names and older than `age`, and returns how many.
///
/// # Errors
/// If the folder cannot be read, or something in it not be removed.
pub(super) fn sweep(
    folder: &Path,
    age: Duration,
    ours: impl Fn(&str) -> bool,
) -> io::Result<usize> {
    let now = SystemTime::now();
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another server on the same folder may have been faster.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let old = now
            .duration_since(metadata.modified()?)
            .is_ok_and(|passed| passed >= age);
        if !old || !ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let result = if metadata.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        match result {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn only_what_is_out_of_time_is_swept() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str, age: u64| {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(age))
                .expect("a time");
        };
        make("msg-old.mp3", 120);
        make("msg-old.mp3#1", 120);
        make("msg-young.mp3", 10);
        make("somebody-elses.mp3", 120);
        let removed = sweep(folder.path(), Duration::from_secs(60), |name| {
            name.starts_with("msg-")
        })
        .expect("swept");
        assert_eq!(removed, 2);
        assert!(folder.path().join("msg-young.mp3").exists());
        assert!(folder.path().join("somebody-elses.mp3").exists());
    }
}
