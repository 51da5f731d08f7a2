//! Audio of a message, wherever it is: still being synthesized, in a folder, or in a remote store.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetOptions, GetResult};
use tokio::{
    fs,
    time::{sleep, timeout},
};

use crate::{
    domain::{AudioFormat, MessageId, Viewer},
    repository::{DatabaseService, RepositoryError},
    storage::{AudioError, AudioStore},
};

/// Interval at which the store is polled for audio that another server may be synthesizing.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Pauses between lookups of a message that is not stored. A streaming client may learn of the
/// audio first, and ask another server for it.
const MESSAGE_PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(750), Duration::from_secs(2)];

/// Audio of a message.
pub enum ReplyAudio {
    /// Chunks of audio that this server is synthesizing. The stream ends early if that fails.
    Live(BoxStream<'static, Bytes>),
    /// A file of the local store.
    File(PathBuf),
    /// An object of a remote store, or the requested range of it.
    Object(GetResult),
    /// The requested range lies beyond the end of the object.
    RangeNotSatisfiable {
        /// Size of the whole object.
        size_bytes: u64,
    },
}

/// The age of the message whose audio `viewer` asks for, zero if its reply is still being made;
/// `None` if there is no such message, or if it is not the viewer's. With `may_precede_message` a
/// message that is not stored yet is waited for.
pub async fn message_age(
    db: &DatabaseService,
    store: &AudioStore,
    viewer: Viewer,
    id: &MessageId,
    may_precede_message: bool,
) -> Result<Option<Duration>, RepositoryError> {
    if store.precedes_message_for(id, viewer) {
        return Ok(Some(Duration::ZERO));
    }
    let mut age = db.message_age(viewer, id).await?;
    let pauses = if may_precede_message { &MESSAGE_PAUSES[..] } else { &[] };
    for pause in pauses {
        if age.is_some() {
            break;
        }
        sleep(*pause).await;
        age = db.message_age(viewer, id).await?;
    }
    Ok(age)
}

/// Opens the audio of a message. Polls for up to `wait_timeout` while there is none, and waits as
/// long for the whole of live audio if a range of it is requested. `options` apply to remote stores
/// only.
pub async fn open(
    store: &AudioStore,
    id: &MessageId,
    format: AudioFormat,
    options: GetOptions,
    mut wait_timeout: Duration,
) -> Result<ReplyAudio, AudioError> {
    if options.range.is_some() {
        // A range can be measured only once the whole is known.
        timeout(wait_timeout, store.wait_until_stored(id)).await.ok();
    }
    loop {
        if let Some(chunks) = store.live_stream(id) {
            let mut chunks = Box::pin(chunks.peekable());
            if chunks.as_mut().peek().await.is_some() {
                return Ok(ReplyAudio::Live(chunks));
            }
            // It failed before its first sound: there may be silence in its place.
        }
        match open_stored(store, id, format, options.clone()).await {
            Err(AudioError::NotFound) if !wait_timeout.is_zero() => {
                sleep(POLL_INTERVAL.min(wait_timeout)).await;
                wait_timeout = wait_timeout.saturating_sub(POLL_INTERVAL);
            }
            result => return result,
        }
    }
}

async fn open_stored(
    store: &AudioStore,
    id: &MessageId,
    format: AudioFormat,
    options: GetOptions,
) -> Result<ReplyAudio, AudioError> {
    if let Some(path) = store.file(id, format) {
        return match fs::try_exists(&path).await {
            Ok(true) => Ok(ReplyAudio::File(path)),
            _ => Err(AudioError::NotFound),
        };
    }
    let has_range = options.range.is_some();
    match store.get(id, format, options).await {
        Ok(object) => Ok(ReplyAudio::Object(object)),
        // Stores have no common error for a range beyond the end.
        Err(AudioError::Failed(_)) if has_range => {
            Ok(ReplyAudio::RangeNotSatisfiable { size_bytes: store.head(id, format).await?.size })
        }
        Err(error) => Err(error),
    }
}
