//! Speech of a reply: synthesized sentence by sentence, while the reply is being written.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel},
        oneshot, watch,
    },
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{Inner, turn_result::TurnEvent};
use crate::{
    domain::{AudioFormat, MessageId, SentenceSplitter, Viewer, spoken_text},
    metrics::{self, Stage, time_stage},
    providers::{ProviderError, TextToSpeech},
    storage::{AudioFile, AudioStore, LiveAudio, UnexpectedFormat},
};

/// Sentences that are synthesized at the same time. The next one is ready when the first has been
/// heard, and a provider's rate limit is not used up by one reply.
const SENTENCES_AT_A_TIME: usize = 2;
/// Longest wait of a response for the file of speech that is complete already.
const FILING_TIME: Duration = Duration::from_millis(20);
/// How long audio that could not be stored is still served from memory.
const UNSTORED_RETENTION: Duration = Duration::from_secs(60);

/// Speech of one reply. Dropping it before [`Speech::keep`] stops it, and ends its listeners'
/// streams.
pub(super) struct Speech {
    /// `None` once the reply is complete.
    sentences: Option<UnboundedSender<String>>,
    splitter: SentenceSplitter,
    /// Text that was sent to be spoken, without white space.
    spoken: String,
    text_to_speech: Arc<dyn TextToSpeech>,
    store: AudioStore,
    announcement: Arc<Announcement>,
    progress: watch::Receiver<Progress>,
    keep: oneshot::Sender<Option<AudioFormat>>,
    task: AbortOnDropHandle<()>,
}

/// How far the speech of a reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing can be heard yet.
    Silent,
    /// The beginning can be heard.
    Audible(AudioFormat),
    /// All of it can be heard. It is not stored yet.
    Complete(AudioFormat),
    /// Synthesis has ended without any sound.
    Failed,
    /// Synthesis has ended, and its audio, if any, is stored.
    Done(Option<AudioFormat>),
}

#[derive(Debug, thiserror::Error)]
enum SpeechError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Format(#[from] UnexpectedFormat),
    #[error("the synthesis of a sentence panicked")]
    Panicked,
}

impl Inner {
    /// Starts the speech of the reply with this message id; `None` without text to speech.
    /// `events` gets an event once it can be heard.
    pub(super) fn start_speech(
        self: &Arc<Self>,
        viewer: Viewer,
        id: &MessageId,
        events: Option<WeakUnboundedSender<TurnEvent>>,
    ) -> Option<Speech> {
        let text_to_speech = Arc::clone(self.text_to_speech.as_ref()?);
        let (sentences, receiver) = unbounded_channel();
        let (progress, progress_receiver) = watch::channel(Progress::Silent);
        let (keep, kept) = oneshot::channel();
        let announcement =
            Arc::new(Announcement { id: id.clone(), events, is_made: AtomicBool::new(false) });
        let work = SpeechTask {
            inner: Arc::clone(self),
            id: id.clone(),
            live: self.audio.start_live(id, viewer),
            progress,
            announcement: Arc::clone(&announcement),
        };
        let work = work.run(Arc::clone(&text_to_speech), receiver, kept);
        let task = self.tasks.spawn_on(work.in_current_span(), &self.runtime);
        Some(Speech {
            sentences: Some(sentences),
            splitter: SentenceSplitter::default(),
            spoken: String::new(),
            text_to_speech,
            store: self.audio.clone(),
            announcement,
            progress: progress_receiver,
            keep,
            task: AbortOnDropHandle::new(task),
        })
    }

    /// Stores the audio of a stored message; returns whether that succeeded.
    async fn publish(self: &Arc<Self>, audio: AudioFile, id: &MessageId) -> bool {
        if let Err(error) = self.audio.publish(audio, id).await {
            tracing::warn!(%error, "the reply goes without audio");
            return false;
        }
        // In the background: the turn does not wait for a database that may have become slow.
        let (inner, id) = (Arc::clone(self), id.clone());
        let check = async move { inner.delete_if_session_deleted(&id).await };
        self.tasks.spawn_on(check.in_current_span(), &self.runtime);
        true
    }

    /// Deletes audio that was published after the deletion of its session, which deletes only the
    /// audio that exists at that time.
    async fn delete_if_session_deleted(&self, id: &MessageId) {
        match self.db.message_age(Viewer::Service, id).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                self.audio.remove_one(id).await;
            }
            Err(error) => {
                tracing::warn!(%error, "audio not checked: its session may have been deleted");
            }
        }
    }
}

impl Speech {
    /// Appends a part of the reply, and starts the synthesis of each sentence that it completes.
    pub(super) fn push(&mut self, text: &str) {
        for sentence in self.splitter.push(text) {
            self.speak(sentence);
        }
    }

    /// The reply so far is `text`, whatever was pushed. Returns false if other text was sent to be
    /// spoken already: then this speech is wrong.
    pub(super) fn settle(&mut self, text: &str) -> bool {
        let Some(rest) = unspoken(text, &self.spoken) else { return false };
        self.splitter = SentenceSplitter::default();
        self.push(rest);
        true
    }

    /// The reply is complete: its last sentence is synthesized, too.
    pub(super) fn finish(&mut self) {
        if let Some(sentence) = std::mem::take(&mut self.splitter).finish() {
            self.speak(sentence);
        }
        self.sentences = None;
    }

    /// Stores the audio, once complete: its message is stored. Returns its format; with `early` as
    /// soon as that is known, and else once the audio is stored. `None` if nothing can be heard.
    /// Speech that is complete already is stored in a folder first, which takes a moment: then the
    /// file has a length, and a folder that cannot be written is noticed.
    pub(super) async fn keep(self, early: bool) -> Option<AudioFormat> {
        let Self { text_to_speech, store, announcement, mut progress, keep, task, .. } = self;
        task.detach();
        store.set_message_stored(&announcement.id);
        let state = *progress.borrow();
        let promised = match state {
            Progress::Audible(format) | Progress::Complete(format) => Some(format),
            Progress::Silent => text_to_speech.format(),
            Progress::Failed | Progress::Done(_) => None,
        };
        let promised = promised.filter(|_| early);
        // Fails only if the task has panicked.
        keep.send(promised).ok()?;
        if let Some(format) = promised {
            announcement.make(format);
            if !(store.is_folder() && matches!(state, Progress::Complete(_))) {
                return promised;
            }
            let is_done = |progress: &Progress| matches!(progress, Progress::Done(_));
            return match timeout(FILING_TIME, progress.wait_for(is_done)).await {
                Ok(Ok(progress)) if *progress == Progress::Done(None) => None,
                _ => promised,
            };
        }
        let is_known = |progress: &Progress| match progress {
            Progress::Done(_) => true,
            Progress::Audible(_) | Progress::Complete(_) => early,
            Progress::Silent | Progress::Failed => false,
        };
        match *progress.wait_for(is_known).await.ok()? {
            Progress::Audible(format) | Progress::Complete(format) => Some(format),
            Progress::Done(format) => format,
            Progress::Silent | Progress::Failed => None,
        }
    }

    fn speak(&mut self, sentence: String) {
        self.spoken.extend(sentence.chars().filter(|c| !c.is_whitespace()));
        let text = spoken_text(&sentence);
        if let Some(sentences) = self.sentences.as_ref().filter(|_| !text.is_empty()) {
            // A closed receiver has failed already: the reply goes with what can be heard.
            sentences.send(text).ok();
        }
    }
}

/// What is left of `text` after `spoken`, which holds no white space; `None` if `text` does not
/// begin with it.
fn unspoken<'a>(text: &'a str, spoken: &str) -> Option<&'a str> {
    let mut characters = text.char_indices().filter(|(_, c)| !c.is_whitespace());
    for expected in spoken.chars() {
        if characters.next()?.1 != expected {
            return None;
        }
    }
    Some(characters.next().map_or("", |(at, _)| &text[at..]))
}

/// The task of one reply's speech.
struct SpeechTask {
    inner: Arc<Inner>,
    id: MessageId,
    live: LiveAudio,
    progress: watch::Sender<Progress>,
    announcement: Arc<Announcement>,
}

impl SpeechTask {
    /// Synthesizes `sentences`, and stores the audio once the message is stored: `kept` then holds
    /// the format that the client was promised.
    async fn run(
        mut self,
        text_to_speech: Arc<dyn TextToSpeech>,
        sentences: UnboundedReceiver<String>,
        kept: oneshot::Receiver<Option<AudioFormat>>,
    ) {
        let (parts, received) = unbounded_channel();
        let speaking = synthesize(text_to_speech, sentences, parts);
        if let ((), Err(error)) = tokio::join!(speaking, self.play(received)) {
            metrics::record_provider_error(Stage::TextToSpeech);
            match self.live.format() {
                None => tracing::warn!(%error, "the reply goes without audio"),
                Some(_) => tracing::warn!(%error, "the audio of a reply ends early"),
            }
        }
        let file = self.live.file();
        self.progress.send_replace(match &file {
            Some(file) => Progress::Complete(file.format),
            None => Progress::Failed,
        });
        // An error means that the message was not stored.
        let Ok(promised) = kept.await else { return };
        let (mut format, mut is_stored) = (None, true);
        if let Some(file) = file {
            format = Some(file.format);
            is_stored = self.inner.publish(file, &self.id).await;
        } else if let Some(promised) = promised.filter(|_| self.live.format().is_none()) {
            self.publish_silence(promised).await;
        }
        self.progress.send_replace(Progress::Done(format.filter(|_| is_stored)));
        // Until here, so that the audio is available without a gap.
        let Self { live, .. } = self;
        if promised.is_some() && !is_stored {
            tokio::spawn(async move {
                sleep(UNSTORED_RETENTION).await;
                drop(live);
            });
        }
    }

    /// Plays the parts one after another.
    async fn play(&mut self, mut parts: UnboundedReceiver<Part>) -> Result<(), SpeechError> {
        while let Some(Part { mut chunks, synthesis }) = parts.recv().await {
            while let Some(chunk) = chunks.recv().await {
                self.live.push(&chunk)?;
                self.announce();
            }
            synthesis.await.map_err(|_| SpeechError::Panicked)??;
            self.live.end_part()?;
            self.announce();
        }
        Ok(())
    }

    /// Says that the speech can be heard, as soon as it can.
    fn announce(&self) {
        let is_silent = *self.progress.borrow() == Progress::Silent;
        if let Some(format) = self.live.format().filter(|_| is_silent) {
            self.progress.send_replace(Progress::Audible(format));
            self.announcement.make(format);
        }
    }

    async fn publish_silence(&self, format: AudioFormat) {
        if let Err(error) = self.inner.audio.publish_silence(&self.id, format).await {
            tracing::warn!(%error, "no silence stored in place of speech that failed");
        }
    }
}

/// The event that tells a streaming client once that the reply has audio.
struct Announcement {
    id: MessageId,
    /// Weak: the client's events end with the turn, not with its audio.
    events: Option<WeakUnboundedSender<TurnEvent>>,
    is_made: AtomicBool,
}

impl Announcement {
    fn make(&self, format: AudioFormat) {
        let events = self.events.as_ref().and_then(WeakUnboundedSender::upgrade);
        if let Some(events) = events.filter(|_| !self.is_made.swap(true, Ordering::Relaxed)) {
            // An error means that the client has disconnected.
            events.send(TurnEvent::Audio(self.id.clone(), format)).ok();
        }
    }
}

/// Speech of one sentence.
struct Part {
    chunks: UnboundedReceiver<Bytes>,
    synthesis: AbortOnDropHandle<Result<AudioFormat, ProviderError>>,
}

/// Starts the synthesis of `sentences` in order, [`SENTENCES_AT_A_TIME`].
async fn synthesize(
    text_to_speech: Arc<dyn TextToSpeech>,
    mut sentences: UnboundedReceiver<String>,
    parts: UnboundedSender<Part>,
) {
    let permits = Arc::new(Semaphore::new(SENTENCES_AT_A_TIME));
    while let Some(sentence) = sentences.recv().await {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let (sender, chunks) = unbounded_channel();
        let text_to_speech = Arc::clone(&text_to_speech);
        let synthesis = async move {
            let _permit = permit;
            time_stage(Stage::TextToSpeech, text_to_speech.synthesize(&sentence, &sender)).await
        };
        let synthesis = AbortOnDropHandle::new(tokio::spawn(synthesis.in_current_span()));
        // Playing has failed: the sentences after that are not needed.
        if parts.send(Part { chunks, synthesis }).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unspoken;

    #[test]
    fn unspoken_text_follows_what_was_spoken() {
        let text = "One two.  Three\nfour? Five";
        for (spoken, expected) in [
            ("", Some(text)),
            ("Onetwo.", Some("Three\nfour? Five")),
            ("Onetwo.Threefour?Five", Some("")),
            ("Onetwo.Threefour?Five.", None),
            ("One,", None),
        ] {
            assert_eq!(unspoken(text, spoken), expected, "{spoken}");
        }
    }
}
