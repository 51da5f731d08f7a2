//! What must hold in a database whatever happened to it.

use sqlx::{Connection, Row};

use crate::postgres::TestDatabase;

/// Checks what must hold in every database after everything.
pub async fn assert_invariants(database: &TestDatabase) {
    const UNSOUND: &str = "
        SELECT s.session_id, s.message_count, count(m.id) AS lines
        FROM public.sessions AS s LEFT JOIN public.messages AS m ON m.session_id = s.id
        GROUP BY s.id
        HAVING s.message_count <> count(m.id)                                   -- the true count
            OR count(m.id) % 2 <> 0                                             -- no line without its pair
            OR COALESCE(max(m.position), 0) <> count(m.id)                      -- no gap
            OR count(*) FILTER (WHERE (m.position % 2 = 1) <> (m.sender = 'user')) > 0 -- in order
            OR (s.status = 'ended') <> (s.summary IS NOT NULL)                  -- an end has its summary";
    let mut connection = database.connect().await;
    let rows = sqlx::query(UNSOUND)
        .fetch_all(&mut connection)
        .await
        .expect("checked");
    let unsound: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    assert!(unsound.is_empty(), "{unsound:?}");
    connection.close().await.expect("closed");
}
