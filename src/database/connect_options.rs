//! Connect options from a database address, with TLS for every remote server.

use std::{fs::File, io, path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::time::timeout;

/// Longest wait of commands for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// Port on which Supabase's poolers multiplex transactions over shared backends.
const TRANSACTION_POOLER_PORT: u16 = 6543;

/// Why there is no usable database. No text contains the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// `DATABASE_URL` does not parse.
    #[error("DATABASE_URL is not a valid Postgres address: {0}")]
    Address(String),
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
    /// A migration failed; sqlx's text names it.
    #[error("migrations failed: {0}")]
    Migrations(#[from] sqlx::migrate::MigrateError),
}

/// The connect options for a `DATABASE_URL`: no transaction pooler, TLS unless the server is on
/// this machine, with a verified certificate if `ca_file` is given.
pub fn connect_options(
    url: &str,
    ca_file: Option<&PathBuf>,
    allow_plaintext: bool,
) -> Result<PgConnectOptions, ConnectError> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(ConnectError::Address("it has to start with postgres://".into()));
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
        File::open(file)
            .map_err(|reason| ConnectError::CaFile { path: file.display().to_string(), reason })?;
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
    // A host that starts with a slash is the directory of a unix socket.
    host == "localhost"
        || host.starts_with('/')
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(crate) async fn single_connection_pool(
    options: &PgConnectOptions,
) -> Result<PgPool, ConnectError> {
    // The pool itself retries for 30 s and then hides the cause.
    timeout(CONNECT_TIMEOUT, async { options.connect().await?.close().await })
        .await
        .unwrap_or_else(|_| {
            let reason = "no response; a firewall or a wrong address";
            Err(io::Error::new(io::ErrorKind::TimedOut, reason).into())
        })
        .map_err(|error| unreachable(options, &error))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ssl_mode(url: &str) -> PgSslMode {
        connect_options(url, None, false).expect("a valid address").get_ssl_mode()
    }

    #[test]
    fn transaction_pooler_is_refused_with_an_alternative() {
        for (url, instead) in [
            (
                "postgresql://postgres.a:secret@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
                "session pooler instead: aws-0-eu-west-1.pooler.supabase.com:5432",
            ),
            (
                "postgresql://postgres:secret@db.abc.supabase.co:6543/postgres",
                "direct address instead: db.abc.supabase.co:5432",
            ),
        ] {
            let error = connect_options(url, None, false).expect_err("refused").to_string();
            assert!(error.contains(instead), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn remote_database_requires_tls() {
        assert!(matches!(ssl_mode("postgres://u:p@db.example.com/x"), PgSslMode::Require));
        assert!(matches!(ssl_mode("postgres://u:p@10.0.0.7/x"), PgSslMode::Require));
        assert!(matches!(
            ssl_mode("postgres://u:p@db.example.com/x?sslmode=verify-full"),
            PgSslMode::VerifyFull
        ));
        assert!(matches!(
            connect_options("postgres://u:p@db.example.com/x?sslmode=disable", None, false),
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
    fn ca_file_sets_verify_full() {
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
        assert!(error.to_string().contains("KUKU_DATABASE__CA_FILE"), "{error}");
    }

    #[test]
    fn local_database_needs_no_tls() {
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
