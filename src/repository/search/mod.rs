//! Full-text search over messages.

use time::OffsetDateTime;

mod languages;
mod own;
mod queries;

use super::{DatabaseService, RepositoryError};
use crate::database::{Pool, PooledConnection};
use crate::domain::{
    Fragment, Highlighter, KeysetCursor, MessageSearch, SearchCursor, Sender, TotalHits, Viewer,
    fitting_items,
};
pub use languages::UnindexedSession;
use languages::{languages_of_sessions, occurring_languages};
use own::{is_empty_own_query, search_own};
use queries::{HitRow, ranking_limit, search_globally, search_scoped};
pub use queries::{MAX_RANKED_GLOBAL, MAX_RANKED_SCOPED};

/// Connections of the pool per concurrent search. Searches are the most expensive queries: more of
/// them at once delay turns and each other, since they share Postgres' cores.
pub(super) const CONNECTIONS_PER_SEARCH: usize = 2;

/// A message that matches a search.
pub struct Hit {
    pub(crate) message_id: String,
    pub(crate) session_id: String,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) sender: Sender,
    pub(crate) text: String,
    /// Excerpt around the matching words.
    pub(crate) highlight: Vec<Fragment>,
    /// Relevance; higher is better, comparable within one search only.
    pub(crate) rank: f32,
}

/// A page of hits.
pub struct SearchPage {
    /// In the requested order.
    pub hits: Vec<Hit>,
    /// Number of matching messages.
    pub total: TotalHits,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<SearchCursor>,
    /// Whether the query has no searchable word, only stop words and punctuation.
    pub is_empty_query: bool,
}

impl DatabaseService {
    /// A page of the messages that contain all words of `search`, after the hit `after` or from the
    /// first one. Words match by their stems in English and in the languages of the sessions;
    /// Chinese, Japanese and Korean text literally.
    /// The method's name is the integration plan's: the search is scoped if `search` or `viewer`
    /// limits the sessions, otherwise global.
    ///
    /// `Sort::Relevance` ranks the newest [`MAX_RANKED_GLOBAL`] or [`MAX_RANKED_SCOPED`] matches
    /// only, and its pages end with them; `Sort::Newest` returns all matches page by page.
    ///
    /// A user finds only messages of their own sessions, whatever `search` says; other viewers find
    /// all that `search` allows.
    pub async fn search_messages_global(
        &self,
        viewer: Viewer,
        search: &MessageSearch,
        after: Option<&SearchCursor>,
    ) -> Result<SearchPage, RepositoryError> {
        let acquire = async {
            let permit = self.shared.search_permits.acquire().await;
            permit.map_err(|_| sqlx::Error::PoolClosed)
        };
        let _permit = self.database.with_timeout(acquire).await?;
        let is_distributed = self.is_distributed().await?;
        let read = |pool| find(pool, viewer, search, after, is_distributed);
        let (rows, is_empty_query) = self.database.read_prefer_replica(read).await?;
        Ok(into_page(rows, search, after, is_empty_query))
    }
}

/// The hits, and whether there are none because the query has no searchable word.
async fn find(
    pool: &Pool,
    viewer: Viewer,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
    is_distributed: bool,
) -> Result<(Vec<HitRow>, bool), sqlx::Error> {
    let is_of_few = search.user_id.is_some() || search.session_id.is_some();
    match viewer.user_id() {
        Some(user) if !is_distributed => {
            let mut connection = pool.acquire_as(viewer).await?;
            let rows = search_own(&mut connection, user, search, after).await?;
            let is_empty_query =
                rows.is_empty() && is_empty_own_query(&mut connection, user, search).await?;
            Ok((rows, is_empty_query))
        }
        None if !is_distributed && !is_of_few && search.rating_min.is_none() => {
            let mut connection = pool.acquire().await?;
            let rows = search_globally(&mut connection, search, after).await?;
            let is_empty_query = rows.is_empty() && {
                let languages = occurring_languages(&mut connection).await?;
                is_empty_query(&mut connection, search, &languages).await?
            };
            Ok((rows, is_empty_query))
        }
        user => {
            let mut connection = match user {
                Some(user) => pool.acquire_on_all_nodes(user).await?,
                None => pool.acquire_with_custom_plan().await?,
            };
            let languages = match is_of_few || is_distributed {
                true => languages_of_sessions(&mut connection, search).await?,
                false => occurring_languages(&mut connection).await?,
            };
            let rows = search_scoped(&mut connection, search, after, &languages).await?;
            let is_empty_query =
                rows.is_empty() && is_empty_query(&mut connection, search, &languages).await?;
            Ok((rows, is_empty_query))
        }
    }
}

/// Whether the query has no searchable word in these languages.
async fn is_empty_query(
    connection: &mut PooledConnection,
    search: &MessageSearch,
    languages: &[String],
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT numnode(public.language_search_query($1, $2)) = 0 AS "is_empty!""#,
        search.distinct_words(),
        languages,
    );
    connection.with_connection(async |connection| query.fetch_one(connection).await).await
}

fn into_page(
    mut rows: Vec<HitRow>,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
    is_empty_query: bool,
) -> SearchPage {
    let total = total(&rows, search, after);
    let fitting = fitting_items(&rows, usize::from(search.limit), |row| row.text_content.len());
    let has_next = rows.len() > fitting;
    rows.truncate(fitting);
    let next = rows.last().filter(|_| has_next).map(|last| SearchCursor {
        snapshot_at: after.map_or(last.snapshot_at, |after| after.snapshot_at),
        rank_bits: last.rank.to_bits(),
        last: KeysetCursor { created_at: last.created_at, id: last.id },
        total,
    });
    let tsquery = rows.first().map_or("", |row| &row.tsquery);
    let highlighter = Highlighter::new(&search.query, tsquery);
    let hits = rows
        .into_iter()
        .map(|row| Hit {
            highlight: highlighter.highlight(&row.text_content),
            message_id: row.message_id,
            session_id: row.session_id,
            created_at: row.created_at,
            sender: row.sender,
            text: row.text_content,
            rank: row.rank,
        })
        .collect();
    SearchPage { hits, total, next, is_empty_query }
}

/// Number of matches, up to the ranking limit. Later pages repeat the first page's total.
fn total(rows: &[HitRow], search: &MessageSearch, after: Option<&SearchCursor>) -> TotalHits {
    if let Some(after) = after {
        return after.total;
    }
    let (matches, limit) = (rows.first().map_or(0, |row| row.matches), ranking_limit(search));
    TotalHits { value: matches.min(limit), exact: matches <= limit }
}
