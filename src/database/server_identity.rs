//! Which Postgres a server is.

use sqlx::PgConnection;

/// The identifier that all copies of a database cluster share.
pub(super) async fn system_identifier(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT system_identifier AS "identifier!" FROM pg_control_system()"#)
        .fetch_one(connection)
        .await
}
