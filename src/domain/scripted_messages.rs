//! Fixed messages of the coach, in the language of the session.

use super::{Language, texts};

/// A message that the coach says without a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptedMessage {
    /// The person declined an offer.
    GoOn,
    /// The person asked to finish.
    ConfirmFinish,
    /// The offer because of good progress.
    OfferProgress,
    /// The offer because the time is up.
    OfferTime,
}

impl ScriptedMessage {
    /// The message in this language.
    pub fn text(self, language: Language) -> &'static str {
        let texts = texts(language);
        match self {
            Self::GoOn => texts.go_on,
            Self::ConfirmFinish => texts.confirm_finish,
            Self::OfferProgress => texts.offer_progress,
            Self::OfferTime => texts.offer_time,
        }
    }
}
