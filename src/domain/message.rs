//! Messages of a conversation.

use time::OffsetDateTime;

use super::MessageId;

/// The sender of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The person.
    User,
    /// The coach.
    Ai,
}

impl Sender {
    /// The name in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Ai => "ai",
        }
    }

    /// The sender of that name; `None` for any other name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Ai].into_iter().find(|sender| sender.as_str() == text)
    }
}

/// A stored message.
#[derive(Clone)]
pub struct Message {
    /// Public id, unique over all sessions.
    pub id: MessageId,
    /// The sender.
    pub sender: Sender,
    /// The text; never blank, no NUL.
    pub text: String,
    /// When it was sent, by the database's clock.
    pub created_at: OffsetDateTime,
}

#[cfg(test)]
impl Message {
    /// A message for unit tests.
    pub fn example(sender: Sender, text: &str) -> Self {
        let created_at = OffsetDateTime::UNIX_EPOCH;
        Self { id: MessageId::generate(), sender, text: text.to_owned(), created_at }
    }
}
