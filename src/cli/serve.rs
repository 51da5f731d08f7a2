//! `serve`: serves the API until Ctrl-C or SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

use super::BoxError;
use crate::{server::Application, settings::Settings};

pub async fn serve(settings: &Settings) -> Result<(), BoxError> {
    let application = Application::build(settings).await?;
    println!("{}", application.startup_banner());
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let mut all_interrupts = signal(SignalKind::interrupt())?;
    let mut all_terminations = signal(SignalKind::terminate())?;
    let stop = async {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    };
    let force_shutdown = async {
        // These streams also receive the first signal.
        for _ in 0..2 {
            tokio::select! {
                _ = all_interrupts.recv() => {}
                _ = all_terminations.recv() => {}
            }
        }
    };
    Ok(application.run_until(stop, force_shutdown).await?)
}
