//! The conversations that are going on: their lines at hand for the coach, and one turn at a time in each.
//!
//! A cache and nothing more. Postgres is the truth: what is kept here is used only if it has as many lines as the
//! session's row, so a restart, an eviction or a turn on another replica costs one query and never a wrong answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;
use tokio::sync::{Mutex, MutexGuard};

use crate::domain::{Message, SessionId};

/// Most conversations that are kept at hand; a long one takes some 50 kB.
const MOST_SESSIONS: u64 = 1_000;
/// A conversation that rested this long is no longer kept at hand.
const IDLE: Duration = Duration::from_secs(45 * 60);

/// The conversations at hand.
#[derive(Clone)]
pub struct ActiveSessions(Cache<SessionId, Arc<ActiveSession>>);

/// One conversation at hand.
#[derive(Default)]
pub struct ActiveSession {
    /// Its lines; whoever holds the lock has the turn.
    lines: Mutex<Vec<Message>>,
    merging: AtomicBool,
}

impl ActiveSessions {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_SESSIONS).time_to_idle(IDLE).build())
    }

    /// The session's place; an empty one if it was not at hand.
    pub fn of(&self, id: &SessionId) -> Arc<ActiveSession> {
        self.0.get_with_by_ref(id, Arc::default)
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

impl ActiveSession {
    /// Waits for the turn; first come, first served.
    pub async fn turn(&self) -> MutexGuard<'_, Vec<Message>> {
        self.lines.lock().await
    }

    /// Claims the merging of memory; `false` if it is going on already.
    pub fn begin_merging(&self) -> bool {
        !self.merging.swap(true, Ordering::AcqRel)
    }

    /// Gives the claim back.
    pub fn finish_merging(&self) {
        self.merging.store(false, Ordering::Release);
    }
}
