//! Database addresses, checked before sqlx parses them: sqlx would quote parts of a password that
//! is not percent-encoded, in errors and in warnings about unknown parameters.

use std::borrow::Cow;

use super::connect_error::ConnectError;

/// Parameters that sqlx understands.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The address without the parameters that sqlx does not know, such as `pgbouncer` of Prisma.
///
/// # Errors
/// [`ConnectError`], which quotes nothing of the address.
pub(super) fn check_address(url: &str) -> Result<Cow<'_, str>, ConnectError> {
    let Some((_, rest)) = url.split_once("://").filter(|(scheme, _)| is_postgres(scheme)) else {
        return Err(ConnectError::Address("it has to start with postgres://".into()));
    };
    let upper = rest.to_ascii_uppercase();
    if ["[YOUR-PASSWORD]", "%5BYOUR-PASSWORD%5D"].iter().any(|text| upper.contains(text)) {
        return Err(ConnectError::PlaceholderPassword);
    }
    let (before, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
    let path = before.split_once('/').map_or("", |(_, path)| path);
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        query.unwrap_or_default().split('&').partition(|parameter| is_known(parameter));
    let has_rest_of_password = unknown.iter().any(|parameter| parameter.contains('@'));
    // The host follows the last @ of an address, and no part of a password comes after the host.
    if rest.contains('#') || path.contains('@') || has_rest_of_password {
        return Err(ConnectError::UnencodedPassword);
    }
    if unknown.iter().all(|parameter| parameter.is_empty()) {
        return Ok(url.into());
    }
    tracing::warn!(
        count = unknown.len(),
        "the database address has parameters that this program does not know; they are ignored"
    );
    let end = url.len() - query.map_or(0, |query| query.len() + 1);
    Ok(format!("{}?{}", &url[..end], known.join("&")).into())
}

fn is_postgres(scheme: &str) -> bool {
    scheme == "postgres" || scheme == "postgresql"
}

fn is_known(parameter: &str) -> bool {
    let name = parameter.split_once('=').map_or(parameter, |(name, _)| name);
    PARAMETERS.contains(&name) || name.starts_with("options[") || name.starts_with("options%5B")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<String, String> {
        check_address(url).map(Cow::into_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn unencoded_password_gets_a_hint_and_is_not_quoted() {
        for url in [
            "postgres://u:hush/hush@db.example.com/x",
            "postgres://u:hush?hush@db.example.com/x",
            "postgres://u:hush?hush=hush@db.example.com:5432/x",
            "postgres://u:hush#hush@db.example.com/x",
            "postgres://u:hush@hush/hush@db.example.com/x",
            "postgres://u:hush@hush?hush@db.example.com/x",
            "postgres://u:1234/hush@db.example.com/x?sslmode=require",
        ] {
            let error = check(url).expect_err(url);
            assert!(error.contains("percent-encode"), "{error}");
            assert!(!error.contains("hush") && !error.contains("1234"), "{error}");
        }
    }

    #[test]
    fn placeholder_of_supabase_is_recognised() {
        let error = check("postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres");
        assert!(error.expect_err("refused").contains("[YOUR-PASSWORD]"));
    }

    #[test]
    fn unknown_parameters_are_removed() {
        let url = "postgres://u:p@host/x?pgbouncer=true&sslmode=require&connect_timeout=3";
        assert_eq!(check(url), Ok("postgres://u:p@host/x?sslmode=require".into()));
        for url in [
            "postgres://u:p%40ss@host/x",
            "postgres://u:p@ss@[::1]:5432/x?options=-csearch_path%3Dapp",
            "postgres:///x?host=/tmp/socket&user=ada@example.com",
        ] {
            assert_eq!(check(url), Ok(url.into()));
        }
    }
}
