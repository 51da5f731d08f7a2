//! Stored reply audio: one MP3 or WAV file a message, in a folder or an object store, kept for an
//! hour.
//!
//! The crate object_store hides the difference. Any number of servers can serve each other's audio
//! through a shared folder or an S3 bucket.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::{
    ClientConfigKey, GetOptions, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload,
    RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use time::OffsetDateTime;
use tokio::{task::spawn_blocking, time::timeout};

use super::{
    audio_error::{AudioError, AudioStoreError},
    audio_joiner::silent_clip,
    live_audio::{AudioFile, LiveAudio, LiveStreams},
    uploads::delete_older_than,
};
use crate::domain::{AudioFormat, Message, MessageId, Sender, Viewer};

/// Longest call of the store, its own retries included. A turn waits no longer for its audio.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);
/// Lookups at a time when a history is shown.
const MAX_CONCURRENT_LOOKUPS: usize = 16;
/// Formats of reply audio.
const FORMATS: [AudioFormat; 2] = [AudioFormat::Mp3, AudioFormat::Wav];

/// Stores reply audio; a cheap clone.
#[derive(Clone)]
pub struct AudioStore {
    store: Arc<dyn ObjectStore>,
    /// Precedes all names in the store.
    prefix: Path,
    /// The folder of the files, if the store is one.
    folder: Option<PathBuf>,
    address: String,
    retention: Duration,
    live: LiveStreams,
}

impl AudioStore {
    /// Keeps audio at `address` for `retention`: `file:///a/folder`, or `s3://bucket/prefix` with
    /// the usual variables of S3 clients (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_REGION`, `AWS_ENDPOINT`, …).
    pub fn from_url(address: &str, retention: Duration) -> Result<Self, AudioStoreError> {
        let unusable = |reason: String| AudioStoreError { address: address.to_owned(), reason };
        if !address.starts_with("file:") && address.contains(['@', '?']) {
            let reason =
                "it has credentials, which AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold";
            return Err(AudioStoreError { address: "…".into(), reason: reason.into() });
        }
        if let Some(folder) = address.strip_prefix("file://").filter(|path| path.starts_with('/')) {
            fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
            return Self::local(FilePath::new(folder), retention);
        }
        let prefix = match address.strip_prefix("s3://").map(|rest| rest.split_once('/')) {
            None => return Err(unusable("unknown kind of address".into())),
            Some(None) => Path::default(),
            Some(Some((_, prefix))) => {
                Path::parse(prefix).map_err(|error| unusable(error.to_string()))?
            }
        };
        let store = s3(address).map_err(|error| unusable(error.to_string()))?;
        Ok(Self::new(store, prefix, None, address.to_owned(), retention))
    }

    /// Keeps audio in `folder`, which exists, for `retention`.
    pub fn local(folder: &FilePath, retention: Duration) -> Result<Self, AudioStoreError> {
        let address = folder.display().to_string();
        let store = match LocalFileSystem::new_with_prefix(folder) {
            Ok(store) => Arc::new(store),
            Err(error) => return Err(AudioStoreError { address, reason: error.to_string() }),
        };
        Ok(Self::new(store, Path::default(), Some(folder.to_owned()), address, retention))
    }

    fn new(
        store: Arc<dyn ObjectStore>,
        prefix: Path,
        folder: Option<PathBuf>,
        address: String,
        retention: Duration,
    ) -> Self {
        Self { store, prefix, folder, address, retention, live: LiveStreams::default() }
    }

    /// The store's address, for operators.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL path of a message's audio on this server.
    pub fn url(id: &MessageId, format: AudioFormat) -> String {
        format!("/audio/{}", file_name(id, format))
    }

    /// Stores `audio` for the message `id`.
    pub async fn publish(&self, audio: AudioFile, id: &MessageId) -> Result<(), AudioError> {
        let payload = PutPayload::from_iter(audio.chunks);
        with_timeout(id, self.store.put(&self.object_path(id, audio.format), payload)).await?;
        Ok(())
    }

    /// Stores a short silence in place of audio whose URL a client has got, and which could not be
    /// made: the deployed frontend shows an error instead of the reply if its audio is missing.
    pub async fn publish_silence(
        &self,
        id: &MessageId,
        format: AudioFormat,
    ) -> Result<(), AudioError> {
        self.publish(AudioFile { format, chunks: vec![silent_clip(format)] }, id).await
    }

    /// Announces audio for the message `id` that is about to be synthesized. Until the message is
    /// stored, `viewer` alone may listen.
    pub fn start_live(&self, id: &MessageId, viewer: Viewer) -> LiveAudio {
        self.live.start(id, viewer)
    }

    /// Whether this server is synthesizing the audio of a message.
    pub fn is_live(&self, id: &MessageId) -> bool {
        self.live.contains(id)
    }

    /// Whether this server is synthesizing the audio of a message on behalf of `viewer`, and the
    /// message is not stored yet.
    pub fn precedes_message_for(&self, id: &MessageId, viewer: Viewer) -> bool {
        self.live.precedes_message_for(id, viewer)
    }

    /// Says that the message of live audio is stored: the repository decides from now on who may
    /// listen.
    pub fn set_message_stored(&self, id: &MessageId) {
        self.live.set_message_stored(id);
    }

    /// The audio that this server is synthesizing for a message, from its first byte; `None` if it
    /// is synthesizing none. The stream ends early if synthesis fails.
    pub fn live_stream(&self, id: &MessageId) -> Option<impl Stream<Item = Bytes> + use<>> {
        self.live.stream(id)
    }

    /// Whether the store is a folder, in which a file is in a moment.
    pub fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Waits until this server has stored, or given up, the audio of a message.
    pub async fn wait_until_stored(&self, id: &MessageId) {
        self.live.wait_until_gone(id).await;
    }

    /// The path of a message's audio, which may not exist; `None` if the store is no folder.
    pub fn file(&self, id: &MessageId, format: AudioFormat) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(file_name(id, format)))
    }

    /// A message's audio, or a range of it.
    pub async fn get(
        &self,
        id: &MessageId,
        format: AudioFormat,
        options: GetOptions,
    ) -> Result<GetResult, AudioError> {
        with_timeout(id, self.store.get_opts(&self.object_path(id, format), options)).await
    }

    /// Size, time and tag of a message's audio.
    pub async fn head(
        &self,
        id: &MessageId,
        format: AudioFormat,
    ) -> Result<ObjectMeta, AudioError> {
        with_timeout(id, self.store.head(&self.object_path(id, format))).await
    }

    /// The formats of those of `messages` that have audio, live or stored. A store that fails
    /// counts as empty, and silence in place of audio as none.
    pub async fn existing(&self, messages: &[Message]) -> HashMap<MessageId, AudioFormat> {
        let oldest = OffsetDateTime::now_utc() - self.retention;
        let candidates: Vec<MessageId> = messages
            .iter()
            .filter(|message| message.sender == Sender::Ai && message.created_at >= oldest)
            .map(|message| message.id.clone())
            .collect();
        stream::iter(candidates)
            .map(async |id| {
                let format = match self.live.format(&id) {
                    Some(format) => format,
                    None => self.stored_format(&id).await?,
                };
                Some((id, format))
            })
            .buffer_unordered(MAX_CONCURRENT_LOOKUPS)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    async fn stored_format(&self, id: &MessageId) -> Option<AudioFormat> {
        for format in FORMATS {
            match self.head(id, format).await {
                Ok(audio) => {
                    let is_silence = audio.size == silent_clip(format).len() as u64;
                    return (!is_silence).then_some(format);
                }
                Err(AudioError::NotFound) => {}
                Err(error) => {
                    tracing::warn!(%error, "audio lookup failed: message shown without audio");
                    return None;
                }
            }
        }
        None
    }

    /// Deletes the audio of these messages, and returns how many had some. Audio that cannot be
    /// deleted now is deleted when it expires.
    pub async fn remove(&self, ids: &[MessageId]) -> u64 {
        stream::iter(ids)
            .map(|id| self.remove_one(id))
            .buffer_unordered(MAX_CONCURRENT_LOOKUPS)
            .fold(0, async |sum, existed| sum + u64::from(existed))
            .await
    }

    /// [`AudioStore::remove`] for one message: whether it had audio.
    pub async fn remove_one(&self, id: &MessageId) -> bool {
        let mut has_existed = false;
        for format in FORMATS {
            // Stores do not say whether there was anything to delete.
            let exists = self.head(id, format).await.is_ok();
            match with_timeout(id, self.store.delete(&self.object_path(id, format))).await {
                Ok(()) => has_existed |= exists,
                Err(AudioError::NotFound) => {}
                Err(error) => tracing::warn!(%error, "audio not deleted before it expires"),
            }
        }
        has_existed
    }

    /// Deletes expired audio, and returns of how many messages.
    pub async fn delete_expired(&self) -> Result<u64, AudioError> {
        let Some(folder) = self.folder.clone() else {
            return self.delete_expired_objects().await;
        };
        let age = self.retention;
        // Includes partial files of a killed server, which object_store does not list.
        spawn_blocking(move || delete_older_than(&folder, age, |name| name.starts_with("msg-")))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(failed)
    }

    async fn delete_expired_objects(&self) -> Result<u64, AudioError> {
        let oldest = OffsetDateTime::now_utc() - self.retention;
        let expired = self
            .store
            .list(Some(&self.prefix))
            .try_filter(move |object| {
                // Other programs may keep objects in the same bucket.
                let ours =
                    object.location.filename().is_some_and(|name| parse_file_name(name).is_some());
                std::future::ready(
                    ours && object.last_modified.timestamp() < oldest.unix_timestamp(),
                )
            })
            .map_ok(|object| object.location)
            .boxed();
        self.store
            .delete_stream(expired)
            .try_fold(0, async |count, _| Ok(count + 1))
            .await
            .map_err(failed)
    }

    fn object_path(&self, id: &MessageId, format: AudioFormat) -> Path {
        self.prefix.clone().join(file_name(id, format))
    }
}

fn s3(address: &str) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    let store = AmazonS3Builder::from_env()
        .with_url(address)
        .with_config(
            AmazonS3ConfigKey::Client(ClientConfigKey::Timeout),
            format!("{} s", STORE_TIMEOUT.as_secs()),
        )
        .with_retry(RetryConfig {
            max_retries: 2,
            retry_timeout: STORE_TIMEOUT,
            ..RetryConfig::default()
        })
        .build()?;
    Ok(Arc::new(store))
}

/// The message whose audio has this file name, and its format; `None` for any other name.
pub fn parse_file_name(name: &str) -> Option<(MessageId, AudioFormat)> {
    let (id, extension) = name.rsplit_once('.')?;
    let format = FORMATS.into_iter().find(|format| format.extension() == extension)?;
    Some((MessageId::parse(id)?, format))
}

fn file_name(id: &MessageId, format: AudioFormat) -> String {
    format!("{}.{}", id.as_str(), format.extension())
}

async fn with_timeout<T>(
    id: &MessageId,
    operation: impl Future<Output = Result<T, object_store::Error>>,
) -> Result<T, AudioError> {
    match timeout(STORE_TIMEOUT, operation).await {
        Ok(result) => result.map_err(|error| AudioError::of(id, &error)),
        Err(_) => Err(AudioError::Failed("the store timed out".into())),
    }
}

fn failed(error: impl std::error::Error) -> AudioError {
    AudioError::Failed(error.to_string())
}
