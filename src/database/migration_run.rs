//! Runs pending migrations one by one, and logs those that take long.

use std::{borrow::Cow, pin::pin, time::Duration};

use sqlx::{
    PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
    postgres::PgDatabaseError,
};
use tokio::time::{Instant, interval_at};

/// Attempts to migrate while other databases of the cluster change the same roles.
const ATTEMPTS: u32 = 5;
/// Interval of log lines about a migration that runs.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);
/// Duration from which a finished migration is logged.
const LONG: Duration = Duration::from_secs(1);
/// Number of messages from which a rewrite takes long: ten seconds and more.
const LARGE_TABLE: i64 = 100_000;

/// Applies `pending` migrations of `all`, in order.
pub(super) async fn run(
    all: &'static Migrator,
    pending: &[&Migration],
    connection: &mut PgConnection,
) -> Result<(), MigrateError> {
    warn_of_large_table(connection).await?;
    let migrator = Migrator {
        migrations: Cow::Borrowed(&all.migrations),
        // Of a newer version of this program.
        ignore_missing: true,
        ..Migrator::DEFAULT
    };
    for migration in pending {
        let name = format!("{} {}", migration.version, migration.description);
        let started = Instant::now();
        let mut work = pin!(apply(&migrator, migration.version, connection));
        let mut ticks = interval_at(started + PROGRESS_INTERVAL, PROGRESS_INTERVAL);
        loop {
            tokio::select! {
                result = &mut work => break result?,
                _ = ticks.tick() => {
                    let seconds = started.elapsed().as_secs();
                    tracing::info!(migration = name, seconds, "the migration is still running");
                }
            }
        }
        if started.elapsed() >= LONG {
            let duration_ms = started.elapsed().as_millis();
            tracing::info!(migration = name, duration_ms, "migration applied");
        }
    }
    tracing::info!(count = pending.len(), "migrations applied");
    Ok(())
}

/// Applies a migration; what another database's migration has disturbed, or a request by a
/// deadlock, once more.
async fn apply(
    migrator: &Migrator,
    version: i64,
    connection: &mut PgConnection,
) -> Result<(), MigrateError> {
    let mut attempt = 1;
    loop {
        match migrator.run_direct(Some(version), &mut *connection, false).await {
            Err(MigrateError::ExecuteMigration(error, version))
                if is_conflict(&error) && attempt < ATTEMPTS =>
            {
                tracing::warn!(%error, version, "a migration was in conflict: once more");
                // sqlx leaves its lock behind on an error.
                connection.unlock().await?;
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// Whether another transaction changed the same row of a system catalog, or there was a deadlock.
/// Roles and their memberships belong to the whole cluster, and sqlx's lock to one database.
/// Requests of running servers lock tables in several orders.
fn is_conflict(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    let error = error.downcast_ref::<PgDatabaseError>();
    match error.code() {
        "40P01" => true,
        "23505" => error.schema() == Some("pg_catalog"),
        // An internal error in words only: Postgres has no code for it.
        "XX000" => error.message().starts_with("tuple concurrently "),
        _ => false,
    }
}

/// Says before it starts what may take minutes, while no turn can be saved.
async fn warn_of_large_table(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let messages = sqlx::query_scalar!(
        r#"
        SELECT COALESCE(
            (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('public.messages')), 0
        ) AS "messages!"
        "#
    )
    .fetch_one(connection)
    .await?;
    if messages >= LARGE_TABLE {
        tracing::warn!(
            messages,
            "migrations are pending on a large table. Some rewrite it, about 4 minutes per \
             million messages in all, and no turn can be saved meanwhile; docs/search.md tells \
             how to prepare it without blocking"
        );
    }
    Ok(())
}
