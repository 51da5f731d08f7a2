//! The command `distribute`: what it finds, and the script that it runs.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection,
    postgres::{PgConnectOptions, PgDatabaseError},
};

use tokio::time::sleep;

use crate::database::{ConnectError, connect_at_start, server_text};

/// Versions of Citus whose cache of plans leaks memory: docs/citus.md#versions.
pub const LEAKING_CITUS_VERSIONS: &[&str] = &["12.1.12", "13.2.1", "13.2.2", "14.0.0", "14.0.1"];

/// What `distribute` has to do with.
pub struct DistributionPlan {
    /// The version of Citus, such as `13.2.0`; `None` without the extension.
    pub citus: Option<String>,
    /// Whether the coordinator is among the nodes, as reference tables beside its own need.
    pub knows_coordinator: bool,
    /// Nodes that take shards, as `host:port`.
    pub workers: Vec<String>,
    /// Shards that each table gets.
    pub shards: i64,
    /// Whether the tables are distributed already.
    pub is_distributed: bool,
    /// Sessions, about.
    pub sessions: i64,
    /// Messages, about.
    pub messages: i64,
    /// Connections of servers of this program to the database.
    pub servers: i64,
}

/// Not the name of servers, which the command counts.
const APPLICATION_NAME: &str = "kuku-coach distribute";
/// SQLSTATE lock_not_available.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Class of SQLSTATEs of a server that stops, or ends the connection.
const OPERATOR_INTERVENTION: &str = "57";

/// Why the tables were not distributed.
#[derive(Debug, thiserror::Error)]
pub enum DistributeError {
    /// There is no usable database.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A statement failed. Everything was rolled back, on all nodes.
    #[error("nothing was changed: {}", describe(.0))]
    RolledBack(#[source] sqlx::Error),
    /// Servers have connected in the meantime.
    #[error(
        "servers are at work on the database (connections: {0}); nothing was changed. Stop them \
         first: they would go on with statements for ordinary tables"
    )]
    ServersAtWork(i64),
    /// The transaction was not confirmed.
    #[error(
        "the connection was lost at the end: {}. Run the command again, which says what has become \
         of it",
        server_text(.0)
    )]
    Unknown(#[source] sqlx::Error),
}

/// The server's text, with the node where it happened, or with what helps.
fn describe(error: &sqlx::Error) -> String {
    let Some(found) = error.as_database_error() else { return server_text(error) };
    if found.code().as_deref() == Some(LOCK_NOT_AVAILABLE) {
        return "another connection holds a lock that is needed. End it (see pg_stat_activity), and \
                run the command again"
            .into();
    }
    // Citus has the node in the context. Its other lines, and the detail, may quote rows.
    let context = found.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::r#where);
    let first = context.and_then(|context| context.lines().next()).unwrap_or_default();
    match first.strip_prefix("while executing command on ") {
        Some(node) => format!("on {node}: {}", server_text(error)),
        None => server_text(error),
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    connect_at_start(&options.clone().application_name(APPLICATION_NAME)).await
}

/// What there is to distribute. Changes nothing.
///
/// # Errors
/// [`DistributeError::RolledBack`] also for a query that failed
pub async fn plan_distribution(
    options: &PgConnectOptions,
) -> Result<DistributionPlan, DistributeError> {
    let mut connection = connect(options).await?;
    let plan = query_plan(&mut connection).await.map_err(DistributeError::RolledBack);
    // Dropping closes it too if this fails.
    let _ = connection.close().await;
    plan
}

async fn query_plan(connection: &mut PgConnection) -> Result<DistributionPlan, sqlx::Error> {
    // Counting rows waits for another run of this command, for example.
    connection.execute("SET lock_timeout = '10s'").await?;
    // Apart from catalogs, which statements about distributed tables may not join.
    let rows = sqlx::query!(
        r#"
        SELECT (SELECT count(*) FROM public.sessions) AS "sessions!",
            (SELECT count(*) FROM public.messages) AS "messages!"
        "#
    )
    .fetch_one(&mut *connection)
    .await?;
    let mut plan = DistributionPlan {
        citus: citus_version(connection).await?,
        knows_coordinator: false,
        workers: Vec::new(),
        shards: 0,
        is_distributed: false,
        sessions: rows.sessions,
        messages: rows.messages,
        servers: remaining_connections_of_servers(connection).await?,
    };
    if plan.citus.is_some() {
        // Not checked at compile time: this setting and these tables come with the extension.
        plan.shards = sqlx::query_scalar("SELECT current_setting('citus.shard_count')::bigint")
            .fetch_one(&mut *connection)
            .await?;
        plan.workers = sqlx::query_scalar(
            "SELECT nodename || ':' || nodeport FROM pg_dist_node \
             WHERE groupid <> 0 AND shouldhaveshards AND isactive ORDER BY 1",
        )
        .fetch_all(&mut *connection)
        .await?;
        // By the catalog of Citus, since the constraint may be what is missing.
        (plan.knows_coordinator, plan.is_distributed) = sqlx::query_as(
            "SELECT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0), \
             EXISTS (SELECT FROM pg_dist_partition \
                 WHERE logicalrelid = 'public.sessions'::regclass)",
        )
        .fetch_one(&mut *connection)
        .await?;
    }
    Ok(plan)
}

/// The version of Citus, such as `13.2.0`; `None` without the extension.
pub(in crate::repository) async fn citus_version(
    connection: &mut PgConnection,
) -> Result<Option<String>, sqlx::Error> {
    let has_citus = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "has_citus!""#
    );
    if !has_citus.fetch_one(&mut *connection).await? {
        return Ok(None);
    }
    // Not checked at compile time: the function comes with the extension.
    let version = sqlx::query_scalar("SELECT split_part(citus_version(), ' ', 2)");
    version.fetch_one(connection).await.map(Some)
}

/// The different values of `log_min_error_statement` on the nodes. Below `panic`, a node logs the
/// statement of each error, in which Citus quotes what was said.
pub(in crate::repository) async fn logged_statements(
    connection: &mut PgConnection,
) -> Result<Vec<String>, sqlx::Error> {
    // Not checked at compile time: the function comes with the extension.
    let values = sqlx::query_scalar(
        "SELECT DISTINCT result FROM run_command_on_all_nodes('SHOW log_min_error_statement') \
         WHERE success ORDER BY 1",
    );
    values.fetch_all(connection).await
}

/// The server's functions that Citus runs on the coordinator, statement by statement: `distribute`
/// was not run after the migration that created them.
pub(in crate::repository) async fn functions_on_coordinator(
    connection: &mut PgConnection,
) -> Result<Vec<String>, sqlx::Error> {
    // Not checked at compile time: the catalog comes with the extension. The two that are excluded
    // are called by others, on the node of the session.
    let names = sqlx::query_scalar(
        "SELECT proname::text FROM pg_proc AS p \
         WHERE pronamespace = 'public'::regnamespace \
           AND proargnames[1] IN ('p_session', 'p_route') \
           AND proname NOT IN ('save_turn', 'acquire_turn_lease') \
           AND NOT EXISTS ( \
             SELECT FROM pg_dist_object \
             WHERE classid = 'pg_proc'::regclass AND objid = p.oid \
               AND distribution_argument_index IS NOT NULL \
           ) \
         ORDER BY 1",
    );
    names.fetch_all(connection).await
}

/// Connections of servers that are still there after two seconds. That of a server which has
/// stopped, or of an earlier step of this command, is there for a moment.
async fn remaining_connections_of_servers(
    connection: &mut PgConnection,
) -> Result<i64, sqlx::Error> {
    for _ in 0..20 {
        if connections_of_servers(connection).await? == 0 {
            return Ok(0);
        }
        sleep(Duration::from_millis(100)).await;
    }
    connections_of_servers(connection).await
}

/// Connections of servers and other commands to the database.
async fn connections_of_servers(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!" FROM pg_stat_activity
        WHERE application_name = 'kuku-coach' AND datname = current_database()
        "#
    );
    count.fetch_one(connection).await
}

/// Distributes the tables, all in one transaction. What is distributed already is left as it is.
///
/// # Errors
/// See [`DistributeError`]
pub async fn distribute(options: &PgConnectOptions) -> Result<(), DistributeError> {
    let mut connection = connect(options).await?;
    let mut transaction = connection.begin().await.map_err(DistributeError::RolledBack)?;
    // Not checked at compile time: the script calls functions of Citus.
    let script = AssertSqlSafe(include_str!("distribute.sql"));
    sqlx::raw_sql(script).execute(&mut *transaction).await.map_err(DistributeError::RolledBack)?;
    // One that has started since the plan believes that its tables are ordinary.
    let servers = connections_of_servers(&mut transaction).await;
    match servers.map_err(DistributeError::RolledBack)? {
        0 => transaction.commit().await.map_err(not_committed)?,
        servers => return Err(DistributeError::ServersAtWork(servers)),
    }
    let _ = connection.close().await;
    Ok(())
}

fn not_committed(error: sqlx::Error) -> DistributeError {
    let is_refused = error
        .as_database_error()
        .is_some_and(|error| !error.code().unwrap_or_default().starts_with(OPERATOR_INTERVENTION));
    match is_refused {
        true => DistributeError::RolledBack(error),
        false => DistributeError::Unknown(error),
    }
}
