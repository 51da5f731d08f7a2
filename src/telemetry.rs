//! Logs, to standard error, and traces, to a collector if one is set: one subscriber for the process.

use std::{
    fmt::Debug,
    io::{self, BufWriter, IsTerminal, Write},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Event, Level, Subscriber, field::Field, level_filters::LevelFilter};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, ParseError, Targets, filter_fn},
    fmt,
    layer::Context,
    prelude::*,
    registry::LookupSpan,
};

use crate::settings::{LogFormat, LogSettings, TraceSettings};

/// How long a stop waits for the collector to take the last spans.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

static TRACING: AtomicBool = AtomicBool::new(false);

/// Libraries that may log headers, keys or bodies at their chattier levels (or only noise), and the most that each may
/// say.
///
/// async-openai logs whole answers that it cannot read, which hold what people said.
const TARGET_LEVELS: &[(&str, LevelFilter)] = &[
    ("async_openai", LevelFilter::OFF),
    ("actix_http", LevelFilter::INFO),
    ("actix_server", LevelFilter::WARN),
    ("h2", LevelFilter::INFO),
    ("hyper", LevelFilter::INFO),
    ("hyper_util", LevelFilter::INFO),
    ("reqwest", LevelFilter::INFO),
    ("rustls", LevelFilter::INFO),
    // What Postgres remarks: that a table exists already, or what a search is made of.
    ("sqlx::postgres::notice", LevelFilter::WARN),
];
/// Lines that may wait to be written. Whoever logs beyond them waits too: none is left out.
const QUEUE_CAPACITY: usize = 4_096;

/// Lines beyond so many bytes are written before.
const GATHERED_BYTES: usize = 64 * 1024;
/// How long lines gather before they are written together.
const GATHERING: Duration = Duration::from_millis(10);

/// Leaves out what actix says of a client that speaks no HTTP, or goes away: an error to it, and none of ours. It says of broken answers
/// in the same place, so the text has to tell.
struct ClientErrorFilter;

impl<S: Subscriber> Layer<S> for ClientErrorFilter {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if event.metadata().target() != "actix_http::h1::dispatcher" {
            return true;
        }
        let mut is_one = false;
        event.record(&mut |field: &Field, value: &dyn Debug| {
            is_one |=
                field.name() == "message" && format!("{value:?}").starts_with("stream error: ");
        });
        !is_one
    }
}

/// A writer whose thread writes what has come, and then lets more come: otherwise each line wakes it, and costs a system call.
struct Gathering<W>(W);

impl<W: Write> Write for Gathering<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.0.write(lines)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(GATHERING);
        Ok(())
    }
}

/// What cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` (or `log.filter`) is not in the filter language.
    #[error("log.filter (RUST_LOG): {0}")]
    Filter(#[from] ParseError),
    /// A second subscriber.
    #[error("logging is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
    /// The collector's address is none.
    #[error("traces.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT): {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Writes and sends what is left when it is dropped.
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
    _lines: WorkerGuard,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(spans) = &self.spans
            && let Err(error) = spans.shutdown_with_timeout(FLUSH_PATIENCE)
        {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// Logs and traces as the settings say, for the rest of the process.
///
/// # Errors
/// [`TelemetryError`]
pub fn init(log: &LogSettings, traces: &TraceSettings) -> Result<Telemetry, TelemetryError> {
    let filter = Targets::from_str(&log.filter)?.with_targets(TARGET_LEVELS.iter().copied());
    // Written by a thread of its own.
    let (writer, flush) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(QUEUE_CAPACITY)
        .finish(Gathering(BufWriter::with_capacity(
            GATHERED_BYTES,
            std::io::stderr(),
        )));
    let provider = traces.endpoint.as_deref().map(provider).transpose()?;
    TRACING.store(provider.is_some(), Ordering::Relaxed);
    let registry = tracing_subscriber::registry().with(ClientErrorFilter);
    match &provider {
        // One filter for all, so that what is not logged costs next to nothing.
        None => registry
            .with(filter)
            .with(lines(log.format, writer))
            .try_init()?,
        Some(provider) => registry
            .with(lines(log.format, writer).with_filter(filter))
            .with(spans(provider))
            .try_init()?,
    }
    Ok(Telemetry {
        spans: provider,
        _lines: flush,
    })
}

fn lines<S>(format: LogFormat, writer: NonBlocking) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Text => fmt::layer()
            .with_writer(writer)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(writer)
            .boxed(),
    }
}

/// Whether spans go to a collector.
pub fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// Sends spans over HTTP, in batches, from a thread of its own.
fn provider(endpoint: &str) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("kuku-coach").build())
        .build())
}

/// Our spans, and no events: a trace shows where the time went, and log lines stay where logs are kept.
fn spans<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::DEBUG);
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(env!("CARGO_CRATE_NAME")))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(
            ours.and(
                filter_fn(|metadata| metadata.is_span()).with_max_level_hint(LevelFilter::DEBUG),
            ),
        )
}
