//! Uploads in progress: their permits, their shares, and how fast they have to be.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::SessionId,
    http::response::error::ApiError,
    settings::LimitSettings,
    shares::{ClientPermit, ClientPermits},
};

/// An upload that has stood still for so long is replaced by another one of its session: the client
/// has lost its connection, and tries again.
const REPLACED_AFTER: Duration = Duration::from_secs(5);

/// Within each window of this length, an upload needs a minimum of bytes.
const RATE_WINDOW: Duration = Duration::from_secs(30);
/// One kilobyte a second.
const MIN_WINDOW_BYTES: usize = 30_000;

/// Limits of uploads; clones share them.
#[derive(Clone)]
pub struct UploadLimits {
    permits: ClientPermits,
    idle_timeout: Duration,
    sessions: Arc<Mutex<HashMap<SessionId, Arc<Progress>>>>,
}

/// Progress of the one upload that a session may have.
struct Progress {
    last_chunk: Mutex<Instant>,
    replaced: CancellationToken,
}

/// An upload, with its permit; all is given back on drop.
pub struct Upload {
    limits: UploadLimits,
    session: SessionId,
    progress: Arc<Progress>,
    window_start: Instant,
    window_bytes: usize,
    _permit: ClientPermit,
}

impl UploadLimits {
    /// Limits with all permits free.
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            permits: ClientPermits::new(settings.concurrent_uploads),
            idle_timeout: Duration::from_secs(settings.body_idle_timeout_seconds),
            sessions: Arc::default(),
        }
    }

    /// Starts an upload. `ApiError::Overloaded` if no permit is free, or if `client` has a tenth of
    /// all; `ApiError::SessionBusy` if the session has an upload that is moving.
    pub fn start(&self, session: &SessionId, client: Option<IpAddr>) -> Result<Upload, ApiError> {
        let permit = self.permits.try_acquire(client).ok_or(ApiError::Overloaded)?;
        let progress = self.replace(session)?;
        Ok(Upload {
            limits: self.clone(),
            session: session.clone(),
            progress,
            window_start: Instant::now(),
            window_bytes: 0,
            _permit: permit,
        })
    }

    /// Makes room for an upload of the session.
    fn replace(&self, session: &SessionId) -> Result<Arc<Progress>, ApiError> {
        let mut sessions = lock(&self.sessions);
        if let Some(earlier) = sessions.get(session) {
            if lock(&earlier.last_chunk).elapsed() < REPLACED_AFTER {
                return Err(ApiError::SessionBusy);
            }
            earlier.replaced.cancel();
        }
        let progress = Arc::new(Progress {
            last_chunk: Mutex::new(Instant::now()),
            replaced: CancellationToken::new(),
        });
        sessions.insert(session.clone(), Arc::clone(&progress));
        Ok(progress)
    }
}

impl Upload {
    /// Waits for the next chunk, whose bytes are then [counted](Self::count).
    /// `ApiError::RequestTimeout` after the idle time-out, and below a kilobyte a second over 30 s;
    /// `ApiError::SessionBusy` if another upload of the session has taken the place.
    pub async fn next_chunk<T>(&mut self, next: impl Future<Output = T>) -> Result<T, ApiError> {
        let mut wait = self.limits.idle_timeout;
        if self.window_bytes < MIN_WINDOW_BYTES {
            wait = wait.min(RATE_WINDOW.saturating_sub(self.window_start.elapsed()));
        }
        let replaced = Arc::clone(&self.progress);
        tokio::select! {
            biased;
            chunk = timeout(wait, next) => chunk.map_err(|_| ApiError::RequestTimeout),
            () = replaced.replaced.cancelled() => Err(ApiError::SessionBusy),
        }
    }

    /// Counts the bytes of a chunk.
    pub fn count(&mut self, bytes: usize) {
        *lock(&self.progress.last_chunk) = Instant::now();
        self.window_bytes += bytes;
        if self.window_start.elapsed() >= RATE_WINDOW && self.window_bytes >= MIN_WINDOW_BYTES {
            self.window_start = Instant::now();
            self.window_bytes = 0;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut sessions = lock(&self.limits.sessions);
        if sessions.get(&self.session).is_some_and(|held| Arc::ptr_eq(held, &self.progress)) {
            sessions.remove(&self.session);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
