//! Sections of the settings, and the deserialisation of their values.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de, de::IntoDeserializer};

/// `limits.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Maximum number of turns and ends of sessions, in progress or queued; over it, 503.
    pub concurrent_turns: usize,
    /// Maximum number of concurrent uploads; over it, 503.
    pub concurrent_uploads: usize,
    /// Idle time-out of a request body, in seconds; a whole body may take fifteen times as long.
    pub body_idle_timeout_seconds: u64,
    /// Requests per minute of a client address (IPv6: /64 network); 0 for no limit.
    pub requests_per_minute: u32,
    /// Turns per minute of a session; 0 for no limit.
    pub turns_per_minute: u32,
    /// Sessions that a client address may begin at once, and then within a day; 0 for no limit.
    pub sessions_per_day: u32,
    /// Free disk space below which uploads are refused, in MiB; 0 for no limit.
    pub min_free_disk_mib: u64,
    /// Addresses and networks of proxies whose X-Forwarded-For is trusted, separated by commas.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
}

/// `database.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Direct or session-pooler URL; without one the embedded Postgres is started. `DATABASE_URL`.
    pub url: Option<SecretString>,
    /// Whether the embedded Postgres may be started. `false` where its data would be lost, as in a
    /// container: then `DATABASE_URL` has to be set.
    pub embedded: bool,
    /// URL of a streaming replica, for searches, lists and exports. `DATABASE_READ_URL`.
    pub read_url: Option<SecretString>,
    /// Certificate of the server's CA, which turns on full verification.
    pub ca_file: Option<PathBuf>,
    /// Whether `sslmode=disable` is allowed for a database on another machine (private network).
    pub allow_plaintext: bool,
    /// Maximum number of connections, and of those to each worker of a Citus cluster.
    pub max_connections: u32,
    /// Whether the workers of a Citus cluster are connected to, beside its coordinator.
    pub connect_to_workers: bool,
    /// Longest wait for a free connection, and for a result, in seconds.
    pub acquire_timeout_seconds: u64,
    /// Longest retry of saving a turn while the database is unavailable, in seconds.
    pub save_timeout_seconds: u64,
    /// Time-out of a statement, in seconds.
    pub statement_timeout_seconds: u64,
    /// Whether pending migrations are applied at the start.
    pub migrate: bool,
}

/// `auth.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// `off`, `optional` or `required`; default: `optional` if tokens can be verified, else `off`.
    #[serde(default, deserialize_with = "optional_choice")]
    pub mode: Option<AuthMode>,
    /// Whether `off` is allowed on an address that other machines can reach.
    pub allow_unauthenticated: bool,
    /// Required issuer of tokens; default: the project's auth API. For a project whose tokens name
    /// another address than `SUPABASE_URL`, such as its custom domain.
    pub issuer: Option<String>,
    /// Cache time of the project's public keys, in seconds; at most 600, after which Supabase
    /// promises that revoked keys are not accepted.
    pub jwks_cache_seconds: u64,
    /// Sign-ups, logins and refreshes per minute of a client address; 0 for no limit.
    pub login_attempts_per_minute: u32,
    /// Whether the client's address is forwarded to Supabase, whose project must allow it.
    pub forward_client_ip: bool,
}

/// Authentication of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// No authentication; all sessions are anonymous.
    Off,
    /// Requests without a token are anonymous.
    Optional,
    /// Requests without a token are refused.
    Required,
}

/// `supabase.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupabaseSettings {
    /// URL of the project. `SUPABASE_URL`.
    pub url: Option<String>,
    /// Publishable key of its auth API. `SUPABASE_PUBLISHABLE_KEY` or `SUPABASE_ANON_KEY`.
    pub anon_key: Option<SecretString>,
    /// Service key, which gives access to all sessions. `SUPABASE_SECRET_KEY` or
    /// `SUPABASE_SERVICE_ROLE_KEY`.
    pub service_role_key: Option<SecretString>,
    /// HS256 secret of the project, or of local accounts without a project. `SUPABASE_JWT_SECRET`.
    pub jwt_secret: Option<SecretString>,
}

impl SupabaseSettings {
    /// URL of the project's auth API, which is also the issuer of its tokens.
    pub fn auth_url(&self) -> Option<String> {
        Some(format!("{}/auth/v1", self.url.as_ref()?.trim_end_matches('/')))
    }
}

/// `openai.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSettings {
    /// API key, which makes `openai` the default provider of all stages. `OPENAI_API_KEY`.
    pub api_key: Option<SecretString>,
    /// Base URL, ending in `/v1` for most servers. `OPENAI_BASE_URL`.
    pub base_url: String,
    /// Organisation of the key. `OPENAI_ORG_ID`.
    pub organization: Option<String>,
    /// Project of the key. `OPENAI_PROJECT_ID`.
    pub project: Option<String>,
}

/// `speech_to_text.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechToTextSettings {
    /// `openai`, `command` or `none`; by default `openai` if there is an API key, else `none`.
    #[serde(default, deserialize_with = "optional_choice")]
    pub provider: Option<SpeechProvider>,
    /// Replaces `openai.base_url`.
    pub base_url: Option<String>,
    /// Replaces `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model name; without one the first default that the server has.
    pub model: Option<String>,
    /// Programs of provider `command`.
    pub command: Option<Pipeline>,
    /// Time-out in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `coach.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoachSettings {
    /// `openai` or `scripted`; by default `openai` if there is an API key, else `scripted`.
    #[serde(default, deserialize_with = "optional_choice")]
    pub provider: Option<CoachProvider>,
    /// Replaces `openai.base_url`.
    pub base_url: Option<String>,
    /// Replaces `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model of replies, at temperature 0.7; without one the first default that the server has.
    pub model: Option<String>,
    /// Smaller model of wrap-up decisions (temperature 0.1) and summaries (0.3); by default
    /// `model`.
    pub small_model: Option<String>,
    /// Reasoning effort that is asked for, such as `none` or `low`; empty: none is asked for.
    pub reasoning_effort: String,
    /// Approximate number of tokens over which old messages are folded into the running summary.
    pub memory_tokens: usize,
    /// Approximate number of tokens up to which a closing summary is made from all messages; beyond
    /// it, from the running summary and the recent ones.
    pub closing_tokens: usize,
    /// Time-out in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `memory.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemorySettings {
    /// Whether this server makes and uses memories of users. Sessions that it ends while it does
    /// not are never merged.
    pub enabled: bool,
}

/// `text_to_speech.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextToSpeechSettings {
    /// `openai-realtime`, `openai`, `command` or `none`; for the default see
    /// [`Settings::text_to_speech_provider`](super::Settings::text_to_speech_provider).
    #[serde(default, deserialize_with = "optional_choice")]
    pub provider: Option<TextToSpeechProvider>,
    /// Replaces `openai.base_url`.
    pub base_url: Option<String>,
    /// Replaces `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model name; without one the first default that the server has.
    pub model: Option<String>,
    /// Voice name; default: `marin` of the Realtime API, else `nova`.
    pub voice: Option<String>,
    /// Programs of provider `command`.
    pub command: Option<Pipeline>,
    /// Time-out in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `metrics.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsSettings {
    /// Address of `/metrics`, such as `127.0.0.1:9464`; must not be public. Without it metrics are
    /// not served.
    pub address: Option<SocketAddr>,
}

/// `traces.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// URL of an OpenTelemetry collector that accepts OTLP over HTTP, such as
    /// `http://127.0.0.1:4318`; without it no spans are sent. `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: Option<String>,
}

/// `log.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// `text` for people, `json` for machines.
    #[serde(deserialize_with = "choice")]
    pub format: LogFormat,
    /// Log level, and levels of modules, such as `info,kuku_coach=debug`. `RUST_LOG`.
    pub filter: String,
}

/// Provider of speech to text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeechProvider {
    /// An OpenAI-compatible server.
    OpenAi,
    /// A local program.
    Command,
    /// No provider.
    None,
}

/// Provider of text to speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextToSpeechProvider {
    /// The route `/audio/speech` of an OpenAI-compatible server.
    OpenAi,
    /// The Realtime API of OpenAI, or of a compatible server.
    #[serde(rename = "openai-realtime")]
    OpenAiRealtime,
    /// A local program.
    Command,
    /// No provider.
    None,
}

/// Provider of the coach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoachProvider {
    /// An OpenAI-compatible server.
    OpenAi,
    /// The scripted coach.
    Scripted,
}

/// Format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Plain text.
    Text,
    /// One JSON object per line.
    Json,
}

/// Programs that run one after another, without a shell. Each is a list of arguments, in which
/// `{input}` and `{output}` stand for file names.
///
/// The output of a program is the input of the next. If a program has no `{output}`, its stdout is
/// used. In the environment it is JSON: `[["espeak-ng", "-f", "{input}", "-w", "{output}"], …]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline(pub Vec<Vec<String>>);

/// Comma-separated list; trailing slashes of its parts are removed.
pub(super) fn comma_separated<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text
        .split(',')
        .map(|part| part.trim().trim_end_matches('/').to_owned())
        .filter(|part| !part.is_empty())
        .collect())
}

/// A choice; an error lists all of its values, as that of `config` does not.
fn choice<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

fn optional_choice<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    choice(deserializer).map(Some)
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    comma_separated(deserializer)?
        .iter()
        .map(|text| {
            let network = text.parse::<IpNet>().ok();
            network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)).ok_or_else(|| {
                de::Error::custom(format!("{text:?} is neither an address nor a network"))
            })
        })
        .collect()
}

impl<'de> Deserialize<'de> for Pipeline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Vec<Vec<String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of programs, each a list of arguments")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                serde_json::from_str(text)
                    .map_err(|e| E::custom(format!("not a JSON list of lists of texts: {e}")))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                sequence: A,
            ) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(de::value::SeqAccessDeserializer::new(sequence))
            }
        }
        let programs = deserializer.deserialize_any(Visitor)?;
        if programs.is_empty() || programs.iter().any(Vec::is_empty) {
            return Err(de::Error::custom("needs at least one program, and no empty one"));
        }
        Ok(Self(programs))
    }
}
