//! JSON of messages and turns.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    domain::{AudioFormat, Message, MessageId},
    services::TurnResult,
    storage::AudioStore,
};

/// A message of a conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageResponse {
    #[schema(value_type = String, example = "msg-0b8e4f0c9a3d2e1f001122335f0c6c1f")]
    id: MessageId,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    /// `user` or `ai`.
    #[schema(example = "ai")]
    sender: &'static str,
    text: String,
    /// Address of the message's audio while it is kept; null for messages of the user.
    audio_url: Option<String>,
}

/// Result of a turn.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TurnResponse {
    /// The user's message and the coach's.
    messages: Vec<MessageResponse>,
    /// Present and true if the coach offers to wrap up.
    #[serde(skip_serializing_if = "Option::is_none")]
    awaiting_wrap_up_confirmation: Option<bool>,
    /// Present and true if this turn ended the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_ended: Option<bool>,
    /// The closing summary, if the session has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    final_summary: Option<String>,
}

/// A message, and the format of its audio, if it has any.
impl From<(Message, Option<AudioFormat>)> for MessageResponse {
    fn from((message, audio): (Message, Option<AudioFormat>)) -> Self {
        Self {
            audio_url: audio.map(|format| AudioStore::url(&message.id, format)),
            id: message.id,
            timestamp: message.created_at,
            sender: message.sender.as_str(),
            text: message.text,
        }
    }
}

impl From<TurnResult> for TurnResponse {
    fn from(turn: TurnResult) -> Self {
        Self {
            awaiting_wrap_up_confirmation: turn.awaiting_confirmation.then_some(true),
            session_ended: turn.session_ended.then_some(true),
            final_summary: turn.session_ended.then(|| turn.ai.text.clone()),
            messages: vec![(turn.user, None).into(), (turn.ai, turn.audio).into()],
        }
    }
}
