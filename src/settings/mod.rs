//! Settings: defaults, overridden by an optional file, overridden by the environment.
//!
//! Well-known variables (`DATABASE_URL`, `OPENAI_API_KEY`, `HOST`, `PORT`, …) keep their names. All
//! others are `KUKU_` and the path of the key, with two underscores between its parts:
//! `KUKU_DATABASE__MAX_CONNECTIONS=20`.

mod check;
mod explain;
mod ranges;
mod renamed;
mod sections;
mod web_access;

use std::{collections::BTreeMap, ffi::OsString, net::IpAddr, path::PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat, FileSourceFile};
use serde::Deserialize;

pub(crate) use check::MIN_JWT_SECRET_BYTES;
use explain::explain;
use sections::comma_separated;
pub use sections::{
    AuthMode, AuthSettings, CoachProvider, CoachSettings, DatabaseSettings, LimitSettings,
    LogFormat, LogSettings, MemorySettings, MetricsSettings, OpenAiSettings, Pipeline,
    SpeechProvider, SpeechToTextSettings, SupabaseSettings, TextToSpeechProvider,
    TextToSpeechSettings, TraceSettings,
};
pub use web_access::WebAccess;

/// All settings. An unknown key or an invalid value prevents the start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on. `HOST`.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one. `PORT`.
    pub port: u16,
    /// Folder of the embedded Postgres, reply audio and uploads in progress.
    pub data_dir: PathBuf,
    /// Origins of web pages that may call the API, separated by commas; `*` for any. Empty: any
    /// with accounts, else those of this machine. See [`Settings::web_access`].
    #[serde(deserialize_with = "comma_separated")]
    pub allowed_origins: Vec<String>,
    /// Host names, beside those of this machine, under which the API answers while authentication
    /// is off, separated by commas.
    #[serde(deserialize_with = "comma_separated")]
    pub allowed_hosts: Vec<String>,
    /// Whether `/app/` serves the page to talk, look back and search.
    pub web_app: bool,
    /// Maximum size of an upload in MiB; OpenAI accepts 25.
    pub max_upload_mib: u64,
    /// URL of the audio store, `file:///a/folder` or `s3://bucket/prefix`; by default a folder in
    /// `data_dir`.
    pub audio_store: Option<String>,
    /// Whether a turn is answered as soon as its text is stored; its audio is then served while it
    /// is generated.
    pub respond_before_audio: bool,
    /// Environment variables that local programs get beside the usual ones, separated by commas.
    #[serde(deserialize_with = "comma_separated")]
    pub command_environment: Vec<String>,
    /// Retention of reply audio, in seconds.
    pub audio_retention_seconds: u64,
    /// Hours without a message after which an active session is ended with a summary.
    pub session_idle_hours: u64,
    /// Days after which ended sessions and their messages are deleted; 0 keeps them.
    pub retention_days: u64,
    /// Retention of stored responses to requests with an `Idempotency-Key`, in hours.
    pub idempotency_retention_hours: u64,
    /// Longest wait for running turns at a stop, in seconds.
    pub shutdown_seconds: u64,
    /// Concurrency, rate and body limits.
    pub limits: LimitSettings,
    /// Database.
    pub database: DatabaseSettings,
    /// Authentication.
    pub auth: AuthSettings,
    /// Supabase project.
    pub supabase: SupabaseSettings,
    /// OpenAI or a compatible server, the default of all stages.
    pub openai: OpenAiSettings,
    /// Speech to text.
    pub speech_to_text: SpeechToTextSettings,
    /// Coach.
    pub coach: CoachSettings,
    /// Memories of users.
    pub memory: MemorySettings,
    /// Text to speech.
    pub text_to_speech: TextToSpeechSettings,
    /// Metrics.
    pub metrics: MetricsSettings,
    /// Traces.
    pub traces: TraceSettings,
    /// Logs.
    pub log: LogSettings,
}

const DEFAULTS: &str = include_str!("defaults.toml");

/// Well-known environment variables, and their keys; of two with one key the later one wins.
const ENV_ALIASES: &[(&str, &str)] = &[
    ("HOST", "host"),
    ("PORT", "port"),
    ("DATABASE_URL", "database.url"),
    ("DATABASE_READ_URL", "database.read_url"),
    ("SUPABASE_URL", "supabase.url"),
    ("SUPABASE_ANON_KEY", "supabase.anon_key"),
    ("SUPABASE_PUBLISHABLE_KEY", "supabase.anon_key"),
    ("SUPABASE_SERVICE_ROLE_KEY", "supabase.service_role_key"),
    ("SUPABASE_SECRET_KEY", "supabase.service_role_key"),
    ("SUPABASE_JWT_SECRET", "supabase.jwt_secret"),
    ("OPENAI_API_KEY", "openai.api_key"),
    ("OPENAI_BASE_URL", "openai.base_url"),
    ("OPENAI_ORG_ID", "openai.organization"),
    ("OPENAI_PROJECT_ID", "openai.project"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "traces.endpoint"),
    ("RUST_LOG", "log.filter"),
];

/// Variables whose empty value differs from no value.
const MAY_BE_EMPTY: &[&str] = &["KUKU_COACH__REASONING_EFFORT"];

/// Issuer of the tokens of local accounts.
const LOCAL_ISSUER: &str = "kuku-coach";

/// Part of the names of the Realtime API's models.
const REALTIME_MODELS: &str = "realtime";

/// Variable with the path of the settings file.
const FILE_VARIABLE: &str = "KUKU_CONFIG";
/// Settings file that is read if it exists.
const DEFAULT_FILE: &str = "kuku.toml";

impl Settings {
    /// Settings of this process: defaults, `kuku.toml` (or the file in `KUKU_CONFIG`), environment.
    pub fn load() -> Result<Self, ConfigError> {
        // `vars` panics at a variable of anybody's that is not UTF-8.
        let text = |value: OsString| value.to_string_lossy().into_owned();
        let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
        Self::from_environment(variables.collect())
    }

    /// Settings of a process with this environment. An error names the variable, or the key and its
    /// file, and the reason.
    pub fn from_environment(environment: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        renamed::check_variables(environment.keys())?;
        let named_file = environment.get(FILE_VARIABLE);
        let path = named_file.map_or(DEFAULT_FILE, String::as_str);
        let file = File::new(path, FileFormat::Toml).required(named_file.is_some());
        let config =
            read(&environment, file).map_err(|error| explain::without_quotation(error, path))?;
        renamed::check_keys(&config)?;
        let settings = config.try_deserialize().and_then(|settings: Self| {
            settings.check()?;
            Ok(settings)
        });
        settings.map_err(|error| explain(error, &environment, path))
    }

    /// Whether there is an OpenAI API key, which makes `openai` the default provider.
    pub fn has_openai(&self) -> bool {
        self.openai.api_key.is_some()
    }

    /// `text_to_speech.provider`; by default `openai-realtime` if there is an API key, else `none`.
    /// A named model that is not of the Realtime API means `openai`.
    pub fn text_to_speech_provider(&self) -> TextToSpeechProvider {
        let stage = &self.text_to_speech;
        let has_other_model =
            stage.model.as_ref().is_some_and(|model| !model.contains(REALTIME_MODELS));
        stage.provider.unwrap_or(match (self.has_openai(), has_other_model) {
            (false, _) => TextToSpeechProvider::None,
            (true, true) => TextToSpeechProvider::OpenAi,
            (true, false) => TextToSpeechProvider::OpenAiRealtime,
        })
    }

    /// Issuer of the tokens: `auth.issuer`, the project's auth API, or this server.
    pub fn token_issuer(&self) -> String {
        let project = || self.supabase.auth_url();
        self.auth.issuer.clone().or_else(project).unwrap_or_else(|| LOCAL_ISSUER.to_owned())
    }

    /// Whether accounts are kept in this database, without a Supabase project.
    pub fn has_local_accounts(&self) -> bool {
        self.auth_mode() != AuthMode::Off && self.supabase.url.is_none()
    }

    /// Whether a server with these settings would give other machines access without
    /// authentication, which nothing allows.
    pub fn is_exposed(&self) -> bool {
        let is_open = self.auth_mode() == AuthMode::Off && !self.auth.allow_unauthenticated;
        is_open && !self.host.is_loopback()
    }

    /// `auth.mode`, or `optional` if tokens can be verified.
    pub fn auth_mode(&self) -> AuthMode {
        let can_verify = self.supabase.url.is_some() || self.supabase.jwt_secret.is_some();
        let default = if can_verify { AuthMode::Optional } else { AuthMode::Off };
        self.auth.mode.unwrap_or(default)
    }
}

/// Defaults, file and environment.
fn read(
    environment: &BTreeMap<String, String>,
    file: File<FileSourceFile, FileFormat>,
) -> Result<Config, ConfigError> {
    let prefixed = environment
        .iter()
        .filter(|(name, value)| {
            name.starts_with("KUKU_")
                && *name != FILE_VARIABLE
                && (!value.is_empty() || MAY_BE_EMPTY.contains(&name.as_str()))
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
    builder.build()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let owned = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Settings::from_environment(owned.collect())
    }

    #[test]
    fn defaults_are_complete() {
        let settings = settings(&[]).expect("defaults");
        assert_eq!(settings.host.to_string(), "127.0.0.1");
        assert_eq!(settings.port, 8000);
        assert!(settings.allowed_origins.is_empty());
        assert!(settings.database.url.is_none());
        assert!(!settings.has_openai());
    }

    #[test]
    fn aliases_and_prefixed_variables_are_read() {
        let settings = settings(&[
            ("PORT", "9000"),
            ("DATABASE_URL", "postgres://localhost/x"),
            ("OPENAI_API_KEY", "key"),
            ("KUKU_DATABASE__MAX_CONNECTIONS", "20"),
            ("KUKU_ALLOWED_ORIGINS", "https://a.example/, https://b.example"),
            ("KUKU_TEXT_TO_SPEECH__COMMAND", r#"[["say", "{input}"]]"#),
            ("KUKU_SPEECH_TO_TEXT__PROVIDER", "none"),
            ("KUKU_DATABASE__MIGRATE", "false"),
            ("OPENAI_BASE_URL", ""),
        ])
        .expect("settings");
        assert_eq!(settings.port, 9000);
        assert_eq!(settings.database.max_connections, 20);
        assert!(!settings.database.migrate);
        assert_eq!(settings.database.url.expect("set").expose_secret(), "postgres://localhost/x");
        assert_eq!(settings.allowed_origins, ["https://a.example", "https://b.example"]);
        assert_eq!(
            settings.text_to_speech.command,
            Some(Pipeline(vec![vec!["say".into(), "{input}".into()]]))
        );
        assert_eq!(settings.speech_to_text.provider, Some(SpeechProvider::None));
        assert_eq!(settings.openai.base_url, "https://api.openai.com/v1", "empty is unset");
    }

    #[test]
    fn new_names_of_supabase_keys_win_over_the_old_names() {
        let old = ("SUPABASE_ANON_KEY", "old");
        let new = ("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_new");
        for (variables, expected) in
            [(vec![old], old.1), (vec![new], new.1), (vec![old, new], new.1)]
        {
            let key = settings(&variables).expect("settings").supabase.anon_key;
            assert_eq!(key.expect("a key").expose_secret(), expected);
        }
        let (old, new) = (("SUPABASE_SERVICE_ROLE_KEY", "old"), ("SUPABASE_SECRET_KEY", "new"));
        let key = settings(&[old, new]).expect("settings").supabase.service_role_key;
        assert_eq!(key.expect("a key").expose_secret(), "new");
    }

    #[test]
    fn text_to_speech_provider_follows_the_key_and_the_model() {
        let (key, model) = (("OPENAI_API_KEY", "key"), "KUKU_TEXT_TO_SPEECH__MODEL");
        let provider = "KUKU_TEXT_TO_SPEECH__PROVIDER";
        for (variables, expected) in [
            (vec![], TextToSpeechProvider::None),
            (vec![key], TextToSpeechProvider::OpenAiRealtime),
            (vec![key, (model, "gpt-realtime-2.1")], TextToSpeechProvider::OpenAiRealtime),
            (vec![key, (model, "kokoro")], TextToSpeechProvider::OpenAi),
            (vec![key, (provider, "openai")], TextToSpeechProvider::OpenAi),
            (vec![(provider, "openai-realtime")], TextToSpeechProvider::OpenAiRealtime),
        ] {
            let settings = settings(&variables).expect("settings");
            assert_eq!(settings.text_to_speech_provider(), expected, "{variables:?}");
        }
    }

    #[test]
    fn invalid_setting_is_named() {
        for (variable, value, name) in [
            ("PORT", "http", "PORT"),
            ("PORT", "70000", "PORT"),
            ("HOST", "nowhere", "HOST"),
            ("KUKU_DATABASE__MAX_CONNECTIONS", "many", "KUKU_DATABASE__MAX_CONNECTIONS"),
            ("KUKU_DATABASE__MAX_CONNECTIONS", "0", "KUKU_DATABASE__MAX_CONNECTIONS"),
            ("KUKU_DATABSE__URL", "x", "databse"),
            ("KUKU_DATABASE__USER", "x", "KUKU_DATABASE__USER"),
            ("KUKU_LIMITS__TRUSTED_PROXIES", "10.0.0.0/8,proxy", "KUKU_LIMITS__TRUSTED_PROXIES"),
            ("KUKU_LIMITS__CONCURRENT_TURNS", "0", "KUKU_LIMITS__CONCURRENT_TURNS"),
            ("KUKU_COACH__PROVIDER", "oracle", "KUKU_COACH__PROVIDER"),
            ("KUKU_SPEECH_TO_TEXT__PROVIDER", "command", "KUKU_SPEECH_TO_TEXT__COMMAND"),
            ("KUKU_TEXT_TO_SPEECH__COMMAND", "espeak-ng", "KUKU_TEXT_TO_SPEECH__COMMAND"),
            ("KUKU_COMMAND_ENVIRONMENT", "MODEL_PATH=/models", "KUKU_COMMAND_ENVIRONMENT"),
            ("KUKU_CONFIG", "/nowhere/kuku.toml", "/nowhere/kuku.toml"),
            ("SUPABASE_URL", "https://abc.supabase.co", "DATABASE_URL"),
            ("SUPABASE_JWT_SECRET", "short", "SUPABASE_JWT_SECRET"),
            ("KUKU_AUTH__MODE", "strict", "KUKU_AUTH__MODE"),
            ("KUKU_AUTH__JWKS_CACHE_SECONDS", "601", "KUKU_AUTH__JWKS_CACHE_SECONDS"),
        ] {
            let error = settings(&[(variable, value)]).expect_err(variable).to_string();
            assert!(error.contains(name), "{variable}={value}: {error}");
        }
    }

    #[test]
    fn server_without_authentication_is_exposed_on_a_network() {
        let network = ("HOST", "0.0.0.0");
        for (variables, expected) in [
            (vec![], false),
            (vec![("HOST", "::1")], false),
            (vec![network], true),
            (vec![network, ("KUKU_AUTH__MODE", "optional")], false),
            (vec![network, ("KUKU_AUTH__ALLOW_UNAUTHENTICATED", "true")], false),
        ] {
            let settings = settings(&variables).expect("settings");
            assert_eq!(settings.is_exposed(), expected, "{variables:?}");
        }
    }

    #[test]
    fn secrets_are_hidden_in_debug_output() {
        let settings = settings(&[
            ("OPENAI_API_KEY", "sk-canary"),
            ("DATABASE_URL", "postgres://u:canary@h/x"),
            ("DATABASE_READ_URL", "postgres://u:canary@r/x"),
            ("SUPABASE_ANON_KEY", "canary"),
            ("SUPABASE_SERVICE_ROLE_KEY", "canary"),
            ("SUPABASE_SECRET_KEY", "canary"),
            ("SUPABASE_JWT_SECRET", "canary canary canary canary canary"),
        ])
        .expect("settings");
        assert!(!format!("{settings:?}").contains("canary"));
    }

    #[test]
    fn renamed_setting_is_rejected_with_its_new_name() {
        for (variable, expected) in [
            ("KUKU_EARLY_ANSWERS", "KUKU_RESPOND_BEFORE_AUDIO"),
            ("KUKU_LIMITS__BODY_PAUSE_SECONDS", "KUKU_LIMITS__BODY_IDLE_TIMEOUT_SECONDS"),
            ("KUKU_AUTH__ATTEMPTS_PER_MINUTE", "KUKU_AUTH__LOGIN_ATTEMPTS_PER_MINUTE"),
            ("KUKU_AUTH__FORWARD_ADDRESS", "KUKU_AUTH__FORWARD_CLIENT_IP"),
            ("KUKU_AUTH__ALLOW_OFF", "KUKU_AUTH__ALLOW_UNAUTHENTICATED"),
            ("KUKU_IDLE_HOURS", "KUKU_SESSION_IDLE_HOURS"),
            ("KUKU_IDEMPOTENCY_HOURS", "KUKU_IDEMPOTENCY_RETENTION_HOURS"),
        ] {
            let error = settings(&[(variable, "1")]).expect_err(variable);
            assert_eq!(error.to_string(), format!("{variable} is now {expected}"));
            let key = |name: &str| name["KUKU_".len()..].replace("__", ".").to_lowercase();
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(&file, format!("{} = 1", key(variable))).expect("written");
            let path = file.path().to_str().expect("a path");
            let error = settings(&[("KUKU_CONFIG", path)]).expect_err(variable);
            assert_eq!(error.to_string(), format!("{} is now {}", key(variable), key(expected)));
        }
    }
}
