//! Command line.
//!
//! All commands read the same settings. Results go to standard output, everything
//! else to standard error.

mod distribute;
mod doctor;
mod export;
mod import;
mod migrate;
mod output;
mod postgres;
mod printable;
mod ready;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use time::OffsetDateTime;

use crate::{
    database::connect,
    domain::{DateOrTime, SessionId},
    http::openapi,
    repository::DatabaseService,
    server::{DatabaseSource, install_crypto_provider},
    settings::Settings,
    telemetry,
};
use output::print_line;
use printable::printable;

/// Error of a command, with a text for its user.
type BoxError = Box<dyn std::error::Error>;

/// The backend of Kuku Coach, a voice coach.
///
/// Without a command it serves the API. Settings come from the environment, from .env and from
/// kuku.toml; docs/configuration.md describes them. Without DATABASE_URL an embedded Postgres in
/// the data folder is used.
#[derive(Parser)]
#[command(name = "kuku-coach", version, subcommand_required = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until Ctrl-C or SIGTERM (the default).
    Serve,
    /// Apply the database's migrations, or show their state.
    Migrate {
        #[arg(value_enum, default_value_t = Migrate::Run)]
        action: Migrate,
    },
    /// Distribute the tables over the workers of a Citus cluster, by session (docs/citus.md).
    ///
    /// Says what it will do, and asks. All servers have to be stopped. Repeatable.
    Distribute {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Check that the server on this machine is ready; for health checks of containers.
    Ready,
    /// Check this set-up for errors and risks, with advice. Fails if something does not work.
    Doctor {
        /// Also make one small call to each provider, which may cost a fraction of a cent.
        #[arg(long)]
        call_providers: bool,
    },
    /// Write conversations to standard output, from one consistent snapshot.
    Export(ExportArguments),
    /// Import a file of `export --format ndjson`. Repeatable: existing sessions are skipped.
    ///
    /// Sessions of unknown users, and sessions with an id that another one has, are reported and
    /// not imported; the others are. Fails then.
    Import {
        /// The file, or - for standard input; checked as a whole before anything is written.
        file: PathBuf,
    },
    /// Write the API's OpenAPI description to standard output.
    Openapi,
    /// Run the embedded Postgres in the foreground, and print its URL for psql and sqlx-cli.
    Postgres,
    /// Write a shell's completions to standard output.
    Completions { shell: Shell },
}

#[derive(Clone, Copy, ValueEnum)]
enum Migrate {
    /// Apply pending migrations.
    Run,
    /// List all migrations; fails if one is pending or was changed.
    Status,
}

#[derive(clap::Args)]
struct ExportArguments {
    /// Format of the output.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// For `openai`: one example per turn, with all earlier messages, instead of one per session.
    #[arg(long)]
    per_turn: bool,
    /// Only sessions created at or after a date (UTC) or time such as 2026-11-24T09:30:00Z.
    #[arg(long, value_parser = parse_time)]
    since: Option<OffsetDateTime>,
    /// Only sessions created before a date or time.
    #[arg(long, value_parser = parse_time)]
    until: Option<OffsetDateTime>,
    /// Only sessions that have ended.
    #[arg(long)]
    ended: bool,
    /// Only sessions rated with at least this many stars.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=5))]
    rating_min: Option<i32>,
    /// Only this session.
    #[arg(long, value_parser = parse_session_id)]
    session: Option<SessionId>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lossless, one JSON object per line, with a checksum; for `import`.
    Ndjson,
    /// Chat format for fine-tuning and evaluation, one JSON object per line.
    Openai,
    /// Plain text for reading.
    Text,
}

/// Runs the command in this process's arguments.
pub fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            // The text of a database or a file may be in it.
            eprintln!("kuku-coach: {}", printable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, BoxError> {
    match command {
        Command::Openapi => print_line(openapi().to_pretty_json()?)?,
        Command::Completions { shell } => {
            // Into memory: clap_complete panics if it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "kuku-coach", &mut script);
            print_line(String::from_utf8(script)?.trim_end())?;
        }
        Command::Serve => run_with_settings(serve::serve)?,
        Command::Postgres => run_with_settings(postgres::run)?,
        Command::Ready => run_with_settings(ready::run)?,
        Command::Migrate { action: Migrate::Run } => run_with_settings(migrate::run)?,
        Command::Migrate { action: Migrate::Status } => return run_with_settings(migrate::status),
        Command::Distribute { yes } => {
            run_with_settings(async |settings| distribute::run(settings, yes).await)?
        }
        Command::Doctor { call_providers } => {
            return run_with_settings(async |settings| doctor::run(settings, call_providers).await);
        }
        Command::Export(arguments) => {
            run_with_settings(async |settings| export::run(settings, &arguments).await)?
        }
        Command::Import { file } => {
            run_with_settings(async |settings| import::run(settings, &file).await)?
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Loads the settings, and runs `command` with them.
fn run_with_settings<T>(
    command: impl AsyncFnOnce(&Settings) -> Result<T, BoxError>,
) -> Result<T, BoxError> {
    // Sets environment variables, hence before any thread starts.
    match dotenvy::dotenv() {
        Ok(_) => {}
        Err(error) if error.not_found() => {}
        // The error's own text quotes the line, which may hold a key.
        Err(dotenvy::Error::LineParse(_, position)) => {
            return Err(format!(".env: error near character {position} of a line").into());
        }
        Err(error) => return Err(format!(".env: {error}").into()),
    }
    let settings = Settings::load()?;
    install_crypto_provider();
    let _telemetry = telemetry::init(&settings.log, &settings.traces)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command(&settings))
}

/// Connects to the database of the settings, and runs `work` with it.
async fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&DatabaseService) -> Result<T, BoxError>,
) -> Result<T, BoxError> {
    let database = DatabaseSource::resolve_or_share(settings).await?;
    let pool = connect(database.options.clone(), &settings.database).await?;
    let db = DatabaseService::new(pool, &settings.database)?;
    let result = work(&db).await;
    db.close().await;
    database.stop()?;
    result
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    let time = DateOrTime::parse(text).map(DateOrTime::start);
    time.ok_or_else(|| "write 2026-11-24 or 2026-11-24T09:30:00Z".into())
}

fn parse_session_id(text: &str) -> Result<SessionId, String> {
    SessionId::parse(text).ok_or_else(|| "not a session id".into())
}
