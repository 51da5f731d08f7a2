//! One line of a conversation.

use time::OffsetDateTime;

use super::MessageId;

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The person.
    User,
    /// The coach.
    Ai,
}

impl Sender {
    /// The word that the database and the contract use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Ai => "ai",
        }
    }

    /// The sender of that name; `None` for any other word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "user" => Some(Self::User),
            "ai" => Some(Self::Ai),
            _ => None,
        }
    }
}

/// A line as it is stored.
#[derive(Clone)]
pub struct Message {
    /// Public id, unique over all sessions.
    pub id: MessageId,
    /// Who said it.
    pub sender: Sender,
    /// What was said; never blank, no NUL.
    pub text: String,
    /// When it was said, by the database's clock.
    pub created_at: OffsetDateTime,
}
