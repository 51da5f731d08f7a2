//! Whether the database can serve: reachable, and with all migrations applied.

use sqlx::{Connection, migrate::Migrate};

use super::connect::{MIGRATIONS_TABLE, MIGRATOR};
use crate::repository::DatabaseService;

/// What stands in the way of serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// The database does not answer.
    Unreachable,
    /// Migrations of this program are not applied, or were applied in another form.
    PendingMigrations,
}

impl DatabaseService {
    /// What stands in the way of serving, if anything does.
    pub async fn readiness(&self) -> Option<NotReady> {
        let applied = self
            .with_timeout(async {
                let mut connection = self.pool.acquire().await?;
                connection.ping().await?;
                // The names of sqlx's own statement stay with sqlx. It fails where the table is missing.
                Ok(connection.list_applied_migrations(MIGRATIONS_TABLE).await)
            })
            .await;
        match applied {
            Err(error) => {
                tracing::warn!(%error, "not ready");
                Some(NotReady::Unreachable)
            }
            Ok(Ok(applied)) => {
                let missing = MIGRATOR
                    .iter()
                    .filter(|migration| migration.migration_type.is_up_migration())
                    .any(|wanted| {
                        !applied.iter().any(|found| {
                            found.version == wanted.version && found.checksum == wanted.checksum
                        })
                    });
                missing.then_some(NotReady::PendingMigrations)
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready");
                Some(NotReady::PendingMigrations)
            }
        }
    }
}
