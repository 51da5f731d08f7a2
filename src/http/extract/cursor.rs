//! Page cursors: an opaque position that clients send back for the next page.
//!
//! A cursor carries a digest of its position and of the scope that it belongs to. Any server
//! rejects one that was changed, truncated or taken from other parameters. The digest has no secret
//! and protects nothing: rows after the position are read with the caller's own rights.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::http::response::error::ApiError;

const DIGEST_BYTES: usize = 12;

/// The cursor of `position` in the results of `scope`.
pub fn encode(position: &impl Serialize, scope: &str) -> String {
    let content = serde_json::to_vec(position).expect("a position is plain data");
    let mut bytes = digest(&content, scope);
    bytes.extend(content);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The position of a cursor that [`encode`] made for the same scope; any other cursor is an error.
pub fn decode<T: DeserializeOwned>(cursor: &str, scope: &str) -> Result<T, ApiError> {
    let position = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (expected, content) = bytes.split_at_checked(DIGEST_BYTES)?;
        (expected == digest(content, scope)).then_some(())?;
        serde_json::from_slice(content).ok()
    };
    position().ok_or_else(|| {
        ApiError::BadQuery("cursor must be a nextCursor of the same question.".into())
    })
}

fn digest(content: &[u8], scope: &str) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(b"kuku-coach cursor");
    hasher.update((scope.len() as u64).to_be_bytes());
    hasher.update(scope);
    hasher.update(content);
    hasher.finalize()[..DIGEST_BYTES].to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn cursor_is_valid_in_its_own_scope_only(
            position in any::<(i32, String)>(),
            scope in ".{0,40}",
            other in ".{0,40}",
        ) {
            let cursor = encode(&position, &scope);
            prop_assert_eq!(decode::<(i32, String)>(&cursor, &scope).ok(), Some(position));
            if other != scope {
                prop_assert!(decode::<(i32, String)>(&cursor, &other).is_err());
            }
        }

        #[test]
        fn changed_cursor_is_rejected(position: i32, index: prop::sample::Index, bit in 0..8) {
            let mut bytes = BASE64_URL_SAFE_NO_PAD
                .decode(encode(&position, "scope"))
                .expect("base64");
            let index = index.index(bytes.len());
            bytes[index] ^= 1u8 << bit;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(bytes);
            prop_assert!(decode::<i32>(&changed, "scope").is_err());
        }

        #[test]
        fn arbitrary_text_is_no_cursor(text in ".{0,60}") {
            prop_assert!(decode::<i32>(&text, "scope").is_err());
        }
    }
}
