//! The conversations that are going on: their lines at hand for the coach, and one turn at a time in each.
//!
//! A cache and nothing more. Postgres is the truth: what is kept here is used only if it has as many lines as the
//! session's row, so a restart, an eviction or a turn on another replica costs one query and never a wrong answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::sync::{Mutex, MutexGuard};

use crate::domain::{Message, SessionId};

/// Most bytes of lines that are kept at hand, which leaves the server under 64 MB. A conversation of half an hour has some 50 kB, most are
/// shorter, and one that is not at hand is read again.
const MOST_BYTES: u64 = 24 * 1024 * 1024;
/// What a conversation takes beside its lines, and a line beside its text, roughly.
const BYTES_BESIDE: usize = 160;
/// A conversation that rested this long is no longer kept at hand.
const IDLE: Duration = Duration::from_secs(45 * 60);

/// The conversations at hand.
#[derive(Clone)]
pub struct SessionCache(Cache<SessionId, Arc<CachedSession>>);

/// One conversation at hand.
#[derive(Default)]
pub struct CachedSession {
    /// Its lines; whoever holds the lock has the turn.
    lines: Mutex<Vec<Message>>,
    /// What they took when they were last kept.
    bytes: AtomicU32,
    merging: AtomicBool,
}

impl SessionCache {
    pub fn new() -> Self {
        let weigh =
            |_: &SessionId, session: &Arc<CachedSession>| session.bytes.load(Ordering::Relaxed);
        Self(
            Cache::builder()
                .max_capacity(MOST_BYTES)
                .weigher(weigh)
                // Whoever speaks now will speak again; how often they did before says nothing.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(IDLE)
                .build(),
        )
    }

    /// The session's place; an empty one if it was not at hand.
    pub fn of(&self, id: &SessionId) -> Arc<CachedSession> {
        self.0.get_with_by_ref(id, Arc::default)
    }

    /// Keeps a conversation at hand that has `lines` now.
    pub fn keep(&self, id: &SessionId, session: &Arc<CachedSession>, lines: &[Message]) {
        let bytes: usize = lines
            .iter()
            .map(|line| line.text.len() + BYTES_BESIDE)
            .sum();
        let bytes = u32::try_from(bytes + BYTES_BESIDE).unwrap_or(u32::MAX);
        session.bytes.store(bytes, Ordering::Relaxed);
        // Weighed when it is put in.
        self.0.insert(id.clone(), Arc::clone(session));
    }

    /// About how many there are.
    pub fn count(&self) -> u64 {
        self.0.entry_count()
    }

    /// Lets go of a session that takes no more turns.
    pub fn forget(&self, id: &SessionId) {
        self.0.invalidate(id);
    }
}

impl CachedSession {
    /// Waits for the turn; first come, first served.
    pub async fn turn(&self) -> MutexGuard<'_, Vec<Message>> {
        self.lines.lock().await
    }

    /// Claims the merging of memory; `false` if it is going on already.
    pub fn try_start_summarizing(&self) -> bool {
        !self.merging.swap(true, Ordering::AcqRel)
    }

    /// Gives the claim back.
    pub fn finish_summarizing(&self) {
        self.merging.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::{MessageId, Sender};

    #[test]
    fn no_more_is_kept_at_hand_than_fits() {
        let sessions = SessionCache::new();
        let line = Message {
            id: MessageId::generate(),
            sender: Sender::User,
            text: "x".repeat(1024 * 1024),
            created_at: OffsetDateTime::UNIX_EPOCH,
        };
        let ids: Vec<SessionId> = (0..40).map(|_| SessionId::generate()).collect();
        for id in &ids {
            sessions.keep(id, &sessions.of(id), std::slice::from_ref(&line));
            sessions.0.run_pending_tasks();
        }
        let kept: Vec<bool> = ids.iter().map(|id| sessions.0.contains_key(id)).collect();
        // Each takes a little more than the megabyte of its line.
        let fit = MOST_BYTES as usize / line.text.len() - 1;
        assert_eq!(
            kept,
            [vec![false; 40 - fit], vec![true; fit]].concat(),
            "the last that fit"
        );
        // The same place for who comes again, with what it takes now.
        let (id, empty) = (SessionId::generate(), SessionCache::new());
        let place = empty.of(&id);
        for _ in 0..2 {
            empty.keep(&id, &place, &[]);
            assert!(Arc::ptr_eq(&place, &empty.of(&id)));
        }
        empty.0.run_pending_tasks();
        assert_eq!(empty.0.weighted_size(), BYTES_BESIDE as u64);
    }
}
