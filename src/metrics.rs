//! What is counted and measured, for Prometheus. One place for all names; no label comes from what a client sends.
//!
//! Without a listener (`metrics.address`) nothing is kept, and counting costs next to nothing.

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

const REQUESTS: &str = "kuku_http_requests_total";
const REQUEST_SECONDS: &str = "kuku_http_request_duration_seconds";
const STAGE_SECONDS: &str = "kuku_turn_stage_duration_seconds";
const TURNS: &str = "kuku_turns_total";
const PROVIDER_CALLS: &str = "kuku_provider_calls_total";
const PROVIDER_ATTEMPTS: &str = "kuku_provider_attempts_total";
const PROVIDER_ERRORS: &str = "kuku_provider_errors_total";
const SWEPT: &str = "kuku_cleanup_total";
const POOL_CONNECTIONS: &str = "kuku_database_connections";
const POOL_WAITING: &str = "kuku_database_pool_waiting";
const REPLICA_READS: &str = "kuku_replica_reads_total";
const ACTIVE_SESSIONS: &str = "kuku_cached_sessions";
const TURNS_RUNNING: &str = "kuku_turns_running";

/// From a millisecond, for reads, to half a minute, for a slow provider.
const BUCKETS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0,
];

/// A part of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The recording arrives.
    Upload,
    /// Speech to text.
    SpeechToText,
    /// Whether to offer a wrap-up.
    Decision,
    /// The coach's reply or summary.
    Reply,
    /// Both lines are stored.
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

/// Something that is removed when its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanupKind {
    /// Sessions that nobody ended, which are ended.
    IdleSessions,
    /// Ended sessions that are kept no longer.
    OldSessions,
    /// Answers to requests with an idempotency key.
    StoredAnswers,
    /// Reply audio.
    Audio,
    /// Uploads that a killed server left behind.
    Uploads,
}

/// Keeps what is counted from now on, for the whole process.
///
/// # Errors
/// If something keeps it already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), BUCKETS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Requests, by route, method and status");
    describe_histogram!(
        REQUEST_SECONDS,
        "From the head of a request to the head of its answer, by route"
    );
    describe_histogram!(STAGE_SECONDS, "Parts of turns, by stage");
    describe_counter!(TURNS, "Turns, by whether they were stored");
    describe_counter!(
        PROVIDER_ERRORS,
        "Calls of providers that failed after their retries, by stage"
    );
    describe_counter!(PROVIDER_CALLS, "Calls of OpenAI-compatible servers");
    describe_counter!(
        PROVIDER_ATTEMPTS,
        "Requests sent for these calls: more than calls, if some are tried again"
    );
    describe_counter!(SWEPT, "Things whose time was over, by kind");
    describe_gauge!(POOL_CONNECTIONS, "Connections of the pool, in use and idle");
    describe_gauge!(POOL_WAITING, "Statements that wait for a connection");
    describe_counter!(
        REPLICA_READS,
        "Reads for which the replica was asked, by what came of it"
    );
    describe_gauge!(ACTIVE_SESSIONS, "Conversations at hand");
    describe_gauge!(
        TURNS_RUNNING,
        "Turns and endings under way, waiting ones included"
    );
    Ok(handle)
}

/// A route, a method and a status.
type Kind = (String, &'static str, u16);

thread_local! {
    /// What counts and measures the requests of a kind: finding it by its labels takes a dozen allocations each time.
    static ANSWERED: RefCell<HashMap<Kind, (Counter, Histogram)>> = RefCell::default();
}

/// A request was answered. `route` is a pattern of ours, such as `/api/sessions/{session_id}`.
pub fn answered(route: String, method: &'static str, status: u16, took: Duration) {
    ANSWERED.with_borrow_mut(|known| {
        let (count, duration) = known.entry((route, method, status)).or_insert_with_key(|(route, ..)| {
            (
                counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status.to_string()),
                histogram!(REQUEST_SECONDS, "route" => route.clone()),
            )
        });
        count.increment(1);
        duration.record(took);
    });
}

/// Measures a part of a turn, whatever comes of it; in traces it is a span.
pub async fn timed<T>(stage: Stage, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = work
        .instrument(tracing::debug_span!("stage", otel.name = stage.name()))
        .await;
    histogram!(STAGE_SECONDS, "stage" => stage.name()).record(began.elapsed());
    result
}

/// A turn came to its end.
pub fn turn(stored: bool) {
    counter!(TURNS, "outcome" => if stored { "stored" } else { "failed" }).increment(1);
}

/// A provider failed, its retries included.
pub fn provider_failed(stage: Stage) {
    counter!(PROVIDER_ERRORS, "stage" => stage.name()).increment(1);
}

/// An OpenAI-compatible server is called; `provider` is the section of the settings that names it.
pub fn provider_called(provider: &'static str) {
    counter!(PROVIDER_CALLS, "provider" => provider).increment(1);
}

/// A request is sent for a call.
pub fn record_attempt(provider: &'static str) {
    counter!(PROVIDER_ATTEMPTS, "provider" => provider).increment(1);
}

/// A replica was asked, and answered or had to be left out.
pub fn record_replica_read(answered: bool) {
    counter!(REPLICA_READS, "outcome" => if answered { "answered" } else { "left_out" })
        .increment(1);
}

/// Something was swept.
pub fn record_cleanup(what: CleanupKind, count: u64) {
    let kind = match what {
        CleanupKind::IdleSessions => "idle_sessions",
        CleanupKind::OldSessions => "old_sessions",
        CleanupKind::StoredAnswers => "stored_answers",
        CleanupKind::Audio => "audio",
        CleanupKind::Uploads => "uploads",
    };
    counter!(SWEPT, "kind" => kind).increment(count);
}

/// How things stand at this moment.
pub struct Gauges {
    /// PoolStatus to the database on which something runs.
    pub connections_in_use: usize,
    /// PoolStatus to the database on which nothing does.
    pub connections_idle: usize,
    /// Statements that wait for a connection.
    pub statements_waiting: usize,
    /// Conversations at hand; exact enough for a picture.
    pub sessions_at_hand: u64,
    /// Turns and endings under way.
    pub turns_running: usize,
}

/// Shows how things stand.
pub fn record_gauges(now: &Gauges) {
    gauge!(POOL_CONNECTIONS, "state" => "in_use").set(now.connections_in_use as f64);
    gauge!(POOL_CONNECTIONS, "state" => "idle").set(now.connections_idle as f64);
    gauge!(POOL_WAITING).set(now.statements_waiting as f64);
    gauge!(ACTIVE_SESSIONS).set(now.sessions_at_hand as f64);
    gauge!(TURNS_RUNNING).set(now.turns_running as f64);
}
