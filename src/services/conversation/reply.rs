//! The coach's side of a turn: closing summary, scripted message or generated reply.

use tokio::sync::mpsc::unbounded_channel;

use super::{ConversationError, Inner, memory, reply_output::ReplyOutput, user_text::UserText};
use crate::{
    domain::{Message, NextAction, Session, WrapUp},
    metrics::{self, Stage, time_stage},
    providers::{Prompt, ProviderError},
};

/// The coach's message, before it is stored.
pub(super) struct Reply {
    pub(super) text: String,
    /// State of the wrap-up rules after the turn.
    pub(super) wrap_up: WrapUp,
    pub(super) ends_session: bool,
}

impl Inner {
    /// Applies the wrap-up rules to the turn's own text, and asks the coach where they say so.
    /// `output` gets the reply while it is written.
    pub(super) async fn decide_reply(
        &self,
        session: &Session,
        messages: &[Message],
        text: &UserText,
        output: &mut ReplyOutput<'_>,
    ) -> Result<Reply, ConversationError> {
        match session.wrap_up.next_action(&text.own, session.age) {
            NextAction::Close(wrap_up) => {
                let text = self.closing_summary(session, messages).await?;
                output.show(&text);
                Ok(Reply { text, wrap_up, ends_session: true })
            }
            NextAction::SayScripted(text, wrap_up) => {
                output.write(text);
                output.finish();
                Ok(Reply { text: text.into(), wrap_up, ends_session: false })
            }
            NextAction::Reply { decide } => {
                let prompt = Prompt {
                    summary: &session.running_summary.text,
                    messages: memory::recent(
                        messages, &session.running_summary, self.memory_tokens,
                    ),
                    user_text: &text.message,
                    reply_number: session.wrap_up.coach_replies + 1,
                };
                self.generate_reply(session, prompt, decide, output).await
            }
        }
    }

    /// The coach's reply, followed by an offer to wrap up if one is due. With `decide` the decision
    /// model is asked at the same time.
    async fn generate_reply(
        &self,
        session: &Session,
        prompt: Prompt<'_>,
        decide: bool,
        output: &mut ReplyOutput<'_>,
    ) -> Result<Reply, ConversationError> {
        let decision = async { Ok(decide && self.should_offer_wrap_up(prompt).await) };
        let reply = call_coach(self.stream_reply(prompt, output));
        let (mut text, progress) = tokio::try_join!(reply, decision)?;
        output.settle(&text);
        let (wrap_up, offer) = session.wrap_up.after_reply(session.age, progress);
        if let Some(offer) = offer {
            let offer = format!("\n\n{offer}");
            output.write(&offer);
            text.push_str(&offer);
        }
        output.finish();
        Ok(Reply { text, wrap_up, ends_session: false })
    }

    /// The coach's reply, with its text written to `output` as it arrives.
    async fn stream_reply(
        &self,
        prompt: Prompt<'_>,
        output: &mut ReplyOutput<'_>,
    ) -> Result<String, ProviderError> {
        let (sender, mut fragments) = unbounded_channel::<String>();
        let forwarding = async {
            while let Some(text) = fragments.recv().await {
                output.write(&text);
            }
        };
        // Owns the sender: when the reply is complete, forwarding ends.
        let replying = async move { self.coach.reply(prompt, &sender).await };
        let (reply, ()) = tokio::join!(replying, forwarding);
        reply
    }

    /// Asks the decision model. A failure does not cost the reply: the next turn asks again.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> bool {
        time_stage(Stage::Decision, self.coach.should_offer_wrap_up(prompt)).await.unwrap_or_else(
            |error| {
                metrics::record_provider_error(Stage::Decision);
                tracing::warn!(%error, "no wrap-up decision in this turn");
                false
            },
        )
    }
}

/// Awaits a call of the coach, measured as [`Stage::Reply`].
pub(super) async fn call_coach<T>(
    call: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ConversationError> {
    time_stage(Stage::Reply, call).await.map_err(|error| {
        metrics::record_provider_error(Stage::Reply);
        ConversationError::Coach(error)
    })
}
