use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use sqlx::{Connection, Executor, PgConnection, Postgres, Transaction};
use tokio::time::sleep;

use super::hits;
use crate::{
    app::TestApp,
    reply::{ReplyExt, refusal},
};

/// Blocks all reads of messages until it is rolled back.
async fn lock_messages(connection: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut lock = connection.begin().await.expect("transaction");
    lock.execute("LOCK TABLE public.messages IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    lock
}

#[tokio::test]
async fn search_over_the_statement_timeout_is_refused() {
    let app = TestApp::with(&[("KUKU_DATABASE__STATEMENT_TIMEOUT_SECONDS", "1")]).await;
    let mut connection = app.database.connect().await;
    let lock = lock_messages(&mut connection).await;
    let response = app.get_raw("/api/search/messages?q=river").await;
    assert!(response.headers().contains_key("retry-after"));
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE".into());
    assert_eq!(refusal(response).await, unavailable);
    lock.rollback().await.expect("rollback");
    assert!(hits(&app, "q=river").await.is_empty());
}

#[tokio::test]
async fn concurrent_searches_leave_connections_to_others() {
    let app = TestApp::with(&[("KUKU_DATABASE__MAX_CONNECTIONS", "4")]).await;
    let session = app.given_session().await;
    let mut connection = app.database.connect().await;
    let lock = lock_messages(&mut connection).await;
    // A transaction sees the activity as it was at its first look.
    let mut observer = app.database.connect().await;
    let searches = join_all((0..8).map(|_| app.get_raw("/api/search/messages?q=river")));
    let others = async {
        let mut waiting = async || -> i64 {
            sqlx::query_scalar(
                // Jobs of the server read messages too.
                "SELECT count(*)
                 FROM pg_locks AS l
                 JOIN pg_stat_activity AS a ON a.pid = l.pid AND a.datname = current_database()
                 WHERE l.relation = 'public.messages'::regclass AND NOT l.granted
                   AND a.query LIKE '%ts_rank%'",
            )
            .fetch_one(&mut observer)
            .await
            .expect("count")
        };
        while waiting().await < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        sleep(Duration::from_millis(200)).await;
        for _ in 0..8 {
            app.get(&format!("/api/sessions/{session}")).await.data();
        }
        assert_eq!(waiting().await, 2);
        lock.rollback().await.expect("rollback");
    };
    let (responses, ()) = tokio::join!(searches, others);
    for response in responses {
        assert_eq!(response.status(), StatusCode::OK);
    }
}
