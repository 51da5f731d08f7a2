//! Everything that is kept: sessions and their lines in Postgres. The only place with SQL.
//!
//! Every query goes through sqlx's checked macros; what must happen together is one statement, so no caller ever
//! holds a transaction, and none holds a connection while a provider answers.

mod connect;
mod error;
mod messages;
mod search;
mod sessions;

use sqlx::PgPool;

pub use connect::{ConnectError, connect, options_for};
pub use error::RepositoryError;
pub use messages::{SavedTurn, Turn};
pub use search::Hit;
pub use sessions::EndedSession;

/// All reads and writes of sessions and messages; a cheap clone around the connection pool.
#[derive(Clone)]
pub struct DatabaseService {
    pool: PgPool,
}

impl DatabaseService {
    /// Serves from `pool`, whose database has all migrations applied.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
