//! Letting go of ended sessions after so many days, where an operator wants that.

use std::time::Duration;

use tokio::time::interval;

use crate::{
    metrics::{self, CleanupKind},
    repository::{DatabaseService, RepositoryError},
};

/// How often old sessions are looked for.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// Sessions that one statement removes, so that none takes long.
const BATCH: i64 = 200;

/// Removes sessions that ended more than `keep` ago, with all that was said in them, now and every hour; never returns.
pub async fn delete_expired_sessions(db: DatabaseService, keep: Duration) {
    let mut ticks = interval(INTERVAL);
    loop {
        ticks.tick().await;
        match remove(&db, keep).await {
            Ok(0) => {}
            Ok(sessions) => tracing::info!(sessions, "removed sessions that had ended long ago"),
            Err(error) => tracing::warn!(%error, "could not remove old sessions"),
        }
    }
}

async fn remove(db: &DatabaseService, keep: Duration) -> Result<u64, RepositoryError> {
    let mut removed = 0;
    loop {
        let batch = db.delete_expired_sessions(keep, BATCH).await?;
        metrics::record_cleanup(CleanupKind::OldSessions, batch);
        removed += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(removed);
        }
    }
}
