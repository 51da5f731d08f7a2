//! Logs: one subscriber for the process, to standard error.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt, prelude::*};

use crate::settings::{LogFormat, LogSettings};

/// Libraries that may log headers, keys or bodies at their chattier levels (or only noise), and the most that each may
/// say.
///
/// async-openai logs whole answers that it cannot read, which hold what people said.
const MUZZLED: &[&str] = &[
    "async_openai=off", "actix_http=info", "actix_server=warn", "h2=info", "hyper=info", "hyper_util=info",
    "reqwest=info", "rustls=info",
];

/// The filter cannot be read, or logging was set up before.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `RUST_LOG` (or `log.filter`) is not in the filter language.
    #[error("log.filter (RUST_LOG): {0}")]
    Filter(#[from] ParseError),
    /// A second subscriber.
    #[error("logging is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Logs as the settings say, for the rest of the process.
///
/// # Errors
/// [`LogError`]
pub fn init(settings: &LogSettings) -> Result<(), LogError> {
    let mut filter = EnvFilter::try_new(&settings.filter)?;
    for directive in MUZZLED {
        filter = filter.add_directive(directive.parse()?);
    }
    let registry = tracing_subscriber::registry().with(filter);
    match settings.format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_writer(std::io::stderr)
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_target(false),
            )
            .try_init()?,
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init()?,
    }
    Ok(())
}
