//! Shares of limited resources: how much of one a client, a user or a session may take at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Permits of which a client has a tenth at most. Clones share them.
#[derive(Clone)]
pub struct ClientPermits {
    permits: Arc<Semaphore>,
    of_clients: Shares<IpAddr>,
    /// Most permits of one client.
    share: usize,
}

/// A permit, given back on drop.
pub struct ClientPermit {
    _permit: OwnedSemaphorePermit,
    _of_client: Option<Share<IpAddr>>,
}

impl ClientPermits {
    /// `total` permits, all free.
    pub fn new(total: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(total)),
            of_clients: Shares::default(),
            share: (total / 10).max(1),
        }
    }

    /// A permit; `None` if none is free, or if `client` has its share already. `None` as a client
    /// stands for one without a share.
    pub fn try_acquire(&self, client: Option<IpAddr>) -> Option<ClientPermit> {
        let of_client = self.take_share(client).ok()?;
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(ClientPermit { _permit: permit, _of_client: of_client })
    }

    /// [`try_acquire`](Self::try_acquire), but waits for up to `wait` until a permit is free.
    pub async fn acquire(&self, client: Option<IpAddr>, wait: Duration) -> Option<ClientPermit> {
        let of_client = self.take_share(client).ok()?;
        let permit = timeout(wait, Arc::clone(&self.permits).acquire_owned()).await;
        Some(ClientPermit { _permit: permit.ok()?.ok()?, _of_client: of_client })
    }

    fn take_share(&self, client: Option<IpAddr>) -> Result<Option<Share<IpAddr>>, HasShare> {
        let take = |client| self.of_clients.try_take(&client, self.share).ok_or(HasShare);
        client.map(take).transpose()
    }
}

/// The client has its share already.
struct HasShare;

/// Counts what each key holds. Clones share the counts.
pub struct Shares<K>(Arc<Mutex<HashMap<K, usize>>>);

/// What a key holds; given back on drop.
pub struct Share<K: Eq + Hash> {
    shares: Shares<K>,
    key: K,
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// A share for `key`; `None` if it holds `limit` already.
    pub fn try_take(&self, key: &K, limit: usize) -> Option<Share<K>> {
        let mut held = lock(&self.0);
        let count = held.entry(key.clone()).or_default();
        // With a limit of 0, too, no entry stays that nobody removes.
        if *count >= limit.max(1) {
            return None;
        }
        *count += 1;
        Some(Share { shares: self.clone(), key: key.clone() })
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = lock(&self.shares.0);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

/// A lock for each key.
pub struct KeyedLocks<K>(Mutex<HashMap<K, Weak<tokio::sync::Mutex<()>>>>);

impl<K> Default for KeyedLocks<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> KeyedLocks<K> {
    /// Waits for the lock of `key`, which is released on drop. Those who wait get it in their
    /// order.
    pub async fn lock(&self, key: K) -> OwnedMutexGuard<()> {
        let found = {
            let mut locks = lock(&self.0);
            locks.retain(|_, lock| lock.strong_count() > 0);
            let found = locks.get(&key).and_then(Weak::upgrade).unwrap_or_default();
            locks.insert(key, Arc::downgrade(&found));
            found
        };
        found.lock_owned().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_limited_per_key_and_given_back() {
        let shares = Shares::default();
        let held = [shares.try_take(&"one", 2), shares.try_take(&"one", 2)];
        assert!(held.iter().all(Option::is_some));
        assert!(shares.try_take(&"one", 2).is_none());
        assert!(shares.try_take(&"two", 2).is_some());
        drop(held);
        assert!(shares.try_take(&"one", 2).is_some());
        assert!(shares.0.lock().expect("counts").is_empty(), "no key is left");
    }

    #[tokio::test]
    async fn client_has_a_tenth_of_the_permits() {
        let permits = ClientPermits::new(20);
        let (one, two) = ("203.0.113.7".parse().ok(), "203.0.113.8".parse().ok());
        let wait = Duration::from_millis(1);
        let mut held = vec![permits.acquire(one, wait).await, permits.try_acquire(one)];
        assert!(held.iter().all(Option::is_some));
        assert!(permits.acquire(one, wait).await.is_none(), "it has its share");
        assert!(permits.try_acquire(one).is_none(), "it has its share");
        held.push(permits.try_acquire(two));
        held.extend((3..20).map(|_| permits.try_acquire(None)));
        assert!(held.iter().all(Option::is_some));
        assert!(permits.acquire(None, wait).await.is_none(), "none is free");
        assert!(permits.try_acquire(two).is_none(), "none is free");
        drop(held);
        assert!(permits.try_acquire(one).is_some());
        assert!(permits.of_clients.0.lock().expect("counts").is_empty(), "given back");
    }

    #[tokio::test]
    async fn lock_of_a_key_is_held_once_and_leaves_nothing() {
        let locks = KeyedLocks::default();
        let one = locks.lock("one").await;
        let other = locks.lock("two").await;
        let waiting = locks.lock("one");
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(one);
        drop(waiting.await);
        drop(other);
        let last = locks.lock("three").await;
        assert_eq!(locks.0.lock().expect("locks").len(), 1);
        drop(last);
    }
}
