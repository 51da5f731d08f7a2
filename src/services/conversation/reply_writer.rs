//! Writing a reply while it is not decided whether an offer to wrap up takes the place of its
//! question.

use super::reply_output::ReplyOutput;
use crate::domain::{Language, ScriptedMessage, sentences_before_question};

/// Most characters of a reply before an offer: on a phone both are on the screen at once.
const MAX_CHARACTERS_BEFORE_OFFER: usize = 90;

/// Writer of one reply.
pub(super) struct ReplyWriter<'a, 'b> {
    output: &'a mut ReplyOutput<'b>,
    /// The reply so far.
    text: String,
    /// Bytes of `text` that `output` has.
    written: usize,
    /// Whether an offer may come: then only what stays before it is written.
    is_held: bool,
}

impl<'a, 'b> ReplyWriter<'a, 'b> {
    /// A writer that holds back what an offer would replace.
    pub(super) fn new(output: &'a mut ReplyOutput<'b>) -> Self {
        Self { output, text: String::new(), written: 0, is_held: true }
    }

    /// Appends a fragment of the reply.
    pub(super) fn write(&mut self, fragment: &str) {
        self.text.push_str(fragment);
        self.flush();
    }

    /// No offer comes.
    pub(super) fn release(&mut self) {
        self.is_held = false;
        self.flush();
    }

    /// The reply is `text`, whatever was written. Returns it.
    pub(super) fn finish(mut self, text: String) -> String {
        self.release();
        self.output.settle(&text);
        self.output.finish();
        text
    }

    /// The reply is the part of `text` before its question, and then the offer. Returns it.
    pub(super) fn finish_with_offer(
        self,
        text: &str,
        offer: ScriptedMessage,
        language: Language,
    ) -> String {
        let kept = sentences_before_question(text, MAX_CHARACTERS_BEFORE_OFFER, true);
        match kept.strip_prefix(&self.text[..self.written]) {
            Some(rest) => self.output.write(rest),
            None => self.output.settle(kept),
        }
        let has_space = !kept.is_empty() && language.has_spaces();
        let offer = format!("{}{}", if has_space { " " } else { "" }, offer.text(language));
        self.output.write(&offer);
        self.output.finish();
        format!("{kept}{offer}")
    }

    fn flush(&mut self) {
        let end = match self.is_held {
            true => sentences_before_question(&self.text, MAX_CHARACTERS_BEFORE_OFFER, false).len(),
            false => self.text.len(),
        };
        if end > self.written {
            self.output.write(&self.text[self.written..end]);
            self.written = end;
        }
    }
}
