//! How words were found a moment ago: by a walk through the newest lines, or by the index. Whoever asks again, or turns the page,
//! need not have it told from a sample.
//!
//! Nothing depends on it but the time a search takes.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use moka::sync::Cache;
use time::OffsetDateTime;

use crate::domain::{MessageSearch, SearchCursor, Sort};

/// Most words that are remembered, of 16 bytes and what a cache has beside them.
const MOST: u64 = 10_000;
/// How common words are does not change sooner.
const LIFE: Duration = Duration::from_secs(60);

/// The way to the newest matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strategy {
    /// Through the newest lines. As many as are looked at matched from this time on, so that there is no need to go further.
    Walk { since: OffsetDateTime },
    /// By the index over the words.
    Index,
}

/// Ways to words.
pub(crate) struct StrategyCache {
    /// By a digest: what people look for is not kept.
    known: Cache<u64, Strategy>,
    digest: RandomState,
}

impl Default for StrategyCache {
    fn default() -> Self {
        Self {
            known: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(LIFE)
                .build(),
            digest: RandomState::new(),
        }
    }
}

impl StrategyCache {
    /// The way that led there; `None` if that has to be found out.
    pub fn known(&self, search: &MessageSearch, after: Option<&SearchCursor>) -> Option<Strategy> {
        self.key(search, after).and_then(|key| self.known.get(&key))
    }

    /// Remembers what led there.
    pub fn learn(&self, search: &MessageSearch, after: Option<&SearchCursor>, way: Strategy) {
        if let Some(key) = self.key(search, after) {
            self.known.insert(key, way);
        }
    }

    /// Words have another way among one side's lines, and among those of some time, as all pages by time but the first are.
    fn key(&self, search: &MessageSearch, after: Option<&SearchCursor>) -> Option<u64> {
        let by_time = search.sort == Sort::Newest && after.is_some();
        let among_all =
            search.sender.is_none() && search.from.is_none() && search.until.is_none() && !by_time;
        among_all.then(|| self.digest.hash_one(&search.query))
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{KeysetCursor, Sender, TotalHits};

    fn search(words: &str, sort: Sort) -> MessageSearch {
        MessageSearch {
            query: words.to_owned(),
            user_id: None,
            session_id: None,
            sender: None,
            from: None,
            until: None,
            rating_min: None,
            sort,
            limit: 20,
        }
    }

    #[test]
    fn a_way_is_that_of_its_words_from_the_newest_line_on() {
        let at = OffsetDateTime::UNIX_EPOCH;
        let page = SearchCursor {
            snapshot_at: at,
            rank_bits: 0,
            last: KeysetCursor {
                created_at: at,
                id: Uuid::nil(),
            },
            total: TotalHits {
                value: 200,
                exact: false,
            },
        };
        let (ways, best, newest) = (
            StrategyCache::default(),
            search("river", Sort::Relevance),
            search("river", Sort::Newest),
        );
        let walk = Strategy::Walk { since: at };
        assert_eq!(ways.known(&best, None), None);
        ways.learn(&best, None, walk);
        // Pages by relevance look at the same lines again, those by time at older ones.
        assert_eq!(ways.known(&best, Some(&page)), Some(walk));
        assert_eq!(ways.known(&newest, None), Some(walk));
        assert_eq!(ways.known(&newest, Some(&page)), None);
        ways.learn(&newest, Some(&page), Strategy::Index);
        assert_eq!(ways.known(&best, None), Some(walk));
        assert_eq!(ways.known(&search("mountain", Sort::Relevance), None), None);
        for other in [
            MessageSearch {
                sender: Some(Sender::Ai),
                ..best.clone()
            },
            MessageSearch {
                from: Some(at),
                ..best.clone()
            },
            MessageSearch {
                until: Some(at),
                ..best.clone()
            },
        ] {
            ways.learn(&other, None, Strategy::Index);
            assert_eq!(ways.known(&other, None), None);
        }
    }
}
