//! Audio of a message, wherever it is: still being synthesized, in a folder, or in a remote store.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{GetOptions, GetResult};
use tokio::{fs, time::sleep};

use crate::{
    domain::MessageId,
    storage::{AudioError, AudioStore},
};

/// Interval at which the store is polled for audio that another server may be synthesizing.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

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

/// Opens the audio of a message. Polls for up to `wait_timeout` while there is none. `options`
/// apply to remote stores only. Live audio that fails before its first chunk is not found.
pub async fn open(
    store: &AudioStore,
    id: &MessageId,
    options: GetOptions,
    mut wait_timeout: Duration,
) -> Result<ReplyAudio, AudioError> {
    loop {
        if let Some(chunks) = store.live_stream(id) {
            let mut chunks = Box::pin(chunks.peekable());
            chunks.as_mut().peek().await.ok_or(AudioError::NotFound)?;
            return Ok(ReplyAudio::Live(chunks));
        }
        match open_stored(store, id, options.clone()).await {
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
    options: GetOptions,
) -> Result<ReplyAudio, AudioError> {
    if let Some(path) = store.file(id) {
        return match fs::try_exists(&path).await {
            Ok(true) => Ok(ReplyAudio::File(path)),
            _ => Err(AudioError::NotFound),
        };
    }
    let has_range = options.range.is_some();
    match store.get(id, options).await {
        Ok(object) => Ok(ReplyAudio::Object(object)),
        // Stores have no common error for a range beyond the end.
        Err(AudioError::Failed(_)) if has_range => {
            Ok(ReplyAudio::RangeNotSatisfiable { size_bytes: store.head(id).await?.size })
        }
        Err(error) => Err(error),
    }
}
