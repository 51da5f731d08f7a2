//! The sections of the settings, and how their values are read.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};

/// `limits.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Most turns and endings at a time, waiting ones included; beyond it a quick 503.
    pub concurrent_turns: usize,
    /// Most recordings that are being uploaded at a time; beyond it a quick 503.
    pub concurrent_uploads: usize,
    /// Longest pause in the middle of a body, in seconds; a whole body may take fifteen times as long.
    pub body_idle_timeout_seconds: u64,
    /// Most requests a minute from one address (IPv6: one /64 network); 0 for no limit.
    pub requests_per_minute: u32,
    /// Most turns a minute in one session; 0 for no limit.
    pub turns_per_minute: u32,
    /// Addresses and networks of proxies whose X-Forwarded-For is believed; separated by commas.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
}

/// `database.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Direct or session-pooler address; without one a private Postgres is started. `DATABASE_URL`.
    pub url: Option<SecretString>,
    /// A streaming replica of it, for searches, lists and exports. `DATABASE_READ_URL`.
    pub read_url: Option<SecretString>,
    /// Certificate of the authority that signed the server's: then the server is fully verified.
    pub ca_file: Option<PathBuf>,
    /// Whether `sslmode=disable` is allowed to a database that is not on this machine: on a network that nobody else is on.
    pub allow_plaintext: bool,
    /// Most connections at a time.
    pub max_connections: u32,
    /// Longest wait for a free connection, and for an answer, in seconds.
    pub acquire_timeout_seconds: u64,
    /// Longest wait for the database to come back while a turn waits to be saved, in seconds.
    pub save_timeout_seconds: u64,
    /// Longest run of a statement, in seconds.
    pub statement_timeout_seconds: u64,
    /// Whether to apply pending migrations at start.
    pub migrate: bool,
}

/// `auth.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// `off`, `optional` or `required`; without it `optional` if there is something to verify tokens with, else `off`.
    pub mode: Option<AuthMode>,
    /// Whether `off` is allowed on an address that others can reach.
    pub allow_unauthenticated: bool,
    /// How long a project's public keys are kept, in seconds; at most 600, as Supabase promises for revoked ones.
    pub jwks_cache_seconds: u64,
    /// Most sign-ups, logins and refreshes a minute from one address; 0 for no limit.
    pub login_attempts_per_minute: u32,
    /// Whether Supabase is told the client's address, which its project has to be set up for.
    pub forward_client_ip: bool,
}

/// Whether callers are told apart by tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Nobody is; sessions are nobody's.
    Off,
    /// Who has a token is a user, who has none is anonymous.
    Optional,
    /// Who has no token is turned away.
    Required,
}

/// `supabase.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupabaseSettings {
    /// The project's address. `SUPABASE_URL`.
    pub url: Option<String>,
    /// The publishable key, for its auth API. `SUPABASE_ANON_KEY`.
    pub anon_key: Option<SecretString>,
    /// Who presents exactly this key may search everybody's lines. `SUPABASE_SERVICE_ROLE_KEY`.
    pub service_role_key: Option<SecretString>,
    /// Secret of a project that signs with HS256; without a project, of local accounts. `SUPABASE_JWT_SECRET`.
    pub jwt_secret: Option<SecretString>,
}

impl SupabaseSettings {
    /// Address of the project's auth API, which is also the issuer of its tokens.
    pub fn auth_url(&self) -> Option<String> {
        Some(format!(
            "{}/auth/v1",
            self.url.as_ref()?.trim_end_matches('/')
        ))
    }
}

/// `openai.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSettings {
    /// Key; its presence makes `openai` the default provider of all stages. `OPENAI_API_KEY`.
    pub api_key: Option<SecretString>,
    /// Base URL, ending in `/v1` for most servers. `OPENAI_BASE_URL`.
    pub base_url: String,
}

/// `speech_to_text.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechToTextSettings {
    /// `openai`, `command` or `none`; without it `openai` if there is a key, else `none`.
    pub provider: Option<SpeechProvider>,
    /// Instead of `openai.base_url`.
    pub base_url: Option<String>,
    /// Instead of `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model name.
    pub model: String,
    /// For `command`: the programs to run, see [`Pipeline`].
    pub command: Option<Pipeline>,
    /// Longest wait, in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `coach.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoachSettings {
    /// `openai` or `scripted`; without it `openai` if there is a key, else `scripted`.
    pub provider: Option<CoachProvider>,
    /// Instead of `openai.base_url`.
    pub base_url: Option<String>,
    /// Instead of `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model that replies, at temperature 0.7.
    pub model: String,
    /// Smaller model that decides on wrapping up (0.1), merges memory and sums up (0.3).
    pub small_model: String,
    /// Lines beyond about this many tokens are merged into the running summary.
    pub memory_tokens: usize,
    /// Longest wait, in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `text_to_speech.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextToSpeechSettings {
    /// `openai`, `command` or `none`; without it `openai` if there is a key, else `none`.
    pub provider: Option<SpeechProvider>,
    /// Instead of `openai.base_url`.
    pub base_url: Option<String>,
    /// Instead of `openai.api_key`.
    pub api_key: Option<SecretString>,
    /// Model name.
    pub model: String,
    /// Voice name.
    pub voice: String,
    /// For `command`: the programs to run, see [`Pipeline`].
    pub command: Option<Pipeline>,
    /// Longest wait, in seconds, retries included.
    pub timeout_seconds: u64,
}

/// `metrics.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsSettings {
    /// Where `/metrics` listens, such as `127.0.0.1:9464`; without it nothing does. Not an address that the public reaches.
    pub address: Option<SocketAddr>,
}

/// `traces.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// Address of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`; without it no spans are
    /// sent. `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: Option<String>,
}

/// `log.*`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// What to log: a level, and other levels for parts of the program, such as `info,kuku_coach=debug`. `RUST_LOG`.
    pub filter: String,
}

/// Who does speech to text, or text to speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeechProvider {
    /// An OpenAI-compatible server.
    OpenAi,
    /// A local program.
    Command,
    /// Nobody.
    None,
}

/// Who coaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoachProvider {
    /// An OpenAI-compatible server.
    OpenAi,
    /// The offline coach.
    Scripted,
}

/// Shape of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Programs that run one after another, without a shell: each is a list of arguments, in which `{input}` and
/// `{output}` stand for file names. The output of each is the next one's input; a program without `{output}` is taken
/// at its standard output. In the environment it is JSON: `[["espeak-ng", "-f", "{input}", "-w", "{output}"], …]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline(pub Vec<Vec<String>>);

/// A list in one text, as it comes from the environment.
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

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    comma_separated(deserializer)?
        .iter()
        .map(|text| {
            let network = text.parse::<IpNet>().ok();
            network
                .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
                .ok_or_else(|| {
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
            return Err(de::Error::custom(
                "needs at least one program, and no empty one",
            ));
        }
        Ok(Self(programs))
    }
}
