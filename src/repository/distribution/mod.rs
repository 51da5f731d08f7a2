//! Tables that are distributed over several machines with Citus, by the key of their session.
//!
//! The server finds out by itself, and then runs a statement for each session, where it writes
//! many at once on ordinary tables: docs/decisions/0028-keep-conversations-on-one-shard.md.

mod setup;

use std::sync::Arc;

use sqlx::PgConnection;

use super::DatabaseService;
use crate::database::{
    Database, DatabaseError,
    batch::{BatchQuery, BatchQueue},
};

pub use setup::{
    DistributeError, DistributionPlan, LEAKING_CITUS_VERSIONS, distribute, plan_distribution,
};
pub(super) use setup::{citus_version, logged_statements};

/// A batched query that can run in a statement of its own, which names one session. A batch touches
/// many nodes, so distributed tables refuse it.
pub(super) trait SingleQuery: BatchQuery<Context = Database> {
    /// Runs the query on distributed tables.
    fn execute_single(
        &self,
        database: &Database,
    ) -> impl Future<Output = Result<Self::Output, DatabaseError>> + Send;
}

impl DatabaseService {
    /// Runs `query`: in a batch, or alone if the tables are distributed.
    pub(super) async fn execute<Q: SingleQuery>(
        &self,
        queue: &Arc<BatchQueue<Q>>,
        query: Q,
    ) -> Result<Q::Output, DatabaseError> {
        if self.is_distributed().await? {
            query.execute_single(&self.database).await
        } else {
            queue.execute(&self.database, query).await
        }
    }

    /// Whether the tables are distributed. Asks the database at the first call.
    pub(super) async fn is_distributed(&self) -> Result<bool, DatabaseError> {
        let check = || self.database.retry_idempotent(|pool| pool.with_connection(is_distributed));
        self.shared.is_distributed.get_or_try_init(check).await.copied()
    }
}

/// Whether the tables are distributed.
pub(super) async fn is_distributed(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // Not by the catalogs of Citus, which other databases lack.
    let has_constraint = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM pg_constraint
            WHERE conrelid = to_regclass('public.sessions') AND conname = 'sessions_id_is_key'
        ) AS "exists!"
        "#
    );
    has_constraint.fetch_one(connection).await
}
