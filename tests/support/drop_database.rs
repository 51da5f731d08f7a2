//! Dropping the databases of tests, on all nodes of a Citus cluster.

use std::time::Duration;

use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{
    distribution::citus_url,
    postgres::{execute_on, with_database},
};

/// SQLSTATE object_in_use.
const IN_USE: &str = "55006";

/// Drops a database on all `servers`.
pub async fn drop_database(servers: &[String], name: &str) {
    if citus_url().is_some() {
        // Citus runs a process for each database, which a backend that outlives it would start
        // again and again. A node also waits for seconds where another is about to drop it.
        join_all(servers.iter().map(|server| close_database(server, name))).await;
    }
    join_all(servers.iter().map(|server| drop_on(server, name))).await;
}

/// Ends the connections of a database, and lets nobody in.
pub async fn close_database(server: &str, name: &str) {
    let mut connection = PgConnection::connect(server).await.expect("the test server");
    let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    connection.execute(AssertSqlSafe(close.clone())).await.expect(&close);
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    for _ in 0..1000 {
        let open: i64 =
            sqlx::query_scalar(end).bind(name).fetch_one(&mut connection).await.expect(end);
        if open == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    connection.close().await.expect("closed");
}

async fn drop_on(server: &str, name: &str) {
    let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let mut connection = PgConnection::connect(server).await.expect("the test server");
    let mut dropped = connection.execute(AssertSqlSafe(sql.clone())).await;
    if matches!(&dropped, Err(sqlx::Error::Database(error)) if error.code() == Some(IN_USE.into()))
    {
        roll_back_prepared(&mut connection, server, name).await;
        dropped = connection.execute(AssertSqlSafe(sql.clone())).await;
    }
    dropped.expect(&sql);
    connection.close().await.expect("closed");
}

/// Rolls back what a commit on several nodes left behind that was cut off. It stays for ever
/// otherwise, and so does the database.
async fn roll_back_prepared(admin: &mut PgConnection, server: &str, name: &str) {
    let sql = "SELECT gid FROM pg_prepared_xacts WHERE database = $1";
    let prepared: Vec<String> =
        sqlx::query_scalar(sql).bind(name).fetch_all(admin).await.expect("prepared transactions");
    execute_on(server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    for id in prepared {
        let sql = format!("ROLLBACK PREPARED '{id}'");
        execute_on(&with_database(server, name), &sql).await;
    }
    close_database(server, name).await;
}
