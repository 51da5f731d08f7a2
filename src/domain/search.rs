//! Search parameters, result totals and page cursors.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Sender, SessionId};

/// Order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best first, among the newest matches only.
    Relevance,
    /// Newest first, all matches.
    Newest,
}

/// Parameters of a search over messages.
#[derive(Clone)]
pub struct MessageSearch {
    /// Words that a message has to contain, all of them.
    pub query: String,
    /// Only in this user's sessions.
    pub user_id: Option<Uuid>,
    /// Only in this session.
    pub session_id: Option<SessionId>,
    /// Only messages of this author.
    pub sender: Option<Sender>,
    /// Created at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Created before this time.
    pub until: Option<OffsetDateTime>,
    /// Only in sessions with at least this many stars.
    pub rating_min: Option<i32>,
    /// Order of the hits.
    pub sort: Sort,
    /// Maximum number of hits on a page.
    pub limit: u16,
}

impl MessageSearch {
    /// The words of the query, each once: repeated ones change no result, and cost as much as
    /// others.
    pub fn distinct_words(&self) -> String {
        let mut seen = HashSet::new();
        let words = self.query.split_whitespace();
        let distinct: Vec<&str> = words.filter(|word| seen.insert(word.to_lowercase())).collect();
        distinct.join(" ")
    }
}

// Cursors derive their own JSON: it is opaque to clients (`http::extract::cursor` encodes it), and
// copies of these types in `http` would only repeat the fields.

/// Position of a row in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysetCursor {
    /// Creation time, with Postgres' precision.
    #[serde(with = "microseconds")]
    pub created_at: OffsetDateTime,
    /// Orders rows of the same microsecond.
    pub id: Uuid,
}

/// Number of matching messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalHits {
    /// At least this many.
    pub value: i64,
    /// Whether `value` is the exact number.
    pub exact: bool,
}

/// The hit after which a page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCursor {
    /// Creation time of the newest match on the first page. Later messages are not part of the
    /// result.
    #[serde(with = "microseconds")]
    pub snapshot_at: OffsetDateTime,
    /// The hit's rank, as bits, so that it survives encoding exactly.
    pub rank_bits: u32,
    /// The hit.
    pub last: KeysetCursor,
    /// Total of the first page.
    pub total: TotalHits,
}

/// Times in microseconds since 1970. Years before 0 are refused: Postgres begins at 4713 BC.
mod microseconds {
    use serde::{Deserializer, de::Error};
    use time::{OffsetDateTime, serde::timestamp::microseconds};

    pub use microseconds::serialize;

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let time = microseconds::deserialize(deserializer)?;
        if time.year() >= 0 { Ok(time) } else { Err(D::Error::custom("a time before year 0")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_before_year_zero_is_refused() {
        let cursor = |microseconds: i64| {
            let id = Uuid::nil();
            let json = serde_json::json!({ "created_at": microseconds, "id": id });
            serde_json::from_value::<KeysetCursor>(json)
        };
        assert!(cursor(0).is_ok());
        assert!(cursor(-62_167_219_200_000_000).is_ok());
        for microseconds in [-62_167_219_200_000_001, -211_000_000_000_000_000, i64::MIN, i64::MAX]
        {
            assert!(cursor(microseconds).is_err(), "{microseconds}");
        }
    }
}
