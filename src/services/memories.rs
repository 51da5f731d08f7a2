//! Memories of users: merging ended sessions into them, in the background.
//!
//! The statement that ends a session marks it as due. Every server looks for due sessions, takes
//! the lease of their user, and merges them in the order of their endings. What is stored depends
//! on the lease, so that each session is merged once, and a text that the person has changed
//! meanwhile is kept.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

use super::lease::LeaseGuard;
use crate::{
    domain::{Message, action_plan, is_empty_summary},
    metrics::{MergeOutcome, record_memory_merge},
    providers::{Coach, MemoryPrompt, ProviderError, Providers},
    repository::{DatabaseService, DueSession, Lease, Merge, RepositoryError},
    settings::Settings,
};

/// Most users whose sessions this server merges at a time.
const MAX_USERS: usize = 16;
/// Most messages of a session that its merge reads, besides the summary, and most characters of
/// them: about 2,000 tokens.
const MAX_MESSAGES: i64 = 60;
const MAX_CHARACTERS: usize = 8_000;
/// Pause after a failure of the database, of which the log would tell each second otherwise.
const DATABASE_PAUSE: Duration = Duration::from_secs(4);
/// Longest wait for merges at a stop. Another server, or the next start, makes the others anew.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Merges sessions into memories; a cheap clone.
#[derive(Clone)]
pub struct Memories(Arc<Inner>);

struct Inner {
    db: DatabaseService,
    coach: Arc<dyn Coach>,
    is_enabled: bool,
    users: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Memories {
    /// Memories that are stored in `db` and made by the coach.
    pub fn new(db: DatabaseService, providers: &Providers, settings: &Settings) -> Self {
        Self(Arc::new(Inner {
            db,
            coach: Arc::clone(&providers.coach),
            is_enabled: settings.memory.enabled,
            users: Arc::new(Semaphore::new(MAX_USERS)),
            tasks: TaskTracker::new(),
        }))
    }

    /// Whether this server makes and uses memories.
    pub fn is_enabled(&self) -> bool {
        self.0.is_enabled
    }

    /// Starts merging sessions that are due, of as many users as there is room for.
    pub async fn start_merges(&self) -> Result<(), RepositoryError> {
        let free = self.0.users.available_permits();
        // The log tells of a read-only database elsewhere.
        if free == 0 || self.0.db.is_read_only() {
            return Ok(());
        }
        let leases = match self.0.db.acquire_memory_leases(free).await {
            Ok(leases) => leases,
            Err(error) => {
                sleep(DATABASE_PAUSE).await;
                return Err(error);
            }
        };
        for lease in leases {
            let Ok(permit) = Arc::clone(&self.0.users).try_acquire_owned() else { break };
            let inner = Arc::clone(&self.0);
            self.0.tasks.spawn(async move { inner.merge_all(lease, permit).await });
        }
        Ok(())
    }

    /// Waits a little for merges in progress, and starts none of further sessions.
    pub async fn drain(&self) {
        self.0.tasks.close();
        if timeout(DRAIN_TIMEOUT, self.0.tasks.wait()).await.is_err() {
            tracing::info!("merges into memories were left to the next start");
        }
    }
}

impl Inner {
    /// Merges the due sessions of the lease's user, one after another.
    async fn merge_all(&self, lease: Lease, _permit: OwnedSemaphorePermit) {
        let guard = LeaseGuard::new(self.db.clone(), lease);
        loop {
            match self.merge_next(guard.lease()).await {
                Ok(true) if !self.tasks.is_closed() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "sessions are merged into a memory later");
                    break;
                }
            }
        }
        guard.release().await;
    }

    /// Merges the session of the user that ended first. False if there is none, if it failed, or if
    /// the lease was lost.
    async fn merge_next(&self, lease: &Lease) -> Result<bool, RepositoryError> {
        let Lease::Memory(user, _) = *lease else { return Ok(false) };
        let Some(session) = self.db.next_due_session(user, lease).await? else {
            return Ok(false);
        };
        let (merge, outcome) = match self.merge(&session).await? {
            Ok(merged) => merged,
            Err(error) => {
                tracing::warn!(%error, "session not merged into a memory, and tried again");
                record_memory_merge(MergeOutcome::Failed);
                self.db.postpone_merge(user, lease).await?;
                return Ok(false);
            }
        };
        let saved = self.db.save_merge(user, lease, session.id, &merge).await;
        if saved.is_err() {
            // Or the model would be asked again at once, each time for nothing.
            self.db.postpone_merge(user, lease).await?;
        }
        let is_saved = saved?;
        record_memory_merge(if is_saved { outcome } else { MergeOutcome::Superseded });
        Ok(is_saved)
    }

    /// The merge of a session, or why the model could not make it.
    async fn merge(
        &self,
        session: &DueSession,
    ) -> Result<Result<(Merge, MergeOutcome), ProviderError>, RepositoryError> {
        let messages = self.db.list_last_messages(session.id, MAX_MESSAGES).await?;
        if messages.is_empty() && is_empty_summary(&session.summary) {
            return Ok(Ok((Merge::Unchanged, MergeOutcome::NothingSaid)));
        }
        let DueSession { summary, memory, has_failed_for_a_day, .. } = session;
        let plan = action_plan(summary);
        let date = session.ended_at.date().to_string();
        let (text, outcome) = if *has_failed_for_a_day {
            (memory.merged_by_rule(&date, &plan), MergeOutcome::ByRule)
        } else {
            let prompt = MemoryPrompt {
                memory,
                date: &date,
                summary,
                plan: &plan,
                messages: last_within(&messages, MAX_CHARACTERS),
            };
            match self.coach.merge_memory(prompt).await {
                Ok(Some(text)) => (text, MergeOutcome::Merged),
                Ok(None) => return Ok(Ok((Merge::Unchanged, MergeOutcome::Empty))),
                Err(error) => return Ok(Err(error)),
            }
        };
        let memory = memory.with_merged(&text, &plan);
        Ok(Ok((Merge::Merged { memory, after_failures: *has_failed_for_a_day }, outcome)))
    }
}

/// The last messages that have at most `limit` characters together.
fn last_within(messages: &[Message], limit: usize) -> &[Message] {
    let mut characters = 0;
    let fitting = messages.iter().rev().take_while(|message| {
        characters += message.text.chars().count();
        characters <= limit
    });
    let fitting = fitting.count();
    &messages[messages.len() - fitting..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sender;

    #[test]
    fn last_messages_are_bounded() {
        let messages = ["a".repeat(5), "b".repeat(3), "c".repeat(4)]
            .map(|text| Message::example(Sender::User, &text));
        for (limit, expected) in [(12, 3), (11, 2), (7, 2), (6, 1), (3, 0)] {
            assert_eq!(last_within(&messages, limit).len(), expected, "{limit}");
        }
    }
}
