//! Reply audio that this server is still synthesizing: listeners get its bytes as they arrive.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::audio_joiner::{AudioJoiner, UnexpectedFormat};
use crate::domain::{AudioFormat, MessageId, Viewer};

/// All live audio of this server, by message.
#[derive(Clone, Default)]
pub(super) struct LiveStreams(Arc<Mutex<HashMap<MessageId, Entry>>>);

struct Entry {
    /// On whose behalf the reply is made: the only listener until the message is stored. `None`
    /// from then on: the database knows who may listen.
    viewer: Option<Viewer>,
    audio: watch::Receiver<Audio>,
}

#[derive(Default)]
struct Audio {
    format: Option<AudioFormat>,
    chunks: Vec<Bytes>,
}

/// Audio of one reply in the making, of one or more parts. Dropping it ends the streams of its
/// listeners.
pub struct LiveAudio {
    streams: LiveStreams,
    id: MessageId,
    joiner: AudioJoiner,
    audio: watch::Sender<Audio>,
    /// Chunks of the parts that are complete.
    complete_chunks: usize,
}

/// A whole file of reply audio.
pub struct AudioFile {
    /// MP3 or WAV.
    pub format: AudioFormat,
    /// Its bytes, in order.
    pub chunks: Vec<Bytes>,
}

impl LiveAudio {
    /// Appends a chunk of the current part's file.
    pub fn push(&mut self, chunk: &Bytes) -> Result<(), UnexpectedFormat> {
        let sound = self.joiner.push(chunk)?;
        self.append(sound);
        Ok(())
    }

    /// The format, once listeners can hear something.
    pub fn format(&self) -> Option<AudioFormat> {
        self.joiner.format()
    }

    /// Ends the current part.
    pub fn end_part(&mut self) -> Result<(), UnexpectedFormat> {
        let rest = self.joiner.end_part()?;
        self.append(rest);
        self.complete_chunks = self.audio.borrow().chunks.len();
        Ok(())
    }

    /// The file of all complete parts; `None` without any.
    pub fn file(&self) -> Option<AudioFile> {
        let format = self.joiner.format()?;
        let mut chunks = self.audio.borrow().chunks[..self.complete_chunks].to_vec();
        let first = chunks.first_mut()?;
        if let Some(header) = self.joiner.final_header() {
            *first = [header.clone(), first.slice(header.len()..)].concat().into();
        }
        Some(AudioFile { format, chunks })
    }

    fn append(&self, sound: Bytes) {
        if !sound.is_empty() {
            self.audio.send_modify(|audio| {
                audio.format = self.joiner.format();
                audio.chunks.push(sound);
            });
        }
    }
}

impl Drop for LiveAudio {
    fn drop(&mut self) {
        self.streams.lock().remove(&self.id);
    }
}

impl LiveStreams {
    pub(super) fn start(&self, id: &MessageId, viewer: Viewer) -> LiveAudio {
        let (sender, receiver) = watch::channel(Audio::default());
        self.lock().insert(id.clone(), Entry { viewer: Some(viewer), audio: receiver });
        LiveAudio {
            streams: self.clone(),
            id: id.clone(),
            joiner: AudioJoiner::default(),
            audio: sender,
            complete_chunks: 0,
        }
    }

    /// The format of a message's live audio, once there is any.
    pub(super) fn format(&self, id: &MessageId) -> Option<AudioFormat> {
        self.lock().get(id)?.audio.borrow().format
    }

    pub(super) fn contains(&self, id: &MessageId) -> bool {
        self.lock().contains_key(id)
    }

    /// Whether the audio is made for `viewer`, and its message is not stored yet.
    pub(super) fn precedes_message_for(&self, id: &MessageId, viewer: Viewer) -> bool {
        let maker = self.lock().get(id).and_then(|entry| entry.viewer);
        maker.is_some_and(|maker| viewer.is_service() || maker == viewer)
    }

    pub(super) fn set_message_stored(&self, id: &MessageId) {
        if let Some(entry) = self.lock().get_mut(id) {
            entry.viewer = None;
        }
    }

    /// Waits until the audio of a message is no longer live.
    pub(super) async fn wait_until_gone(&self, id: &MessageId) {
        let receiver = self.lock().get(id).map(|entry| entry.audio.clone());
        if let Some(mut receiver) = receiver {
            // An error means that the sender is gone.
            while receiver.changed().await.is_ok() {}
        }
    }

    pub(super) fn stream(&self, id: &MessageId) -> Option<impl Stream<Item = Bytes> + use<>> {
        let receiver = self.lock().get(id)?.audio.clone();
        Some(stream::unfold((receiver, 0), |(mut receiver, position)| async move {
            loop {
                let next = receiver.borrow_and_update().chunks.get(position).cloned();
                match next {
                    Some(chunk) => return Some((chunk, (receiver, position + 1))),
                    None => receiver.changed().await.ok()?,
                }
            }
        }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
