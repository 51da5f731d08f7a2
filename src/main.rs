//! `kuku-coach`: serves the API until Ctrl-C or SIGTERM.

use std::process::ExitCode;

use kuku_coach::{settings::Settings, startup::Application, telemetry};
use tokio::signal::unix::{SignalKind, signal};

type BoxError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kuku-coach: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), BoxError> {
    // Before any thread is started, since it sets variables.
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(error) if error.not_found() => {}
        // Its text would quote the line, which may hold a key.
        Err(dotenvy::Error::LineParse(_, position)) => {
            return Err(format!(".env: error near character {position} of a line").into());
        }
        Err(error) => return Err(format!(".env: {error}").into()),
    }
    let settings = Settings::load()?;
    telemetry::init(&settings.log)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(&settings))
}

async fn serve(settings: &Settings) -> Result<(), BoxError> {
    let application = Application::build(settings).await?;
    println!("{}", application.introduction());
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let (mut again, mut again_terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop = async {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    };
    let hurry = async {
        // These see the first signal too.
        for _ in 0..2 {
            tokio::select! {
                _ = again.recv() => {}
                _ = again_terminate.recv() => {}
            }
        }
    };
    Ok(application.run_until(stop, hurry).await?)
}
