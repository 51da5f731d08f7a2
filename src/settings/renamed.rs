//! Renamed settings: an old name prevents the start, with the new name in the error.

use config::{Config, ConfigError, Value};

/// Old and new keys.
const RENAMED: &[(&str, &str)] = &[
    ("early_answers", "respond_before_audio"),
    ("limits.body_pause_seconds", "limits.body_idle_timeout_seconds"),
    ("auth.attempts_per_minute", "auth.login_attempts_per_minute"),
    ("auth.forward_address", "auth.forward_client_ip"),
    ("auth.allow_off", "auth.allow_unauthenticated"),
    ("idle_hours", "session_idle_hours"),
    ("idempotency_hours", "idempotency_retention_hours"),
];

/// Rejects old names of environment variables.
pub(super) fn check_variables<'a>(
    mut names: impl Iterator<Item = &'a String>,
) -> Result<(), ConfigError> {
    let renamed = names.find_map(|name| {
        let (_, new) = RENAMED.iter().find(|(old, _)| name.eq_ignore_ascii_case(&variable(old)))?;
        Some((name.as_str(), variable(new)))
    });
    renamed.map_or(Ok(()), |(old, new)| Err(is_now(old, &new)))
}

/// Rejects old keys of the settings file.
pub(super) fn check_keys(config: &Config) -> Result<(), ConfigError> {
    let renamed = RENAMED.iter().find(|(old, _)| config.get::<Value>(old).is_ok());
    renamed.map_or(Ok(()), |(old, new)| Err(is_now(old, new)))
}

/// The variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("KUKU_{}", key.replace('.', "__").to_uppercase())
}

fn is_now(old: &str, new: &str) -> ConfigError {
    ConfigError::Message(format!("{old} is now {new}"))
}
