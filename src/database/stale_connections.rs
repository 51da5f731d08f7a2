//! Connections that a restart has broken, before anyone has noticed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// The moment before which no open connection is trusted; a cheap clone, shared by all pools of a
/// database.
///
/// A restart breaks all idle connections at once. The first broken one condemns the others, which
/// are closed instead of being used.
#[derive(Clone, Default)]
pub(super) struct StaleConnections(Arc<Mutex<Option<Instant>>>);

impl StaleConnections {
    /// Condemns all connections that are open now, since the one opened at `opened` is broken.
    /// That is no news if it was stale before: connections opened meanwhile stay.
    pub fn condemn(&self, opened: Instant) {
        let mut stale_before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stale_before.is_none_or(|before| opened > before) {
            *stale_before = Some(Instant::now());
        }
    }

    /// Whether the connection opened at `opened` is not to be used.
    pub fn contains(&self, opened: Instant) -> bool {
        let stale_before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stale_before.is_some_and(|before| opened <= before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_connection_condemns_those_opened_before() {
        let stale = StaleConnections::default();
        let (old, other) = (Instant::now(), Instant::now());
        assert!(!stale.contains(other));
        stale.condemn(old);
        assert!(stale.contains(other));
        let new = Instant::now();
        // Broken by the same restart.
        stale.condemn(other);
        assert!(!stale.contains(new));
        stale.condemn(new);
        assert!(stale.contains(new));
    }
}
