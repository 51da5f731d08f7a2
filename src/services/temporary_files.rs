//! Files that come and go: uploads in progress, and the sweeping of what outlived its time.

use std::{
    fs, io,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;
use tokio::{task::spawn_blocking, time::interval};

use crate::domain::AudioFormat;

/// No upload and no program takes as long; what is older was left by a process that was killed.
const LEFTOVER_AGE: Duration = Duration::from_secs(60 * 60);
/// How often the folders are looked through.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

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

/// Removes what is older than its folder's age.
#[derive(Debug, Clone)]
pub struct Sweeper {
    folders: Vec<(PathBuf, Duration)>,
}

impl Sweeper {
    /// Sweeps reply audio after `audio_retention`, and uploads that a killed process left behind.
    pub fn new(audio: PathBuf, audio_retention: Duration, uploads: PathBuf) -> Self {
        Self {
            folders: vec![(audio, audio_retention), (uploads, LEFTOVER_AGE)],
        }
    }

    /// Sweeps at once and then every minute, or more often where files live shorter; never returns.
    pub async fn run(self) {
        let shortest = self.folders.iter().map(|(_, age)| *age).min().unwrap_or(SWEEP_INTERVAL);
        let mut ticks = interval(SWEEP_INTERVAL.min(shortest).max(Duration::from_secs(1)));
        loop {
            ticks.tick().await;
            let folders = self.folders.clone();
            let swept = spawn_blocking(move || {
                folders
                    .iter()
                    .map(|(folder, age)| sweep(folder, *age))
                    .sum::<io::Result<usize>>()
            });
            match swept.await {
                Ok(Ok(0)) => {}
                Ok(Ok(files)) => tracing::info!(files, "swept files that were out of time"),
                Ok(Err(error)) => tracing::warn!(%error, "could not sweep old files"),
                Err(error) => tracing::warn!(%error, "could not sweep old files"),
            }
        }
    }
}

fn sweep(folder: &PathBuf, age: Duration) -> io::Result<usize> {
    let now = SystemTime::now();
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another server on the same folder may have been faster.
        let Ok(metadata) = entry.metadata() else { continue };
        let old = now
            .duration_since(metadata.modified()?)
            .is_ok_and(|passed| passed >= age);
        if !old {
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
        make("old.mp3", 120);
        make(".draft-old.mp3", 120);
        make("young.mp3", 10);
        let removed = sweep(&folder.path().to_owned(), Duration::from_secs(60)).expect("swept");
        assert_eq!(removed, 2);
        assert!(folder.path().join("young.mp3").exists());
    }
}
