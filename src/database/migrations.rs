//! Migrations: applying them, and comparing the applied ones with those of this program.

use std::collections::BTreeMap;

use sqlx::{
    migrate::{Migrate, Migrator},
    postgres::PgConnectOptions,
};

use super::{
    connect::check_server,
    connect_options::{ConnectError, single_connection_pool, unreachable},
};

/// The migrations of this program.
pub(super) static MIGRATOR: Migrator = sqlx::migrate!();

/// sqlx's table of applied migrations.
pub(super) const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// Applies the pending migrations.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), ConnectError> {
    // A separate connection without a statement time-out: migrating a large table takes longer,
    // and so may waiting for sqlx's lock while another server migrates.
    let pool = single_connection_pool(options).await?;
    {
        let mut connection = pool.acquire().await.map_err(|error| unreachable(options, &error))?;
        check_server(&mut connection).await.map_err(|error| unreachable(options, &error))??;
    }
    MIGRATOR.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// The state of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// Applied with the same content.
    Applied,
    /// Not applied yet.
    Pending,
    /// Applied with another content.
    ChecksumMismatch,
    /// Applied by a newer program.
    Unknown,
}

impl MigrationState {
    /// The state as one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::ChecksumMismatch => "changed",
            Self::Unknown => "unknown",
        }
    }
}

/// All migrations of this program and of the database, in order, with their states.
pub async fn migration_states(
    options: &PgConnectOptions,
) -> Result<Vec<(String, MigrationState)>, ConnectError> {
    let pool = single_connection_pool(options).await?;
    let mut connection = pool.acquire().await.map_err(|error| unreachable(options, &error))?;
    // Fails if no migration was ever applied.
    let applied = connection.list_applied_migrations(MIGRATIONS_TABLE).await.unwrap_or_default();
    let mut states: BTreeMap<i64, (String, MigrationState)> = applied
        .iter()
        .map(|found| {
            let name = found.version.to_string();
            (found.version, (name, MigrationState::Unknown))
        })
        .collect();
    for wanted in MIGRATOR.iter() {
        if !wanted.migration_type.is_up_migration() {
            continue;
        }
        let found = applied.iter().find(|found| found.version == wanted.version);
        let state = match found {
            None => MigrationState::Pending,
            Some(found) if found.checksum == wanted.checksum => MigrationState::Applied,
            Some(_) => MigrationState::ChecksumMismatch,
        };
        let name = format!("{} {}", wanted.version, wanted.description);
        states.insert(wanted.version, (name, state));
    }
    Ok(states.into_values().collect())
}
