//! Tables that are distributed over several machines with Citus, by the key of their session.
//!
//! The server finds out by itself, and then runs a statement for each session, where it writes
//! many at once on ordinary tables: docs/decisions/0028-keep-conversations-on-one-shard.md.

use std::sync::Arc;

use sqlx::PgConnection;
use tokio::sync::OnceCell;

use super::DatabaseService;
use crate::database::DatabaseError;

/// Whether the tables are distributed; a cheap clone. They stay as they are while a server runs.
#[derive(Clone, Default)]
pub(super) struct Distribution(Arc<OnceCell<bool>>);

impl DatabaseService {
    /// Whether the tables are distributed. Asks the database at the first call.
    pub(super) async fn is_distributed(&self) -> Result<bool, DatabaseError> {
        let check = || self.database.retry_idempotent(|pool| pool.with_connection(is_distributed));
        self.distribution.0.get_or_try_init(check).await.copied()
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
