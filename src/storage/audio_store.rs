//! The coach's spoken answers: they live for an hour, in a folder or an object store, named after the line they speak.
//!
//! The crate object_store gives both one face, so any number of servers can hand out each other's audio: by a folder that
//! they share, or by anything that speaks S3.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path as FilePath, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::{
    ClientConfigKey, GetOptions, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use time::OffsetDateTime;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{interval, timeout},
};

use super::uploads::{self, SWEEP_INTERVAL};
use crate::{
    domain::{Message, MessageId, Sender},
    metrics::{self, CleanupKind},
};

/// Longest wait for the store, its own retries included: a turn does not wait longer for its sound.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many lines are asked for at a time when a history is shown.
const QUESTIONS_AT_ONCE: usize = 16;

/// The store cannot be used as it is set up.
#[derive(Debug, thiserror::Error)]
#[error(
    "audio_store (KUKU_AUDIO_STORE): {address:?} cannot be used: {reason}. Set it to file:///a/folder or s3://bucket/prefix"
)]
pub struct AudioStoreError {
    address: String,
    reason: String,
}

/// Why there is no audio.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// It was never there, or is out of time.
    #[error("no such audio")]
    NotFound,
    /// It is what the caller has already.
    #[error("audio not modified")]
    NotModified,
    /// The store does not answer within 10 s, or refuses. The text names no line: its id is enough to hear it.
    #[error("the audio store fails: {0}")]
    Failed(String),
}

impl AudioError {
    /// What the store says of a line's audio, without the line's id.
    pub fn of(id: &MessageId, error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            object_store::Error::NotModified { .. } => Self::NotModified,
            error => Self::Failed(error.to_string().replace(id.as_str(), "…")),
        }
    }
}

/// Where reply audio is kept.
#[derive(Clone)]
pub struct AudioStore {
    store: Arc<dyn ObjectStore>,
    /// Stands before all names in the store.
    prefix: Path,
    /// Where the files are, if the store is a folder.
    folder: Option<PathBuf>,
    address: String,
    retention: Duration,
    /// Speeches that are being made by this server, part by part.
    coming: Arc<Mutex<HashMap<MessageId, watch::Receiver<Vec<Bytes>>>>>,
}

/// A speech that is being made: whoever asks for it hears what there is, and the rest as it comes. Dropped, it is over.
pub struct Coming {
    audio: AudioStore,
    id: MessageId,
    parts: watch::Sender<Vec<Bytes>>,
}

impl Coming {
    /// Adds what has come.
    pub fn add(&self, part: Bytes) {
        self.parts.send_modify(|parts| parts.push(part));
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.audio.all_coming().remove(&self.id);
    }
}

impl AudioStore {
    /// Keeps audio at `address` for `retention`: `file:///a/folder`, or `s3://bucket/prefix` with the `AWS_…` variables
    /// that every S3 client knows (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`, …).
    ///
    /// # Errors
    /// If the address is of no such kind, or the folder cannot be made.
    pub fn from_url(address: &str, retention: Duration) -> Result<Self, AudioStoreError> {
        let unusable = |reason: String| AudioStoreError {
            address: address.to_owned(),
            reason,
        };
        if let Some(folder) = address
            .strip_prefix("file://")
            .filter(|path| path.starts_with('/'))
        {
            fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
            return Self::local(FilePath::new(folder), retention);
        }
        let prefix = match address
            .strip_prefix("s3://")
            .map(|rest| rest.split_once('/'))
        {
            None => return Err(unusable("it is no such address".into())),
            Some(None) => Path::default(),
            Some(Some((_, prefix))) => {
                Path::parse(prefix).map_err(|error| unusable(error.to_string()))?
            }
        };
        let store = AmazonS3Builder::from_env()
            .with_url(address)
            .with_config(
                AmazonS3ConfigKey::Client(ClientConfigKey::Timeout),
                format!("{} s", PATIENCE.as_secs()),
            )
            .with_retry(RetryConfig {
                max_retries: 2,
                retry_timeout: PATIENCE,
                ..RetryConfig::default()
            })
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            store: Arc::new(store),
            prefix,
            folder: None,
            address: address.to_owned(),
            retention,
            coming: Arc::default(),
        })
    }

    /// Keeps audio in `folder`, which exists, for `retention`.
    ///
    /// # Errors
    /// If the folder is not there.
    pub fn local(folder: &FilePath, retention: Duration) -> Result<Self, AudioStoreError> {
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| AudioStoreError {
            address: folder.display().to_string(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            store: Arc::new(store),
            prefix: Path::default(),
            folder: Some(folder.to_owned()),
            address: folder.display().to_string(),
            retention,
            coming: Arc::default(),
        })
    }

    /// Where it is, for people.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of a line's audio on this server.
    pub fn url(id: &MessageId) -> String {
        format!("/audio/{}", name(id))
    }

    /// Serves `speech` as the audio of the line `id` from now on.
    ///
    /// # Errors
    /// [`AudioError::Failed`]
    pub async fn publish(&self, speech: Bytes, id: &MessageId) -> Result<(), AudioError> {
        in_time(id, self.store.put(&self.place(id), speech.into())).await?;
        Ok(())
    }

    /// A speech of the line `id` that begins now.
    pub fn begin(&self, id: &MessageId) -> Coming {
        let (parts, listening) = watch::channel(Vec::new());
        self.all_coming().insert(id.clone(), listening);
        Coming {
            audio: self.clone(),
            id: id.clone(),
            parts,
        }
    }

    /// The speech of a line that this server is making, from its beginning; `None` if it is making none. It ends early
    /// if the speech fails.
    pub fn coming(&self, id: &MessageId) -> Option<impl Stream<Item = Bytes> + use<>> {
        let listening = self.all_coming().get(id)?.clone();
        Some(stream::unfold(
            (listening, 0),
            |(mut listening, heard)| async move {
                loop {
                    let next = listening.borrow_and_update().get(heard).cloned();
                    match next {
                        Some(part) => return Some((part, (listening, heard + 1))),
                        None => listening.changed().await.ok()?,
                    }
                }
            },
        ))
    }

    fn all_coming(&self) -> MutexGuard<'_, HashMap<MessageId, watch::Receiver<Vec<Bytes>>>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file with a line's audio, whether it is there or not; `None` if the store is no folder.
    pub fn file(&self, id: &MessageId) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(name(id)))
    }

    /// A line's audio, or a part of it.
    ///
    /// # Errors
    /// [`AudioError`]
    pub async fn get(&self, id: &MessageId, options: GetOptions) -> Result<GetResult, AudioError> {
        in_time(id, self.store.get_opts(&self.place(id), options)).await
    }

    /// What is known of a line's audio without fetching it.
    ///
    /// # Errors
    /// [`AudioError`]
    pub async fn head(&self, id: &MessageId) -> Result<ObjectMeta, AudioError> {
        in_time(id, self.store.head(&self.place(id))).await
    }

    /// Which of `messages` can still be heard. A store that does not answer has none of them.
    pub async fn existing(&self, messages: &[Message]) -> HashSet<MessageId> {
        let oldest = OffsetDateTime::now_utc() - self.retention;
        let candidates: Vec<MessageId> = messages
            .iter()
            .filter(|message| message.sender == Sender::Ai && message.created_at >= oldest)
            .map(|message| message.id.clone())
            .collect();
        stream::iter(candidates)
            .map(async |id| {
                if self.all_coming().contains_key(&id) {
                    return Some(id);
                }
                match self.head(&id).await {
                    Ok(_) => Some(id),
                    Err(AudioError::NotFound) => None,
                    Err(error) => {
                        tracing::warn!(%error, "a line is shown without its audio");
                        None
                    }
                }
            })
            .buffer_unordered(QUESTIONS_AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    /// Removes the audio of these lines before its time, and returns of how many there was some. What cannot be removed now
    /// goes when its time is over.
    pub async fn remove(&self, ids: &[MessageId]) -> u64 {
        let removals = stream::iter(ids).map(|id| self.remove_one(id));
        removals
            .buffer_unordered(QUESTIONS_AT_ONCE)
            .fold(0, async |sum, was_there| sum + u64::from(was_there))
            .await
    }

    /// The same for one line: whether there was some.
    pub async fn remove_one(&self, id: &MessageId) -> bool {
        // Stores do not say whether there was anything to delete.
        let was_there = self.head(id).await.is_ok();
        match in_time(id, self.store.delete(&self.place(id))).await {
            Ok(()) => was_there,
            Err(AudioError::NotFound) => false,
            Err(error) => {
                tracing::warn!(%error, "audio not removed before its time");
                false
            }
        }
    }

    /// Removes what is out of time, now and every minute (or more often where audio lives shorter); never returns.
    pub async fn sweep(self) {
        let mut ticks = interval(
            SWEEP_INTERVAL
                .min(self.retention)
                .max(Duration::from_secs(1)),
        );
        loop {
            ticks.tick().await;
            match self.remove_old().await {
                Ok(0) => {}
                Ok(files) => {
                    metrics::record_cleanup(CleanupKind::Audio, files as u64);
                    tracing::info!(files, "swept reply audio that was out of time");
                }
                Err(error) => tracing::warn!(%error, "could not sweep old reply audio"),
            }
        }
    }

    async fn remove_old(&self) -> Result<usize, AudioError> {
        if let Some(folder) = self.folder.clone() {
            let age = self.retention;
            // Also what a killed server left half-written, which object_store does not list.
            let swept = spawn_blocking(move || {
                uploads::sweep(&folder, age, |name| name.starts_with("msg-"))
            });
            return swept
                .await
                .map_err(io::Error::other)
                .flatten()
                .map_err(failed);
        }
        let oldest = OffsetDateTime::now_utc() - self.retention;
        let old = self
            .store
            .list(Some(&self.prefix))
            .try_filter(move |found| {
                // Others may keep things in the same bucket.
                let ours = found
                    .location
                    .filename()
                    .is_some_and(|name| parse_file_name(name).is_some());
                std::future::ready(
                    ours && found.last_modified.timestamp() < oldest.unix_timestamp(),
                )
            })
            .map_ok(|found| found.location)
            .boxed();
        let removed = self
            .store
            .delete_stream(old)
            .try_fold(0, async |count, _| Ok(count + 1));
        removed.await.map_err(failed)
    }

    fn place(&self, id: &MessageId) -> Path {
        self.prefix.clone().join(name(id))
    }
}

/// The line whose audio has this name; `None` for any other name.
pub fn parse_file_name(name: &str) -> Option<MessageId> {
    name.strip_suffix(".mp3").and_then(MessageId::parse)
}

fn name(id: &MessageId) -> String {
    format!("{}.mp3", id.as_str())
}

async fn in_time<T>(
    id: &MessageId,
    work: impl Future<Output = Result<T, object_store::Error>>,
) -> Result<T, AudioError> {
    match timeout(PATIENCE, work).await {
        Ok(result) => result.map_err(|error| AudioError::of(id, &error)),
        Err(_) => Err(AudioError::Failed("no answer in time".into())),
    }
}

fn failed(error: impl std::error::Error) -> AudioError {
    AudioError::Failed(error.to_string())
}
