//! Ending a session with a closing summary.

use std::time::Duration;

use serde_json::json;

use super::{
    ConversationError, Inner, MAX_ATTEMPTS, memory, reply::call_coach, unanswered::is_refusal,
};
use crate::{
    domain::{
        IdempotentRequest, Message, Session, SessionId, Status, Viewer, empty_summary,
        repair_closing_summary, summary_by_rule,
    },
    providers::{Prompt, ProviderError},
    repository::{EndedSession, IdempotentResponse},
    services::{idempotency::Execution, lease::LeaseGuard},
};

/// Name of this operation among those with idempotency keys.
const OPERATION: &str = "end_session";

/// Failures after which the summary of an idle session is put together by rule.
const MAX_CLOSING_FAILURES: i32 = 5;

/// Ending of an idle session.
struct Idle {
    /// Least time without activity.
    time: Duration,
    /// Whether the summary is put together by rule.
    by_rule: bool,
}

impl Inner {
    pub(super) async fn end(
        &self,
        viewer: Viewer,
        id: &SessionId,
        idempotency: Option<IdempotentRequest>,
    ) -> Result<(EndedSession, bool), ConversationError> {
        let session = self.db.get_session(viewer, id).await?;
        session.ok_or(ConversationError::NotFound)?;
        let request = match self.idempotency.begin(OPERATION, id, idempotency.as_ref()).await? {
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

    /// Ends a session without activity for `idle`, whose closing summary has failed as often as
    /// given; [`ConversationError::Busy`] if it had activity.
    pub(super) async fn end_idle(
        &self,
        id: &SessionId,
        idle: Duration,
        closing_failures: i32,
    ) -> Result<EndedSession, ConversationError> {
        let by_rule = closing_failures >= MAX_CLOSING_FAILURES;
        self.end_with_lease(Viewer::Service, id, Some(Idle { time: idle, by_rule }), None).await
    }

    async fn end_with_lease(
        &self,
        viewer: Viewer,
        id: &SessionId,
        idle: Option<Idle>,
        request: Option<&LeaseGuard>,
    ) -> Result<EndedSession, ConversationError> {
        let _turn = self.queue_turn(id)?;
        let cached = self.sessions.get_or_insert(id);
        let mut messages = cached.lock().await?;
        let Some((lease, session)) = self.acquire_lease(viewer, id).await? else {
            return self.stored_result(viewer, id).await;
        };
        let result = self.summarize_and_end(viewer, session, idle, request, &mut messages).await;
        match &result {
            Ok(_) => self.sessions.invalidate(id),
            Err(_) => {
                lease.release().await;
                self.sessions.update(id, &cached, &messages);
            }
        }
        result
    }

    async fn summarize_and_end(
        &self,
        viewer: Viewer,
        mut session: Session,
        idle: Option<Idle>,
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
            let idle_time = idle.as_ref().map(|idle| idle.time);
            if idle_time.is_some_and(|idle| session.idle_time() < idle) {
                return Err(ConversationError::Busy);
            }
            let _long = self.refresh_messages(&session, messages).await?;
            let summary = match &idle {
                Some(idle) if idle.by_rule => self.closing_summary_by_rule(&session, messages),
                _ => self.closing_summary(&session, messages).await?,
            };
            let ended = self
                .db
                .end_session(
                    viewer,
                    &session,
                    &summary,
                    idle_time,
                    self.uses_memories,
                    response.as_ref(),
                )
                .await?;
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
            return Ok(empty_summary(session.spoken_language()));
        }
        let prompt = self.closing_prompt(session, messages, &unanswered);
        match self.summarize_with_headings(prompt).await {
            // Perhaps because of the recordings: the session could never be ended.
            Err(error) if !unanswered.is_empty() && is_refusal(&error) => {
                self.summarize_with_headings(Prompt { user_text: "", ..prompt }).await
            }
            result => result,
        }
    }

    /// The same without a model.
    fn closing_summary_by_rule(&self, session: &Session, messages: &[Message]) -> String {
        let unanswered = session.unanswered_recordings.text();
        if messages.is_empty() && unanswered.is_empty() {
            return empty_summary(session.spoken_language());
        }
        by_rule(self.closing_prompt(session, messages, &unanswered))
    }

    fn closing_prompt<'a>(
        &self,
        session: &'a Session,
        messages: &'a [Message],
        unanswered: &'a str,
    ) -> Prompt<'a> {
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
        Prompt {
            language: session.spoken_language(),
            summary,
            messages,
            user_text: unanswered,
            reply_number: session.wrap_up.coach_replies,
            memory: None,
        }
    }

    /// The coach's closing summary with the headings that the frontend needs. A text that lacks one
    /// or its end is asked for once more, and then put together by rule.
    async fn summarize_with_headings(
        &self,
        prompt: Prompt<'_>,
    ) -> Result<String, ConversationError> {
        for again in [false, true] {
            match call_coach(self.coach.closing_summary(prompt, again)).await {
                Ok(text) => match repair_closing_summary(&text) {
                    Some(summary) => return Ok(summary),
                    None => tracing::warn!(again, "a closing summary lacked a heading or its text"),
                },
                Err(ConversationError::Coach(ProviderError::Unusable { what, .. })) => {
                    tracing::warn!(again, what, "a closing summary cannot be used");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(by_rule(prompt))
    }
}

fn by_rule(prompt: Prompt<'_>) -> String {
    summary_by_rule(prompt.language, prompt.summary, prompt.messages, prompt.user_text)
}
