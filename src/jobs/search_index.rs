//! What was said lately becomes part of the index for search, behind everybody's back.

use std::time::Duration;

use tokio::time::sleep;

use crate::repository::{DatabaseService, RepositoryError};

/// Shortest time between two merges: more lines at once cost less each.
const PAUSE: Duration = Duration::from_secs(1);

/// Merges new lines into the index for search, again and again; returns if that is not ours to do.
pub async fn merge_search_index(db: DatabaseService) {
    loop {
        match db.flush_gin_pending_list().await {
            Ok(()) => {}
            Err(error @ RepositoryError::Unavailable(_)) => {
                tracing::warn!(%error, "new lines are not merged into the search index yet");
            }
            Err(error) => {
                tracing::warn!(%error, "new lines are merged into the search index by the turns that fill it: is the role its owner?");
                return;
            }
        }
        sleep(PAUSE).await;
    }
}
