//! Unanswered recordings: what was said in a recording is not lost if the coach fails.
//!
//! The transcript is kept in the session's row and goes with the next turn. It is part of no
//! message until then.

use std::sync::Arc;

use super::{
    ConversationError, Inner,
    reply::Reply,
    reply_output::ReplyOutput,
    turn::TurnContext,
    turn_result::{TurnEvent, emit},
    user_text::UserText,
};
use crate::{
    domain::{Fingerprint, Message, Session, UnansweredRecording},
    providers::ProviderError,
};

impl Inner {
    /// The person's message, the coach's reply to it, and its output. If the coach fails, a
    /// recording is kept for the next turn.
    pub(super) async fn reply_or_keep<'a>(
        self: &'a Arc<Self>,
        session: &Session,
        messages: &[Message],
        own_text: &str,
        recording: Option<&Fingerprint>,
        context: &TurnContext<'a>,
    ) -> Result<(UserText, Reply, ReplyOutput<'a>), ConversationError> {
        let mut text = UserText::new(session, own_text, recording);
        let mut reply = self.reply_to(session, messages, &text, context).await;
        if text.message != text.own && reply.as_ref().is_err_and(is_refusal) {
            // Perhaps because of the recordings: with them every later turn might be refused, too.
            text = UserText::alone(own_text);
            reply = self.reply_to(session, messages, &text, context).await;
        }
        match (reply, recording) {
            (Ok((reply, output)), _) => Ok((text, reply, output)),
            // A declined recording would be declined again.
            (Err(ConversationError::Coach(error)), Some(recording))
                if !matches!(error, ProviderError::Declined { .. }) =>
            {
                let recording = UnansweredRecording::new(recording, own_text);
                Err(self.keep(error, session, &recording, context).await)
            }
            (Err(error), _) => Err(error),
        }
    }

    async fn reply_to<'a>(
        self: &'a Arc<Self>,
        session: &Session,
        messages: &[Message],
        text: &UserText,
        context: &TurnContext<'a>,
    ) -> Result<(Reply, ReplyOutput<'a>), ConversationError> {
        emit(context.events, || TurnEvent::Transcript(text.message.clone()));
        let mut output = ReplyOutput::new(self, context.viewer, context.events);
        let reply = self.decide_reply(session, messages, text, &mut output).await?;
        Ok((reply, output))
    }

    /// Keeps a recording after this error of the coach, and returns the error of the turn.
    async fn keep(
        &self,
        error: ProviderError,
        session: &Session,
        recording: &UnansweredRecording,
        context: &TurnContext<'_>,
    ) -> ConversationError {
        if !session.unanswered_recordings.has_room_for(recording) {
            return ConversationError::Coach(error);
        }
        let (viewer, lease) = (context.viewer, context.turn_lease);
        // Boxed: rare, and the future of every turn would reserve its size.
        let keeping =
            Box::pin(self.db.keep_unanswered_recording(viewer, &session.id, lease, recording));
        match keeping.await {
            // A further recording would decline the offer to wrap up: the person repeats the yes.
            Ok(true) if !session.wrap_up.awaiting_confirmation => {
                tracing::info!(session = session.id.short(), "recording kept for the next turn");
                ConversationError::Unanswered(error)
            }
            Ok(_) => ConversationError::Coach(error),
            Err(not_kept) => {
                tracing::warn!(error = %not_kept, "recording not kept for the next turn");
                ConversationError::Coach(error)
            }
        }
    }
}

/// Whether the coach was reached and refused this request, perhaps for what it says or its length.
pub(super) fn is_refusal(error: &ConversationError) -> bool {
    use ProviderError::{Declined, Refused};
    matches!(
        error,
        ConversationError::Coach(Declined { .. } | Refused { status: 400 | 413 | 422, .. })
    )
}
