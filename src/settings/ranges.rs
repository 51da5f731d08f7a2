//! Ranges of the numeric settings: what the arithmetic with them, Postgres and tokio can take.

use std::ops::RangeInclusive;

use config::ConfigError;

use super::{Settings, check::error_at};

/// A thousand times any useful number of concurrent or repeated requests.
const MAX_COUNT: u64 = 1_000_000;
/// A day. Postgres takes statement time-outs of up to 24 days.
const MAX_TIMEOUT_SECONDS: u64 = 86_400;
/// A hundred years.
const MAX_RETENTION_DAYS: u64 = 36_500;
const MAX_RETENTION_HOURS: u64 = MAX_RETENTION_DAYS * 24;
const MAX_RETENTION_SECONDS: u64 = MAX_RETENTION_HOURS * 3_600;
/// Supabase promises that revoked keys expire within this time.
const MAX_JWKS_CACHE_SECONDS: u64 = 600;
/// The largest `max_connections` of Postgres.
const MAX_CONNECTIONS: u64 = 262_143;
/// The largest upload, in MiB.
const MAX_UPLOAD_MIB: u64 = 1_024;
/// A thousand terabytes.
const MAX_FREE_DISK_MIB: u64 = 1_000_000_000;
/// Larger than the context of any model.
const MAX_MEMORY_TOKENS: u64 = 10_000_000;

impl Settings {
    pub(super) fn check_ranges(&self) -> Result<(), ConfigError> {
        match self.numbers().iter().find(|(_, value, range)| !range.contains(value)) {
            Some((key, _, range)) => {
                error_at(key, format!("must be from {} to {}", range.start(), range.end()))
            }
            None => Ok(()),
        }
    }

    /// All numbers but the port, each with its range.
    pub(super) fn numbers(&self) -> [(&'static str, u64, RangeInclusive<u64>); 24] {
        let (limits, database) = (&self.limits, &self.database);
        let (count, timeout) = (1..=MAX_COUNT, 1..=MAX_TIMEOUT_SECONDS);
        let per_minute = 0..=MAX_COUNT;
        [
            ("max_upload_mib", self.max_upload_mib, 1..=MAX_UPLOAD_MIB),
            ("audio_retention_seconds", self.audio_retention_seconds, 1..=MAX_RETENTION_SECONDS),
            ("session_idle_hours", self.session_idle_hours, 1..=MAX_RETENTION_HOURS),
            ("retention_days", self.retention_days, 0..=MAX_RETENTION_DAYS),
            (
                "idempotency_retention_hours",
                self.idempotency_retention_hours,
                1..=MAX_RETENTION_HOURS,
            ),
            ("shutdown_seconds", self.shutdown_seconds, 0..=MAX_TIMEOUT_SECONDS),
            ("limits.concurrent_turns", limits.concurrent_turns as u64, count.clone()),
            ("limits.concurrent_uploads", limits.concurrent_uploads as u64, count),
            ("limits.body_idle_timeout_seconds", limits.body_idle_timeout_seconds, timeout.clone()),
            ("limits.requests_per_minute", limits.requests_per_minute.into(), per_minute.clone()),
            ("limits.turns_per_minute", limits.turns_per_minute.into(), per_minute.clone()),
            ("limits.sessions_per_day", limits.sessions_per_day.into(), per_minute.clone()),
            ("limits.min_free_disk_mib", limits.min_free_disk_mib, 0..=MAX_FREE_DISK_MIB),
            ("database.max_connections", database.max_connections.into(), 1..=MAX_CONNECTIONS),
            ("database.acquire_timeout_seconds", database.acquire_timeout_seconds, timeout.clone()),
            ("database.save_timeout_seconds", database.save_timeout_seconds, timeout.clone()),
            (
                "database.statement_timeout_seconds",
                database.statement_timeout_seconds,
                timeout.clone(),
            ),
            ("auth.jwks_cache_seconds", self.auth.jwks_cache_seconds, 1..=MAX_JWKS_CACHE_SECONDS),
            (
                "auth.login_attempts_per_minute",
                self.auth.login_attempts_per_minute.into(),
                per_minute,
            ),
            (
                "speech_to_text.timeout_seconds",
                self.speech_to_text.timeout_seconds,
                timeout.clone(),
            ),
            ("coach.memory_tokens", self.coach.memory_tokens as u64, 1..=MAX_MEMORY_TOKENS),
            ("coach.closing_tokens", self.coach.closing_tokens as u64, 1..=MAX_MEMORY_TOKENS),
            ("coach.timeout_seconds", self.coach.timeout_seconds, timeout.clone()),
            ("text_to_speech.timeout_seconds", self.text_to_speech.timeout_seconds, timeout),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::settings::renamed::variable;

    fn load(key: &str, value: &str) -> Result<Settings, ConfigError> {
        Settings::from_environment(BTreeMap::from([(variable(key), value.to_owned())]))
    }

    #[test]
    fn numbers_outside_of_their_range_are_refused_by_name() {
        let defaults = Settings::from_environment(BTreeMap::new()).expect("defaults");
        for (key, _, range) in defaults.numbers() {
            for value in [*range.start(), *range.end()] {
                load(key, &value.to_string()).unwrap_or_else(|error| panic!("{key}: {error}"));
            }
            let below = range.start().checked_sub(1).map(|value| value.to_string());
            let above = (range.end() + 1).to_string();
            for value in [
                above.as_str(),
                below.as_deref().unwrap_or("-1"),
                "-1",
                "2147483648000",
                "9223372036854775807",
                "18446744073709551615",
                "18446744073709551616",
                "1e30",
            ] {
                let error = load(key, value).expect_err(key).to_string();
                assert!(error.contains(&variable(key)), "{key}={value}: {error}");
            }
        }
    }

    #[test]
    fn every_number_in_the_defaults_has_a_range() {
        let defaults = Settings::from_environment(BTreeMap::new()).expect("defaults");
        let keys: Vec<&str> = defaults.numbers().iter().map(|(key, ..)| *key).collect();
        let mut section = String::new();
        for line in super::super::DEFAULTS.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = format!("{name}.");
            }
            let Some((name, value)) = line.split_once(" = ") else { continue };
            let key = format!("{section}{name}");
            if value.parse::<u64>().is_ok() && key != "port" {
                assert!(keys.contains(&key.as_str()), "{key}");
            }
        }
    }

    #[test]
    fn every_range_is_documented() {
        let documentation = include_str!("../../docs/configuration.md");
        let ranges = documentation.split("## Ranges").nth(1).expect("a section");
        let grouped = |number: u64| {
            let digits = number.to_string();
            let groups: Vec<&str> = digits
                .as_bytes()
                .rchunks(3)
                .rev()
                .map(|group| std::str::from_utf8(group).expect("digits"))
                .collect();
            groups.join(",")
        };
        let defaults = Settings::from_environment(BTreeMap::new()).expect("defaults");
        for (key, _, range) in defaults.numbers() {
            let row =
                format!("| `{}` | {} to {} |", variable(key), range.start(), grouped(*range.end()));
            assert!(ranges.contains(&row), "{row}");
        }
    }
}
