//! What must hold in every database, whatever happened to the server.

use sqlx::{Connection, Row};

use crate::postgres::TestDatabase;

const VIOLATIONS: &str = "
    SELECT s.session_id, s.message_count, count(m.id) AS messages
    FROM public.sessions AS s LEFT JOIN public.messages AS m ON m.session_id = s.id
    GROUP BY s.id
    HAVING s.message_count <> count(m.id)                  -- message_count is exact
        OR count(m.id) % 2 <> 0                            -- messages come in pairs
        OR COALESCE(max(m.position), 0) <> count(m.id)     -- positions have no gap
        OR count(*) FILTER (                               -- user and coach take turns
            WHERE (m.position % 2 = 1) <> (m.sender = 'user')
        ) > 0
        OR count(*) FILTER (                               -- messages have the owner
            WHERE m.id IS NOT NULL AND m.user_id IS DISTINCT FROM s.user_id
        ) > 0
        OR (s.status = 'ended') <> (s.summary IS NOT NULL) -- an ended session has a summary
        OR (s.status = 'ended' AND s.unanswered_recordings <> '[]') -- and nothing unanswered
        OR (s.memory_due AND s.status = 'active')          -- no active session is due";

/// Fails the test and lists the sessions if some of them violate the invariants.
pub async fn assert_invariants(database: &TestDatabase) {
    let mut connection = database.connect().await;
    let rows = sqlx::query(VIOLATIONS).fetch_all(&mut connection).await.expect("checked");
    let sessions: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    assert!(sessions.is_empty(), "{sessions:?}");
    connection.close().await.expect("closed");
}
