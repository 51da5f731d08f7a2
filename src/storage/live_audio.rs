//! Reply audio that this server is still synthesizing: listeners get its chunks as they arrive.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch;

use crate::domain::MessageId;

type Chunks = Vec<Bytes>;

/// All live audio of this server, by message.
#[derive(Clone, Default)]
pub(super) struct LiveStreams(Arc<Mutex<HashMap<MessageId, watch::Receiver<Chunks>>>>);

/// Audio in the making. Dropping it ends the streams of its listeners.
pub struct LiveAudio {
    streams: LiveStreams,
    id: MessageId,
    chunks: watch::Sender<Chunks>,
}

impl LiveAudio {
    /// Appends a chunk.
    pub fn push(&self, chunk: Bytes) {
        self.chunks.send_modify(|chunks| chunks.push(chunk));
    }
}

impl Drop for LiveAudio {
    fn drop(&mut self) {
        self.streams.lock().remove(&self.id);
    }
}

impl LiveStreams {
    pub(super) fn start(&self, id: &MessageId) -> LiveAudio {
        let (chunks, receiver) = watch::channel(Vec::new());
        self.lock().insert(id.clone(), receiver);
        LiveAudio { streams: self.clone(), id: id.clone(), chunks }
    }

    pub(super) fn contains(&self, id: &MessageId) -> bool {
        self.lock().contains_key(id)
    }

    pub(super) fn stream(&self, id: &MessageId) -> Option<impl Stream<Item = Bytes> + use<>> {
        let receiver = self.lock().get(id)?.clone();
        Some(stream::unfold((receiver, 0), |(mut receiver, position)| async move {
            loop {
                let next = receiver.borrow_and_update().get(position).cloned();
                match next {
                    Some(chunk) => return Some((chunk, (receiver, position + 1))),
                    None => receiver.changed().await.ok()?,
                }
            }
        }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, watch::Receiver<Chunks>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
