//! The end of a session, with its summary.

use super::{ATTEMPTS, ConversationError, Inner, memory, wait_for_turn};
use crate::{
    domain::{Message, Session, SessionId, Status},
    providers::Talk,
    repository::EndedSession,
};

/// The summary of a session in which nothing was said.
const EMPTY_SUMMARY: &str = "KEY DISCUSSION POINTS:\n- We did not get to talk this time.\n\nMAIN BREAKTHROUGHS:\n- None yet.\n\n\
     ACTION PLAN:\n- Come back whenever you like.\n\nFinal Note: You are welcome at any time.";

impl Inner {
    pub(super) async fn end(&self, id: &SessionId) -> Result<EndedSession, ConversationError> {
        let place = self.active.of(id);
        let mut lines = wait_for_turn(&place).await?;
        for _ in 0..ATTEMPTS {
            let session = self.db.get_session(id).await?.ok_or(ConversationError::NotFound)?;
            if session.status == Status::Ended {
                self.active.forget(id);
                return Ok(EndedSession {
                    summary: session.summary.unwrap_or_default(),
                    duration_seconds: session.duration_seconds.unwrap_or_default(),
                    message_count: session.message_count,
                });
            }
            self.catch_up(&session, &mut lines).await?;
            let summary = self.sum_up(&session, &lines).await?;
            if let Some(ended) = self.db.end_session(id, session.message_count, &summary).await? {
                tracing::info!(session = id.short(), "session ended");
                self.active.forget(id);
                return Ok(ended);
            }
        }
        Err(ConversationError::Busy)
    }

    /// The closing summary, from the whole conversation where it fits.
    pub(super) async fn sum_up(&self, session: &Session, lines: &[Message]) -> Result<String, ConversationError> {
        if lines.is_empty() {
            return Ok(EMPTY_SUMMARY.into());
        }
        let talk = |summary, lines| Talk {
            summary,
            lines,
            said: "",
            round: session.wrap_up.rounds,
        };
        let talk = match memory::whole(lines, memory::CLOSING_TOKENS) {
            Some(all) => talk("", all),
            None => talk(
                &session.running_summary.text,
                memory::recent(lines, &session.running_summary, self.memory_tokens),
            ),
        };
        self.coach.sum_up(talk).await.map_err(ConversationError::Coach)
    }
}
