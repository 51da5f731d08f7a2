//! The end of a session, with its summary.

use std::time::Duration;

use serde_json::json;

use super::{ATTEMPTS, ConversationError, Inner, lock_session, memory};
use crate::{
    domain::{IdempotentRequest, Message, Session, SessionId, Status, Viewer},
    metrics::{self, Stage, time_stage},
    providers::Prompt,
    repository::{EndedSession, IdempotentResponse},
    services::leases::{Execution, LeaseGuard},
};

/// Name of the request among those with an idempotency key.
const ROUTE: &str = "end_session";

/// The summary of a session in which nothing was said.
const EMPTY_SUMMARY: &str = "KEY DISCUSSION POINTS:\n- We did not get to talk this time.\n\nMAIN BREAKTHROUGHS:\n- None yet.\n\n\
     ACTION PLAN:\n- Come back whenever you like.\n\nFinal Note: You are welcome at any time.";

impl Inner {
    pub(super) async fn end(
        &self,
        viewer: Viewer,
        id: &SessionId,
        idempotency: Option<IdempotentRequest>,
    ) -> Result<(EndedSession, bool), ConversationError> {
        self.db
            .get_session(viewer, id)
            .await?
            .ok_or(ConversationError::NotFound)?;
        let request = match self
            .requests
            .begin(ROUTE, id.as_str(), idempotency.as_ref())
            .await?
        {
            Execution::Run(request) => request,
            Execution::Replay(_) => return Ok((self.ended(id).await?, true)),
        };
        let result = self.end_once(id, None, request.as_ref()).await;
        if let Some(request) = request {
            // Also where somebody else had ended it, so that the request has no answer of its own; one that has it keeps it.
            request.release().await;
        }
        Ok((result?, false))
    }

    /// Ends a session; with `idle`, only if nothing has happened in it for so long, else it is busy.
    pub(super) async fn end_once(
        &self,
        id: &SessionId,
        idle: Option<Duration>,
        request: Option<&LeaseGuard>,
    ) -> Result<EndedSession, ConversationError> {
        let place = self.active.of(id);
        let mut lines = lock_session(&place).await?;
        let Some((turn, session)) = self.acquire_lease(id).await? else {
            return self.ended(id).await;
        };
        let result = self.close(session, idle, request, &mut lines).await;
        match &result {
            Ok(_) => self.active.forget(id),
            Err(_) => turn.release().await,
        }
        result
    }

    async fn close(
        &self,
        mut session: Session,
        idle: Option<Duration>,
        request: Option<&LeaseGuard>,
        lines: &mut Vec<Message>,
    ) -> Result<EndedSession, ConversationError> {
        let request = request.map(|request| IdempotentResponse {
            lease: request.lease(),
            response: json!({}),
        });
        let id = &session.id.clone();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                session = self
                    .db
                    .get_session(Viewer::Service, id)
                    .await?
                    .ok_or(ConversationError::NotFound)?;
                if session.status == Status::Ended {
                    return self.ended(id).await;
                }
            }
            if idle.is_some_and(|idle| session.idle() < idle) {
                return Err(ConversationError::Busy);
            }
            self.catch_up(&session, lines).await?;
            let summary = self.closing_summary(&session, lines).await?;
            let saved = self
                .db
                .end_session(id, session.message_count, &summary, idle, request.as_ref())
                .await?;
            if let Some(ended) = saved {
                tracing::info!(session = id.short(), "session ended");
                return Ok(ended);
            }
        }
        Err(ConversationError::Busy)
    }

    /// What is stored of a session that has ended.
    async fn ended(&self, id: &SessionId) -> Result<EndedSession, ConversationError> {
        let session = self
            .db
            .get_session(Viewer::Service, id)
            .await?
            .ok_or(ConversationError::NotFound)?;
        Ok(EndedSession {
            summary: session.summary.unwrap_or_default(),
            duration_seconds: session.duration_seconds.unwrap_or_default(),
            message_count: session.message_count,
        })
    }

    /// The closing summary, from the whole conversation where it fits.
    pub(super) async fn closing_summary(
        &self,
        session: &Session,
        lines: &[Message],
    ) -> Result<String, ConversationError> {
        if lines.is_empty() {
            return Ok(EMPTY_SUMMARY.into());
        }
        let prompt = |summary, lines| Prompt {
            summary,
            messages: lines,
            user_text: "",
            reply_number: session.wrap_up.coach_replies,
        };
        let prompt = match memory::whole(lines, memory::CLOSING_TOKENS) {
            Some(all) => prompt("", all),
            None => prompt(
                &session.running_summary.text,
                memory::recent(lines, &session.running_summary, self.memory_tokens),
            ),
        };
        time_stage(Stage::Reply, self.coach.closing_summary(prompt))
            .await
            .map_err(|error| {
                metrics::record_provider_error(Stage::Reply);
                ConversationError::Coach(error)
            })
    }
}
