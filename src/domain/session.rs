//! Coaching sessions.

use time::OffsetDateTime;

use super::{SessionId, UnansweredRecordings, WrapUp};

/// The status of a session; `Ended` is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Accepts turns.
    Active,
    /// Has its summary, can be rated.
    Ended,
}

impl Status {
    /// The name in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// The status of that name; `None` for any other name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Ended].into_iter().find(|status| status.as_str() == text)
    }
}

/// The running summary: older messages summarised, so that prompts stay within a token budget.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RunningSummary {
    /// The summary; empty while it covers no messages.
    pub text: String,
    /// How many messages, counted from the first, `text` covers.
    pub messages: usize,
}

/// A session without its messages.
#[derive(Clone)]
pub struct Session {
    /// Public id.
    pub id: SessionId,
    /// Active or ended.
    pub status: Status,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// Age at the time of reading, by the database's clock.
    pub age: time::Duration,
    /// Stored messages. Each turn adds two, so a changed count reveals a concurrent turn.
    pub message_count: i32,
    /// Closing summary; present if and only if the session has ended.
    pub summary: Option<String>,
    /// Whole seconds from creation to end, once ended.
    pub duration_seconds: Option<i32>,
    /// 1 to 5 stars, if rated.
    pub rating: Option<i32>,
    /// Feedback beside the stars.
    pub feedback: Option<String>,
    /// State of the wrap-up rules.
    pub wrap_up: WrapUp,
    /// Summary of older messages.
    pub running_summary: RunningSummary,
    /// Recordings that go with the next turn. Changed under the turn's lease only.
    pub unanswered_recordings: UnansweredRecordings,
}

impl Session {
    /// A new session without messages.
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
            unanswered_recordings: UnansweredRecordings::default(),
        }
    }

    /// Time without activity, at the time of reading; zero if the clock was set back.
    pub fn idle_time(&self) -> time::Duration {
        let read_at = self.created_at.saturating_add(self.age);
        (read_at - self.updated_at).max(time::Duration::ZERO)
    }
}
