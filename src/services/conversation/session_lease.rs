//! Exclusive access to a session among all servers, by a lease.

use std::time::{Duration, Instant};

use tokio::{sync::SemaphorePermit, time::sleep};

use super::{ConversationError, Inner, MAX_QUEUED_TURNS, session_cache::TURN_QUEUE_TIMEOUT};
use crate::{
    domain::{Message, Session, SessionId, Status, Viewer},
    services::lease::LeaseGuard,
    shares::Share,
};

/// Bounds of the pause between attempts while another server holds the lease.
const INITIAL_BACKOFF: Duration = Duration::from_millis(20);
const MAX_BACKOFF: Duration = Duration::from_millis(200);

/// Text of a conversation that is long: that of some ten hours.
const LONG_CONVERSATION_BYTES: usize = 1024 * 1024;

impl Inner {
    /// Waits for the session's turn lease, and returns it with the session's current state; `None`
    /// if the session has ended. The viewer is checked after the wait: the session may have been
    /// claimed meanwhile.
    pub(super) async fn acquire_lease(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<(LeaseGuard, Session)>, ConversationError> {
        let started = Instant::now();
        let mut backoff = INITIAL_BACKOFF;
        loop {
            if let Some((lease, session)) = self.db.acquire_turn_lease(viewer, id).await? {
                return Ok(Some((LeaseGuard::new(self.db.clone(), lease), session)));
            }
            if self.get_existing_session(viewer, id).await?.status == Status::Ended {
                return Ok(None);
            }
            if started.elapsed() > TURN_QUEUE_TIMEOUT {
                return Err(ConversationError::Busy);
            }
            sleep(backoff).await;
            backoff = (backoff * 2).min(MAX_BACKOFF);
        }
    }

    /// A place in the queue of the session's turns and endings; [`ConversationError::Busy`] if
    /// eight wait for the one in progress.
    pub(super) fn queue_turn(&self, id: &SessionId) -> Result<Share<SessionId>, ConversationError> {
        self.turns_of_sessions.try_take(id, 1 + MAX_QUEUED_TURNS).ok_or(ConversationError::Busy)
    }

    pub(super) async fn get_existing_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Session, ConversationError> {
        let session = self.db.get_session(viewer, id).await?;
        session.ok_or(ConversationError::NotFound)
    }

    /// Reads the messages again if the session's row counts others than the cached ones. The permit
    /// of a long conversation is to be kept as long as its messages.
    pub(super) async fn refresh_messages(
        &self,
        session: &Session,
        messages: &mut Vec<Message>,
    ) -> Result<Option<SemaphorePermit<'_>>, ConversationError> {
        if usize::try_from(session.message_count) != Ok(messages.len()) {
            *messages = Vec::new();
            *messages = self.read_conversation(Viewer::Service, &session.id).await?;
        }
        let bytes: usize = messages.iter().map(|message| message.text.len()).sum();
        if bytes <= LONG_CONVERSATION_BYTES {
            return Ok(None);
        }
        let permit = self.long_conversations.try_acquire();
        if permit.is_err() {
            *messages = Vec::new();
        }
        permit.map(Some).map_err(|_| ConversationError::Overloaded)
    }

    /// A whole conversation, of which few are read at a time: the cache does not bound what is in
    /// use.
    pub(super) async fn read_conversation(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Vec<Message>, ConversationError> {
        let _permit =
            self.conversation_reads.acquire().await.map_err(|_| ConversationError::Overloaded)?;
        let history = self.db.get_conversation_history(viewer, id).await?;
        history.ok_or(ConversationError::NotFound)
    }

    /// Removes a session from the cache that was deleted, perhaps on another server.
    pub(super) fn evict_if_gone<T>(&self, id: &SessionId, result: &Result<T, ConversationError>) {
        if matches!(result, Err(ConversationError::NotFound)) {
            self.sessions.invalidate(id);
        }
    }
}
