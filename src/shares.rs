//! Shares of limited resources: how much of one a client, a user or a session may take at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::OwnedMutexGuard;

/// The share of one client in `total` permits: a tenth, so that ten clients that take all they can
/// leave nothing, and one does not.
pub fn client_share(total: usize) -> usize {
    (total / 10).max(1)
}

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
