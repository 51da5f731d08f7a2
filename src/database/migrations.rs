//! Migrations: applying them, and comparing the applied ones with those of this program.
//!
//! sqlx's table of applied migrations is always the one in `public`.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{
    PgConnection,
    migrate::{AppliedMigration, Migrate, MigrateError, Migration, Migrator},
    postgres::PgConnectOptions,
};

use super::{
    advice::is_permanent, connect_error::ConnectError, connect_options::unreachable, migration_run,
    open_connection::open_unlimited_connection, supported_server::check_server,
};

/// The migrations of this program.
static MIGRATOR: Migrator = sqlx::migrate!();

/// Longest wait for a server that is starting or full.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection for migrations and other work at start-up, without time-outs: migrating a large
/// table takes long, and so may waiting for sqlx's lock while another server migrates.
/// Fails at once if waiting is no use, as with a wrong password.
pub(crate) async fn connect_at_start(
    options: &PgConnectOptions,
) -> Result<PgConnection, ConnectError> {
    open_unlimited_connection(options, CONNECT_TIMEOUT, |error| !is_permanent(error))
        .await
        .map_err(|error| unreachable(options, &error))
}

/// Applies the pending migrations. If there are none, only reads the database.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), ConnectError> {
    let mut connection = connect_at_start(options).await?;
    check_server(&mut connection).await.map_err(|error| unreachable(options, &error))??;
    apply_pending(options, &mut connection).await
}

pub(super) async fn apply_pending(
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> Result<(), ConnectError> {
    let failed = |error| unreachable(options, &error);
    check_visible(connection).await.map_err(failed)??;
    let comparison = Comparison::query(connection).await.map_err(failed)?;
    if let Some(version) = comparison.changed() {
        return Err(MigrateError::VersionMismatch(version).into());
    }
    let newest = up_migrations().map(|migration| migration.version).max().unwrap_or_default();
    let (newer, older): (Vec<i64>, Vec<i64>) =
        comparison.unknown().into_iter().partition(|version| *version > newest);
    if let Some(version) = older.first() {
        return Err(MigrateError::VersionMissing(*version).into());
    }
    if !newer.is_empty() {
        tracing::warn!(?newer, "the database has migrations of a newer version; they are ignored");
    }
    if comparison.is_complete() {
        return Ok(());
    }
    if is_read_only(connection).await.map_err(failed)? {
        return Err(ConnectError::ReadOnly);
    }
    let others = other_migrations_tables(connection).await.map_err(failed)?;
    if !others.is_empty() {
        return Err(ConnectError::OtherMigrationsTable(others.join(", ")));
    }
    let is_pending =
        |migration: &&Migration| comparison.state(migration) == MigrationState::Pending;
    let pending: Vec<&Migration> = up_migrations().filter(is_pending).collect();
    Ok(migration_run::run(&MIGRATOR, &pending, connection).await?)
}

fn up_migrations() -> impl Iterator<Item = &'static Migration> {
    MIGRATOR.iter().filter(|migration| migration.migration_type.is_up_migration())
}

/// Whether writes fail: the disk is full, or the server is a replica.
pub(super) async fn is_read_only(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT current_setting('transaction_read_only')::boolean OR pg_is_in_recovery()
            AS "is_read_only!"
        "#
    )
    .fetch_one(connection)
    .await
}

/// Checks that our role sees the applied migrations, if there are any: without them, the first
/// migrations would run again.
async fn check_visible(
    connection: &mut PgConnection,
) -> Result<Result<(), ConnectError>, sqlx::Error> {
    let rights = sqlx::query!(
        r#"
        SELECT current_user::text AS "role!",
            COALESCE(has_table_privilege(c.oid, 'SELECT'), TRUE) AS "may_select!",
            COALESCE(row_security_active(c.oid), FALSE) AS "is_hidden!"
        FROM (SELECT to_regclass('public._sqlx_migrations')::oid AS oid) AS c
        "#
    )
    .fetch_one(connection)
    .await?;
    let reason = match (rights.may_select, rights.is_hidden) {
        (false, _) => "no right to SELECT",
        (true, true) => "row level security hides its rows",
        (true, false) => return Ok(Ok(())),
    };
    Ok(Err(ConnectError::MigrationsHidden { role: rights.role, reason }))
}

/// The schemas but `public` that hold a table of applied migrations. A program with another
/// search_path may have put its own, or ours, there.
async fn other_migrations_tables(
    connection: &mut PgConnection,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT quote_ident(n.nspname) AS "name!"
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = '_sqlx_migrations' AND c.relkind IN ('r', 'p', 'v', 'f')
          AND n.nspname <> 'public'
        ORDER BY n.nspname
        "#
    )
    .fetch_all(connection)
    .await
}

/// The migrations that are applied in a database, compared with those of this program.
pub(super) struct Comparison {
    applied: BTreeMap<i64, AppliedMigration>,
}

impl Comparison {
    pub async fn query(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let has_table = sqlx::query_scalar!(
            r#"SELECT to_regclass('public._sqlx_migrations') IS NOT NULL AS "has_table!""#
        );
        if !has_table.fetch_one(&mut *connection).await? {
            return Ok(Self { applied: BTreeMap::new() });
        }
        match connection.list_applied_migrations("public._sqlx_migrations").await {
            Ok(applied) => {
                let applied = applied.into_iter().map(|found| (found.version, found));
                Ok(Self { applied: applied.collect() })
            }
            Err(MigrateError::Execute(error)) => Err(error),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether all migrations of this program are applied with the same content.
    pub fn is_complete(&self) -> bool {
        up_migrations().all(|migration| self.state(migration) == MigrationState::Applied)
    }

    /// A migration that was applied with another content.
    fn changed(&self) -> Option<i64> {
        let changed =
            |migration: &&Migration| self.state(migration) == MigrationState::ChecksumMismatch;
        up_migrations().find(changed).map(|migration| migration.version)
    }

    /// Versions that this program does not know, in order.
    pub fn unknown(&self) -> Vec<i64> {
        let is_known = |version: &i64| MIGRATOR.version_exists(*version);
        self.applied.keys().copied().filter(|version| !is_known(version)).collect()
    }

    fn state(&self, migration: &Migration) -> MigrationState {
        match self.applied.get(&migration.version) {
            None => MigrationState::Pending,
            Some(applied) if applied.checksum == migration.checksum => MigrationState::Applied,
            Some(_) => MigrationState::ChecksumMismatch,
        }
    }
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
    let mut connection = connect_at_start(options).await?;
    check_visible(&mut connection).await.map_err(|error| unreachable(options, &error))??;
    let comparison =
        Comparison::query(&mut connection).await.map_err(|error| unreachable(options, &error))?;
    let unknown = comparison.unknown().into_iter();
    let mut states: BTreeMap<i64, (String, MigrationState)> =
        unknown.map(|version| (version, (version.to_string(), MigrationState::Unknown))).collect();
    for wanted in up_migrations() {
        let name = format!("{} {}", wanted.version, wanted.description);
        states.insert(wanted.version, (name, comparison.state(wanted)));
    }
    Ok(states.into_values().collect())
}
