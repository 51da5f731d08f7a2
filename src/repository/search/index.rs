//! The index for search, kept small and quick. Postgres gathers new lines in a list of their own, through which every search goes, and
//! merges them into the index when the list has 4 MB: whoever saves a turn then waits for it, a quarter of a second with a million
//! lines at hand. So they are merged here, often, and nobody waits.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use super::{DatabaseService, RepositoryError};

/// So many lines are worth merging: some 100 kB of the list, which cost a search 0.1 ms.
const ENOUGH: usize = 256;
/// Nobody waits for a merge, but a Postgres that went away without a word holds its connection no longer.
const LONGEST: Duration = Duration::from_secs(300);

/// Lines that were saved here and may not be merged yet.
#[derive(Default)]
pub(crate) struct IndexBacklog {
    count: AtomicUsize,
    enough: Notify,
}

impl IndexBacklog {
    pub(crate) fn add(&self, lines: usize) {
        if self.count.fetch_add(lines, Ordering::Relaxed) + lines >= ENOUGH {
            self.enough.notify_one();
        }
    }
}

impl DatabaseService {
    /// Waits until enough lines were saved here to be worth it, and merges all that are new into the index for search. It takes five
    /// minutes at most.
    ///
    /// # Errors
    /// [`RepositoryError::Unexpected`] if the index is not ours to tend; [`RepositoryError::Unavailable`] if Postgres cannot be reached.
    pub async fn flush_gin_pending_list(&self) -> Result<(), RepositoryError> {
        self.new_lines.enough.notified().await;
        self.new_lines.count.store(0, Ordering::Relaxed);
        let merging = async {
            let mut connection = self
                .pool
                .begin("BEGIN; SET LOCAL statement_timeout = 0")
                .await?;
            sqlx::query_scalar!("SELECT gin_clean_pending_list('public.idx_messages_text_search')")
                .fetch_one(&mut connection)
                .await
        };
        match timeout(LONGEST, merging).await {
            Ok(merged) => {
                merged?;
                Ok(())
            }
            Err(_) => Err(RepositoryError::Unavailable("no answer in time".into())),
        }
    }
}
