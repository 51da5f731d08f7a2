//! Result of a turn: events while it runs, both messages, and the durations of its stages.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::domain::{AudioFormat, Message, MessageId};

/// A stored turn.
pub struct TurnResult {
    /// The person's message.
    pub user: Message,
    /// The coach's message; the closing summary if the session has ended.
    pub ai: Message,
    /// The format of the audio of the coach's message, if it has any.
    pub audio: Option<AudioFormat>,
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
    /// Storing both messages, and the wait for the audio, if the response waits for it.
    pub commit: Duration,
}

/// Progress events of a turn, for streaming clients.
pub enum TurnEvent {
    /// The person's text. A second one means that the reply is made again.
    Transcript(String),
    /// A part of the coach's reply.
    Delta(String),
    /// Both messages are stored.
    MessagesStored(Message, Message),
    /// The coach's message, which has this id, can be heard. It may not be stored yet.
    Audio(MessageId, AudioFormat),
}

/// Receives the events of a turn. The turn goes on if the receiver is dropped.
pub type TurnEvents = UnboundedSender<TurnEvent>;

/// Sends an event to a streaming client, if there is one.
pub(super) fn emit(events: Option<&TurnEvents>, event: impl FnOnce() -> TurnEvent) {
    if let Some(events) = events {
        // An error means that the client has disconnected.
        events.send(event()).ok();
    }
}
