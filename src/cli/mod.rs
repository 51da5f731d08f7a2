//! The command line.
//!
//! All commands read the same settings (see README.md); what they print is for people, results go to standard output and
//! everything else to standard error.

mod doctor;
mod export;
mod import;
mod migrate;
mod postgres;
mod ready;
mod serve;

use std::{io, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use time::{
    Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

use crate::{
    domain::SessionId, http::openapi, server::install_crypto_provider, settings::Settings,
    telemetry,
};

/// Whatever went wrong, in words for who typed the command.
type BoxError = Box<dyn std::error::Error>;

/// The backend of Kuku Coach, a voice coach.
///
/// Without a command it serves the API. Settings come from the environment, from .env and from kuku.toml; README.md lists them.
/// Without DATABASE_URL everything works on a private Postgres in the data folder.
#[derive(Parser)]
#[command(name = "kuku-coach", version, subcommand_required = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until Ctrl-C or SIGTERM (what happens without a command).
    Serve,
    /// Apply the database's migrations, or show how they stand.
    Migrate {
        #[arg(value_enum, default_value_t = Migrate::Run)]
        what: Migrate,
    },
    /// Ask the server on this machine whether it can take requests; for health checks of containers.
    Ready,
    /// Look for what is wrong or risky in this set-up, and say what to do. Fails if something does not work.
    Doctor {
        /// Also make one cheap call to each provider. May cost a fraction of a cent.
        #[arg(long)]
        call_providers: bool,
    },
    /// Write conversations to standard output, from one consistent snapshot.
    Export(ExportArguments),
    /// Take in what `export --format ndjson` wrote. What is there already is skipped, so it can be run again.
    Import {
        /// The file; it is checked as a whole before anything is written.
        file: PathBuf,
    },
    /// Write the API's OpenAPI description to standard output.
    Openapi,
    /// Run the private Postgres in the foreground, and print its address for psql and sqlx-cli.
    Postgres,
    /// Write completions for a shell to standard output.
    Completions { shell: Shell },
}

#[derive(Clone, Copy, ValueEnum)]
enum Migrate {
    /// Apply what is pending.
    Run,
    /// List them; fails if any is pending or was changed.
    Status,
}

#[derive(clap::Args)]
struct ExportArguments {
    /// What to write.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// One example a turn, with what was said before it, instead of one a conversation; for `openai`.
    #[arg(long)]
    per_turn: bool,
    /// Begun at this time or later: a date (UTC) or a time such as 2026-11-24T09:30:00Z.
    #[arg(long, value_parser = time)]
    since: Option<OffsetDateTime>,
    /// Begun before this time.
    #[arg(long, value_parser = time)]
    until: Option<OffsetDateTime>,
    /// Only sessions that have ended.
    #[arg(long)]
    ended: bool,
    /// Only sessions with at least so many stars.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=5))]
    rating_min: Option<i32>,
    /// Only this session.
    #[arg(long, value_parser = session)]
    session: Option<SessionId>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lossless, a JSON object a line, with a checksum; for `import`.
    Ndjson,
    /// Chat format for fine-tuning and evaluation, a JSON object a line.
    Openai,
    /// For reading.
    Text,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kuku-coach: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, BoxError> {
    match command {
        Command::Openapi => println!("{}", openapi().to_pretty_json()?),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "kuku-coach", &mut io::stdout());
        }
        Command::Serve => work(serve::serve)?,
        Command::Postgres => work(postgres::run)?,
        Command::Ready => work(ready::run)?,
        Command::Migrate { what: Migrate::Run } => work(migrate::run)?,
        Command::Migrate {
            what: Migrate::Status,
        } => return work(migrate::status),
        Command::Doctor { call_providers } => {
            return work(async |settings| doctor::run(settings, call_providers).await);
        }
        Command::Export(arguments) => {
            work(async |settings| export::run(settings, &arguments).await)?
        }
        Command::Import { file } => work(async |settings| import::run(settings, &file).await)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the settings, and runs `command` with them.
fn work<T>(command: impl AsyncFnOnce(&Settings) -> Result<T, BoxError>) -> Result<T, BoxError> {
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
    install_crypto_provider();
    let _telemetry = telemetry::init(&settings.log, &settings.traces)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(command(&settings))
}

fn time(text: &str) -> Result<OffsetDateTime, String> {
    if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(date.midnight().assume_utc());
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "write 2026-11-24 or 2026-11-24T09:30:00Z".into())
}

fn session(text: &str) -> Result<SessionId, String> {
    SessionId::parse(text).ok_or_else(|| "this is no session's id".into())
}
