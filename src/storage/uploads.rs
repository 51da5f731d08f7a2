//! Uploads in progress, and the deletion of old files in a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use nix::sys::statvfs::statvfs;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::domain::AudioFormat;

/// Uploads and command providers take less; older files were left by a killed process.
const STALE_AFTER: Duration = Duration::from_secs(60 * 60);

/// The folder of uploads in progress.
#[derive(Debug, Clone)]
pub struct Uploads {
    folder: PathBuf,
    min_free_bytes: u64,
}

impl Uploads {
    /// Keeps uploads in `folder`, which exists, as long as its disk has so much free space.
    pub fn new(folder: PathBuf, min_free_bytes: u64) -> Self {
        Self { folder, min_free_bytes }
    }

    /// An error of the kind `StorageFull` if the disk has less free space than uploads leave to
    /// others, such as the embedded Postgres.
    pub fn check_space(&self) -> io::Result<()> {
        let disk = statvfs(&self.folder)?;
        let free_bytes = disk.blocks_available() as u64 * disk.fragment_size() as u64;
        if free_bytes < self.min_free_bytes {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// A file for a recording of this format, removed when its value is dropped.
    pub fn create(&self, format: AudioFormat) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix("upload-")
            .suffix(&format!(".{}", format.extension()))
            .tempfile_in(&self.folder)
    }

    /// Deletes uploads that a killed process left behind, and returns how many.
    pub async fn delete_stale(&self) -> io::Result<u64> {
        let folder = self.folder.clone();
        spawn_blocking(move || delete_older_than(&folder, STALE_AFTER, |_| true))
            .await
            .map_err(io::Error::other)
            .flatten()
    }
}

/// Deletes entries of `folder` that are older than `age` and whose name `matches`, and returns how
/// many.
pub(super) fn delete_older_than(
    folder: &Path,
    age: Duration,
    matches: impl Fn(&str) -> bool,
) -> io::Result<u64> {
    let now = SystemTime::now();
    let mut deleted = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another server on the same folder may have deleted the entry.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let old = now.duration_since(metadata.modified()?).is_ok_and(|passed| passed >= age);
        if !old || !matches(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let result = if metadata.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        match result {
            Ok(()) => deleted += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn only_old_files_with_matching_names_are_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str, age: u64| {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("a time");
        };
        make("msg-old.mp3", 120);
        make("msg-old.mp3#1", 120);
        make("msg-young.mp3", 10);
        make("other.mp3", 120);
        let age = Duration::from_secs(60);
        let deleted = delete_older_than(folder.path(), age, |name| name.starts_with("msg-"));
        assert_eq!(deleted.expect("deleted"), 2);
        assert!(folder.path().join("msg-young.mp3").exists());
        assert!(folder.path().join("other.mp3").exists());
    }
}
