//! How words were found a moment ago: by a walk through the newest lines, or by the index. Whoever asks again, or turns the page,
//! need not have it told from a sample.
//!
//! Nothing depends on it but the time a search takes.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use moka::sync::Cache;

use crate::domain::MessageSearch;

/// Most words that are remembered, of 16 bytes and what a cache has beside them.
const MOST: u64 = 10_000;
/// How common words are does not change sooner.
const LIFE: Duration = Duration::from_secs(60);

/// Ways to words.
pub(super) struct Ways {
    /// By a digest: what people look for is not kept.
    lines: Cache<u64, i64>,
    digest: RandomState,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            lines: Cache::builder().max_capacity(MOST).time_to_live(LIFE).build(),
            digest: RandomState::new(),
        }
    }
}

impl Ways {
    /// How many of the newest lines are worth a walk, 0 for none; `None` if that has to be found out.
    pub fn walk(&self, search: &MessageSearch) -> Option<i64> {
        self.key(search).and_then(|key| self.lines.get(&key))
    }

    /// Remembers how far a walk was worth it.
    pub fn learn(&self, search: &MessageSearch, lines: i64) {
        if let Some(key) = self.key(search) {
            self.lines.insert(key, lines);
        }
    }

    /// Words have another way among one side's lines, and among those of some time.
    fn key(&self, search: &MessageSearch) -> Option<u64> {
        let among_all = search.sender.is_none() && search.from.is_none() && search.until.is_none();
        among_all.then(|| self.digest.hash_one(&search.words))
    }
}
