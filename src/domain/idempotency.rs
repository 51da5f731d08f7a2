//! Idempotent requests: sent twice, executed once.

use sha2::{Digest, Sha256};

/// A client's name for a request: 1 to 255 printable characters.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Hash of a request's content. The same key with another fingerprint is an error of the client.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// What identifies an idempotent request.
#[derive(Clone)]
pub struct IdempotentRequest {
    /// The client's key.
    pub key: IdempotencyKey,
    /// The hash of its content.
    pub fingerprint: Fingerprint,
}

impl IdempotencyKey {
    /// Longest key, in characters.
    pub const MAX_CHARACTERS: usize = 255;
    /// Shortest key that counts as a secret, in characters.
    const MIN_SECRET_CHARACTERS: usize = 16;

    /// `None` if the text is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let length = text.chars().count();
        ((1..=Self::MAX_CHARACTERS).contains(&length) && !text.chars().any(char::is_control))
            .then(|| Self(text.to_owned()))
    }

    /// Whether the key is long enough to be a secret.
    pub fn can_be_secret(&self) -> bool {
        self.0.chars().count() >= Self::MIN_SECRET_CHARACTERS
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fingerprint {
    /// Hashes a request's content.
    pub fn of(content: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// The fingerprint of content that was hashed while it was received.
    pub fn from_hasher(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    /// Hexadecimal, for the database.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
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
    fn keys_with_control_characters_or_wrong_length_are_rejected() {
        let longest = "é".repeat(255);
        for good in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "with space", longest.as_str()] {
            assert!(IdempotencyKey::parse(good).is_some(), "{good}");
        }
        let longer = "x".repeat(256);
        for bad in ["", "a\nb", "a\0", "\u{7f}", longer.as_str()] {
            assert!(IdempotencyKey::parse(bad).is_none(), "{bad:?}");
        }
    }
}
