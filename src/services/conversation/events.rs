//! Progress events of a turn.

use tokio::sync::mpsc::UnboundedSender;

use crate::domain::{Message, MessageId};

/// Progress events of a turn, for streaming clients.
pub enum TurnEvent {
    /// The person's text. A second one means that the reply is made again.
    Transcript(String),
    /// A part of the coach's reply.
    Delta(String),
    /// Both messages are stored.
    MessagesStored(Message, Message),
    /// The coach's message has audio.
    AudioReady(MessageId),
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
