//! `migrate`: applies or lists migrations, like sqlx-cli's `migrate run` and `migrate info`.

use std::process::ExitCode;

use super::{BoxError, output::print_line};
use crate::{
    database::{MigrationState, migrate, migration_states},
    server::DatabaseSource,
    settings::Settings,
};

pub async fn run(settings: &Settings) -> Result<(), BoxError> {
    let database = DatabaseSource::resolve_or_share(settings).await?;
    let before = migration_states(&database.options).await?;
    migrate(&database.options).await?;
    let applied = before.iter().filter(|(_, state)| *state == MigrationState::Pending);
    let applied: Vec<&str> = applied.map(|(name, _)| name.as_str()).collect();
    match applied.as_slice() {
        [] => print_line(format_args!("Nothing to do: all {} are applied.", before.len()))?,
        names => {
            names.iter().try_for_each(|name| print_line(format_args!("applied  {name}")))?;
        }
    }
    database.stop()
}

pub async fn status(settings: &Settings) -> Result<ExitCode, BoxError> {
    let database = DatabaseSource::resolve_or_share(settings).await?;
    let states = migration_states(&database.options).await?;
    for (name, state) in &states {
        print_line(format_args!("{:8} {name}", state.name()))?;
    }
    database.stop()?;
    let all_applied = states.iter().all(|(_, state)| *state == MigrationState::Applied);
    Ok(if all_applied { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
