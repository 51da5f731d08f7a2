//! The coach's side of a turn: closing summary, scripted message or generated reply.

use std::pin::pin;

use futures_util::FutureExt;
use tokio::sync::mpsc::unbounded_channel;

use super::{
    ConversationError, Inner, memory, reply_output::ReplyOutput, reply_writer::ReplyWriter,
    user_text::UserText,
};
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
        let intent = self.intent(session, messages, &text.own).await;
        match session.wrap_up.next_action(intent, session.age) {
            NextAction::Close(wrap_up) => {
                let text = self.closing_summary(session, messages).await?;
                output.show(&text);
                Ok(Reply { text, wrap_up, ends_session: true })
            }
            NextAction::SayScripted(message, wrap_up) => {
                let text = message.text(session.spoken_language());
                output.write(text);
                output.finish();
                Ok(Reply { text: text.into(), wrap_up, ends_session: false })
            }
            NextAction::Reply { decide } => {
                let prompt = Prompt {
                    language: session.spoken_language(),
                    summary: &session.running_summary.text,
                    messages: memory::recent(
                        messages, &session.running_summary, self.memory_tokens,
                    ),
                    user_text: &text.message,
                    reply_number: session.wrap_up.coach_replies + 1,
                    memory: session.memory.as_ref().filter(|_| self.uses_memories),
                };
                self.generate_reply(session, prompt, decide, output).await
            }
        }
    }

    /// The coach's reply. An offer to wrap up, if one is due, takes the place of its question. With
    /// `decide` the decision model is asked at the same time.
    async fn generate_reply(
        &self,
        session: &Session,
        prompt: Prompt<'_>,
        decide: bool,
        output: &mut ReplyOutput<'_>,
    ) -> Result<Reply, ConversationError> {
        let outcome = |progress| session.wrap_up.after_reply(session.age, progress);
        let mut writer = ReplyWriter::new(output);
        // Also if progress may lead to an offer, what an offer replaces is held back.
        if !decide && outcome(false).1.is_none() {
            writer.release();
        }
        let (sender, mut fragments) = unbounded_channel::<String>();
        // Owns the sender: when the reply is complete, there are no more fragments.
        let replying = async move { self.coach.reply(prompt, &sender).await };
        let writing = async {
            let decision = async { decide && self.should_offer_wrap_up(prompt).await };
            let mut decision = pin!(decision.fuse());
            let mut progress = None;
            loop {
                tokio::select! {
                    decided = &mut decision, if progress.is_none() => {
                        progress = Some(decided);
                        if outcome(decided).1.is_none() {
                            writer.release();
                        }
                    }
                    fragment = fragments.recv() => match (fragment, progress) {
                        (Some(text), _) => writer.write(&text),
                        (None, Some(progress)) => return Ok::<_, ConversationError>(progress),
                        (None, None) => return Ok(decision.as_mut().await),
                    },
                }
            }
        };
        let (text, progress) = tokio::try_join!(call_coach(replying), writing)?;
        let (wrap_up, offer) = outcome(progress);
        let text = match offer {
            None => writer.finish(text),
            Some(offer) => writer.finish_with_offer(&text, offer, prompt.language),
        };
        Ok(Reply { text, wrap_up, ends_session: false })
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
