//! A coaching session as it stands in the database.

use time::OffsetDateTime;

use super::{SessionId, WrapUp};

/// Where a session is in its life; `Ended` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Takes turns.
    Active,
    /// Has its summary, can be rated.
    Ended,
}

impl Status {
    /// The word that the database and the contract use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// The status of that name; `None` for any other word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "active" => Some(Self::Active),
            "ended" => Some(Self::Ended),
            _ => None,
        }
    }
}

/// The older part of a conversation told in short, so that the coach remembers it at a bounded cost.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RunningSummary {
    /// The summary; empty as long as nothing was merged into it.
    pub text: String,
    /// How many lines, counted from the first, are in `text`.
    pub messages: usize,
}

/// One session with everything but its lines.
#[derive(Clone)]
pub struct Session {
    /// Public id.
    pub id: SessionId,
    /// Active or ended.
    pub status: Status,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// Age by the database's clock at the moment it was read.
    pub age: time::Duration,
    /// Lines stored; each turn adds two, so it also tells whether somebody else has added a turn.
    pub message_count: i32,
    /// Closing summary; present if and only if the session has ended.
    pub summary: Option<String>,
    /// Whole seconds from beginning to end, once ended.
    pub duration_seconds: Option<i32>,
    /// 1 to 5 stars, if rated.
    pub rating: Option<i32>,
    /// What the person wrote beside the stars.
    pub feedback: Option<String>,
    /// State of the wrap-up rules.
    pub wrap_up: WrapUp,
    /// The coach's memory of older lines.
    pub running_summary: RunningSummary,
}

impl Session {
    /// A session in which nothing has happened yet.
    pub fn new(id: SessionId, created_at: OffsetDateTime) -> Self {
        Self {
            id,
            status: Status::Active,
            created_at,
            updated_at: created_at,
            age: time::Duration::ZERO,
            message_count: 0,
            summary: None,
            duration_seconds: None,
            rating: None,
            feedback: None,
            wrap_up: WrapUp::default(),
            running_summary: RunningSummary::default(),
        }
    }

    /// How long nothing had happened when it was read.
    pub fn idle_time(&self) -> time::Duration {
        self.created_at + self.age - self.updated_at
    }
}
