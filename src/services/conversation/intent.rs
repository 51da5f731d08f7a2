//! What the person's text means for the wrap-up: by rules, and by a small model where they are not
//! sure.

use std::time::Duration;

use tokio::time::timeout;

use super::Inner;
use crate::{
    domain::{Answer, Intent, Message, Sender, Session, Wish, answer_to_offer, wish_to_finish},
    metrics::{self, Stage, time_stage},
    providers::IntentQuestion,
};

/// Longest wait for the model, retries included: the person waits for the reply.
const INTENT_TIMEOUT: Duration = Duration::from_secs(3);

impl Inner {
    /// The meaning of the person's text. A model that fails is not waited for again: the text then
    /// says something else, and nothing ends.
    pub(super) async fn intent(
        &self,
        session: &Session,
        messages: &[Message],
        text: &str,
    ) -> Intent {
        let question = if session.wrap_up.awaiting_confirmation {
            match answer_to_offer(text) {
                Answer::Confirm => return Intent::Confirm,
                Answer::Decline => return Intent::Decline,
                Answer::Other => return Intent::Other,
                Answer::Unsure => IntentQuestion::AnswerToOffer,
            }
        } else {
            match wish_to_finish(text) {
                Wish::Finish => return Intent::Finish,
                Wish::Other => return Intent::Other,
                Wish::Unsure => IntentQuestion::WishToFinish,
            }
        };
        let said_before = messages.iter().rfind(|message| message.sender == Sender::Ai);
        let said_before = said_before.map(|message| message.text.as_str()).unwrap_or_default();
        let asking = timeout(INTENT_TIMEOUT, self.coach.intent(question, said_before, text));
        let error = match time_stage(Stage::Decision, asking).await {
            Ok(Ok(intent)) => return intent,
            Ok(Err(error)) => error.to_string(),
            Err(late) => late.to_string(),
        };
        metrics::record_provider_error(Stage::Decision);
        tracing::warn!(error, "no meaning found for a short text");
        Intent::Other
    }
}
