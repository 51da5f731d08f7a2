//! Checks of the database: server, role, migrations and replica.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use time::OffsetDateTime;

use super::{Report, schema};
use crate::{
    cli::BoxError,
    database::{
        ConnectError, MigrationState, ReplicaDiagnostics, ServerDiagnostics, diagnose_replica,
        diagnose_server, migration_states, target,
    },
    repository::diagnose_schema,
    server::DatabaseSource,
    settings::{AuthMode, Settings},
};

/// Largest difference of clocks; a larger one makes tokens invalid too early or too late.
const MAX_CLOCK_SKEW_SECONDS: i64 = 5;
/// Size of a WAL segment; a replica that keeps up is never that far behind.
const MAX_REPLICA_LAG_BYTES: i64 = 16 * 1024 * 1024;
/// Connections for psql, migrations and a second server.
const SPARE_CONNECTIONS: i64 = 5;

const REPLICA_ADVICE: &str = "The primary executes searches, lists and exports instead. \
    See DATABASE_READ_URL in docs/configuration.md.";

pub(super) async fn check(report: &mut Report, settings: &Settings) -> Result<(), BoxError> {
    let database = match DatabaseSource::resolve_or_share(settings).await {
        Ok(database) => database,
        Err(error) => {
            report.fail("no database can be used", &error.to_string());
            return Ok(());
        }
    };
    check_address(report, &database);
    match diagnose_server(&database.options).await {
        Err(error) => report.fail("the database cannot be reached", &error.to_string()),
        Ok(diagnostics) => {
            report.ok(&format!("Postgres {}", diagnostics.version));
            check_encryption(report, &database.options, diagnostics.encrypted);
            check_connections(report, settings, &diagnostics);
            check_encoding(report, &diagnostics.encoding);
            check_writable(report, &diagnostics);
            check_role(report, settings, &diagnostics);
            check_clock(report, diagnostics.now);
            let users_sign_in = settings.auth_mode() != AuthMode::Off;
            let states = migration_states(&database.options).await;
            let is_newer =
                |(_, state): &(String, MigrationState)| *state == MigrationState::Unknown;
            let is_newer = states.as_ref().is_ok_and(|states| states.iter().any(is_newer));
            match diagnose_schema(&database.options, &settings.database, users_sign_in).await {
                Ok(Some(schema)) => schema::check(report, &diagnostics.role, &schema, is_newer),
                Ok(None) => report.warn("there are no tables yet", "The migrations create them."),
                Err(error) => report.fail("the tables cannot be checked", &error.to_string()),
            }
            check_migrations(report, settings, states);
            let replica = diagnose_replica(&database.options, &settings.database).await;
            check_replica(report, replica);
        }
    }
    database.stop()
}

fn check_address(report: &mut Report, database: &DatabaseSource) {
    if database.is_embedded() {
        report.warn(
            "the database is the embedded Postgres",
            "Good for a laptop. Set DATABASE_URL for several servers, or if this machine may be \
             lost.",
        );
        return;
    }
    let host = database.options.get_host();
    let kind = if host.ends_with(".pooler.supabase.com") {
        "Supabase's session pooler"
    } else if host.ends_with(".supabase.co") {
        "Supabase, directly"
    } else {
        "a Postgres server or pooler"
    };
    report.ok(&format!("DATABASE_URL is {kind}: {}", target(&database.options)));
}

fn check_encryption(report: &mut Report, options: &PgConnectOptions, encrypted: bool) {
    let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull | PgSslMode::VerifyCa);
    match (encrypted, verified) {
        (true, true) => report.ok("the connection is encrypted, and the server is verified"),
        (true, false) => report.warn(
            "the connection is encrypted, but the server's certificate is not verified",
            "Set KUKU_DATABASE__CA_FILE to the authority's certificate (Supabase: Database, SSL).",
        ),
        (false, _) if options.get_socket().is_some() => {
            report.ok("the connection is a unix socket");
        }
        (false, _) => report.warn(
            "the connection is not encrypted",
            "Acceptable on one machine only. Use TLS for any other database.",
        ),
    }
}

fn check_connections(report: &mut Report, settings: &Settings, diagnostics: &ServerDiagnostics) {
    let pool = i64::from(settings.database.max_connections);
    let limit = i64::from(diagnostics.max_connections);
    if pool + SPARE_CONNECTIONS > limit {
        report.fail(
            &format!("the pool takes {pool} connections, and the server allows {limit} in all"),
            "Lower KUKU_DATABASE__MAX_CONNECTIONS; several servers share the limit.",
        );
    } else {
        let open = diagnostics.open_connections;
        report.ok(&format!(
            "the pool takes {pool} of the server's {limit} connections ({open} are open)"
        ));
    }
}

fn check_role(report: &mut Report, settings: &Settings, diagnostics: &ServerDiagnostics) {
    let role = &diagnostics.role;
    if settings.auth_mode() != AuthMode::Off && !diagnostics.can_assume_authenticated {
        report.fail(
            &format!("the role {role} cannot SET ROLE authenticated, as reads for users do"),
            &format!("As a superuser: GRANT authenticated TO {role};"),
        );
    }
}

fn check_encoding(report: &mut Report, encoding: &str) {
    if encoding != "UTF8" {
        report.fail(
            &format!("the database has the encoding {encoding}"),
            "UTF8 is needed: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;",
        );
    }
}

fn check_writable(report: &mut Report, diagnostics: &ServerDiagnostics) {
    if diagnostics.in_recovery {
        report.fail(
            "the database is a hot standby: it can be read only",
            "Set DATABASE_URL to its primary; DATABASE_READ_URL may name a standby.",
        );
    } else if diagnostics.read_only {
        report.fail(
            "the database is read-only (default_transaction_read_only): nothing can be stored",
            "Supabase sets this when the disk is full: enlarge it (dashboard, Database Settings). \
             Elsewhere: SET default_transaction_read_only = off; and then ALTER DATABASE … RESET \
             default_transaction_read_only; or ALTER ROLE ….",
        );
    }
}

fn check_clock(report: &mut Report, database_now: OffsetDateTime) {
    let skew = (database_now - OffsetDateTime::now_utc()).whole_seconds();
    if skew.abs() > MAX_CLOCK_SKEW_SECONDS {
        report.warn(
            &format!("the clocks of the database and of this machine differ by {skew} s"),
            "Synchronise both with NTP.",
        );
    } else {
        report.ok("the clocks agree");
    }
}

fn check_migrations(
    report: &mut Report,
    settings: &Settings,
    states: Result<Vec<(String, MigrationState)>, ConnectError>,
) {
    let states = match states {
        Ok(states) => states,
        Err(error) => return report.fail("the migrations cannot be read", &error.to_string()),
    };
    let names_in = |wanted: MigrationState| -> Vec<&str> {
        let matching = states.iter().filter(|(_, state)| *state == wanted);
        matching.map(|(name, _)| name.as_str()).collect()
    };
    let changed = names_in(MigrationState::ChecksumMismatch);
    if !changed.is_empty() {
        report.fail(
            &format!("applied migrations were changed: {}", changed.join(", ")),
            "Use the version of the program that applied them, or restore the files.",
        );
    }
    let unknown = names_in(MigrationState::Unknown);
    if !unknown.is_empty() {
        report.warn(
            &format!("the database has migrations of a newer version: {}", unknown.join(", ")),
            "Update this program.",
        );
    }
    let pending = names_in(MigrationState::Pending);
    if pending.is_empty() {
        let applied = states.len() - changed.len() - unknown.len();
        return report.ok(&format!("{applied} migrations are applied"));
    }
    let finding = format!("migrations are pending: {}", pending.join(", "));
    if settings.database.migrate {
        report.warn(&finding, "The next start applies them; or run kuku-coach migrate.");
    } else {
        report.fail(&finding, "Run kuku-coach migrate, or sqlx migrate run.");
    }
}

fn check_replica(report: &mut Report, replica: Result<Option<ReplicaDiagnostics>, ConnectError>) {
    let replica = match replica {
        Ok(Some(replica)) => replica,
        Ok(None) => return,
        Err(error) => {
            let finding = format!("the replica cannot be queried: {error}");
            return report.fail(&finding, REPLICA_ADVICE);
        }
    };
    if !replica.same_cluster {
        report.fail(
            "DATABASE_READ_URL is not a copy of the database at DATABASE_URL",
            REPLICA_ADVICE,
        );
    } else if !replica.is_streaming {
        report.fail(
            "DATABASE_READ_URL is no longer a replica: it was promoted",
            "Make it a replica again, or unset DATABASE_READ_URL.",
        );
    } else if replica.bytes_behind > MAX_REPLICA_LAG_BYTES {
        let mebibytes = replica.bytes_behind / (1024 * 1024);
        report.warn(&format!("the replica is {mebibytes} MiB behind"), REPLICA_ADVICE);
    } else {
        report.ok("the replica is up to date");
    }
}
