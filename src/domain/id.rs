//! Public ids: 128 random bits each, because the id is all that protects an anonymous session. The
//! id of a session that is begun with an idempotency key is derived from it with a secret instead.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::IdempotencyKey;

/// The public id of a session, such as `session-0f3c…` (32 hexadecimal digits).
///
/// The id gives access to an anonymous session, so `Debug` and [`SessionId::short`] show only its
/// start. Serialised it is whole.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SessionId(String);

/// The secret from which ids of sessions are derived, the same for all servers of a database.
pub struct SessionIdSecret([u8; 32]);

/// The public id of a message, such as `msg-9ab1…`; also the file name of its audio.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct MessageId(String);

/// Longest accepted id. Generated ids have 40 characters, those of the prototype fewer.
const MAX_ID_LENGTH: usize = 128;

impl SessionIdSecret {
    /// The secret with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl SessionId {
    /// A new id with 128 random bits.
    pub fn generate() -> Self {
        Self(format!("session-{:032x}", rand::random::<u128>()))
    }

    /// The id of the session that `user`, or an anonymous caller, begins with an idempotency key;
    /// `counter` distinguishes the sessions that one key begins, once the earlier ones are gone.
    /// Nobody without the secret can tell it from a random id.
    pub fn derived(
        secret: &SessionIdSecret,
        user: Option<Uuid>,
        key: &IdempotencyKey,
        counter: u32,
    ) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&secret.0).expect("any length of a key will do");
        // All parts but the last have a fixed length, so that no two inputs are the same bytes.
        mac.update(&[u8::from(user.is_some())]);
        mac.update(user.unwrap_or_default().as_bytes());
        mac.update(&counter.to_be_bytes());
        mac.update(key.as_str().as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        Self(format!("session-{}", first_bits(hash).simple()))
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

    /// The key of the session's row, see [`session_key`]. As secret as the id.
    pub fn key(&self) -> Uuid {
        session_key(&self.0)
    }

    /// Enough of the id to distinguish sessions in a log, too little to read one.
    pub fn short(&self) -> &str {
        let end = self.0.len().min("session-".len() + 8).min(self.0.len() / 2);
        &self.0[..end]
    }
}

/// The key of the row of a session with this public id: the 128 bits of a generated id, and of
/// others, such as those of the prototype, the first 128 bits of the SHA-256 of their text.
///
/// The same function as `public.session_key` in the database.
pub fn session_key(session_id: &str) -> Uuid {
    let is_hex = |digits: &str| {
        digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let digits = session_id.strip_prefix("session-").filter(|digits| is_hex(digits));
    if let Some(bits) = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok()) {
        return Uuid::from_u128(bits);
    }
    first_bits(Sha256::digest(session_id).into())
}

/// The first 128 bits of a hash.
fn first_bits(hash: [u8; 32]) -> Uuid {
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(bits)
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
    fn key_has_the_bits_of_a_generated_id() {
        let id = SessionId::generate();
        assert_eq!(format!("session-{}", id.key().simple()), id.as_str());
        let keys = ["session-1", "session-", "SESSION-00", "x"].map(session_key);
        assert!(keys.iter().all(|key| !key.is_nil()));
        // Upper-case digits are another id.
        let upper = format!("session-{}", "A".repeat(32));
        assert_ne!(session_key(&upper), session_key(&upper.to_lowercase()));
    }

    #[test]
    fn derived_ids_differ_with_each_part() {
        let key = |text| IdempotencyKey::parse(text).expect("a key");
        let (one, other) = (SessionIdSecret::new([1; 32]), SessionIdSecret::new([2; 32]));
        let derive = |secret, user: Option<u128>, text, counter| {
            SessionId::derived(secret, user.map(Uuid::from_u128), &key(text), counter)
        };
        let ids = [
            derive(&one, None, "abc", 0),
            derive(&other, None, "abc", 0),
            derive(&one, Some(0), "abc", 0),
            derive(&one, Some(1), "abc", 0),
            derive(&one, None, "abd", 0),
            derive(&one, None, "abc", 1),
            derive(&one, None, "abc0", 0),
        ];
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(SessionId::parse(id.as_str()).as_ref(), Some(id));
            assert_eq!(id.as_str().len(), "session-".len() + 32);
            assert!(!ids[..number].contains(id), "{number}");
        }
        assert_eq!(derive(&one, None, "abc", 0), ids[0]);
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
