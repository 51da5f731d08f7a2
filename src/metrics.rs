//! Prometheus metrics: all names and labels. No label value comes from a client.
//!
//! Without a listener (`metrics.address`) no recorder is installed, and recording costs next to
//! nothing.

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use metrics::{
    Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;

mod process;

pub use process::record_process;

const REQUESTS: &str = "kuku_http_requests_total";
const REQUEST_SECONDS: &str = "kuku_http_request_duration_seconds";
const ERRORS: &str = "kuku_errors_total";
const BUILD_INFO: &str = "kuku_build_info";
const STAGE_SECONDS: &str = "kuku_turn_stage_duration_seconds";
const TURNS: &str = "kuku_turns_total";
const PROVIDER_CALLS: &str = "kuku_provider_calls_total";
const PROVIDER_ATTEMPTS: &str = "kuku_provider_attempts_total";
const PROVIDER_ERRORS: &str = "kuku_provider_errors_total";
const REWORDED_SPEECH: &str = "kuku_speech_reworded_total";
const CLEANUP: &str = "kuku_cleanup_total";
const MEMORY_MERGES: &str = "kuku_memory_merges_total";
const DATABASE_CONNECTIONS: &str = "kuku_database_connections";
const POOL_WAITING: &str = "kuku_database_pool_waiting";
const DATABASE_READ_ONLY: &str = "kuku_database_read_only";
const REPLICA_READS: &str = "kuku_replica_reads_total";
const CACHED_SESSIONS: &str = "kuku_cached_sessions";
const TURNS_RUNNING: &str = "kuku_turns_running";
const LOG_LINES_DROPPED: &str = "kuku_log_lines_dropped_total";

/// Histogram buckets in seconds: from 1 ms, for reads, to half a minute, for a slow provider.
const BUCKETS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];

/// Stage of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Receiving the recording.
    Upload,
    /// Speech to text.
    SpeechToText,
    /// Decision whether to offer a wrap-up.
    Decision,
    /// Coach's reply or summary.
    Reply,
    /// Saving both messages.
    Commit,
    /// Text to speech.
    TextToSpeech,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::SpeechToText => "speech_to_text",
            Self::Decision => "decision",
            Self::Reply => "reply",
            Self::Commit => "commit",
            Self::TextToSpeech => "text_to_speech",
        }
    }
}

/// Kind of expired data that a background job deletes or ends. The labels are public and keep older
/// words: `old_sessions` counts the job "delete expired sessions", `stored_answers` the job "delete
/// expired idempotency keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanupKind {
    /// Idle sessions that are ended.
    IdleSessions,
    /// Ended sessions past their retention.
    OldSessions,
    /// Sessions without a message.
    EmptySessions,
    /// Stored responses of idempotency keys.
    StoredAnswers,
    /// Refresh tokens of local accounts, used or expired.
    RefreshTokens,
    /// Anonymous local accounts that nobody uses.
    AnonymousAccounts,
    /// Reply audio.
    Audio,
    /// Uploads left behind by a killed server.
    Uploads,
}

impl CleanupKind {
    fn label(self) -> &'static str {
        match self {
            Self::IdleSessions => "idle_sessions",
            Self::OldSessions => "old_sessions",
            Self::EmptySessions => "empty_sessions",
            Self::StoredAnswers => "stored_answers",
            Self::RefreshTokens => "refresh_tokens",
            Self::AnonymousAccounts => "anonymous_accounts",
            Self::Audio => "audio",
            Self::Uploads => "uploads",
        }
    }
}

/// What became of a merge of a session into a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeOutcome {
    /// The session is in the memory.
    Merged,
    /// The session is in the memory, by rule, since the model has failed for a day.
    ByRule,
    /// The model had nothing to say; the memory stays.
    Empty,
    /// Nothing was said in the session; the memory stays.
    NothingSaid,
    /// The memory was changed or turned off meanwhile, or the session deleted.
    Superseded,
    /// The model failed; it is tried again.
    Failed,
}

impl MergeOutcome {
    fn label(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::ByRule => "by_rule",
            Self::Empty => "empty",
            Self::NothingSaid => "nothing_said",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }
}

/// Installs the recorder of this process; an error if there is one already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), BUCKETS)?
        .install_recorder()?;
    describe();
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(handle)
}

fn describe() {
    describe_counter!(REQUESTS, "HTTP requests, by route, method and status");
    describe_histogram!(
        REQUEST_SECONDS,
        "Time from request headers to response headers, by route and method"
    );
    describe_counter!(ERRORS, "Responses with an error, also those with status 200, by code");
    describe_gauge!(BUILD_INFO, "1, with the version of the program");
    process::describe();
    describe_histogram!(STAGE_SECONDS, "Duration of the stages of turns");
    describe_counter!(TURNS, "Turns, by outcome (stored or failed)");
    describe_counter!(PROVIDER_ERRORS, "Provider calls that failed after all retries, by stage");
    describe_counter!(PROVIDER_CALLS, "Calls of OpenAI-compatible servers");
    describe_counter!(PROVIDER_ATTEMPTS, "Requests sent for these calls, retries included");
    describe_counter!(REWORDED_SPEECH, "Sentences that text to speech spoke in other words");
    describe_counter!(CLEANUP, "Expired items that were cleaned up, by kind");
    describe_counter!(MEMORY_MERGES, "Merges of sessions into memories, by outcome");
    describe_gauge!(DATABASE_CONNECTIONS, "Open database connections, by state (in_use or idle)");
    describe_gauge!(POOL_WAITING, "Queries that wait for a database connection");
    describe_gauge!(DATABASE_READ_ONLY, "Whether the database is read-only (1) or not (0)");
    describe_counter!(
        REPLICA_READS,
        "Reads sent to the replica, by outcome (answered or left_out)"
    );
    describe_gauge!(CACHED_SESSIONS, "Conversations in the session cache");
    describe_gauge!(TURNS_RUNNING, "Turns and ends of sessions in progress or queued");
    describe_counter!(LOG_LINES_DROPPED, "Log lines dropped because standard error stalled");
}

/// Route, method and status.
type RequestLabels = (String, &'static str, u16);

thread_local! {
    /// Handles of request metrics: looking one up by its labels takes a dozen allocations.
    static REQUEST_METRICS: RefCell<HashMap<RequestLabels, (Counter, Histogram)>> =
        RefCell::default();
}

/// Records a response. `route` is a route pattern, such as `/api/sessions/{session_id}`.
pub fn record_request(route: String, method: &'static str, status: u16, duration: Duration) {
    REQUEST_METRICS.with_borrow_mut(|handles| {
        let (count, histogram) =
            handles.entry((route, method, status)).or_insert_with_key(request_metrics);
        count.increment(1);
        histogram.record(duration);
    });
}

fn request_metrics((route, method, status): &RequestLabels) -> (Counter, Histogram) {
    let (route, status) = (route.clone(), status.to_string());
    (
        counter!(REQUESTS, "route" => route.clone(), "method" => *method, "status" => status),
        histogram!(REQUEST_SECONDS, "route" => route, "method" => *method),
    )
}

/// Counts a response with an error, whose code is of this program.
pub fn record_error(code: &'static str) {
    counter!(ERRORS, "code" => code).increment(1);
}

/// Measures a stage of a turn, whatever its result; in traces it is a span.
pub async fn time_stage<T>(stage: Stage, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let result = work.instrument(tracing::debug_span!("stage", otel.name = stage.name())).await;
    histogram!(STAGE_SECONDS, "stage" => stage.name()).record(start.elapsed());
    result
}

/// Counts a turn that was stored or failed.
pub fn record_turn(stored: bool) {
    counter!(TURNS, "outcome" => if stored { "stored" } else { "failed" }).increment(1);
}

/// Counts a provider call that failed after its retries.
pub fn record_provider_error(stage: Stage) {
    counter!(PROVIDER_ERRORS, "stage" => stage.name()).increment(1);
}

/// Counts a call of an OpenAI-compatible server; `provider` is its section of the settings.
pub fn record_provider_call(provider: &'static str) {
    counter!(PROVIDER_CALLS, "provider" => provider).increment(1);
}

/// Counts a request sent for a provider call.
pub fn record_attempt(provider: &'static str) {
    counter!(PROVIDER_ATTEMPTS, "provider" => provider).increment(1);
}

/// Counts a sentence that text to speech spoke in other words.
pub fn record_reworded_speech() {
    counter!(REWORDED_SPEECH).increment(1);
}

/// Counts a read that the replica answered, or that fell back to the primary.
pub fn record_replica_read(answered: bool) {
    counter!(REPLICA_READS, "outcome" => if answered { "answered" } else { "left_out" })
        .increment(1);
}

/// Sets whether the database is read-only.
pub fn record_database_read_only(is_read_only: bool) {
    gauge!(DATABASE_READ_ONLY).set(f64::from(u8::from(is_read_only)));
}

/// Counts cleaned-up items.
pub fn record_cleanup(kind: CleanupKind, count: u64) {
    counter!(CLEANUP, "kind" => kind.label()).increment(count);
}

/// Counts a merge of a session into a memory.
pub fn record_memory_merge(outcome: MergeOutcome) {
    counter!(MEMORY_MERGES, "outcome" => outcome.label()).increment(1);
}

/// Sets how many log lines were dropped since the start. The log counts them itself: it is in use
/// before metrics are.
pub fn record_dropped_log_lines(total: u64) {
    counter!(LOG_LINES_DROPPED).absolute(total);
}

/// Values of the gauges.
pub struct Gauges {
    /// Database connections in use.
    pub connections_in_use: usize,
    /// Idle database connections.
    pub connections_idle: usize,
    /// Queries that wait for a database connection.
    pub pool_waiting: usize,
    /// Conversations in the session cache, approximately.
    pub cached_sessions: u64,
    /// Turns and ends of sessions in progress.
    pub turns_running: usize,
}

/// Sets the gauges.
pub fn record_gauges(gauges: &Gauges) {
    gauge!(DATABASE_CONNECTIONS, "state" => "in_use").set(gauges.connections_in_use as f64);
    gauge!(DATABASE_CONNECTIONS, "state" => "idle").set(gauges.connections_idle as f64);
    gauge!(POOL_WAITING).set(gauges.pool_waiting as f64);
    gauge!(CACHED_SESSIONS).set(gauges.cached_sessions as f64);
    gauge!(TURNS_RUNNING).set(gauges.turns_running as f64);
}
