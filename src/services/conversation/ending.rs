//! Ending a session with a closing summary.

use std::time::Duration;

use serde_json::json;

use super::{
    ConversationError, Inner, MAX_ATTEMPTS, memory, reply::call_coach, unanswered::is_refusal,
};
use crate::{
    domain::{IdempotentRequest, Message, Session, SessionId, Status, Viewer},
    providers::Prompt,
    repository::{EndedSession, IdempotentResponse},
    services::{idempotency::Execution, lease::LeaseGuard},
};

/// Name of this operation among those with idempotency keys.
const OPERATION: &str = "end_session";

/// The summary of a session without messages.
const EMPTY_SUMMARY: &str = "KEY DISCUSSION POINTS:\n- We did not get to talk this time.\n\n\
     MAIN BREAKTHROUGHS:\n- None yet.\n\n\
     ACTION PLAN:\n- Come back whenever you like.\n\n\
     Final Note: You are welcome at any time.";

impl Inner {
    pub(super) async fn end(
        &self,
        viewer: Viewer,
        id: &SessionId,
        idempotency: Option<IdempotentRequest>,
    ) -> Result<(EndedSession, bool), ConversationError> {
        let session = self.db.get_session(viewer, id).await?;
        session.ok_or(ConversationError::NotFound)?;
        let request =
            match self.idempotency.begin(OPERATION, id.as_str(), idempotency.as_ref()).await? {
                Execution::Run(request) => request,
                Execution::Replay(_) => return Ok((self.stored_result(viewer, id).await?, true)),
            };
        let result = self.end_with_lease(viewer, id, None, request.as_ref()).await;
        self.evict_if_gone(id, &result);
        if let Some(request) = request {
            // Also after success: a session that had ended already leaves no stored response. A
            // lease with a stored response is not affected.
            request.release().await;
        }
        Ok((result?, false))
    }

    /// Ends a session; [`ConversationError::Busy`] if it had activity within `idle`.
    pub(super) async fn end_with_lease(
        &self,
        viewer: Viewer,
        id: &SessionId,
        idle: Option<Duration>,
        request: Option<&LeaseGuard>,
    ) -> Result<EndedSession, ConversationError> {
        let cached = self.sessions.get_or_insert(id);
        let mut messages = cached.lock().await?;
        let Some((lease, session)) = self.acquire_lease(viewer, id).await? else {
            return self.stored_result(viewer, id).await;
        };
        let result = self.summarize_and_end(viewer, session, idle, request, &mut messages).await;
        match &result {
            Ok(_) => self.sessions.invalidate(id),
            Err(_) => lease.release().await,
        }
        result
    }

    async fn summarize_and_end(
        &self,
        viewer: Viewer,
        mut session: Session,
        idle: Option<Duration>,
        request: Option<&LeaseGuard>,
        messages: &mut Vec<Message>,
    ) -> Result<EndedSession, ConversationError> {
        let response = request
            .map(|request| IdempotentResponse { lease: request.lease(), response: json!({}) });
        let id = &session.id.clone();
        for attempt in 0..MAX_ATTEMPTS {
            if attempt > 0 {
                session = self.get_existing_session(viewer, id).await?;
                if session.status == Status::Ended {
                    return self.stored_result(viewer, id).await;
                }
            }
            if idle.is_some_and(|idle| session.idle_time() < idle) {
                return Err(ConversationError::Busy);
            }
            self.refresh_messages(&session, messages).await?;
            let summary = self.closing_summary(&session, messages).await?;
            let ended =
                self.db.end_session(viewer, &session, &summary, idle, response.as_ref()).await?;
            if let Some(ended) = ended {
                tracing::info!(session = id.short(), "session ended");
                return Ok(ended);
            }
        }
        Err(ConversationError::Busy)
    }

    /// The stored result of a session that has ended.
    async fn stored_result(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<EndedSession, ConversationError> {
        let session = self.get_existing_session(viewer, id).await?;
        Ok(EndedSession {
            summary: session.summary.unwrap_or_default(),
            duration_seconds: session.duration_seconds.unwrap_or_default(),
            message_count: session.message_count,
        })
    }

    /// The closing summary, from the whole conversation if it fits the token budget, and from what
    /// has not been answered.
    pub(super) async fn closing_summary(
        &self,
        session: &Session,
        messages: &[Message],
    ) -> Result<String, ConversationError> {
        let unanswered = session.unanswered_recordings.text();
        if messages.is_empty() && unanswered.is_empty() {
            return Ok(EMPTY_SUMMARY.into());
        }
        let running = &session.running_summary;
        let (summary, messages) = match memory::all_if_within(messages, self.closing_tokens) {
            Some(all) => ("", all),
            None => {
                // `recent` takes four times its budget.
                let budget = self.memory_tokens.min(self.closing_tokens / 4);
                let recent = memory::recent(messages, running, budget);
                (running.text.as_str(), recent)
            }
        };
        let summarize = async |user_text: &str| {
            call_coach(self.coach.closing_summary(Prompt {
                summary,
                messages,
                user_text,
                reply_number: session.wrap_up.coach_replies,
            }))
            .await
        };
        match summarize(&unanswered).await {
            // Perhaps because of the recordings: the session could never be ended.
            Err(error) if !unanswered.is_empty() && is_refusal(&error) => summarize("").await,
            result => result,
        }
    }
}
