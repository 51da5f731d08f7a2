//! Looking for what was said: what is asked, and where in the answer somebody is.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Sender, SessionId};

/// How hits are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best first, among the newest matches: see [`crate::repository::NEWEST_EVERYWHERE`].
    Relevance,
    /// Newest first; all matches can be walked through.
    Newest,
}

/// A search over all lines that somebody may see.
#[derive(Clone)]
pub struct MessageSearch {
    /// Words that all have to occur.
    pub query: String,
    /// Only in this user's sessions.
    pub user_id: Option<Uuid>,
    /// Only in this session.
    pub session_id: Option<SessionId>,
    /// Only what this side said.
    pub sender: Option<Sender>,
    /// Said at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Said before this time.
    pub until: Option<OffsetDateTime>,
    /// Only in sessions with at least so many stars.
    pub rating_min: Option<i32>,
    /// Order of the hits.
    pub sort: Sort,
    /// Most hits of a page.
    pub limit: u16,
}

/// Which line, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysetCursor {
    /// When, as exact as Postgres keeps it.
    #[serde(with = "time::serde::timestamp::microseconds")]
    pub created_at: OffsetDateTime,
    /// Tells lines of the same microsecond apart.
    pub id: Uuid,
}

/// How many lines match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalHits {
    /// At least so many.
    pub value: i64,
    /// Whether there are no more.
    pub exact: bool,
}

/// Behind which hit a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCursor {
    /// When the newest match was said, as the walk began: what came later is not part of it.
    #[serde(with = "time::serde::timestamp::microseconds")]
    pub snapshot_at: OffsetDateTime,
    /// The hit's rank, as its bits, so that it comes back the same.
    pub rank_bits: u32,
    /// The hit.
    pub last: KeysetCursor,
    /// As counted when the walk began.
    pub total: TotalHits,
}
