//! Leases that are renewed while their work runs.

use std::time::Duration;

use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tracing::Instrument;

use crate::repository::{DatabaseService, LEASE_DURATION, Lease};

/// Two renewals may fail at once before the lease expires. One that waits for a connection may come
/// too late. The next request then repeats the work, and only one of them is stored.
const RENEW_INTERVAL: Duration = Duration::from_secs(LEASE_DURATION.as_secs() / 3);

/// Longest wait of a response for the release of a lease.
const MAX_RELEASE_WAIT: Duration = Duration::from_millis(100);

/// A lease that is renewed until this guard is dropped.
pub struct LeaseGuard {
    db: DatabaseService,
    lease: Lease,
    renewal: JoinHandle<()>,
}

impl LeaseGuard {
    /// Starts renewing `lease`.
    pub fn new(db: DatabaseService, lease: Lease) -> Self {
        let renewal = tokio::spawn(renew(db.clone(), lease.clone()).in_current_span());
        Self { db, lease, renewal }
    }

    /// The lease.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Releases the lease; completed work keeps its stored response. If the release fails, the
    /// lease expires.
    ///
    /// Usually done before the response, so that a repetition finds the key free. While the
    /// database is away, the response does not wait for it.
    pub async fn release(self) {
        self.renewal.abort();
        let (db, lease) = (self.db.clone(), self.lease.clone());
        let release = async move {
            if let Err(error) = db.release_lease(&lease).await {
                tracing::warn!(%error, "lease not released");
            }
        };
        let release = tokio::spawn(release.in_current_span());
        // Late or failed: the task goes on, or has logged it.
        let _ = timeout(MAX_RELEASE_WAIT, release).await;
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(db: DatabaseService, lease: Lease) {
    let mut ticks = interval(RENEW_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = db.renew_lease(&lease).await {
            tracing::warn!(%error, "lease not renewed");
        }
    }
}
