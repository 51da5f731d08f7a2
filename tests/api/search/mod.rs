//! Full-text search.

mod errors;
mod filters;
mod indexing;
mod languages;
mod limits;
mod paging;
mod plans;
mod punctuation;
mod ranking;
mod stems;

use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{app::TestApp, reply::ReplyExt};

/// The `data` of a search.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchData {
    messages: Vec<Hit>,
    total: Total,
    query: String,
    next_cursor: Option<String>,
    hint: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Total {
    value: i64,
    exact: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Hit {
    id: String,
    session_id: String,
    sender: String,
    text: String,
    timestamp: String,
    highlight: Vec<Fragment>,
    rank: f64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Fragment {
    text: String,
    hit: bool,
}

impl Hit {
    /// The excerpt, with matching words in brackets.
    fn excerpt(&self) -> String {
        let parts = self.highlight.iter().map(|part| match part.hit {
            true => format!("[{}]", part.text),
            false => part.text.clone(),
        });
        parts.collect()
    }
}

async fn search(app: &TestApp, query: &str) -> SearchData {
    let reply = app.get(&format!("/api/search/messages?{query}")).await;
    parsed(reply.data().clone())
}

fn parsed<T: DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

async fn hits(app: &TestApp, query: &str) -> Vec<Hit> {
    search(app, query).await.messages
}

/// The hits of all pages; `between` runs after every page but the last.
async fn all_hits(app: &TestApp, query: &str, mut between: impl AsyncFnMut()) -> Vec<Hit> {
    let (mut hits, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = search(app, &format!("{query}{cursor}")).await;
        hits.extend(page.messages);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return hits,
        }
        between().await;
    }
}

/// A session of the person's messages, a second apart; returns its id.
async fn given_messages(app: &TestApp, texts: &[impl AsRef<str>]) -> String {
    let id = app.given_session().await;
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let mut connection = app.database.connect().await;
    sqlx::query(
        "INSERT INTO public.messages
            (session_id, message_id, sender, text_content, position, created_at, text_search)
        SELECT s.id, 'msg-' || md5(s.session_id || t.n), 'user', t.text, t.n,
            now() + t.n * interval '1 second', public.language_search_vector(t.text, s.language)
        FROM public.sessions AS s, unnest($2::text[]) WITH ORDINALITY AS t (text, n)
        WHERE s.session_id = $1",
    )
    .bind(&id)
    .bind(&texts)
    .execute(&mut connection)
    .await
    .expect("messages stored");
    sqlx::query("UPDATE public.sessions SET message_count = $2 WHERE session_id = $1")
        .bind(&id)
        .bind(i32::try_from(texts.len()).expect("few"))
        .execute(&mut connection)
        .await
        .expect("counted");
    id
}

fn percent_encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Runs statements without parameters on a connection.
async fn execute(connection: &mut PgConnection, sql: impl Into<String>) {
    let sql = sql.into();
    let result = connection.execute(AssertSqlSafe(sql.clone())).await;
    result.unwrap_or_else(|error| panic!("{error}: {sql}"));
}
