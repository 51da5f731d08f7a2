//! Connect options from a database address, with TLS for every remote server.

use std::{fs::File, io, path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::time::timeout;

use super::{
    address::check_address,
    advice::{advice, server_text},
    connect_error::ConnectError,
};

/// Longest wait of commands for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// Port on which Supabase's poolers multiplex transactions over shared backends.
const TRANSACTION_POOLER_PORT: u16 = 6543;

/// The connect options for a `DATABASE_URL`: no transaction pooler, TLS unless the server is on
/// this machine, with a verified certificate if `ca_file` is given.
pub fn connect_options(
    url: &str,
    ca_file: Option<&PathBuf>,
    allow_plaintext: bool,
) -> Result<PgConnectOptions, ConnectError> {
    let mut options = PgConnectOptions::from_str(&check_address(url)?)
        .map_err(|error| ConnectError::Address(error.to_string()))?
        .application_name("kuku-coach");
    // The brackets of an IPv6 literal belong to the address, not to the host.
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    options = options.host(&host);
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
    with_tls(options, allow_plaintext).ok_or(ConnectError::Plaintext(host))
}

/// The options for another server with the same user, password and database. They have TLS by the
/// same rules: a remote server without it was allowed by the setting.
pub(super) fn with_server(options: &PgConnectOptions, host: &str, port: u16) -> PgConnectOptions {
    let allow_plaintext = is_remote(options);
    let options = options.clone().host(host).port(port);
    with_tls(options.clone(), allow_plaintext)
        .unwrap_or_else(|| options.ssl_mode(PgSslMode::Require))
}

/// The options with TLS for a server on another machine; `None` if they turn it off there, and that
/// is not allowed.
fn with_tls(options: PgConnectOptions, allow_plaintext: bool) -> Option<PgConnectOptions> {
    if !is_remote(&options) {
        return Some(options);
    }
    match options.get_ssl_mode() {
        PgSslMode::Disable if allow_plaintext => Some(options),
        PgSslMode::Disable => None,
        PgSslMode::Allow | PgSslMode::Prefer => Some(options.ssl_mode(PgSslMode::Require)),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => Some(options),
    }
}

fn is_remote(options: &PgConnectOptions) -> bool {
    options.get_socket().is_none() && !is_loopback(options.get_host())
}

fn is_loopback(host: &str) -> bool {
    // A host that starts with a slash is the directory of a unix socket.
    host == "localhost"
        || host.starts_with('/')
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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
        .after_connect(|connection, _| {
            let pin =
                sqlx::query!("SELECT set_config('search_path', 'public', FALSE) AS search_path");
            Box::pin(async move { pin.fetch_one(connection).await.map(drop) })
        })
        .connect_with(options.clone())
        .await
        .map_err(|error| unreachable(options, &error))
}

/// The server of an address: its socket, or host and port.
pub fn target(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        // A host in the address that is a folder.
        None if host.starts_with('/') => host.to_owned(),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
    }
}

pub(crate) fn unreachable(options: &PgConnectOptions, error: &sqlx::Error) -> ConnectError {
    ConnectError::Unreachable {
        target: target(options),
        reason: match advice(options, error) {
            Some(advice) => format!("{}. {advice}", server_text(error)),
            None => server_text(error),
        },
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
    fn ipv6_literal_is_accepted_with_brackets() {
        let url = "postgres://u:p@[2001:db8::7]:5433/x";
        let options = connect_options(url, None, false).expect("options");
        assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 5433));
        let error = unreachable(&options, &sqlx::Error::PoolTimedOut).to_string();
        assert!(error.contains("[2001:db8::7]:5433"), "{error}");
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
    fn other_server_requires_tls_as_the_first_one_would() {
        let ssl_mode = |url: &str, allow_plaintext, host: &str| {
            let options = connect_options(url, None, allow_plaintext).expect("options");
            let options = with_server(&options, host, 5433);
            assert_eq!((options.get_host(), options.get_port()), (host, 5433));
            options.get_ssl_mode()
        };
        let local = "postgres://u:p@localhost/x";
        let plain = "postgres://u:p@coordinator/x?sslmode=disable";
        assert!(matches!(ssl_mode(local, false, "127.0.0.1"), PgSslMode::Prefer));
        assert!(matches!(ssl_mode(local, false, "worker"), PgSslMode::Require));
        let disabled = "postgres://u:p@localhost/x?sslmode=disable";
        assert!(matches!(ssl_mode(disabled, true, "localhost"), PgSslMode::Disable));
        assert!(matches!(ssl_mode(disabled, true, "10.0.0.7"), PgSslMode::Require));
        assert!(matches!(ssl_mode(plain, true, "worker"), PgSslMode::Disable));
        let verified = "postgres://u:p@coordinator/x?sslmode=verify-full";
        assert!(matches!(ssl_mode(verified, false, "worker"), PgSslMode::VerifyFull));
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
