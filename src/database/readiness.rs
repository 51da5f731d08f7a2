//! Readiness: whether all migrations of this program are applied.

use sqlx::{Connection, PgConnection, migrate::Migrate};

use super::migrations::{MIGRATIONS_TABLE, MIGRATOR};

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
    if check_migrations(connection).await?.is_some() {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations(MIGRATIONS_TABLE).await;
    let is_ours = |version| MIGRATOR.iter().any(|migration| migration.version == version);
    Ok(applied.is_ok_and(|applied| applied.iter().all(|found| is_ours(found.version))))
}

/// Checks the applied migrations; `None` if the database is ready.
pub(super) async fn check_migrations(
    connection: &mut PgConnection,
) -> Result<Option<NotReady>, sqlx::Error> {
    connection.ping().await?;
    // Fails if the migrations table does not exist.
    let applied = match connection.list_applied_migrations(MIGRATIONS_TABLE).await {
        Ok(applied) => applied,
        Err(error) => {
            tracing::warn!(%error, "not ready");
            return Ok(Some(NotReady::PendingMigrations));
        }
    };
    let is_pending = MIGRATOR
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .any(|wanted| {
            !applied
                .iter()
                .any(|found| found.version == wanted.version && found.checksum == wanted.checksum)
        });
    Ok(is_pending.then_some(NotReady::PendingMigrations))
}
