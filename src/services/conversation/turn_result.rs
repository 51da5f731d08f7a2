//! Result of a turn, and the durations of its stages.

use std::time::Duration;

use crate::domain::Message;

/// A stored turn.
pub struct TurnResult {
    /// The person's message.
    pub user: Message,
    /// The coach's message; the closing summary if the session has ended.
    pub ai: Message,
    /// Whether the coach's message has audio.
    pub has_audio: bool,
    /// Whether the coach has offered to wrap up.
    pub awaiting_confirmation: bool,
    /// Whether the session has ended with this turn.
    pub session_ended: bool,
    /// Whether the response is replayed from an earlier request with the same idempotency key.
    pub replayed: bool,
    /// Durations of the turn's stages; none if replayed.
    pub timing: Option<Timing>,
}

/// Durations of a turn's stages, one after another.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Speech to text.
    pub transcription: Duration,
    /// The coach's reply.
    pub reply: Duration,
    /// Storing both messages and, at the same time, text to speech.
    pub commit: Duration,
}
