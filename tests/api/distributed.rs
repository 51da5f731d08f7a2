//! The databases of tests with distributed tables, as `../support/distribution.rs` makes them.

use futures_util::future::join_all;
use serde_json::json;
use sqlx::PgConnection;

use crate::{
    app::TestApp,
    distribution::{citus_url, is_distributed},
    invariants::assert_invariants,
    postgres::TestDatabase,
    reply::{ReplyExt, RequestExt, text},
    support::report_skipped,
};

/// How many sessions are on each shard.
async fn sessions_by_shard(connection: &mut PgConnection) -> Vec<i64> {
    let sql = "SELECT result::bigint FROM run_command_on_shards('public.sessions',
        'SELECT count(*) FROM %s') WHERE success";
    sqlx::query_scalar(sql).fetch_all(connection).await.expect("shards")
}

#[tokio::test]
async fn distributed_database_has_the_four_tables() {
    if !is_distributed() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus, and nothing stands in for it");
    }
    let database = TestDatabase::new().await;
    let mut connection = database.connect().await;
    let sql = "SELECT logicalrelid::text, partmethod::text FROM pg_dist_partition ORDER BY 1";
    let tables: Vec<(String, String)> =
        sqlx::query_as(sql).fetch_all(&mut connection).await.expect("tables");
    let tables: Vec<String> =
        tables.into_iter().map(|(name, method)| format!("{name} {method}")).collect();
    assert_eq!(tables, ["idempotency_keys h", "memories n", "messages h", "sessions h"]);
}

#[tokio::test]
async fn sessions_are_on_several_shards_of_their_database() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let (database, other) = (TestDatabase::new().await, TestDatabase::new().await);
    let insert = "WITH names AS MATERIALIZED (
            SELECT 'shards-' || n AS name FROM generate_series(1, 40) AS n
        )
        INSERT INTO public.sessions (id, session_id)
        SELECT public.session_key(name), name FROM names";
    database.execute(insert).await;

    let shards = sessions_by_shard(&mut database.connect().await).await;
    assert_eq!(shards.iter().sum::<i64>(), 40, "{shards:?}");
    let filled = shards.iter().filter(|count| **count > 0).count();
    assert!(filled > 1, "{shards:?}");
    let shards = sessions_by_shard(&mut other.connect().await).await;
    assert_eq!(shards.iter().sum::<i64>(), 0, "{shards:?}");
}

#[tokio::test]
async fn database_for_a_special_schema_has_ordinary_tables() {
    let database = TestDatabase::of_superuser().await;
    let sql = "SELECT to_regclass('pg_dist_partition') IS NULL
        AND to_regclass('public.sessions') IS NULL";
    let is_empty: bool =
        sqlx::query_scalar(sql).fetch_one(&mut database.connect().await).await.expect("a row");
    assert!(is_empty);
}

#[tokio::test]
async fn ordinary_database_is_empty_at_first() {
    let database = TestDatabase::ordinary().await;
    let sql = "SELECT to_regclass('public.sessions') IS NULL,
        EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";
    let (is_empty, has_citus): (bool, bool) =
        sqlx::query_as(sql).fetch_one(&mut database.connect().await).await.expect("a row");
    assert!(is_empty);
    assert_eq!(has_citus, citus_url().is_some());
}

/// A search reads the whole pending list of each shard.
#[tokio::test]
async fn search_index_of_each_shard_has_the_short_pending_list() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let database = TestDatabase::new().await;
    let sql = "SELECT result FROM run_command_on_shards('public.messages', $$
            SELECT string_agg(array_to_string(c.reloptions, ' '), ' ')
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = '%s'::regclass AND c.relname LIKE 'idx_messages_text_search%%'
        $$)";
    let options: Vec<String> =
        sqlx::query_scalar(sql).fetch_all(&mut database.connect().await).await.expect("shards");
    assert!(options.len() > 1);
    for option in options {
        assert_eq!(option, "gin_pending_list_limit=64");
    }
}

/// Looking for sessions whose keys are not derived would read all of them: there is no index.
#[tokio::test]
async fn start_reads_no_distributed_session() {
    if !is_distributed() {
        return report_skipped("ordinary tables have an index");
    }
    let database = TestDatabase::new().await;
    // Constraints and policies go on, and statements that name it fail.
    let rename = "ALTER FUNCTION public.session_key(text) RENAME TO key_of_session";
    database.execute(rename).await;
    let app = TestApp::builder().with_database(database).spawn().await;
    let id = app.given_session().await;
    app.say(&id, "hello").await;
    assert_eq!(app.history(&id).await.len(), 2);
}

/// Moves some shards of a worker to another one.
async fn move_shards(database: &TestDatabase) -> usize {
    let sql = "SELECT citus_move_shard_placement(
            placement.shardid, source.nodename, source.nodeport, target.nodename,
            target.nodeport, shard_transfer_mode => 'block_writes'
        )
        FROM pg_dist_shard AS shard
        JOIN pg_dist_placement AS placement USING (shardid)
        JOIN (
            SELECT * FROM pg_dist_node WHERE groupid <> 0 ORDER BY groupid LIMIT 1
        ) AS source USING (groupid)
        CROSS JOIN (
            SELECT * FROM pg_dist_node WHERE groupid <> 0 ORDER BY groupid OFFSET 1 LIMIT 1
        ) AS target
        WHERE shard.logicalrelid = 'public.sessions'::regclass AND shard.shardid % 4 < 2";
    let moved = sqlx::query(sql).fetch_all(&mut database.connect().await).await;
    moved.expect("moved").len()
}

/// A batch is for one node by what the server knows, and then touches two.
#[tokio::test]
async fn sessions_of_moved_shards_are_in_batches_with_others() {
    if citus_url().is_none() {
        return report_skipped("KUKU_TEST_CITUS_URL names no Citus");
    }
    let database = TestDatabase::new().await;
    let app = TestApp::builder().sharing(&database).with_auth().spawn().await;
    let ids = join_all((0..40).map(|_| app.given_session())).await;
    let account = app.post("/api/auth/anonymous", json!({})).await;
    let token = text(&account.data()["accessToken"]);
    let own = join_all((0..20).map(async |_| {
        let create = app.http.post(app.url("/api/sessions")).json(&json!({}));
        create.bearer_auth(&token).reply().await.session_id()
    }))
    .await;
    for round in 0..3 {
        if round == 1 {
            assert!(move_shards(&database).await > 0);
        }
        let said = join_all(ids.iter().map(async |id| {
            let reply = app.say(id, &format!("line {round} of {id}")).await;
            let session = app.session(id).await;
            (reply["success"] == true, session["messageCount"].clone())
        }));
        for (is_stored, count) in said.await {
            assert!(is_stored);
            assert_eq!(count, 2 * (round + 1));
        }
        let read = join_all(own.iter().flat_map(|id| [(id, ""), (id, "/messages")]).map(
            async |(id, part)| {
                let read = app.http.get(app.url(&format!("/api/sessions/{id}{part}")));
                read.bearer_auth(&token).reply().await
            },
        ));
        for reply in read.await {
            assert_eq!(reply["success"], true, "{reply}");
        }
    }
    for id in &ids {
        let messages = app.history(id).await;
        let said: Vec<String> = messages.iter().step_by(2).map(|one| text(&one["text"])).collect();
        assert_eq!(said, [0, 1, 2].map(|round| format!("line {round} of {id}")));
    }
    assert_invariants(&database).await;
}
