//! What an operator can do about a database that cannot be reached.

use std::io::ErrorKind;

use sqlx::{Error, postgres::PgConnectOptions};

/// Whether waiting at start-up is no use: a wrong password or database name, a refused
/// certificate, a project that the pooler does not know.
pub(super) fn is_permanent(error: &Error) -> bool {
    match error {
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // 28 authorisation, 3D000 no such database, 42501 no right to connect
            ["28", "3D", "42"].iter().any(|class| code.starts_with(class))
                || is_unknown_tenant(error.message())
        }
        Error::Configuration(_) | Error::Tls(_) => true,
        // sqlx reports a refused certificate as an I/O error.
        Error::Io(error) => error.kind() == ErrorKind::InvalidData,
        _ => false,
    }
}

fn is_unknown_tenant(message: &str) -> bool {
    message.contains("Tenant or user not found") || message.contains("tenant/user")
}

/// The text of an error, without the line of Postgres' source code that sqlx adds.
pub(crate) fn server_text(error: &Error) -> String {
    match error {
        Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}

/// A sentence that says what to do; `None` if the error says it all.
pub(super) fn advice(options: &PgConnectOptions, error: &Error) -> Option<&'static str> {
    match error {
        Error::Database(error) if is_unknown_tenant(error.message()) => Some(
            "The pooler's user is postgres.<project ref>, and its host has the project's region: \
             copy both from Supabase (Connect, Session pooler). A paused project has to be \
             resumed.",
        ),
        Error::Database(error) => match error.code().as_deref() {
            Some("28P01") => Some(
                "Check user and password. Characters such as / ? # @ % in the password have to be \
                 percent-encoded (%2F %3F %23 %40 %25).",
            ),
            Some("28000") => Some(
                "The server's pg_hba.conf, or the project's network restrictions, refuse this \
                 client, user or database.",
            ),
            Some("3D000") => Some("Create the database, or correct its name in the address."),
            _ => None,
        },
        Error::Tls(_) => Some(CERTIFICATE_ADVICE),
        Error::Io(error) if is_refused_certificate(&error.to_string()) => Some(CERTIFICATE_ADVICE),
        Error::Io(error) if is_unroutable(error) => Some(match is_direct_supabase(options) {
            true => {
                "Supabase's direct address has IPv6 only, which this network lacks. Use the \
                 session pooler's address (Connect, Session pooler): its user is \
                 postgres.<project ref>, its port 5432."
            }
            false => {
                "The host has no address that this network reaches. If it has IPv6 only, use an \
                 IPv4 address or name of it, or enable IPv6."
            }
        }),
        _ => None,
    }
}

const CERTIFICATE_ADVICE: &str = "database.ca_file (KUKU_DATABASE__CA_FILE) has to be the \
    certificate of the authority that signed the server's (Supabase: Database settings, SSL \
    configuration), and the host name has to be the one in the server's certificate.";

fn is_refused_certificate(text: &str) -> bool {
    text.contains("certificate")
}

fn is_direct_supabase(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    host.starts_with("db.") && host.ends_with(".supabase.co")
}

/// No route to the host, or a name without an address of a family that this machine has.
fn is_unroutable(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable
    ) || ["address family", "No address associated", "failed to lookup"]
        .iter()
        .any(|text| error.to_string().contains(text))
}
