//! Why there is no usable database, with what an operator can do.

use sqlx::migrate::MigrateError;

use super::advice::server_text;

/// Why there is no usable database. No text contains the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// `DATABASE_URL` does not parse.
    #[error("DATABASE_URL is not a valid Postgres address: {0}")]
    Address(String),
    /// `DATABASE_URL` still holds the placeholder of Supabase's instructions.
    #[error(
        "DATABASE_URL still has the placeholder [YOUR-PASSWORD]. Put the database password there \
         (Supabase: Database settings), with characters such as / ? # @ % percent-encoded \
         (%2F %3F %23 %40 %25)"
    )]
    PlaceholderPassword,
    /// A character of the password ends the part of the address that holds it.
    #[error(
        "DATABASE_URL cannot be read: the password seems to hold one of / ? # @, which have to be \
         percent-encoded (%2F %3F %23 %40)"
    )]
    UnencodedPassword,
    /// The replica's address is not accepted.
    #[error("DATABASE_READ_URL: {0}")]
    Replica(#[source] Box<Self>),
    /// A transaction pooler would mix up the rows of different clients.
    #[error(
        "DATABASE_URL points at port 6543, a transaction pooler. It mixes up prepared statements \
         of different clients, which could show one client's rows to another. Use the {kind} \
         instead: {host}:5432, same user and password"
    )]
    TransactionPooler {
        /// The service on port 5432 of that host.
        kind: &'static str,
        /// The host of the address.
        host: String,
    },
    /// A remote address with `sslmode=disable`.
    #[error(
        "DATABASE_URL asks for an unencrypted connection (sslmode=disable) to {0}, which is not on \
         this machine. Remove sslmode from it, or use sslmode=require or verify-full; or set \
         KUKU_DATABASE__ALLOW_PLAINTEXT=true on a private network"
    )]
    Plaintext(String),
    /// The certificate file cannot be read.
    #[error("database.ca_file (KUKU_DATABASE__CA_FILE) cannot be read: {path}: {reason}")]
    CaFile {
        /// The file.
        path: String,
        /// The system's error.
        reason: std::io::Error,
    },
    /// The server cannot be reached or refuses the connection.
    #[error("cannot connect to the database at {target}: {reason}")]
    Unreachable {
        /// Host and port.
        target: String,
        /// The driver's error.
        reason: String,
    },
    /// The server is older than the oldest tested version.
    #[error("the database server has version {0}; at least 14 is needed")]
    UnsupportedVersion(String),
    /// The database cannot store every language.
    #[error(
        "the database {database} has the encoding {encoding}; UTF8 is needed. Nothing was changed. \
         Create another one: CREATE DATABASE kuku ENCODING 'UTF8' LC_COLLATE 'C' \
         LC_CTYPE 'C.UTF-8' TEMPLATE template0"
    )]
    Encoding {
        /// Name of the database.
        database: String,
        /// Such as `LATIN1`.
        encoding: String,
    },
    /// Migrations are pending, and cannot be applied.
    #[error(
        "migrations are pending, and the database is read-only: Supabase makes it so when the disk \
         is full, and a hot standby always is. Make it writable, then start again"
    )]
    ReadOnly,
    /// Our role sees no applied migrations, although there may be some.
    #[error(
        "the role {role} cannot read public._sqlx_migrations ({reason}). Use the role that \
         migrates, which owns the table, or GRANT SELECT on it to a role with BYPASSRLS"
    )]
    MigrationsHidden {
        /// Our role.
        role: String,
        /// What hides them.
        reason: &'static str,
    },
    /// Another schema may hold our tables, or those of another program.
    #[error(
        "migrations are pending, and there is a table _sqlx_migrations outside the schema public, \
         in {0}. If this program made it, with another search_path, move the tables of that schema \
         to public (ALTER TABLE … SET SCHEMA public). If it belongs to another program, give one \
         of the two a database of its own"
    )]
    OtherMigrationsTable(String),
    /// A migration failed; sqlx's text names it.
    #[error("migrations failed: {}", describe(.0))]
    Migrations(#[from] MigrateError),
}

fn describe(error: &MigrateError) -> String {
    match error {
        MigrateError::Execute(error) => server_text(error),
        MigrateError::ExecuteMigration(error, version) => {
            format!("{version}: {}", server_text(error))
        }
        other => other.to_string(),
    }
}
