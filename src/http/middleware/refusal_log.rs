//! Log of refused requests: at most one line per second and client address, with a count.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::rate_limit::network_of;

/// Shortest time between two lines of an address.
const INTERVAL: Duration = Duration::from_secs(1);
/// Addresses that are counted apart; all others share a line.
const MAX_ADDRESSES: usize = 10_000;

/// Requests that were refused by a limit, or because they are no HTTP.
#[derive(Default)]
pub struct RefusalLog(Mutex<HashMap<Option<IpAddr>, Refusals>>);

/// Refusals of an address since its last line.
struct Refusals {
    logged_at: Instant,
    requests: u64,
    /// Reason of the last one.
    reason: &'static str,
}

impl RefusalLog {
    /// Logs a refused request, or counts it for the next line of its address. `None` stands for an
    /// unknown address.
    pub fn record(&self, client: Option<IpAddr>, reason: &'static str) {
        let mut address = client.map(network_of);
        let mut refusals = self.lock();
        if refusals.len() >= MAX_ADDRESSES && !refusals.contains_key(&address) {
            address = None;
        }
        if let Some(refusals) = refusals.get_mut(&address) {
            refusals.requests += 1;
            refusals.reason = reason;
            return;
        }
        refusals.insert(address, Refusals { logged_at: Instant::now(), requests: 0, reason });
        drop(refusals);
        log(address, 1, reason);
    }

    /// Logs what was counted; to be called about once a second.
    pub fn log_counted(&self) {
        let mut due = Vec::new();
        self.lock().retain(|address, refusals| {
            if refusals.logged_at.elapsed() < INTERVAL {
                return true;
            }
            if refusals.requests == 0 {
                return false;
            }
            due.push((*address, refusals.requests, refusals.reason));
            (refusals.logged_at, refusals.requests) = (Instant::now(), 0);
            true
        });
        for (address, requests, reason) in due {
            log(address, requests, reason);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, Refusals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log(address: Option<IpAddr>, requests: u64, reason: &'static str) {
    let address = address.map_or_else(|| "various".into(), |address| address.to_string());
    tracing::info!(%address, requests, reason, "requests refused");
}
