//! Output of a reply while it is being written: text to the client, sentences to text to speech.

use std::sync::Arc;

use super::{
    Inner,
    speech::Speech,
    turn_result::{TurnEvent, TurnEvents, emit},
};
use crate::domain::{AudioFormat, MessageId, Viewer};

/// Output of one attempt at a reply. Dropping it stops its speech.
pub(super) struct ReplyOutput<'a> {
    inner: &'a Arc<Inner>,
    viewer: Viewer,
    events: Option<&'a TurnEvents>,
    /// Id of the coach's message, which its audio has, too.
    id: MessageId,
    /// Started with the first text to speak.
    speech: Option<Speech>,
}

impl<'a> ReplyOutput<'a> {
    pub(super) fn new(
        inner: &'a Arc<Inner>,
        viewer: Viewer,
        events: Option<&'a TurnEvents>,
    ) -> Self {
        Self { inner, viewer, events, id: MessageId::generate(), speech: None }
    }

    /// The id that the coach's message shall have.
    pub(super) fn id(&self) -> &MessageId {
        &self.id
    }

    /// Shows a part of the reply, and speaks it.
    pub(super) fn write(&mut self, text: &str) {
        self.show(text);
        self.speak(text);
    }

    /// Shows a part of the reply that is not spoken.
    pub(super) fn show(&self, text: &str) {
        if !text.is_empty() {
            emit(self.events, || TurnEvent::Delta(text.to_owned()));
        }
    }

    /// The reply so far is `text`, although other text may have been written. If some of that was
    /// spoken, the speech starts anew, under another id.
    pub(super) fn settle(&mut self, text: &str) {
        if self.speech.as_mut().is_some_and(|speech| speech.settle(text)) {
            return;
        }
        self.speech = None;
        self.id = MessageId::generate();
        self.speak(text);
    }

    /// The reply is complete.
    pub(super) fn finish(&mut self) {
        if let Some(speech) = &mut self.speech {
            speech.finish();
        }
    }

    /// The message is stored: returns the format of its audio, if it has any; see [`Speech::keep`].
    pub(super) async fn keep(self, early: bool) -> Option<AudioFormat> {
        self.speech?.keep(early).await
    }

    fn speak(&mut self, text: &str) {
        if self.speech.is_none() {
            let events = self.events.map(TurnEvents::downgrade);
            self.speech = self.inner.start_speech(self.viewer, &self.id, events);
        }
        if let Some(speech) = &mut self.speech {
            speech.push(text);
        }
    }
}
