//! Queue of password hashes: each takes memory and a core.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::spawn_blocking};

use super::AccountError;
use crate::shares::{KeyedLocks, Shares};

/// Limit, because a hash takes 19 MiB and a core for some 20 ms.
const MAX_CONCURRENT_HASHES: usize = 2;
/// Most hashes in progress and waiting; the last one waits for less than a second.
const MAX_QUEUED_HASHES: usize = 64;
/// Most hashes of one account: one in the queue, and others that wait for it.
const MAX_HASHES_OF_ACCOUNT: usize = 8;

/// Runs hashes, a few at a time.
pub(super) struct HashQueue {
    permits: Arc<Semaphore>,
    /// Hashes in progress and waiting, in all.
    queued: Shares<()>,
    /// Of each account, by its id or e-mail address.
    of_accounts: Shares<String>,
    /// An account has one place in the queue.
    places: KeyedLocks<String>,
}

impl HashQueue {
    /// A queue that is empty.
    pub(super) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_HASHES)),
            queued: Shares::default(),
            of_accounts: Shares::default(),
            places: KeyedLocks::default(),
        }
    }

    /// Runs `work` on passwords of an account on a blocking thread, at most
    /// [`MAX_CONCURRENT_HASHES`] at a time and one of this account. [`AccountError::Overloaded`] if
    /// too many wait, in all or for this account.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        account: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let account = account.to_owned();
        let of_account = self
            .of_accounts
            .try_take(&account, MAX_HASHES_OF_ACCOUNT)
            .ok_or(AccountError::Overloaded)?;
        let place = self.places.lock(account).await;
        let queued =
            self.queued.try_take(&(), MAX_QUEUED_HASHES).ok_or(AccountError::Overloaded)?;
        let failed = || AccountError::Unavailable("hashing was cancelled".into());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| failed())?;
        // Held by the work, which runs on if the client disconnects.
        let held = (permit, queued, place, of_account);
        let work = move || {
            let result = work();
            drop(held);
            result
        };
        spawn_blocking(work).await.map_err(|_| failed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::poll;
    use tokio::pin;

    use super::*;

    #[tokio::test]
    async fn work_keeps_its_place_when_its_client_has_left() {
        let queue = HashQueue::new();
        let mut releases = Vec::new();
        for account in ["one", "two"] {
            let (release, released) = channel::<()>();
            releases.push(release);
            let abandoned = queue.run(account, move || released.recv());
            pin!(abandoned);
            assert!(poll!(&mut abandoned).is_pending());
        }
        {
            let mut waiting: Vec<_> =
                (1..MAX_HASHES_OF_ACCOUNT).map(|_| Box::pin(queue.run("one", || ()))).collect();
            for waiting in &mut waiting {
                assert!(poll!(waiting).is_pending(), "one at a time of an account");
            }
            let refused = queue.run("one", || ()).await;
            assert!(matches!(refused, Err(AccountError::Overloaded)), "too many of an account");
        }
        {
            let waiting = queue.run("three", || ());
            pin!(waiting);
            assert!(poll!(&mut waiting).is_pending());
            assert_eq!(queue.permits.available_permits(), 0, "two at a time in all");
        }
        drop(releases);
        queue.run("three", || ()).await.expect("run");
        let all = queue.permits.acquire_many(2).await;
        drop(all.expect("given back"));
        queue.run("one", || ()).await.expect("run");
    }
}
