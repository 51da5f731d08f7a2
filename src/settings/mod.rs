//! Settings: defaults, then an optional file, then the environment.
//!
//! The names that people know (`DATABASE_URL`, `OPENAI_API_KEY`, `HOST`, `PORT`, …) work as they are; everything else is
//! `KUKU_` and the path of the key, with two underscores between its parts: `KUKU_DATABASE__MAX_CONNECTIONS=20`.

mod sections;

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use secrecy::ExposeSecret;
use serde::Deserialize;

use sections::comma_separated;
pub use sections::{
    AuthMode, AuthSettings, CoachProvider, CoachSettings, DatabaseSettings, LimitSettings,
    LogFormat, LogSettings, MetricsSettings, OpenAiSettings, Pipeline, SpeechProvider,
    SpeechToTextSettings, SupabaseSettings, TextToSpeechSettings, TraceSettings,
};

/// Everything that can be set. An unknown key or a bad value stops the start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on. `HOST`.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one. `PORT`.
    pub port: u16,
    /// Folder for the private Postgres, reply audio and uploads in progress.
    pub data_dir: PathBuf,
    /// Origins whose pages may call the API, `*` for any; separated by commas.
    #[serde(deserialize_with = "comma_separated")]
    pub allowed_origins: Vec<String>,
    /// Largest upload in MiB. OpenAI takes 25.
    pub max_upload_mib: u64,
    /// Where reply audio is kept: `file:///a/folder` or `s3://bucket/prefix`; without it, a folder in `data_dir`.
    pub audio_store: Option<String>,
    /// Whether a turn is answered as soon as its text is stored; its audio can then be heard while it is still being made.
    pub respond_before_audio: bool,
    /// How long reply audio is kept, in seconds.
    pub audio_retention_seconds: u64,
    /// Active sessions in which nothing has happened for this many hours are ended, with a summary.
    pub session_idle_hours: u64,
    /// Sessions that ended more than this many days ago are removed, with all that was said in them; 0 keeps them for good.
    pub retention_days: u64,
    /// How long answers to requests with an `Idempotency-Key` are remembered, in hours.
    pub idempotency_retention_hours: u64,
    /// How long a stop waits for running turns, in seconds.
    pub shutdown_seconds: u64,
    /// Bounds on what clients may ask for at once.
    pub limits: LimitSettings,
    /// The database.
    pub database: DatabaseSettings,
    /// Who may do what.
    pub auth: AuthSettings,
    /// The Supabase project, if the database is one.
    pub supabase: SupabaseSettings,
    /// OpenAI, or what speaks its language: for every stage that does not say otherwise.
    pub openai: OpenAiSettings,
    /// Who listens.
    pub speech_to_text: SpeechToTextSettings,
    /// Who coaches.
    pub coach: CoachSettings,
    /// Who speaks.
    pub text_to_speech: TextToSpeechSettings,
    /// What is counted, and who may ask.
    pub metrics: MetricsSettings,
    /// Where spans go.
    pub traces: TraceSettings,
    /// What is logged, and how.
    pub log: LogSettings,
}

const DEFAULTS: &str = r#"
host = "127.0.0.1"
port = 8000
data_dir = ".kuku"
allowed_origins = "*"
max_upload_mib = 25
respond_before_audio = false
audio_retention_seconds = 3600
session_idle_hours = 24
retention_days = 0
idempotency_retention_hours = 24
shutdown_seconds = 30

[limits]
concurrent_turns = 1000
concurrent_uploads = 500
body_idle_timeout_seconds = 20
requests_per_minute = 600
turns_per_minute = 60
trusted_proxies = ""

[database]
allow_plaintext = false
max_connections = 10
acquire_timeout_seconds = 5
save_timeout_seconds = 10
statement_timeout_seconds = 5
migrate = true

[auth]
allow_unauthenticated = false
jwks_cache_seconds = 600
login_attempts_per_minute = 30
forward_client_ip = false

[supabase]

[openai]
base_url = "https://api.openai.com/v1"

[speech_to_text]
model = "whisper-1"
timeout_seconds = 30

[coach]
model = "gpt-4o-mini"
small_model = "gpt-4o-mini"
memory_tokens = 2000
timeout_seconds = 30

[text_to_speech]
model = "tts-1"
voice = "nova"
timeout_seconds = 30

[metrics]

[traces]

[log]
format = "text"
filter = "info"
"#;

/// Names that people know, and the keys that they set.
const ENV_ALIASES: &[(&str, &str)] = &[
    ("HOST", "host"),
    ("PORT", "port"),
    ("DATABASE_URL", "database.url"),
    ("DATABASE_READ_URL", "database.read_url"),
    ("SUPABASE_URL", "supabase.url"),
    ("SUPABASE_ANON_KEY", "supabase.anon_key"),
    ("SUPABASE_SERVICE_ROLE_KEY", "supabase.service_role_key"),
    ("SUPABASE_JWT_SECRET", "supabase.jwt_secret"),
    ("OPENAI_API_KEY", "openai.api_key"),
    ("OPENAI_BASE_URL", "openai.base_url"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "traces.endpoint"),
    ("RUST_LOG", "log.filter"),
];

/// Names the optional settings file.
const FILE_VARIABLE: &str = "KUKU_CONFIG";
/// Settings file that is read if it is there.
const DEFAULT_FILE: &str = "kuku.toml";

impl Settings {
    /// Reads the settings of this process: defaults, `kuku.toml` (or the file that `KUKU_CONFIG` names), environment.
    ///
    /// # Errors
    /// Names the key and what is wrong with it.
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_environment(std::env::vars().collect())
    }

    /// The settings that a process with this environment has.
    ///
    /// # Errors
    /// Names the key and what is wrong with it.
    pub fn from_environment(environment: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let file = match environment.get(FILE_VARIABLE) {
            Some(path) => File::new(path, FileFormat::Toml),
            None => File::new(DEFAULT_FILE, FileFormat::Toml).required(false),
        };
        let prefixed = environment
            .iter()
            .filter(|(name, value)| {
                name.starts_with("KUKU_") && *name != FILE_VARIABLE && !value.is_empty()
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut builder = Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .add_source(file)
            .add_source(
                Environment::with_prefix("KUKU")
                    .prefix_separator("_")
                    .separator("__")
                    .source(Some(prefixed)),
            );
        for (name, key) in ENV_ALIASES {
            let value = environment.get(*name).filter(|value| !value.is_empty());
            builder = builder.set_override_option(*key, value.cloned())?;
        }
        let settings: Self = builder.build()?.try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    /// Whether there is a key for OpenAI, so that all stages use it unless they say otherwise.
    pub fn has_openai(&self) -> bool {
        self.openai.api_key.is_some()
    }

    /// Whether callers are told apart: as set, or wherever tokens can be verified.
    pub fn auth_mode(&self) -> AuthMode {
        let can_verify = self.supabase.url.is_some() || self.supabase.jwt_secret.is_some();
        let default = if can_verify {
            AuthMode::Optional
        } else {
            AuthMode::Off
        };
        self.auth.mode.unwrap_or(default)
    }

    fn check(&self) -> Result<(), ConfigError> {
        // Who set up the prototype has this one. Sessions would go to a private Postgres on this machine instead.
        if self.supabase.url.is_some() && self.database.url.is_none() {
            return Err(ConfigError::Message(
                "SUPABASE_URL is set, but DATABASE_URL is not: set it to the project's connection string (dashboard, \
                 Connect: direct connection or session pooler)"
                    .into(),
            ));
        }
        if self.auth_mode() == AuthMode::Off
            && !self.host.is_loopback()
            && !self.auth.allow_unauthenticated
        {
            return Err(ConfigError::Message(format!(
                "HOST is {}, which others can reach, and callers are not told apart (auth.mode is off): set SUPABASE_URL, or \
                 KUKU_AUTH__MODE=optional for local accounts, or KUKU_AUTH__ALLOW_UNAUTHENTICATED=true if that is meant",
                self.host
            )));
        }
        if self.auth.jwks_cache_seconds > 600 {
            return Err(ConfigError::Message(
                "auth.jwks_cache_seconds must be at most 600".into(),
            ));
        }
        if self
            .supabase
            .jwt_secret
            .as_ref()
            .is_some_and(|secret| secret.expose_secret().len() < 32)
        {
            return Err(ConfigError::Message(
                "supabase.jwt_secret (SUPABASE_JWT_SECRET) must have at least 32 characters".into(),
            ));
        }
        let positive = [
            ("auth.jwks_cache_seconds", self.auth.jwks_cache_seconds),
            ("max_upload_mib", self.max_upload_mib),
            ("audio_retention_seconds", self.audio_retention_seconds),
            (
                "limits.concurrent_turns",
                self.limits.concurrent_turns as u64,
            ),
            (
                "limits.concurrent_uploads",
                self.limits.concurrent_uploads as u64,
            ),
            (
                "limits.body_idle_timeout_seconds",
                self.limits.body_idle_timeout_seconds,
            ),
            ("session_idle_hours", self.session_idle_hours),
            (
                "idempotency_retention_hours",
                self.idempotency_retention_hours,
            ),
            (
                "database.max_connections",
                u64::from(self.database.max_connections),
            ),
            (
                "database.acquire_timeout_seconds",
                self.database.acquire_timeout_seconds,
            ),
            (
                "database.save_timeout_seconds",
                self.database.save_timeout_seconds,
            ),
            (
                "database.statement_timeout_seconds",
                self.database.statement_timeout_seconds,
            ),
            (
                "speech_to_text.timeout_seconds",
                self.speech_to_text.timeout_seconds,
            ),
            ("coach.timeout_seconds", self.coach.timeout_seconds),
            (
                "text_to_speech.timeout_seconds",
                self.text_to_speech.timeout_seconds,
            ),
            ("coach.memory_tokens", self.coach.memory_tokens as u64),
        ];
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError::Message(format!("{key} must be at least 1")));
        }
        for (key, provider, command) in [
            (
                "speech_to_text", self.speech_to_text.provider, &self.speech_to_text.command,
            ),
            (
                "text_to_speech", self.text_to_speech.provider, &self.text_to_speech.command,
            ),
        ] {
            if provider == Some(SpeechProvider::Command) && command.is_none() {
                return Err(ConfigError::Message(format!(
                    "{key}.provider is command: {key}.command is missing"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_environment(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn nothing_need_be_set() {
        let settings = settings(&[]).expect("defaults");
        assert_eq!(settings.host.to_string(), "127.0.0.1");
        assert_eq!(settings.port, 8000);
        assert_eq!(settings.allowed_origins, ["*"]);
        assert!(settings.database.url.is_none());
        assert!(!settings.has_openai());
    }

    #[test]
    fn the_known_names_and_the_prefixed_ones_work() {
        let settings = settings(&[
            ("PORT", "9000"),
            ("DATABASE_URL", "postgres://localhost/x"),
            ("OPENAI_API_KEY", "key"),
            ("KUKU_DATABASE__MAX_CONNECTIONS", "20"),
            (
                "KUKU_ALLOWED_ORIGINS",
                "https://a.example/, https://b.example",
            ),
            ("KUKU_TEXT_TO_SPEECH__COMMAND", r#"[["say", "{input}"]]"#),
            ("KUKU_SPEECH_TO_TEXT__PROVIDER", "none"),
            ("KUKU_DATABASE__MIGRATE", "false"),
            ("OPENAI_BASE_URL", ""),
        ])
        .expect("settings");
        assert_eq!(settings.port, 9000);
        assert_eq!(settings.database.max_connections, 20);
        assert!(!settings.database.migrate);
        assert_eq!(
            settings.database.url.expect("set").expose_secret(),
            "postgres://localhost/x"
        );
        assert_eq!(
            settings.allowed_origins,
            ["https://a.example", "https://b.example"]
        );
        assert_eq!(
            settings.text_to_speech.command,
            Some(Pipeline(vec![vec!["say".into(), "{input}".into()]]))
        );
        assert_eq!(settings.speech_to_text.provider, Some(SpeechProvider::None));
        assert_eq!(
            settings.openai.base_url, "https://api.openai.com/v1",
            "empty is unset"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (variable, value, name) in [
            ("PORT", "http", "port"),
            ("PORT", "70000", "port"),
            ("HOST", "nowhere", "host"),
            ("KUKU_DATABASE__MAX_CONNECTIONS", "many", "max_connections"),
            (
                "KUKU_DATABASE__MAX_CONNECTIONS",
                "0",
                "database.max_connections",
            ),
            ("KUKU_DATABSE__URL", "x", "databse"),
            ("KUKU_DATABASE__USER", "x", "user"),
            (
                "KUKU_LIMITS__TRUSTED_PROXIES", "10.0.0.0/8,proxy", "trusted_proxies",
            ),
            (
                "KUKU_LIMITS__CONCURRENT_TURNS",
                "0",
                "limits.concurrent_turns",
            ),
            ("KUKU_COACH__PROVIDER", "oracle", "coach.provider"),
            (
                "KUKU_SPEECH_TO_TEXT__PROVIDER",
                "command",
                "speech_to_text.command",
            ),
            (
                "KUKU_TEXT_TO_SPEECH__COMMAND", "espeak-ng", "text_to_speech.command",
            ),
            ("KUKU_CONFIG", "/nowhere/kuku.toml", "/nowhere/kuku.toml"),
            ("SUPABASE_URL", "https://abc.supabase.co", "DATABASE_URL"),
            ("SUPABASE_JWT_SECRET", "short", "supabase.jwt_secret"),
            ("KUKU_AUTH__MODE", "strict", "auth.mode"),
            (
                "KUKU_AUTH__JWKS_CACHE_SECONDS",
                "601",
                "auth.jwks_cache_seconds",
            ),
            ("HOST", "0.0.0.0", "KUKU_AUTH__ALLOW_UNAUTHENTICATED"),
        ] {
            let error = settings(&[(variable, value)])
                .expect_err(variable)
                .to_string();
            assert!(error.contains(name), "{variable}={value}: {error}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let settings = settings(&[
            ("OPENAI_API_KEY", "sk-canary"),
            ("DATABASE_URL", "postgres://u:canary@h/x"),
            ("DATABASE_READ_URL", "postgres://u:canary@r/x"),
            ("SUPABASE_ANON_KEY", "canary"),
            ("SUPABASE_SERVICE_ROLE_KEY", "canary"),
            ("SUPABASE_JWT_SECRET", "canary canary canary canary canary"),
        ])
        .expect("settings");
        assert!(!format!("{settings:?}").contains("canary"));
    }
}
