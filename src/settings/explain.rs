//! Errors of settings in the words of the person who sets them: the variable, or the key and its
//! file, and what the value may be. Values of a wrong type and wrong choices are not quoted: they
//! may be secrets in the wrong place.

use std::collections::BTreeMap;

use config::{Config, ConfigError, File, FileFormat};

use super::{DEFAULTS, ENV_ALIASES, Settings, renamed::variable};

/// `error`, if it is about a key, with the place of its value in `environment` or `file`.
pub(super) fn explain(
    error: ConfigError,
    environment: &BTreeMap<String, String>,
    file: &str,
) -> ConfigError {
    let (key, reason) = match error {
        ConfigError::Type { key: Some(key), expected, .. } => {
            let reason = type_reason(&key, expected);
            (key, reason)
        }
        ConfigError::At { error, key: Some(key), .. } => key_and_reason(key, &error.to_string()),
        // Errors at the root have no key.
        ConfigError::Message(text) if text.starts_with(UNKNOWN_FIELD) => {
            key_and_reason(String::new(), &text)
        }
        other => return other,
    };
    let place = place(&key, environment).unwrap_or_else(|| format!("{key} in {file}"));
    ConfigError::Message(format!("{place}: {reason}"))
}

/// `error` without the line of a file that cannot be parsed: it may hold a secret.
pub(super) fn without_quotation(error: ConfigError, file: &str) -> ConfigError {
    let ConfigError::FileParse { cause, .. } = error else {
        return error;
    };
    let text = cause.to_string();
    // The lines of the quotation are ` 2 | api_key = …`, with a frame of bars.
    let number = |c: char| c.is_ascii_digit() || c == ' ';
    let told = text.lines().filter(|line| !line.trim_start_matches(number).starts_with('|'));
    let reason = told.collect::<Vec<_>>().join(": ");
    ConfigError::Message(format!("{file}: {reason}"))
}

/// Beginnings of serde's errors.
const UNKNOWN_FIELD: &str = "unknown field `";
const UNKNOWN_VARIANT: &str = "unknown variant `";

/// The key and the reason of an error at `key`, in which serde may name a key below it.
fn key_and_reason(key: String, text: &str) -> (String, String) {
    let choices = |text: &str| {
        let (_, choices) = text.split_once(", expected ")?;
        Some(choices.trim_start_matches("one of ").replace('`', ""))
    };
    if let Some((name, _)) = text.strip_prefix(UNKNOWN_FIELD).and_then(|rest| rest.split_once('`'))
    {
        let key = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
        let reason = match choices(text) {
            Some(choices) => format!("there is no such setting; here are {choices}"),
            None => "there is no such setting".to_owned(),
        };
        return (key, reason);
    }
    if text.contains(", expected struct ") {
        return (key, "is a section, which has no value itself".into());
    }
    match choices(text).filter(|_| text.starts_with(UNKNOWN_VARIANT)) {
        Some(choices) => (key, format!("must be one of {choices}")),
        None => (key, text.to_owned()),
    }
}

fn type_reason(key: &str, expected: &str) -> String {
    if expected.contains("integer") || expected.starts_with(['u', 'i']) {
        return match range(key) {
            Some((start, end)) => format!("must be a whole number from {start} to {end}"),
            None => "must be a whole number".into(),
        };
    }
    match expected {
        "a boolean" => "must be true or false".into(),
        other => format!("must be {other}"),
    }
}

/// The range of a number.
fn range(key: &str) -> Option<(u64, u64)> {
    if key == "port" {
        return Some((0, u16::MAX.into()));
    }
    let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    let defaults: Settings = defaults.build().ok()?.try_deserialize().ok()?;
    let numbers = defaults.numbers();
    let (_, _, range) = numbers.iter().find(|(own, ..)| *own == key)?;
    Some((*range.start(), *range.end()))
}

/// The variable that sets `key`; `None` if none does.
fn place(key: &str, environment: &BTreeMap<String, String>) -> Option<String> {
    let is_set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let aliases = ENV_ALIASES.iter().rev().filter(|(_, own)| *own == key);
    let alias = aliases.map(|(name, _)| *name).find(|name| is_set(name));
    let variable = variable(key);
    let prefixed = || environment.keys().find(|name| name.eq_ignore_ascii_case(&variable));
    let name = alias.or_else(|| prefixed().map(String::as_str))?;
    Some(format!("{name} (environment or .env)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(variables: &[(&str, &str)]) -> String {
        let owned = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Settings::from_environment(owned.collect()).expect_err("an error").to_string()
    }

    #[test]
    fn bad_variable_is_named_with_what_it_may_be() {
        for (name, value, reason) in [
            ("KUKU_AUTH__MODE", "maybe", "must be one of off, optional, required"),
            ("KUKU_LOG__FORMAT", "xml", "must be one of text or json"),
            ("PORT", "70000", "must be a whole number from 0 to 65535"),
            ("PORT", "http", "must be a whole number from 0 to 65535"),
            ("KUKU_SHUTDOWN_SECONDS", "-1", "must be a whole number from 0 to 86400"),
            ("KUKU_LIMITS__CONCURRENT_TURNS", "0", "must be from 1 to 1000000"),
            ("KUKU_DATABASE__MIGRATE", "maybe", "must be true or false"),
            ("KUKU_DATABASE", "x", "is a section, which has no value itself"),
            ("HOST", "nowhere", "invalid IP address syntax"),
            (
                "OPENAI_BASE_URL",
                "example.com",
                "must be a URL that begins with http:// or https://",
            ),
            ("SUPABASE_JWT_SECRET", "short", "must have at least 32 characters"),
        ] {
            let expected = format!("{name} (environment or .env): {reason}");
            assert_eq!(error(&[(name, value)]), expected);
        }
        let unknown = error(&[("KUKU_AUTH__MOD", "off")]);
        let expected = "KUKU_AUTH__MOD (environment or .env): there is no such setting; here are \
                        mode, allow_unauthenticated, issuer,";
        assert!(unknown.starts_with(expected), "{unknown}");
        let unknown = error(&[("KUKU_PORTS", "1")]);
        assert!(unknown.starts_with("KUKU_PORTS (environment or .env): there is no"), "{unknown}");
    }

    #[test]
    fn bad_key_of_a_file_is_named_with_its_file() {
        for (text, key, reason) in [
            ("port = 70000", "port", "must be a whole number from 0 to 65535"),
            ("[auth]\nmode = \"maybe\"", "auth.mode", "must be one of off, optional, required"),
            ("[auth]\nmod = \"off\"", "auth.mod", "there is no such setting"),
            ("ports = 1", "ports", "there is no such setting"),
        ] {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(&file, text).expect("written");
            let path = file.path().to_str().expect("a path");
            let error = error(&[("KUKU_CONFIG", path)]);
            assert!(error.starts_with(&format!("{key} in {path}: {reason}")), "{error}");
        }
    }

    #[test]
    fn line_that_is_no_toml_is_not_quoted() {
        for line in ["api_key = sk-canary", "api_key = \"sk-canary", "sk-canary = = 1", "sk-canary"]
        {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(&file, format!("[openai]\n{line}\n")).expect("written");
            let path = file.path().to_str().expect("a path");
            let error = error(&[("KUKU_CONFIG", path)]);
            assert!(error.starts_with(&format!("{path}: TOML parse error at line 2,")), "{error}");
            assert!(!error.contains("canary") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn bad_value_is_not_quoted() {
        for name in ["PORT", "HOST", "KUKU_AUTH__MODE", "KUKU_DATABASE__MIGRATE", "OPENAI_BASE_URL"]
        {
            let error = error(&[(name, "sk-canary")]);
            assert!(error.starts_with(name) && !error.contains("canary"), "{error}");
        }
        let error = error(&[("KUKU_COMMAND_ENVIRONMENT", "PATH,API_KEY=sk-canary")]);
        assert!(error.contains("API_KEY") && !error.contains("canary"), "{error}");
    }
}
