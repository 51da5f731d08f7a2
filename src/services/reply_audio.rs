//! The coach's spoken answers: files that live for an hour, named after the line they speak.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempPath;
use time::OffsetDateTime;
use tokio::task::spawn_blocking;

use crate::domain::{Message, MessageId, Sender};

/// The folder of reply audio.
#[derive(Debug, Clone)]
pub struct ReplyAudio {
    folder: PathBuf,
    retention: Duration,
}

impl ReplyAudio {
    /// Keeps audio in `folder`, which exists, for `retention`.
    pub fn new(folder: PathBuf, retention: Duration) -> Self {
        Self { folder, retention }
    }

    /// Where the files are, to be served under `/audio`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How long a file is kept.
    pub fn retention(&self) -> Duration {
        self.retention
    }

    /// A file to speak into, not served yet, and gone with its value unless published.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn draft(&self) -> io::Result<TempPath> {
        // The dot keeps it out of what is served.
        tempfile::Builder::new()
            .prefix(".draft-")
            .suffix(".mp3")
            .tempfile_in(&self.folder)
            .map(tempfile::NamedTempFile::into_temp_path)
    }

    /// Serves a draft as the audio of the line `id` from now on.
    ///
    /// # Errors
    /// If the file cannot be renamed.
    pub fn publish(&self, draft: TempPath, id: &MessageId) -> io::Result<()> {
        draft.persist(self.file(id)).map_err(|error| error.error)
    }

    /// The address of a line's audio on this server.
    pub fn url(id: &MessageId) -> String {
        format!("/audio/{}.mp3", id.as_str())
    }

    /// Which of `messages` can still be heard.
    pub async fn audible(&self, messages: &[Message]) -> HashSet<MessageId> {
        let oldest = OffsetDateTime::now_utc() - self.retention;
        let candidates: Vec<(MessageId, PathBuf)> = messages
            .iter()
            .filter(|message| message.sender == Sender::Ai && message.created_at >= oldest)
            .map(|message| (message.id.clone(), self.file(&message.id)))
            .collect();
        if candidates.is_empty() {
            return HashSet::new();
        }
        spawn_blocking(move || {
            candidates
                .into_iter()
                .filter(|(_, file)| file.is_file())
                .map(|(id, _)| id)
                .collect()
        })
        .await
        // Only a shutdown cancels it, and then nobody listens any more.
        .unwrap_or_default()
    }

    /// Where the audio of a line is, if it is there.
    pub fn file(&self, id: &MessageId) -> PathBuf {
        self.folder.join(format!("{}.mp3", id.as_str()))
    }
}
