//! The owner of a message, which is that of its session whoever writes.

use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{ADA, BOB, Project};
use crate::reply::ReplyExt;

/// The number of messages, and of those whose owner is not that of their session.
async fn count(connection: &mut PgConnection) -> (i64, i64) {
    let count = "SELECT count(*), count(*) FILTER (WHERE m.user_id IS DISTINCT FROM s.user_id)
        FROM public.messages AS m JOIN public.sessions AS s ON s.id = m.session_id";
    sqlx::query_as(count).fetch_one(connection).await.expect("counts")
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}

#[tokio::test]
async fn message_has_the_owner_of_its_session() {
    let project = Project::spawn(&[]).await;
    let mut connection = project.app.database.connect().await;
    for token in [Some(project.ada.as_str()), None] {
        let id = project.given_session(token).await;
        project.say(&id, "a turn", token).await;
    }
    assert_eq!(count(&mut connection).await, (4, 0));
    let claimed = project.given_session(None).await;
    project.say(&claimed, "before the claim", None).await;
    let path = format!("/api/sessions/{claimed}/claim");
    project.send(Method::POST, &path, Some(&project.bob), None).await;
    project.say(&claimed, "after the claim", Some(&project.bob)).await;
    assert_eq!(count(&mut connection).await, (8, 0));
    let history = format!("/api/sessions/{claimed}/messages");
    assert_eq!(project.get(&history, Some(&project.bob)).await.messages().len(), 4);
    connection.close().await.expect("closed");
}

/// As a server of an earlier version does, or a person with psql: without a word on the owner. A
/// trigger of ordinary tables knows it.
#[tokio::test]
async fn other_writers_leave_no_message_without_its_owner() {
    let project = Project::on_ordinary_tables().await;
    let mut connection = project.app.database.connect().await;
    let insert = "INSERT INTO public.messages
            (session_id, message_id, sender, text_content, position)
        SELECT id, 'msg-' || gen_random_uuid(), 'user', 'said', message_count + 1
        FROM public.sessions WHERE session_id = 'session-other'";
    execute(&mut connection, "INSERT INTO public.sessions (session_id) VALUES ('session-other')")
        .await;
    execute(&mut connection, insert).await;
    let claim = |user| {
        format!("UPDATE public.sessions SET user_id = '{user}', message_count = message_count + 1")
    };
    execute(&mut connection, &claim(ADA)).await;
    execute(&mut connection, insert).await;
    assert_eq!(count(&mut connection).await, (2, 0));
    execute(&mut connection, &claim(BOB)).await;
    assert_eq!(count(&mut connection).await, (2, 0));

    // A message that is not committed yet when its session is claimed.
    let mut writer = project.app.database.connect().await;
    execute(&mut writer, "BEGIN").await;
    execute(&mut writer, insert).await;
    let claiming = claim(ADA);
    let claims = execute(&mut connection, &claiming);
    let commits = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        execute(&mut writer, "COMMIT").await;
    };
    tokio::join!(claims, commits);
    assert_eq!(count(&mut connection).await, (3, 0));
    for connection in [writer, connection] {
        connection.close().await.expect("closed");
    }
}
