//! The response of a turn, stored under an idempotency key and replayed.

use std::{slice, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::sleep;

use super::{ConversationError, Inner, reply::Reply, turn_result::TurnResult};
use crate::{
    domain::{AudioFormat, Message, MessageId, SessionId, Viewer},
    repository::RepositoryError,
    services::idempotency::parse_stored,
};

/// Longest wait of a replay for audio that another server may be making. Its server may also have
/// been killed, and a person waits.
const AUDIO_WAIT: Duration = Duration::from_secs(5);
/// Interval at which the store is polled for audio in the making.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The stored response. The texts are in the messages.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredTurn {
    user: String,
    ai: String,
    awaiting_confirmation: bool,
    session_ended: bool,
}

impl StoredTurn {
    pub(super) fn new(user: &MessageId, ai: &MessageId, reply: &Reply) -> Self {
        Self {
            user: user.as_str().to_owned(),
            ai: ai.as_str().to_owned(),
            awaiting_confirmation: reply.wrap_up.awaiting_confirmation,
            session_ended: reply.ends_session,
        }
    }
}

impl Inner {
    /// The result of an earlier request with the same idempotency key.
    pub(super) async fn replay_turn(
        &self,
        viewer: Viewer,
        id: &SessionId,
        response: Value,
    ) -> Result<TurnResult, ConversationError> {
        let stored: StoredTurn = parse_stored(response)?;
        let history = self.read_conversation(viewer, id).await?;
        let message = |id: &str| {
            let found = history.iter().find(|message| message.id.as_str() == id);
            found.cloned().ok_or_else(|| {
                RepositoryError::Unexpected("a replayed message does not exist".into())
            })
        };
        let (user, ai) = (message(&stored.user)?, message(&stored.ai)?);
        drop(history);
        Ok(TurnResult {
            audio: if stored.session_ended { None } else { self.find_audio(&ai).await },
            user,
            ai,
            awaiting_confirmation: stored.awaiting_confirmation,
            session_ended: stored.session_ended,
            replayed: true,
            timing: None,
        })
    }

    /// The format of a message's audio, if it has any. Waits for audio that another server may
    /// still be making after it has sent the response.
    async fn find_audio(&self, message: &Message) -> Option<AudioFormat> {
        loop {
            let found = self.audio.existing(slice::from_ref(message)).await;
            if let Some(format) = found.get(&message.id) {
                return Some(*format);
            }
            if self.audio.is_live(&message.id)
                && let Some(format) = self.text_to_speech.as_ref()?.format()
            {
                // As the first response has promised it.
                return Some(format);
            }
            let wait = self.audio_wait_timeout.min(AUDIO_WAIT);
            if OffsetDateTime::now_utc() - message.created_at >= wait {
                return None;
            }
            sleep(POLL_INTERVAL).await;
        }
    }
}
