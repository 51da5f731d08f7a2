//! `distribute`: spreads the tables over the workers of a Citus cluster.

use std::io::{self, BufRead, IsTerminal, Write};

use super::{BoxError, output::print_line};
use crate::{
    database::{MigrationState, migration_states, target},
    repository::{
        DistributeError, DistributionPlan, LEAKING_CITUS_VERSIONS, distribute, plan_distribution,
    },
    server::DatabaseSource,
    settings::Settings,
};

pub async fn run(settings: &Settings, is_confirmed: bool) -> Result<(), BoxError> {
    let database = DatabaseSource::resolve_or_share(settings).await?;
    let result = distribute_database(&database, is_confirmed).await;
    database.stop()?;
    result
}

async fn distribute_database(
    database: &DatabaseSource,
    is_confirmed: bool,
) -> Result<(), BoxError> {
    let options = &database.options;
    check_migrations(&migration_states(options).await?)?;
    let plan = plan_distribution(options).await?;
    check(&plan)?;
    if plan.is_distributed {
        print_line("The tables are distributed already. What is missing is completed.")?;
    } else {
        print_line(describe(&plan, &target(options)))?;
    }
    if !is_confirmed && !confirm()? {
        return Err("not confirmed; nothing was changed".into());
    }
    distribute(options).await?;
    print_line("Done. Start the servers, and see `kuku-coach doctor`.")?;
    Ok(())
}

/// Refuses a schema that is not the one of this program.
fn check_migrations(states: &[(String, MigrationState)]) -> Result<(), BoxError> {
    let count = |wanted| states.iter().filter(|(_, state)| *state == wanted).count();
    if count(MigrationState::ChecksumMismatch) > 0 {
        return Err(
            "applied migrations have another content; nothing was changed. See `kuku-coach \
                    migrate status`"
                .into(),
        );
    }
    if count(MigrationState::Unknown) > 0 {
        return Err("the database has migrations of a newer version; nothing was changed. Update \
                    this program"
            .into());
    }
    let pending = match count(MigrationState::Pending) {
        0 => return Ok(()),
        1 => "1 migration is pending".to_owned(),
        count => format!("{count} migrations are pending"),
    };
    Err(format!("{pending}; nothing was changed. Run `kuku-coach migrate` first").into())
}

/// Refuses what cannot work.
fn check(plan: &DistributionPlan) -> Result<(), BoxError> {
    if plan.citus.is_none() {
        return Err(
            "the database has no extension citus; nothing was changed. See Nodes and roles \
                    in docs/citus.md"
                .into(),
        );
    }
    if !plan.knows_coordinator {
        return Err("the coordinator is not among its nodes; nothing was changed. SELECT \
                    citus_set_coordinator_host(host, port)"
            .into());
    }
    if plan.workers.is_empty() {
        return Err("the coordinator knows no worker; nothing was changed. SELECT \
                    citus_add_node(host, port)"
            .into());
    }
    if plan.servers > 0 {
        return Err(DistributeError::ServersAtWork(plan.servers).into());
    }
    Ok(())
}

fn describe(plan: &DistributionPlan, target: &str) -> String {
    let version = plan.citus.as_deref().unwrap_or_default();
    let leak = match LEAKING_CITUS_VERSIONS.contains(&version) {
        true => " Its cache of plans leaks memory: see Versions in docs/citus.md.",
        false => "",
    };
    let DistributionPlan { workers, shards, sessions, messages, .. } = plan;
    format!(
        "The database at {target} has Citus {version}.{leak}\n\
         These tables are distributed by session, in {shards} shards each, over {workers}:\n\
         \x20 public.sessions ({sessions} rows), public.messages ({messages} rows),\n\
         \x20 public.idempotency_keys\n\
         public.memories is copied to all nodes. Accounts stay on the coordinator.\n\
         Primary and unique keys get the session's key. Foreign keys to auth.users and triggers \
         go.\n\
         No server may run meanwhile. It is one transaction, of about a minute and a half per\n\
         million messages. No command undoes it: make a backup (`kuku-coach export`).",
        workers = workers.join(", ")
    )
}

/// Asks on the terminal; false without one.
fn confirm() -> Result<bool, BoxError> {
    if !io::stdin().is_terminal() {
        return Err("nobody can be asked: pass --yes; nothing was changed".into());
    }
    print!("Distribute the tables? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
