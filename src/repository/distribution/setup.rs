//! The command `distribute`: what it finds, and the script that it runs.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};

use super::is_distributed;
use crate::database::{ConnectError, connect_at_start, server_text};

/// What `distribute` has to do with.
pub struct DistributionPlan {
    /// The version of Citus, such as `13.2.0`; `None` without the extension.
    pub citus: Option<String>,
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

/// Why the tables were not distributed.
#[derive(Debug, thiserror::Error)]
pub enum DistributeError {
    /// There is no usable database.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A statement failed. Everything was rolled back, on all nodes.
    #[error("nothing was changed: {}", server_text(.0))]
    RolledBack(#[source] sqlx::Error),
    /// The transaction was not confirmed.
    #[error(
        "the connection was lost at the end: {}. Run the command again, which says what has become \
         of it",
        server_text(.0)
    )]
    Unknown(#[source] sqlx::Error),
}

/// What there is to distribute. Changes nothing.
///
/// # Errors
/// [`DistributeError::RolledBack`] also for a query that failed
pub async fn plan_distribution(
    options: &PgConnectOptions,
) -> Result<DistributionPlan, DistributeError> {
    let mut connection = connect_at_start(options).await?;
    let plan = query_plan(&mut connection).await.map_err(DistributeError::RolledBack);
    // Dropping closes it too if this fails.
    let _ = connection.close().await;
    plan
}

async fn query_plan(connection: &mut PgConnection) -> Result<DistributionPlan, sqlx::Error> {
    let found = sqlx::query!(
        r#"
        SELECT
            EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "has_citus!",
            (
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'kuku-coach' AND datname = current_database()
                  AND pid <> pg_backend_pid()
            ) AS "servers!"
        "#
    )
    .fetch_one(&mut *connection)
    .await?;
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
        citus: None,
        workers: Vec::new(),
        shards: 0,
        is_distributed: is_distributed(connection).await?,
        sessions: rows.sessions,
        messages: rows.messages,
        servers: found.servers,
    };
    if found.has_citus {
        // Not checked at compile time: these functions and tables come with the extension.
        let (version, shards): (String, i64) = sqlx::query_as(
            "SELECT split_part(citus_version(), ' ', 2), \
             current_setting('citus.shard_count')::bigint",
        )
        .fetch_one(&mut *connection)
        .await?;
        plan.workers = sqlx::query_scalar(
            "SELECT nodename || ':' || nodeport FROM pg_dist_node \
             WHERE groupid <> 0 AND shouldhaveshards AND isactive ORDER BY 1",
        )
        .fetch_all(&mut *connection)
        .await?;
        (plan.citus, plan.shards) = (Some(version), shards);
    }
    Ok(plan)
}

/// Distributes the tables, all in one transaction. What is distributed already is left as it is.
///
/// # Errors
/// See [`DistributeError`]
pub async fn distribute(options: &PgConnectOptions) -> Result<(), DistributeError> {
    let mut connection = connect_at_start(options).await?;
    let mut transaction = connection.begin().await.map_err(DistributeError::RolledBack)?;
    // Not checked at compile time: the script calls functions of Citus.
    let script = AssertSqlSafe(include_str!("distribute.sql"));
    sqlx::raw_sql(script).execute(&mut *transaction).await.map_err(DistributeError::RolledBack)?;
    transaction.commit().await.map_err(DistributeError::Unknown)?;
    let _ = connection.close().await;
    Ok(())
}
