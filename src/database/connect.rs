//! From an address to a pool that keeps what we promise: TLS to anything remote, bounded waiting, all migrations.

use std::{fs::File, path::PathBuf, str::FromStr};

use sqlx::{
    PgPool,
    migrate::{Migrate, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use super::Pool;
use crate::settings::DatabaseSettings;

/// The migrations of this program.
pub(crate) static MIGRATOR: Migrator = sqlx::migrate!();

/// Where sqlx keeps what was applied.
pub(crate) const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// The oldest server that we test with and whose SQL we use.
const MIN_SERVER_VERSION: i32 = 140_000;

/// Port on which Supabase's poolers multiplex transactions over shared backends.
const TRANSACTION_POOLER_PORT: u16 = 6543;

/// Why there is no usable database. No text holds the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// `DATABASE_URL` does not parse.
    #[error("DATABASE_URL is not a valid Postgres address: {0}")]
    Address(String),
    /// What is wrong with the replica's address.
    #[error("DATABASE_READ_URL: {0}")]
    Replica(#[source] Box<Self>),
    /// A transaction pooler would mix up the rows of different clients.
    #[error(
        "DATABASE_URL points at port 6543, a transaction pooler. There, prepared statements of different clients get \
         mixed up, and one could be shown another's rows. Use the {kind} instead: {host}:5432, same user and password"
    )]
    TransactionPooler {
        /// What answers on port 5432 of that host.
        kind: &'static str,
        /// The host of the address.
        host: String,
    },
    /// A remote address that asks for no encryption.
    #[error(
        "DATABASE_URL asks for an unencrypted connection (sslmode=disable) to {0}, which is not on this machine. \
         Remove sslmode from it, or use sslmode=require or verify-full; or set \
         KUKU_DATABASE__ALLOW_PLAINTEXT=true on a network that nobody else is on"
    )]
    Plaintext(String),
    /// The certificate file cannot be read.
    #[error("database.ca_file (KUKU_DATABASE__CA_FILE) cannot be read: {path}: {reason}")]
    CaFile {
        /// The file.
        path: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The server is not there, or refuses us.
    #[error("cannot connect to the database at {target}: {reason}")]
    Unreachable {
        /// Host and port.
        target: String,
        /// What the driver says.
        reason: String,
    },
    /// Older than anything we test with.
    #[error("the database server has version {0}; at least 14 is needed")]
    UnsupportedVersion(String),
    /// A migration failed; sqlx's text names it.
    #[error("migrations failed: {0}")]
    Migrations(#[from] sqlx::migrate::MigrateError),
}

/// Connects to `address` by the rules of `settings`, and applies the migrations unless they are turned off.
///
/// # Errors
/// [`ConnectError`], in words for the person who starts the server.
pub async fn connect(
    options: PgConnectOptions,
    settings: &DatabaseSettings,
) -> Result<Pool, ConnectError> {
    let pool = Pool::new(options.clone(), settings);
    let server = sqlx::query!(
        r#"SELECT current_setting('server_version_num')::integer AS "number!", current_setting('server_version') AS "name!""#
    )
    .fetch_one(&pool)
    .await
    .map_err(|error| unreachable(&options, &error))?;
    if server.number < MIN_SERVER_VERSION {
        return Err(ConnectError::UnsupportedVersion(server.name));
    }
    if settings.migrate {
        migrate(&options).await?;
    }
    Ok(pool)
}

/// Applies the migrations that are pending.
///
/// # Errors
/// [`ConnectError`]
pub async fn migrate(options: &PgConnectOptions) -> Result<(), ConnectError> {
    // On a connection of its own, without the statement time-out: a migration of a large table takes longer, and so may
    // waiting for another replica that holds sqlx's lock.
    let migrating = single(options).await?;
    MIGRATOR.run(&migrating).await?;
    migrating.close().await;
    Ok(())
}

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// As this program has it.
    Applied,
    /// Not there yet.
    Pending,
    /// Applied in another form than this program has.
    ChecksumMismatch,
    /// Applied, and unknown to this program: of a newer one.
    Unknown,
}

impl MigrationState {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::ChecksumMismatch => "changed",
            Self::Unknown => "unknown",
        }
    }
}

/// All migrations of this program and of the database, in their order, and how they stand.
///
/// # Errors
/// [`ConnectError`]
pub async fn migration_states(
    options: &PgConnectOptions,
) -> Result<Vec<(String, MigrationState)>, ConnectError> {
    let pool = single(options).await?;
    let mut connection = pool
        .acquire()
        .await
        .map_err(|error| unreachable(options, &error))?;
    // Fails where nothing was ever applied.
    let applied = connection
        .list_applied_migrations(MIGRATIONS_TABLE)
        .await
        .unwrap_or_default();
    let ours = MIGRATOR
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration());
    let mut states: Vec<(i64, String, MigrationState)> = ours
        .map(|wanted| {
            let found = applied.iter().find(|found| found.version == wanted.version);
            let state = match found {
                None => MigrationState::Pending,
                Some(found) if found.checksum == wanted.checksum => MigrationState::Applied,
                Some(_) => MigrationState::ChecksumMismatch,
            };
            (
                wanted.version,
                format!("{} {}", wanted.version, wanted.description),
                state,
            )
        })
        .collect();
    for found in &applied {
        if !states.iter().any(|(version, ..)| *version == found.version) {
            states.push((
                found.version,
                found.version.to_string(),
                MigrationState::Unknown,
            ));
        }
    }
    states.sort_by_key(|(version, ..)| *version);
    Ok(states
        .into_iter()
        .map(|(_, name, state)| (name, state))
        .collect())
}

pub(crate) async fn single(options: &PgConnectOptions) -> Result<PgPool, ConnectError> {
    PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone())
        .await
        .map_err(|error| unreachable(options, &error))
}

pub(crate) fn unreachable(options: &PgConnectOptions, error: &sqlx::Error) -> ConnectError {
    ConnectError::Unreachable {
        target: match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        },
        reason: error.to_string(),
    }
}

/// The options for a `DATABASE_URL`: no transaction pooler, TLS unless the server is on this machine, and fully
/// verified where `ca_file` is given.
///
/// # Errors
/// [`ConnectError`], before anything is connected to.
pub fn connect_options(
    url: &str,
    ca_file: Option<&PathBuf>,
    allow_plaintext: bool,
) -> Result<PgConnectOptions, ConnectError> {
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(ConnectError::Address(
            "it has to begin with postgres://".into(),
        ));
    }
    let mut options = PgConnectOptions::from_str(url)
        .map_err(|error| ConnectError::Address(error.to_string()))?
        .application_name("kuku-coach");
    let host = options.get_host().to_owned();
    if options.get_socket().is_none() && options.get_port() == TRANSACTION_POOLER_PORT {
        let kind = if host.ends_with(".pooler.supabase.com") {
            "session pooler"
        } else {
            "direct address"
        };
        return Err(ConnectError::TransactionPooler { kind, host });
    }
    if let Some(file) = ca_file {
        File::open(file).map_err(|reason| ConnectError::CaFile {
            path: file.display().to_string(),
            reason,
        })?;
        return Ok(options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(file));
    }
    if options.get_socket().is_none() && !is_loopback(&host) {
        options = match options.get_ssl_mode() {
            PgSslMode::Disable if allow_plaintext => options,
            PgSslMode::Disable => return Err(ConnectError::Plaintext(host)),
            PgSslMode::Allow | PgSslMode::Prefer => options.ssl_mode(PgSslMode::Require),
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => options,
        };
    }
    Ok(options)
}

fn is_loopback(host: &str) -> bool {
    // A host that begins with a slash is the folder of a unix socket.
    host == "localhost"
        || host.starts_with('/')
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssl_mode(url: &str) -> PgSslMode {
        connect_options(url, None, false)
            .expect("a good address")
            .get_ssl_mode()
    }

    #[test]
    fn a_transaction_pooler_is_refused_with_the_address_to_use() {
        for (url, instead) in [
            (
                "postgresql://postgres.abc:secret@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
                "session pooler instead: aws-0-eu-west-1.pooler.supabase.com:5432",
            ),
            (
                "postgresql://postgres:secret@db.abc.supabase.co:6543/postgres",
                "direct address instead: db.abc.supabase.co:5432",
            ),
        ] {
            let error = connect_options(url, None, false)
                .expect_err("refused")
                .to_string();
            assert!(error.contains(instead), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_remote_database_is_reached_with_tls() {
        assert!(matches!(
            ssl_mode("postgres://u:p@db.example.com/x"),
            PgSslMode::Require
        ));
        assert!(matches!(
            ssl_mode("postgres://u:p@10.0.0.7/x"),
            PgSslMode::Require
        ));
        assert!(matches!(
            ssl_mode("postgres://u:p@db.example.com/x?sslmode=verify-full"),
            PgSslMode::VerifyFull
        ));
        assert!(matches!(
            connect_options(
                "postgres://u:p@db.example.com/x?sslmode=disable",
                None,
                false
            ),
            Err(ConnectError::Plaintext(_))
        ));
        assert!(connect_options("postgres://u:p@postgres/x?sslmode=disable", None, true).is_ok());
        assert!(matches!(
            connect_options("postgres://u:p@postgres/x", None, true)
                .expect("options")
                .get_ssl_mode(),
            PgSslMode::Require
        ));
    }

    #[test]
    fn a_ca_file_means_verify_full() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let options = connect_options(
            "postgres://u:p@db.example.com/x",
            Some(&file.path().to_owned()),
            false,
        )
        .expect("options");
        assert!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull));
        let missing = PathBuf::from("/nowhere/ca.crt");
        let error = connect_options("postgres://u:p@db.example.com/x", Some(&missing), false)
            .expect_err("refused");
        assert!(
            error.to_string().contains("KUKU_DATABASE__CA_FILE"),
            "{error}"
        );
    }

    #[test]
    fn a_database_on_this_machine_needs_no_tls() {
        for url in [
            "postgres://u:p@127.0.0.1/x",
            "postgres://u:p@localhost:5433/x?sslmode=disable",
            "postgres://u:p@[::1]/x?sslmode=disable",
            "postgres:///x?host=/tmp/socket&user=u&sslmode=disable",
        ] {
            assert!(connect_options(url, None, false).is_ok(), "{url}");
        }
    }
}
