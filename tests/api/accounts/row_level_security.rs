//! Row level security behind the owner filter of each query.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{ADA, BOB, Project};
use crate::shipped_queries::shipped_query;

/// A shipped query, its owner filter, and the arguments for a caller.
struct OwnedRead {
    name: &'static str,
    /// A part of the SQL that occurs in this query only.
    part: &'static str,
    owner_filter: &'static str,
    arguments: String,
}

fn owned_reads(id: &str) -> Vec<OwnedRead> {
    vec![
        OwnedRead {
            name: "get_session",
            part: "(input.bypass_ownership OR s.user_id IS NULL OR s.user_id = $3)",
            owner_filter: "user_id = $3)",
            arguments: format!("ARRAY['{id}'], ARRAY[false], '{BOB}'"),
        },
        OwnedRead {
            name: "get_conversation_page",
            part: "m.position > input.after",
            owner_filter: "s.user_id = $6)",
            arguments: format!(
                "ARRAY['{id}'], ARRAY[0], ARRAY[100], ARRAY[100000], ARRAY[false], '{BOB}'"
            ),
        },
        OwnedRead {
            name: "list_sessions",
            part: "(created_at, id) < ($2, $3)",
            owner_filter: "user_id = $1",
            arguments: format!("'{BOB}', NULL, NULL, 100"),
        },
        OwnedRead {
            name: "search_messages_global",
            part: "s.rating >= $14",
            owner_filter: "s.user_id = $12)",
            arguments: format!(
                "'secret', NULL, NULL, NULL, NULL, 100, true, NULL, NULL, NULL, 20, '{BOB}', \
                 NULL, NULL, '{{}}'"
            ),
        },
        OwnedRead {
            name: "get_memory",
            part: "($2 OR user_id = $3)",
            owner_filter: "user_id = $3)",
            arguments: format!("'{ADA}', false, '{BOB}'"),
        },
        OwnedRead {
            name: "languages_of_search",
            part: "SELECT DISTINCT language",
            owner_filter: "user_id = $1)",
            arguments: format!("'{BOB}', NULL"),
        },
    ]
}

impl OwnedRead {
    /// The SQL with an owner filter that is always true.
    fn without_owner_filter(&self) -> String {
        let query = shipped_query(self.part);
        let (filter, name) = (self.owner_filter, self.name);
        assert_eq!(query.matches(filter).count(), 1, "{name}: {filter}\n{query}");
        let always_true = match filter.strip_suffix(')') {
            Some(condition) => format!("{condition} OR TRUE)"),
            None => format!("({filter} OR TRUE)"),
        };
        query.replace(filter, &always_true)
    }

    /// Whether `user` gets a row without the owner filter, in a transaction like the server's.
    async fn returns_a_row(
        &self,
        connection: &mut PgConnection,
        user: &str,
        anonymous_session: &str,
    ) -> bool {
        let mut transaction = connection.begin().await.expect("begun");
        let script = format!(
            "SET LOCAL ROLE authenticated;
             SET LOCAL kuku_coach.session_id = '{anonymous_session}';
             SET LOCAL request.jwt.claims = '{{\"sub\":\"{user}\",\"role\":\"authenticated\"}}';
             PREPARE unfiltered AS {}",
            self.without_owner_filter()
        );
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *transaction).await.expect(self.name);
        let execute = format!("EXECUTE unfiltered({})", self.arguments);
        let rows = sqlx::query(AssertSqlSafe(execute))
            .fetch_all(&mut *transaction)
            .await
            .expect(self.name);
        transaction.rollback().await.expect("rolled back");
        let deallocate = connection.execute("DEALLOCATE unfiltered").await;
        deallocate.expect("deallocated");
        !rows.is_empty()
    }
}

#[tokio::test]
async fn query_without_its_owner_filter_returns_no_foreign_row() {
    let project = Project::spawn(&[]).await;
    let owner = Some(project.ada.as_str());
    let id = project.given_session(owner).await;
    project.say(&id, "a secret of mine", owner).await;
    let mut connection = project.app.database.connect().await;
    let memory = format!("INSERT INTO public.memories (user_id, own_text) VALUES ('{ADA}', 'x')");
    connection.execute(AssertSqlSafe(memory)).await.expect("inserted");
    connection.execute("UPDATE public.sessions SET language = 'de'").await.expect("updated");
    for read in owned_reads(&id) {
        for (user, anonymous_session, expected) in
            [(ADA, id.as_str(), true), (BOB, &id, false), (BOB, "", false)]
        {
            let found = read.returns_a_row(&mut connection, user, anonymous_session).await;
            assert_eq!(found, expected, "{} for {user}", read.name);
        }
    }
    connection.close().await.expect("closed");
}
