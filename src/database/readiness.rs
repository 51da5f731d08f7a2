//! Readiness: whether all migrations of this program are applied, and whether writes are possible.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::PgConnection;

use super::migrations::{Comparison, is_read_only};
use crate::metrics;

/// Why the server cannot serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// The database cannot be reached.
    Unreachable,
    /// Migrations of this program are not applied, or were applied with another content.
    PendingMigrations,
}

/// Whether all migrations of this program are applied, and no other ones.
pub(super) async fn has_exactly_our_migrations(
    connection: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let comparison = Comparison::query(connection).await?;
    Ok(comparison.is_complete() && comparison.unknown().is_empty())
}

/// Checks the applied migrations, `None` if the database is ready, and whether it is read-only.
pub(super) async fn check(
    connection: &mut PgConnection,
) -> Result<(Option<NotReady>, bool), sqlx::Error> {
    let comparison = Comparison::query(connection).await?;
    let not_ready = (!comparison.is_complete()).then_some(NotReady::PendingMigrations);
    Ok((not_ready, is_read_only(connection).await?))
}

/// Whether the database was read-only at the last check; a cheap clone.
#[derive(Clone, Default)]
pub(super) struct ReadOnlyFlag(Arc<AtomicBool>);

impl ReadOnlyFlag {
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Logs the change, if it is one, and sets the metric.
    pub fn set(&self, is_read_only: bool) {
        metrics::record_database_read_only(is_read_only);
        if self.0.swap(is_read_only, Ordering::Relaxed) == is_read_only {
            return;
        }
        if is_read_only {
            tracing::error!("the database is read-only: reads work, writes fail (disk full?)");
        } else {
            tracing::info!("the database accepts writes again");
        }
    }
}
