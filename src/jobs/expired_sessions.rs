//! Deletes sessions whose retention time is over.

use std::time::Duration;

use crate::{
    metrics::{self, CleanupKind},
    repository::{DatabaseService, RepositoryError},
};

/// Sessions that one statement deletes, so that none takes long.
const BATCH_SIZE: i64 = 200;

/// Deletes sessions that ended more than `retention` ago, with their messages, in batches.
pub async fn delete_expired_sessions(
    db: &DatabaseService,
    retention: Duration,
) -> Result<(), RepositoryError> {
    let mut deleted = 0;
    loop {
        let batch = db.delete_expired_sessions(retention, BATCH_SIZE).await?;
        metrics::record_cleanup(CleanupKind::OldSessions, batch);
        deleted += batch;
        if batch < BATCH_SIZE.unsigned_abs() {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(sessions = deleted, "expired sessions deleted");
    }
    Ok(())
}
