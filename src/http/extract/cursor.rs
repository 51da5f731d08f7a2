//! Cursors: where a page begins, in a form that clients hand back as it is.
//!
//! A cursor is sealed with a digest of the question that it belongs to, so one that was changed, cut off or taken from
//! another question is told from a good one, by any server. It holds no secret and opens nothing: what it leads to is
//! looked up as the caller may see it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::http::response::error::ApiError;

const DIGEST_LENGTH: usize = 12;

/// The cursor for `position` in the answer to `question`.
pub fn encode(position: &impl Serialize, question: &str) -> String {
    let content = serde_json::to_vec(position).expect("a position is plain data");
    let mut bytes = digest(&content, question);
    bytes.extend(content);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The position that `seal` has put into `cursor` for the same question.
///
/// # Errors
/// [`ApiError::BadQuery`] for anything else.
pub fn decode<T: DeserializeOwned>(cursor: &str, question: &str) -> Result<T, ApiError> {
    let opened = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (sealed, content) = bytes.split_at_checked(DIGEST_LENGTH)?;
        (sealed == digest(content, question)).then_some(())?;
        serde_json::from_slice(content).ok()
    };
    opened().ok_or_else(|| {
        ApiError::BadQuery("cursor must be a nextCursor of the same question.".into())
    })
}

fn digest(content: &[u8], question: &str) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(b"kuku-coach cursor");
    hasher.update((question.len() as u64).to_be_bytes());
    hasher.update(question);
    hasher.update(content);
    hasher.finalize()[..DIGEST_LENGTH].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unchanged_cursor_of_the_same_question_opens() {
        let cursor = encode(&(7, "x".to_owned()), "a question");
        assert_eq!(
            decode::<(i32, String)>(&cursor, "a question").ok(),
            Some((7, "x".into()))
        );
        assert!(decode::<(i32, String)>(&cursor, "another").is_err());
        assert!(decode::<(i32, String)>("", "a question").is_err());
        assert!(decode::<(i32, String)>("not base64!", "a question").is_err());
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            // The last character may hold bits that are no part of the content.
            if BASE64_URL_SAFE_NO_PAD.decode(&changed).ok()
                != BASE64_URL_SAFE_NO_PAD.decode(&cursor).ok()
            {
                assert!(
                    decode::<(i32, String)>(&changed, "a question").is_err(),
                    "{at}"
                );
            }
        }
    }
}
