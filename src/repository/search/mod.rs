//! Full-text search over what was said.

use time::OffsetDateTime;

mod queries;
mod strategy_cache;

use super::{DatabaseService, RepositoryError};
use crate::database::PooledConnection;
use crate::domain::{
    Fragment, Highlighter, KeysetCursor, MessageSearch, SearchCursor, Sender, TotalHits, Viewer,
};
use queries::{self as search_statements, By, HitRow, cap, most_matches};
use strategy_cache::Strategy;
pub(crate) use strategy_cache::StrategyCache;

/// Everywhere, the newest so many matches are ranked and counted: the common words of a million lines have 100,000.
pub const MAX_RANKED_GLOBAL: i64 = 200;
/// Within one person's sessions, or one session, more are.
pub const MAX_RANKED_SCOPED: i64 = 1_000;

/// Searches run on at most one of so many connections: they are the dearest statements, and those that wait for Postgres's cores
/// in it hold up turns, and each other.
pub(super) const CONNECTIONS_PER_SEARCH: usize = 2;

/// One line that matches a search.
pub struct Hit {
    /// Public id of the line.
    pub message_id: String,
    /// Public id of its session.
    pub session_id: String,
    /// When it was said.
    pub created_at: OffsetDateTime,
    /// Who said it.
    pub sender: Sender,
    /// The whole line.
    pub text: String,
    /// The text around what was found.
    pub highlight: Vec<Fragment>,
    /// How well it matches; higher is better, comparable within one search only.
    pub rank: f32,
}

/// A page of hits.
pub struct SearchPage {
    /// In the order asked for.
    pub hits: Vec<Hit>,
    /// How many lines match in all.
    pub total: TotalHits,
    /// Where the next page begins; `None` if this was the last one.
    pub next: Option<SearchCursor>,
    /// Whether there is anything to look for in the words at all: stop words and punctuation are no reason to find a line.
    pub is_empty_query: bool,
}

impl DatabaseService {
    /// A page of the lines that match all words of `search`, behind the hit `after` (or from the beginning): English words
    /// by their stems, Chinese, Japanese and Korean ones as they stand.
    ///
    /// [`Sort::Relevance`] ranks the newest [`MAX_RANKED_GLOBAL`] or [`MAX_RANKED_SCOPED`] matches only, and its pages end with
    /// them; [`Sort::Newest`] walks through all.
    ///
    /// A user sees their own lines only, whatever `search` says; who is none, all that `search` allows.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached, or needs longer than the statement time-out.
    pub async fn search_messages_global(
        &self,
        viewer: Viewer,
        search: &MessageSearch,
        after: Option<&SearchCursor>,
    ) -> Result<SearchPage, RepositoryError> {
        let place = async {
            self.searches
                .acquire()
                .await
                .map_err(|_| sqlx::Error::PoolClosed)
        };
        let _place = self.with_timeout(place).await?;
        self.read_prefer_replica(async |pool| {
            let (mut reading, rows);
            if is_within(search) || viewer.user_id().is_some() {
                reading = pool.acquire_as_with_custom_plan(viewer).await?;
                rows = search_statements::with_timeout(&mut reading, search, after).await?;
            } else {
                reading = pool.acquire().await?;
                rows = self.everywhere(&mut reading, search, after).await?;
            }
            let is_empty_query = rows.is_empty()
                && sqlx::query_scalar!(
                    r#"SELECT numnode(public.message_search_query($1)) = 0 AS "nothing!""#,
                    search.query
                )
                .fetch_one(&mut reading)
                .await?;
            Ok((rows, is_empty_query))
        })
        .await
        .map(|(rows, is_empty_query)| found(rows, search, after, is_empty_query))
    }

    /// Among all lines, on the way that led to these words a moment ago, or on the one that looks right.
    async fn everywhere(
        &self,
        connection: &mut PooledConnection,
        search: &MessageSearch,
        after: Option<&SearchCursor>,
    ) -> Result<Vec<HitRow>, sqlx::Error> {
        match self.ways.known(search, after) {
            Some(Strategy::Index) => {
                return search_statements::everywhere(By::Index, connection, search, after).await;
            }
            Some(Strategy::Walk { since }) => {
                // All that are wanted were found since then, and what is older need not be seen.
                let lately = MessageSearch {
                    from: Some(since),
                    ..search.clone()
                };
                let rows =
                    search_statements::everywhere(By::Walk, connection, &lately, after).await?;
                if found_all(&rows, search, after) {
                    return Ok(rows);
                }
                // The page before may have begun at an older line, and lines may be gone.
            }
            None => {}
        }
        let rows = search_statements::everywhere(By::TheNewest, connection, search, after).await?;
        if let Some(row) = rows.first() {
            // Who walked past all lines there are has no need to do so again.
            let walked_to = row.walked_to.filter(|_| found_all(&rows, search, after));
            let way = walked_to.map_or(Strategy::Index, |since| Strategy::Walk { since });
            self.ways.learn(search, after, way);
        }
        Ok(rows)
    }
}

/// Whether sessions restrict the matches.
fn is_within(search: &MessageSearch) -> bool {
    search.user_id.is_some() || search.session_id.is_some() || search.rating_min.is_some()
}

/// Whether the rows are of as many matches as are looked at.
fn found_all(rows: &[HitRow], search: &MessageSearch, after: Option<&SearchCursor>) -> bool {
    rows.first()
        .is_some_and(|row| row.matches == most_matches(search, after))
}

fn found(
    mut rows: Vec<HitRow>,
    search: &MessageSearch,
    after: Option<&SearchCursor>,
    is_empty_query: bool,
) -> SearchPage {
    let cap = cap(search);
    let total = match (after, rows.first()) {
        (Some(after), _) => after.total,
        (None, None) => TotalHits {
            value: 0,
            exact: true,
        },
        (None, Some(row)) => TotalHits {
            value: row.matches.min(cap),
            exact: row.matches <= cap,
        },
    };
    let more = rows.len() > usize::from(search.limit);
    rows.truncate(usize::from(search.limit));
    let next = rows.last().filter(|_| more).map(|last| SearchCursor {
        snapshot_at: after.map_or(last.snapshot_at, |after| after.snapshot_at),
        rank_bits: last.rank.to_bits(),
        last: KeysetCursor {
            created_at: last.created_at,
            id: last.id,
        },
        total,
    });
    let mut highlighter =
        Highlighter::new(&search.query, rows.first().map_or("", |row| &row.query));
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
    SearchPage {
        hits,
        total,
        next,
        is_empty_query,
    }
}
