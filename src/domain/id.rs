//! Public ids: 128 random bits each, because the id is all that protects an anonymous session.

use std::fmt;

use serde::Serialize;

/// The public id of a session, such as `session-0f3c…` (32 hexadecimal digits).
///
/// The id gives access to an anonymous session, so `Debug` and [`SessionId::short`] show only its
/// start. Serialised it is whole.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SessionId(String);

/// The public id of a message, such as `msg-9ab1…`; also the file name of its audio.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct MessageId(String);

/// Longest accepted id. Generated ids have 40 characters, those of the prototype fewer.
const MAX_ID_LENGTH: usize = 128;

impl SessionId {
    /// A new id with 128 random bits.
    pub fn generate() -> Self {
        Self(format!("session-{:032x}", rand::random::<u128>()))
    }

    /// The id in `text`; `None` if no session can have it (empty, too long, other characters than
    /// letters, digits, `-` and `_`).
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text).then(|| Self(text.to_owned()))
    }

    /// The whole id, for the database and for responses.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of the id to distinguish sessions in a log, too little to read one.
    pub fn short(&self) -> &str {
        let end = self.0.len().min("session-".len() + 8).min(self.0.len() / 2);
        &self.0[..end]
    }
}

impl MessageId {
    /// A new id with 128 random bits.
    pub fn generate() -> Self {
        Self(format!("msg-{:032x}", rand::random::<u128>()))
    }

    /// The id in `text`; `None` if it could not name a file.
    pub fn parse(text: impl AsRef<str> + Into<String>) -> Option<Self> {
        is_id(text.as_ref()).then(|| Self(text.into()))
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_id(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() | (b == b'-') | (b == b'_');
    // No early return: the branch-free loop vectorises, and a history validates 25 ids.
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text.bytes().fold(true, |all, b| all & is_allowed(b))
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("msg-…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_long_distinct_and_valid() {
        let (a, b) = (SessionId::generate(), SessionId::generate());
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), "session-".len() + 32);
        assert_eq!(SessionId::parse(a.as_str()), Some(a));
    }

    #[test]
    fn ids_with_other_characters_are_rejected() {
        let long = "x".repeat(129);
        for odd in ["", "a b", "a/b", "../etc", "a\0b", "é", "a%00", "a'--", long.as_str()] {
            assert_eq!(SessionId::parse(odd), None, "{odd:?}");
            assert_eq!(MessageId::parse(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn debug_output_never_shows_a_whole_session_id() {
        let id = SessionId::generate();
        assert!(!format!("{id:?}").contains(id.as_str()));
        assert_eq!(id.short().len(), "session-".len() + 8);
        let short = SessionId::parse("session-0").expect("parses");
        assert_ne!(short.short(), "session-0");
    }
}
