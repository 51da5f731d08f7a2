//! The person's text of a turn: what is new, and what is stored.

use crate::domain::{Fingerprint, Session};

/// The person's text of one turn.
pub(super) struct UserText {
    /// Typed or transcribed in this turn. The wrap-up rules look at it alone.
    pub(super) own: String,
    /// The message: the unanswered recordings, if they fit, and the turn's own text.
    pub(super) message: String,
    /// Whether the message begins with the unanswered recordings.
    pub(super) answers_recordings: bool,
}

impl UserText {
    /// `recording` is the fingerprint of the turn's recording, if it is not typed.
    pub(super) fn new(session: &Session, own: &str, recording: Option<&Fingerprint>) -> Self {
        let unanswered = &session.unanswered_recordings;
        match unanswered.message(own, recording) {
            Some(message) if !unanswered.is_empty() => {
                Self { own: own.to_owned(), message, answers_recordings: true }
            }
            // Without them, or with a text so long that they wait for the next turn.
            _ => Self::alone(own),
        }
    }

    /// Without the unanswered recordings.
    pub(super) fn alone(own: &str) -> Self {
        Self { own: own.to_owned(), message: own.to_owned(), answers_recordings: false }
    }
}
