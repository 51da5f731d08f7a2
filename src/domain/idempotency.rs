//! Requests that may be sent twice and are carried out once.

use sha2::{Digest, Sha256};

/// A client's name for a request: 1 to 255 printable characters.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// What a request asks for, in 32 bytes: the same key with another fingerprint is a mistake of the client's.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A request as it may be told from others.
#[derive(Clone)]
pub struct IdempotentRequest {
    /// The client's name for it.
    pub key: IdempotencyKey,
    /// What it asks for.
    pub fingerprint: Fingerprint,
}

impl IdempotencyKey {
    /// Longest key, in characters.
    pub const MAX_CHARACTERS: usize = 255;

    /// `None` if the text is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let length = text.chars().count();
        ((1..=Self::MAX_CHARACTERS).contains(&length) && !text.chars().any(char::is_control))
            .then(|| Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fingerprint {
    /// Of what a request is about.
    pub fn of(content: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// Of something that was hashed while it arrived.
    pub fn from_hasher(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    /// The bytes, for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_printable() {
        let longest = "é".repeat(255);
        for good in [
            "a",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
            "with space",
            longest.as_str(),
        ] {
            assert!(IdempotencyKey::parse(good).is_some(), "{good}");
        }
        let longer = "x".repeat(256);
        for bad in ["", "a\nb", "a\0", "\u{7f}", longer.as_str()] {
            assert!(IdempotencyKey::parse(bad).is_none(), "{bad:?}");
        }
    }
}
