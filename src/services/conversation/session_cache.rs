//! Session cache: the messages of recent conversations, and a lock for each session's turns.
//!
//! Postgres is the source of truth. Cached messages are used only if there are as many as the
//! session's row counts, so a restart, an eviction or a turn on another server costs one query and
//! never a wrong reply.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use super::ConversationError;
use crate::domain::{LanguageTag, Message, SessionId};

/// Capacity of the cache; it leaves the server under 64 MB. A conversation of half an hour has some
/// 50 kB, and one that was evicted is read again.
const MAX_BYTES: u64 = 24 * 1024 * 1024;
/// Approximate size of a cached session without messages, and of a message without text.
const ENTRY_OVERHEAD_BYTES: usize = 160;
/// Longest wait for earlier turns of the session: about the length of two slow ones.
pub const TURN_QUEUE_TIMEOUT: Duration = Duration::from_secs(120);
/// Sessions without a turn for so long are evicted.
const TIME_TO_IDLE: Duration = Duration::from_secs(45 * 60);

/// Recent conversations in memory.
#[derive(Clone)]
pub struct SessionCache(Cache<SessionId, Arc<CachedSession>>);

/// One cached conversation.
#[derive(Default)]
pub struct CachedSession {
    /// The messages; holding the lock is having the turn.
    messages: Mutex<Vec<Message>>,
    /// Size at the last update.
    bytes: AtomicU32,
    summarizing: AtomicBool,
    /// The language in which speech to text heard the last turn on this server, if it told, and the
    /// number of messages after that turn.
    heard: std::sync::Mutex<Option<(i32, LanguageTag)>>,
}

impl SessionCache {
    pub fn new() -> Self {
        let weigh =
            |_: &SessionId, session: &Arc<CachedSession>| session.bytes.load(Ordering::Relaxed);
        Self(
            Cache::builder()
                .max_capacity(MAX_BYTES)
                .weigher(weigh)
                // Recent use predicts the next turn; frequency of use does not.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(TIME_TO_IDLE)
                .build(),
        )
    }

    /// The cached session; an empty one if it was not cached.
    pub fn get_or_insert(&self, id: &SessionId) -> Arc<CachedSession> {
        self.0.get_with_by_ref(id, Arc::default)
    }

    /// Keeps `session` in the cache with the size of its `messages`.
    pub fn update(&self, id: &SessionId, session: &Arc<CachedSession>, messages: &[Message]) {
        let bytes: usize =
            messages.iter().map(|message| message.text.len() + ENTRY_OVERHEAD_BYTES).sum();
        let bytes = u32::try_from(bytes + ENTRY_OVERHEAD_BYTES).unwrap_or(u32::MAX);
        session.bytes.store(bytes, Ordering::Relaxed);
        // The cache weighs an entry when it is inserted.
        self.0.insert(id.clone(), Arc::clone(session));
    }

    /// The number of cached sessions.
    pub fn count(&self) -> u64 {
        // Without it the count lags behind evictions.
        self.0.run_pending_tasks();
        self.0.entry_count()
    }

    /// Removes a session that takes no more turns.
    pub fn invalidate(&self, id: &SessionId) {
        self.0.invalidate(id);
    }
}

impl CachedSession {
    /// Waits until earlier turns of the session on this server are done, in order of arrival.
    pub async fn lock(&self) -> Result<MutexGuard<'_, Vec<Message>>, ConversationError> {
        let locked = timeout(TURN_QUEUE_TIMEOUT, self.messages.lock()).await;
        locked.map_err(|_| ConversationError::Busy)
    }

    /// The language in which the last turn was heard, if the session still has as many messages.
    pub fn heard(&self, message_count: i32) -> Option<LanguageTag> {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.filter(|(count, _)| *count == message_count).map(|(_, language)| language)
    }

    /// Keeps the language in which a turn was heard, after which there are so many messages.
    pub fn set_heard(&self, message_count: i32, language: Option<LanguageTag>) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = language.map(|language| (message_count, language));
    }

    /// Marks the session as being summarised; `false` if it is already.
    pub fn try_start_summarizing(&self) -> bool {
        !self.summarizing.swap(true, Ordering::AcqRel)
    }

    /// Removes the mark.
    pub fn finish_summarizing(&self) {
        self.summarizing.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sender;

    #[test]
    fn oldest_sessions_are_evicted_beyond_capacity() {
        let sessions = SessionCache::new();
        let message = Message::example(Sender::User, &"x".repeat(1024 * 1024));
        let ids: Vec<SessionId> = (0..40).map(|_| SessionId::generate()).collect();
        for id in &ids {
            let cached = sessions.get_or_insert(id);
            sessions.update(id, &cached, std::slice::from_ref(&message));
            sessions.0.run_pending_tasks();
        }
        let cached: Vec<bool> = ids.iter().map(|id| sessions.0.contains_key(id)).collect();
        // Each takes a little more than the megabyte of its message.
        let fit = MAX_BYTES as usize / message.text.len() - 1;
        assert_eq!(cached, [vec![false; 40 - fit], vec![true; fit]].concat());
        assert_eq!(sessions.count(), fit as u64);
        sessions.invalidate(&ids[39]);
        assert_eq!(sessions.count(), fit as u64 - 1);
    }

    #[test]
    fn updated_session_keeps_its_entry_and_gets_its_size() {
        let (id, sessions) = (SessionId::generate(), SessionCache::new());
        let cached = sessions.get_or_insert(&id);
        for _ in 0..2 {
            sessions.update(&id, &cached, &[]);
            assert!(Arc::ptr_eq(&cached, &sessions.get_or_insert(&id)));
        }
        sessions.0.run_pending_tasks();
        assert_eq!(sessions.0.weighted_size(), ENTRY_OVERHEAD_BYTES as u64);
    }
}
