//! The sound of an answer: made beside the saving of it, or, where answers are early, behind it.

use std::sync::Arc;

use bytes::Bytes;
use tokio::{
    sync::{
        mpsc::unbounded_channel,
        oneshot::{self, Sender},
    },
    task::AbortHandle,
};
use tracing::Instrument;

use super::{
    Inner,
    turn::{Answer, SaveError},
};
use crate::{
    domain::{MessageId, Viewer},
    metrics::{self, Stage, time_stage},
    providers::{ProviderError, TextToSpeech},
};

impl Inner {
    /// Saves by `saving`, and speaks; tells whether the line can be heard. Speech that fails costs the sound, never the turn; a
    /// summary is read, not heard.
    ///
    /// An early answer does not wait for its sound, which is heard as it comes.
    pub(super) async fn save_and_speak<T>(
        self: &Arc<Self>,
        saving: impl Future<Output = Result<T, SaveError>>,
        answer: &Answer,
        id: &MessageId,
    ) -> Result<(T, bool), SaveError> {
        let Some(text_to_speech) = self
            .text_to_speech
            .as_ref()
            .filter(|_| !answer.ends_session)
        else {
            return Ok((saving.await?, false));
        };
        if self.respond_before_audio {
            let (stored, speech) =
                self.speak_behind(Arc::clone(text_to_speech), answer.text.clone(), id.clone());
            // Nobody will hear the speech of a line that is not stored: its provider need not go on.
            let saved = saving.await.inspect_err(|_| speech.abort())?;
            return Ok((saved, stored.send(()).is_ok()));
        }
        let speaking = async {
            Ok(time_stage(Stage::TextToSpeech, text_to_speech.synthesize(&answer.text)).await)
        };
        let (saved, speech) = tokio::try_join!(saving, speaking)?;
        let has_audio = match heard(speech) {
            Some(speech) => self.publish(speech, id).await,
            None => false,
        };
        Ok((saved, has_audio))
    }

    /// Speaks as a task of its own, for which a stop waits like for a turn. What it has made is kept once it is told
    /// that the line is stored, and else forgotten; it does not hear that any more if it has failed before.
    fn speak_behind(
        self: &Arc<Self>,
        text_to_speech: Arc<dyn TextToSpeech>,
        text: String,
        id: MessageId,
    ) -> (Sender<()>, AbortHandle) {
        let (stored, is_stored) = oneshot::channel();
        let (inner, coming) = (Arc::clone(self), self.audio.begin(&id));
        let work = async move {
            let (sound, mut parts) = unbounded_channel();
            let speaking = async move {
                time_stage(
                    Stage::TextToSpeech,
                    text_to_speech.synthesize_streaming(&text, &sound),
                )
                .await
            };
            let passing_on = async {
                while let Some(part) = parts.recv().await {
                    coming.add(part);
                }
            };
            // The sender goes with the speech, and ends the passing on.
            let (speech, ()) = tokio::join!(speaking, passing_on);
            if let Some(speech) = heard(speech)
                && is_stored.await.is_ok()
            {
                inner.publish(speech, &id).await;
            }
            // Only now: whoever asks meanwhile gets it from here.
            drop(coming);
        };
        let speech = self.tasks.spawn_on(work.in_current_span(), &self.runtime);
        (stored, speech.abort_handle())
    }

    /// Keeps the speech of a stored line.
    async fn publish(self: &Arc<Self>, speech: Bytes, id: &MessageId) -> bool {
        if let Err(error) = self.audio.publish(speech, id).await {
            tracing::warn!(%error, "the reply goes without audio");
            return false;
        }
        // Nobody waits for this: the line is stored, and the database may have gone away since.
        let (inner, id) = (Arc::clone(self), id.clone());
        let look = async move { inner.remove_if_erased(&id).await };
        self.tasks.spawn_on(look.in_current_span(), &self.runtime);
        true
    }

    /// Who erases a session takes its speech away after its lines; speech that comes later is taken away here.
    async fn remove_if_erased(&self, id: &MessageId) {
        match self.db.message_age(Viewer::Service, id).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                self.audio.remove_one(id).await;
            }
            Err(error) => tracing::warn!(%error, "nobody knows whether the line was erased"),
        }
    }
}

fn heard(speech: Result<Bytes, ProviderError>) -> Option<Bytes> {
    speech
        .inspect_err(|error| {
            metrics::record_provider_error(Stage::TextToSpeech);
            tracing::warn!(%error, "the reply goes without audio");
        })
        .ok()
}
