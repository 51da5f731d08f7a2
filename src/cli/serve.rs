//! `serve`: serves the API until Ctrl-C or SIGTERM.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{BoxError, output::print_line};
use crate::{server::Application, settings::Settings};

/// Time within which a signal counts as the first one again: `timeout`, for example, signals the
/// process and its process group at once.
const REPEATED_SIGNAL: Duration = Duration::from_millis(500);

pub async fn serve(settings: &Settings) -> Result<(), BoxError> {
    let application = Application::build(settings).await?;
    let (mut first, mut all) = (Signals::new()?, Signals::new()?);
    print_line(application.startup_banner())?;
    let force_shutdown = async {
        // These streams also receive the first signal.
        all.next().await;
        let since = Instant::now();
        while since.elapsed() < REPEATED_SIGNAL {
            all.next().await;
        }
    };
    Ok(application.run_until(first.next(), force_shutdown).await?)
}

/// Signals that stop the server.
struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let (interrupts, terminations) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupts, terminations })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
        }
    }
}
