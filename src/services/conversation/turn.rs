//! One turn: from the person's input to the coach's reply, stored and with audio.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempPath;
use tokio::time::timeout;

use super::{
    ConversationError, Inner, MAX_ATTEMPTS,
    reply::Reply,
    session_cache::CachedSession,
    stored_turn::StoredTurn,
    turn_result::{Timing, TurnEvent, TurnEvents, TurnResult, emit},
    user_text::UserText,
};
use crate::{
    domain::{
        AudioFormat, Fingerprint, IdempotentRequest, MAX_SESSION_CHARACTERS, Message, MessageId,
        Sender, Session, SessionId, Status, Viewer,
    },
    metrics::{self, Stage, time_stage},
    repository::{Lease, NewTurn, RepositoryError},
    services::{idempotency::Execution, lease::LeaseGuard},
};

/// Name of this operation among those with idempotency keys.
const OPERATION: &str = "send_message";

/// Longest wait for the release of a request's lease, which expires otherwise.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// The person's input.
pub enum TurnInput {
    /// Typed text.
    Text(String),
    /// A recording and the fingerprint of its bytes; its file is deleted with this value.
    Recording(TempPath, AudioFormat, Fingerprint),
    /// A recording too short to hold speech.
    TooShort,
}

impl TurnInput {
    /// The fingerprint of a recording; `None` for typed text.
    fn recording(&self) -> Option<Fingerprint> {
        match self {
            Self::Recording(_, _, fingerprint) => Some(fingerprint.clone()),
            Self::Text(_) | Self::TooShort => None,
        }
    }
}

/// What a turn needs beside its session.
pub(super) struct TurnContext<'a> {
    pub(super) viewer: Viewer,
    /// The lease of the session's turn.
    pub(super) turn_lease: &'a Lease,
    /// The lease of the request, if it has an idempotency key.
    request_lease: Option<&'a Lease>,
    pub(super) events: Option<&'a TurnEvents>,
    cached: &'a Arc<CachedSession>,
    /// Whether this server uses memories.
    uses_memories: bool,
}

/// Why a turn could not be saved.
pub(super) enum SaveError {
    /// The session has changed since it was read.
    Conflict,
    Failed(RepositoryError),
}

impl Inner {
    pub(super) async fn take_turn(
        self: &Arc<Self>,
        viewer: Viewer,
        id: &SessionId,
        input: TurnInput,
        idempotency: Option<IdempotentRequest>,
        events: Option<&TurnEvents>,
    ) -> Result<TurnResult, ConversationError> {
        let request = match self.idempotency.begin(OPERATION, id, idempotency.as_ref()).await? {
            Execution::Run(request) => request,
            Execution::Replay(response) => return self.replay_turn(viewer, id, response).await,
        };
        let request_lease = request.as_ref().map(LeaseGuard::lease);
        let result = self.run_with_lease(viewer, id, input, request_lease, events).await;
        self.evict_if_gone(id, &result);
        metrics::record_turn(result.is_ok());
        // A turn without audio has released the lease by being stored.
        let is_held = match &result {
            Ok(turn) => self.awaits_audio(turn.session_ended),
            Err(_) => true,
        };
        if let Some(request) = request.filter(|_| is_held)
            && timeout(RELEASE_TIMEOUT, request.release()).await.is_err()
        {
            tracing::warn!("the lease of an idempotency key was not released in time");
        }
        result
    }

    /// Whether the response of a turn waits for its audio.
    fn awaits_audio(&self, ends_session: bool) -> bool {
        !ends_session && self.text_to_speech.is_some() && !self.respond_before_audio
    }

    /// Runs a turn while holding the session's lock and lease.
    async fn run_with_lease(
        self: &Arc<Self>,
        viewer: Viewer,
        id: &SessionId,
        input: TurnInput,
        request_lease: Option<&Lease>,
        events: Option<&TurnEvents>,
    ) -> Result<TurnResult, ConversationError> {
        let _turn = self.queue_turn(id)?;
        let cached = self.sessions.get_or_insert(id);
        let mut messages = cached.lock().await?;
        let acquired = self.acquire_lease(viewer, id).await?;
        let (lease, session) = acquired.ok_or(ConversationError::NotActive)?;
        let turn_lease = lease.lease();
        let context = TurnContext {
            viewer,
            turn_lease,
            request_lease,
            events,
            cached: &cached,
            uses_memories: self.uses_memories,
        };
        let result = self.run_turn(session, input, &context, &mut messages).await;
        if result.is_err() {
            lease.release().await;
            // It may have read the messages.
            self.sessions.update(id, &cached, &messages);
        }
        result
    }

    async fn run_turn(
        self: &Arc<Self>,
        mut session: Session,
        input: TurnInput,
        context: &TurnContext<'_>,
        messages: &mut Vec<Message>,
    ) -> Result<TurnResult, ConversationError> {
        let started = Instant::now();
        let recording = input.recording();
        let (own_text, heard) = self.transcribe(input, session.language.certain()).await?;
        let transcribed = started.elapsed();
        session.age += transcribed;
        for attempt in 0..MAX_ATTEMPTS {
            if attempt > 0 {
                let memory = session.memory.take();
                session = self.get_existing_session(context.viewer, &session.id).await?;
                session.memory = memory;
                if session.status == Status::Ended {
                    return Err(ConversationError::NotActive);
                }
            }
            let _long = self.refresh_messages(&session, messages).await?;
            if !has_room(messages, &own_text) {
                return Err(ConversationError::Full);
            }
            let heard_before = context.cached.heard(session.message_count);
            session.language = session.language.after(&own_text, heard, heard_before, messages);
            let (text, reply, output) = self
                .reply_or_keep(&session, messages, &own_text, recording.as_ref(), context)
                .await?;
            let replied = started.elapsed();
            let awaits_audio = self.awaits_audio(reply.ends_session);
            let id = output.id();
            let turn = context.new_turn(&session, &text, &reply, id, replied, awaits_audio);
            // Boxed, or the future would reserve its size during all stages of the turn.
            let (user, ai) = match Box::pin(self.save(turn, context.events)).await {
                Ok(messages) => messages,
                Err(SaveError::Conflict) => continue,
                Err(SaveError::Failed(error)) => return Err(error.into()),
            };
            let result = TurnResult {
                user,
                ai,
                audio: output.keep(self.respond_before_audio).await,
                awaiting_confirmation: reply.wrap_up.awaiting_confirmation,
                session_ended: reply.ends_session,
                replayed: false,
                timing: Some(Timing {
                    transcription: transcribed,
                    reply: replied - transcribed,
                    commit: started.elapsed() - replied,
                }),
            };
            context.cached.set_heard(session.message_count + 2, heard);
            self.finish(&session, &result, context.cached, messages);
            return Ok(result);
        }
        Err(ConversationError::Busy)
    }

    /// Stores both messages.
    async fn save(
        &self,
        turn: NewTurn,
        events: Option<&TurnEvents>,
    ) -> Result<(Message, Message), SaveError> {
        let user = (turn.user_message_id.clone(), turn.user_text.clone());
        let ai = (turn.ai_message_id.clone(), turn.ai_text.clone());
        let saved = match time_stage(Stage::Commit, self.db.save_turn(turn)).await {
            Ok(Some(saved)) => saved,
            Ok(None) => return Err(SaveError::Conflict),
            Err(error) => return Err(SaveError::Failed(error)),
        };
        let message = |(id, text), sender, created_at| Message { id, sender, text, created_at };
        let user = message(user, Sender::User, saved.user_created_at);
        let ai = message(ai, Sender::Ai, saved.ai_created_at);
        emit(events, || TurnEvent::MessagesStored(user.clone(), ai.clone()));
        Ok((user, ai))
    }

    /// Updates the cache after a stored turn, and starts summarising if the messages are many.
    fn finish(
        self: &Arc<Self>,
        session: &Session,
        result: &TurnResult,
        cached: &Arc<CachedSession>,
        messages: &mut Vec<Message>,
    ) {
        let id = &session.id;
        if let Some(timing) = result.timing {
            tracing::info!(
                session = id.short(),
                transcription_ms = timing.transcription.as_millis(),
                reply_ms = timing.reply.as_millis(),
                commit_ms = timing.commit.as_millis(),
                has_audio = result.audio.is_some(),
                ended = result.session_ended,
                "turn stored"
            );
        }
        messages.extend([result.user.clone(), result.ai.clone()]);
        if result.session_ended {
            self.sessions.invalidate(id);
        } else {
            self.sessions.update(id, cached, messages);
            self.summarize_if_over_budget(id, &session.running_summary, messages, cached);
        }
    }
}

/// Whether a session may hold `text` beside its messages.
fn has_room(messages: &[Message], text: &str) -> bool {
    // Bytes are counted at once, and are never fewer than characters.
    let bytes: usize = messages.iter().map(|message| message.text.len()).sum();
    let characters = || messages.iter().map(|message| message.text.chars().count()).sum::<usize>();
    bytes + text.len() <= MAX_SESSION_CHARACTERS
        || characters() + text.chars().count() <= MAX_SESSION_CHARACTERS
}

impl TurnContext<'_> {
    fn new_turn(
        &self,
        session: &Session,
        text: &UserText,
        reply: &Reply,
        ai_message_id: &MessageId,
        since_spoken: Duration,
        awaits_audio: bool,
    ) -> NewTurn {
        let user_message_id = MessageId::generate();
        let stored_response = self
            .request_lease
            .map(|_| json!(StoredTurn::new(&user_message_id, ai_message_id, reply)));
        NewTurn {
            session_id: session.id.clone(),
            user_id: self.viewer.user_id(),
            bypass_ownership: self.viewer.is_service(),
            message_count: session.message_count,
            unanswered_recordings: session.unanswered_recordings.count(),
            answers_recordings: text.answers_recordings,
            user_message_id,
            user_text: text.message.clone(),
            seconds_since_spoken: since_spoken.as_secs_f64(),
            ai_message_id: ai_message_id.clone(),
            ai_text: reply.text.clone(),
            language: session.language.certain(),
            wrap_up: reply.wrap_up,
            ends_session: reply.ends_session,
            is_remembered: self.uses_memories,
            turn_lease: self.turn_lease.id(),
            request_lease: self.request_lease.map(Lease::id),
            stored_response,
            awaits_audio,
        }
    }
}
