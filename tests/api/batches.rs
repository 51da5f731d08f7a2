//! Batched queries: concurrent requests share queries, and each gets its own result. On distributed
//! tables each request has queries of its own, and the results are the same.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::{Duration, sleep};

use crate::{
    app::TestApp,
    fake_openai::FakeOpenAi,
    invariants::assert_invariants,
    postgres::TestDatabase,
    proxy::Proxy,
    reply::{ReplyExt, RequestExt, assert_refused, body, refusal, text},
};

const SERVICE: &str = "the service caller";
const NO_SESSION: &str = "session-ffffffffffffffffffffffffffffffff";

/// A server on a database that a test can lock, and whose queries are counted.
struct ContendedDb {
    app: TestApp,
    proxy: Proxy,
    database: TestDatabase,
}

impl ContendedDb {
    async fn spawn(more: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new().await;
        let proxy = Proxy::in_front_of(&database.options()).await;
        let variables = [
            ("KUKU_DATABASE__MAX_CONNECTIONS", "4"),
            ("KUKU_AUTH__MODE", "optional"),
            ("SUPABASE_SERVICE_ROLE_KEY", SERVICE),
        ];
        let app = TestApp::builder()
            .through_proxy(&database, &proxy)
            .with_settings(&[&variables, more].concat())
            .spawn()
            .await;
        Self { app, proxy, database }
    }

    /// Sends requests concurrently while the table is locked; the results, and the number of
    /// queries.
    async fn run_concurrently<T>(
        &self,
        requests: impl IntoIterator<Item = impl Future<Output = T>>,
    ) -> (Vec<T>, usize) {
        let mut lock = lock_sessions(&self.database).await;
        self.proxy.query_count();
        let unlocking = async {
            sleep(Duration::from_millis(500)).await;
            lock.execute("COMMIT").await.expect("unlocked");
        };
        let (results, ()) = tokio::join!(join_all(requests), unlocking);
        lock.close().await.expect("closed");
        (results, self.proxy.query_count())
    }

    async fn get(&self, path: String, token: Option<&str>) -> Value {
        let request = self.app.http.get(self.app.url(&path));
        let request = request.bearer(token);
        request.reply().await
    }

    async fn create_session(&self, token: Option<&str>) -> reqwest::Response {
        let request = self.app.http.post(self.app.url("/api/sessions")).json(&json!({}));
        let request = request.bearer(token);
        request.response().await
    }

    /// The token of a new account.
    async fn given_account(&self) -> String {
        let reply = self.app.post("/api/auth/anonymous", Value::Null).await;
        text(&reply["data"]["accessToken"])
    }
}

async fn lock_sessions(database: &TestDatabase) -> PgConnection {
    let mut lock = database.connect().await;
    lock.execute("BEGIN; LOCK TABLE public.sessions").await.expect("locked");
    lock
}

/// The requests have shared queries.
#[track_caller]
fn assert_batched(queries: usize, most: usize) {
    assert!(queries < most, "{queries} queries, not less than {most}");
}

fn assert_not_found(reply: &Value) {
    assert_refused(reply, "SESSION_NOT_FOUND", "Session not found");
}

#[tokio::test]
async fn batched_reads_return_only_the_callers_sessions() {
    let db = ContendedDb::spawn(&[]).await;
    let owner = db.given_account().await;
    let owned = body(db.create_session(Some(&owner)).await).await.session_id();
    let mut ids = Vec::new();
    for number in 0..20 {
        let id = db.app.given_session().await;
        // Histories of different lengths, some empty.
        for line in 0..number % 4 {
            db.app.say(&id, &format!("line {line} of {number}")).await;
        }
        ids.push(id);
    }
    let all = ids.iter().map(String::as_str).chain([owned.as_str(), NO_SESSION]);

    let reads = all.clone().flat_map(|id| [(id, None), (id, Some(SERVICE))]);
    let reads = reads.map(async |(id, token)| {
        let reply = db.get(format!("/api/sessions/{id}"), token).await;
        if id == NO_SESSION || (id == owned && token.is_none()) {
            assert_not_found(&reply);
        } else {
            assert_eq!(reply.session_id(), id);
        }
    });
    let (answers, queries) = db.run_concurrently(reads).await;
    assert_batched(queries, answers.len() / 2);

    let reads = all.enumerate().map(async |(number, id)| {
        let reply = db.get(format!("/api/sessions/{id}/messages"), None).await;
        if number >= ids.len() {
            return assert_not_found(&reply);
        }
        let lines = reply.messages();
        let said: Vec<String> = lines.iter().step_by(2).map(|line| text(&line["text"])).collect();
        let expected: Vec<String> =
            (0..number % 4).map(|line| format!("line {line} of {number}")).collect();
        assert_eq!(said, expected);
    });
    let (answers, queries) = db.run_concurrently(reads).await;
    assert_batched(queries, answers.len());
}

#[tokio::test]
async fn batched_creation_survives_one_caller_without_an_account() {
    let db = ContendedDb::spawn(&[]).await;
    let (gone, user) = (db.given_account().await, db.given_account().await);
    db.database
        .execute(
            "DELETE FROM auth.users
             WHERE id = (SELECT id FROM auth.users ORDER BY created_at LIMIT 1)",
        )
        .await;
    let callers = (0..30).map(|number| match number % 10 {
        3 => Some(&gone),
        6 => Some(&user),
        _ => None,
    });
    let creations =
        callers.map(async |token| (token, db.create_session(token.map(String::as_str)).await));
    let (answers, _) = db.run_concurrently(creations).await;
    let mut created = HashSet::new();
    for (token, response) in answers {
        if token == Some(&gone) {
            assert_eq!(refusal(response).await.1, "BAD_TOKEN");
            continue;
        }
        let id = body(response).await.session_id();
        let path = format!("/api/sessions/{id}");
        assert_eq!(db.get(path.clone(), token.map(String::as_str)).await.session_id(), id);
        assert_eq!(db.get(path, None).await["success"], token.is_none());
        created.insert(id);
    }
    assert_eq!(created.len(), 27);
    assert_invariants(&db.database).await;
}

#[tokio::test]
async fn batched_ratings_are_stored_for_their_sessions() {
    let db = ContendedDb::spawn(&[]).await;
    let mut ended = Vec::new();
    for _ in 0..10 {
        ended.push(db.app.given_ended_session().await);
    }
    let active = db.app.given_session().await;
    let rate = async |id: &str, rating: usize| {
        let feedback = format!("{rating} stars for {id}");
        let path = format!("/api/sessions/{id}/rating");
        let reply = db.app.post(&path, json!({"rating": rating, "feedback": feedback})).await;
        (id.to_owned(), rating, reply)
    };
    // Two different ratings of each session.
    let twice = ended.iter().chain(&ended).enumerate();
    let others = [(0, &active), (1, &active)].into_iter();
    let rates = twice.chain(others).map(|(number, id)| rate(id, number % 3 + 1));
    let (answers, _) = db.run_concurrently(rates).await;
    for (id, rating, reply) in answers {
        if id == active {
            assert_eq!(reply["code"], "SESSION_NOT_ENDED", "{reply}");
            continue;
        }
        assert_eq!(reply.session_id(), id);
        assert_eq!(reply["data"]["rating"], rating);
        let stored = db.app.get(&format!("/api/sessions/{id}/rating")).await;
        let feedback = format!("{} stars for {id}", stored["data"]["rating"]);
        assert_eq!(stored["data"]["feedback"], feedback);
    }
}

#[tokio::test]
async fn batched_turns_are_stored_once_in_their_sessions() {
    let db = ContendedDb::spawn(&[]).await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(db.app.given_session().await);
    }
    for round in 0..3 {
        let turns =
            ids.iter().map(async |id| db.app.say(id, &format!("line {round} of {id}")).await);
        let (answers, queries) = db.run_concurrently(turns).await;
        assert!(answers.iter().all(|reply| reply["success"] == true), "{answers:?}");
        assert_batched(queries, 3 * ids.len());
    }
    for id in &ids {
        let lines = db.app.history(id).await;
        let said: Vec<String> = lines.iter().step_by(2).map(|line| text(&line["text"])).collect();
        assert_eq!(said, [0, 1, 2].map(|round| format!("line {round} of {id}")));
        assert_eq!(lines.len(), 6);
    }
    assert_invariants(&db.database).await;
}

#[tokio::test]
async fn batched_query_time_out_reaches_every_caller() {
    let db = ContendedDb::spawn(&[("KUKU_DATABASE__STATEMENT_TIMEOUT_SECONDS", "1")]).await;
    let id = db.app.given_session().await;
    let mut lock = lock_sessions(&db.database).await;
    let reads = (0..20).map(async |_| {
        let request = db.app.http.get(db.app.url(&format!("/api/sessions/{id}")));
        refusal(request.response().await).await.1
    });
    let answers = join_all(reads).await;
    assert!(answers.iter().all(|code| code == "DATABASE_UNAVAILABLE"), "{answers:?}");
    lock.execute("COMMIT").await.expect("unlocked");
    lock.close().await.expect("closed");
    assert_eq!(db.app.session(&id).await["sessionId"], id);
}

/// Locks the row of a session, as manual maintenance does.
async fn lock_session(database: &TestDatabase, id: &str) -> PgConnection {
    let mut lock = database.connect().await;
    // Distributed tables want the key, not the public id.
    let script = format!(
        "BEGIN; SELECT FROM public.sessions WHERE id = public.session_key('{id}') FOR UPDATE"
    );
    lock.execute(sqlx::AssertSqlSafe(script)).await.expect("locked");
    lock
}

#[tokio::test]
async fn locked_row_does_not_delay_other_ratings() {
    let db = ContendedDb::spawn(&[]).await;
    let mut ended = Vec::new();
    for _ in 0..10 {
        ended.push(db.app.given_ended_session().await);
    }
    let lock = lock_session(&db.database, &ended[0]).await;
    // The first query waits for the lock. Those behind it form a batch that includes the locked
    // session.
    let began = std::time::Instant::now();
    let rates = [&ended[0]].into_iter().chain(&ended).map(async |id| {
        let path = format!("/api/sessions/{id}/rating");
        let reply = db.app.post_raw(&path, json!({"rating": 5})).await;
        (id, reply.status().is_success(), began.elapsed())
    });
    for (id, rated, after) in join_all(rates).await {
        assert_eq!(rated, *id != ended[0]);
        // A second, and half a second for a busy machine.
        assert!(!rated || after < Duration::from_millis(1_500), "{after:?}");
    }
    lock.close().await.expect("unlocked");
}

#[tokio::test]
async fn locked_row_does_not_delay_other_turns() {
    let openai = FakeOpenAi::spawn().await;
    openai.set_delay(Duration::from_millis(1_500));
    let variables = [&openai.settings()[..], &[("KUKU_DATABASE__STATEMENT_TIMEOUT_SECONDS", "1")]];
    let db = ContendedDb::spawn(&variables.concat()).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(db.app.given_session().await);
    }
    let began = std::time::Instant::now();
    let turns = ids.iter().map(async |id| {
        let reply = db.app.say(id, &format!("line of {id}")).await;
        assert_eq!(reply["success"], true, "{reply}");
        began.elapsed()
    });
    let locking = async {
        // By now the turns are read and wait for the coach.
        sleep(Duration::from_millis(800)).await;
        let lock = lock_session(&db.database, &ids[5]).await;
        sleep(Duration::from_secs(7)).await;
        lock.close().await.expect("unlocked");
        began.elapsed()
    };
    let (times, unlocked) = tokio::join!(join_all(turns), locking);
    for (number, time) in times.iter().enumerate() {
        assert_eq!(*time > unlocked, number == 5, "{times:?}, {unlocked:?}");
    }
    for id in &ids {
        assert_eq!(db.app.history(id).await.len(), 2);
    }
    assert_invariants(&db.database).await;
}
