//! Web pages that may call the API, and host names under which it answers.
//!
//! Without accounts, everybody who reaches the API may read all conversations, also a web page that
//! somebody on this machine visits. Its requests name its origin. A page whose own host name is
//! made to resolve to this machine (DNS rebinding) names that host.

use std::fmt;

use config::ConfigError;
use reqwest::Url;

use super::{AuthMode, Settings, check::error};

/// Web pages that may call the API, and `Host` values that it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAccess {
    /// Origins whose pages may call the API; `None` for any.
    pub origins: Option<Vec<String>>,
    /// Host names beside those of this machine; `None` for any.
    pub hosts: Option<Vec<String>>,
    /// Whether requests of other origins are refused, because callers are not authenticated. Pages
    /// of this machine and of the request's own host are allowed then.
    pub refuses_other_origins: bool,
}

impl Settings {
    /// Web pages and host names of these settings. Host names are not restricted where callers are
    /// authenticated, or where an open server names none.
    pub fn web_access(&self) -> WebAccess {
        let is_off = self.auth_mode() == AuthMode::Off;
        let is_any_origin = match &self.allowed_origins[..] {
            [] => !is_off,
            origins => origins.iter().any(|origin| origin == "*"),
        };
        let is_any_host =
            !is_off || self.auth.allow_unauthenticated && self.allowed_hosts.is_empty();
        WebAccess {
            origins: (!is_any_origin).then(|| self.allowed_origins.clone()),
            hosts: (!is_any_host).then(|| self.allowed_hosts.clone()),
            refuses_other_origins: is_off,
        }
    }

    pub(super) fn check_web_access(&self) -> Result<(), ConfigError> {
        let WebAccess { origins, refuses_other_origins, .. } = self.web_access();
        if origins.is_none() && refuses_other_origins && !self.auth.allow_unauthenticated {
            return error(
                "KUKU_ALLOWED_ORIGINS is *, and authentication is off: every web page that \
                 somebody here visits could read all conversations. Name the frontend's origins, \
                 or leave it out for pages of this machine, or set SUPABASE_URL, or \
                 KUKU_AUTH__MODE=optional for local accounts, or \
                 KUKU_AUTH__ALLOW_UNAUTHENTICATED=true to allow it",
            );
        }
        for origin in self.allowed_origins.iter().filter(|origin| *origin != "*") {
            if !is_origin(origin) {
                let origin = without_credentials(origin);
                return error(format!(
                    "allowed_origins (KUKU_ALLOWED_ORIGINS): {origin:?} is not an origin as \
                     browsers send it, such as https://coach.example.com or http://10.0.0.7:3000"
                ));
            }
        }
        for host in &self.allowed_hosts {
            if !is_host(host) {
                let host = without_credentials(host);
                return error(format!(
                    "allowed_hosts (KUKU_ALLOWED_HOSTS): {host:?} is not a host name as browsers \
                     send it, without port, such as coach.example.com, 10.0.0.7 or [fd00::7]"
                ));
            }
        }
        Ok(())
    }
}

/// A name for an error text, which has no password.
fn without_credentials(name: &str) -> &str {
    name.rsplit_once('@').map_or(name, |(_, name)| name)
}

/// Whether a browser may send this as `Origin`: lower case, without default port and path.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let (host, port) = (url.host_str().unwrap_or_default(), url.port());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let is_one_host = !host.is_empty() && !host.contains('*');
    is_one_host && text == format!("{}://{host}{port}", url.scheme())
}

/// Whether a browser may send this as `Host`, if it adds no port.
fn is_host(text: &str) -> bool {
    let url = Url::parse(&format!("http://{text}"));
    url.is_ok_and(|url| url.host_str() == Some(text)) && !text.contains('*')
}

impl fmt::Display for WebAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_this_machine = self.refuses_other_origins.then_some("this machine");
        let list = |named: &[String]| {
            let named = named.iter().map(String::as_str);
            of_this_machine.into_iter().chain(named).collect::<Vec<_>>().join(", ")
        };
        match &self.origins {
            None => formatter.write_str("any origin")?,
            Some(origins) => formatter.write_str(&list(origins))?,
        }
        match &self.hosts {
            None if self.refuses_other_origins => formatter.write_str(" (any Host is answered)"),
            Some(hosts) if !hosts.is_empty() => {
                write!(formatter, " (answered Hosts: {})", list(hosts))
            }
            None | Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const OPEN: (&str, &str) = ("KUKU_AUTH__ALLOW_UNAUTHENTICATED", "true");
    const ACCOUNTS: (&str, &str) = ("KUKU_AUTH__MODE", "optional");

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let owned = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Settings::from_environment(owned.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn display_says_what_is_open() {
        let origins = ("KUKU_ALLOWED_ORIGINS", "https://a.example");
        let hosts = ("KUKU_ALLOWED_HOSTS", "b.example");
        let any = ("KUKU_ALLOWED_ORIGINS", "*");
        for (variables, expected) in [
            (&[][..], "this machine"),
            (&[origins], "this machine, https://a.example"),
            (&[hosts], "this machine (answered Hosts: this machine, b.example)"),
            (&[OPEN], "this machine (any Host is answered)"),
            (&[OPEN, any], "any origin (any Host is answered)"),
            (&[ACCOUNTS], "any origin"),
            (&[ACCOUNTS, any, hosts], "any origin"),
            (&[ACCOUNTS, origins], "https://a.example"),
        ] {
            let access = settings(variables).expect("settings").web_access();
            assert_eq!(access.to_string(), expected, "{variables:?}");
        }
    }

    #[test]
    fn any_origin_without_accounts_stops_the_start() {
        for origins in ["*", "https://a.example,*"] {
            let any = ("KUKU_ALLOWED_ORIGINS", origins);
            let error = settings(&[any]).expect_err("refused").to_string();
            assert!(error.contains("KUKU_ALLOWED_ORIGINS is *"), "{error}");
            for also in [OPEN, ACCOUNTS] {
                assert_eq!(settings(&[any, also]).expect("allowed").web_access().origins, None);
            }
        }
    }

    #[test]
    fn origin_or_host_that_no_browser_sends_is_named() {
        for (variable, values) in [
            (
                "KUKU_ALLOWED_ORIGINS",
                &[
                    "null",
                    "a.example",
                    "https://A.example",
                    "https://a.example:443",
                    "https://a.example/app",
                    "https://u:secret@a.example",
                    "https://*.a.example",
                    "file:///",
                ][..],
            ),
            (
                "KUKU_ALLOWED_HOSTS",
                &[
                    "*", "a.example:8000", "http://a.example", "A.example", "fd00::7", "a/b",
                    "secret@b",
                ],
            ),
        ] {
            for value in values {
                let error = settings(&[(variable, value)]).expect_err(value).to_string();
                assert!(error.contains(variable), "{variable}={value}: {error}");
                assert!(!error.contains("secret"), "{variable}={value}: {error}");
            }
        }
    }
}
