//! The audio of a reply: synthesized while the turn is saved, or after the response is sent.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::{
    sync::{
        mpsc::unbounded_channel,
        oneshot::{self, Sender},
    },
    task::AbortHandle,
};
use tracing::Instrument;

use super::{Inner, reply::Reply, turn::SaveError};
use crate::{
    domain::{MessageId, Viewer},
    metrics::{self, Stage, time_stage},
    providers::{ProviderError, TextToSpeech},
};

impl Inner {
    /// Awaits `saving` and synthesizes the reply's audio; the second value is whether the message
    /// has audio. A failure of speech costs the audio, never the turn. Closing summaries have none.
    ///
    /// With `respond_before_audio` the audio is not awaited but streamed while it is made.
    pub(super) async fn save_and_speak<T>(
        self: &Arc<Self>,
        saving: impl Future<Output = Result<T, SaveError>>,
        reply: &Reply,
        id: &MessageId,
    ) -> Result<(T, bool), SaveError> {
        let Some(text_to_speech) = self.text_to_speech.as_ref().filter(|_| !reply.ends_session)
        else {
            return Ok((saving.await?, false));
        };
        if self.respond_before_audio {
            let (stored, synthesis) = self.synthesize_in_background(
                Arc::clone(text_to_speech),
                reply.text.clone(),
                id.clone(),
            );
            // No client gets the audio of a message that is not stored.
            let saved = saving.await.inspect_err(|_| synthesis.abort())?;
            return Ok((saved, stored.send(()).is_ok()));
        }
        let synthesis = async { Ok(synthesize(&**text_to_speech, &reply.text, |_| ()).await) };
        let (saved, audio) = tokio::try_join!(saving, synthesis)?;
        let has_audio = match log_failure(audio) {
            Some(audio) => self.publish(audio, id).await,
            None => false,
        };
        Ok((saved, has_audio))
    }

    /// Synthesizes in a task, which a shutdown awaits like a turn. The returned sender reports that
    /// the message is stored: then the audio is stored, too. Sending fails if synthesis has failed.
    fn synthesize_in_background(
        self: &Arc<Self>,
        text_to_speech: Arc<dyn TextToSpeech>,
        text: String,
        id: MessageId,
    ) -> (Sender<()>, AbortHandle) {
        let (stored, is_stored) = oneshot::channel();
        let (inner, live) = (Arc::clone(self), self.audio.start_live(&id));
        let work = async move {
            let audio = synthesize(&*text_to_speech, &text, |chunk| live.push(chunk)).await;
            if let Some(audio) = log_failure(audio)
                && is_stored.await.is_ok()
            {
                inner.publish(audio, &id).await;
            }
            // Dropped after publishing, so that the audio is available without a gap.
            drop(live);
        };
        let synthesis = self.tasks.spawn_on(work.in_current_span(), &self.runtime);
        (stored, synthesis.abort_handle())
    }

    /// Stores the audio of a stored message; returns whether that succeeded.
    async fn publish(self: &Arc<Self>, audio: Bytes, id: &MessageId) -> bool {
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

/// Synthesizes `text`, passes each chunk to `on_chunk`, and returns the whole speech.
async fn synthesize(
    text_to_speech: &dyn TextToSpeech,
    text: &str,
    on_chunk: impl Fn(Bytes),
) -> Result<Bytes, ProviderError> {
    let (sender, mut chunks) = unbounded_channel();
    // Owns the sender: when synthesis is done, collecting ends.
    let synthesis = async move {
        let work = text_to_speech.synthesize(text, &sender);
        time_stage(Stage::TextToSpeech, work).await
    };
    let collecting = async {
        let mut speech = BytesMut::new();
        while let Some(chunk) = chunks.recv().await {
            speech.extend_from_slice(&chunk);
            on_chunk(chunk);
        }
        speech.freeze()
    };
    let (format, speech) = tokio::join!(synthesis, collecting);
    format.map(|_| speech)
}

fn log_failure(audio: Result<Bytes, ProviderError>) -> Option<Bytes> {
    audio
        .inspect_err(|error| {
            metrics::record_provider_error(Stage::TextToSpeech);
            tracing::warn!(%error, "the reply goes without audio");
        })
        .ok()
}
