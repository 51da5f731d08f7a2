//! Long responses in pieces.

use std::iter;

use bytes::Bytes;

use super::error::ApiError;

/// Size that a piece reaches before it is sent, that of actix' send buffer: it asks for another
/// piece only while the buffer holds less.
pub const PIECE_BYTES: usize = 32 * 1024;

/// What `write` makes of the items, in pieces. Items are dropped as they are written, and none is
/// written before its piece is asked for.
pub fn pieces<T>(
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<(), ApiError>,
) -> impl Iterator<Item = Result<Bytes, ApiError>> {
    let mut items = items.into_iter();
    iter::from_fn(move || {
        let mut text = Vec::new();
        while text.len() < PIECE_BYTES
            && let Some(item) = items.next()
        {
            if let Err(error) = write(item, &mut text) {
                return Some(Err(error));
            }
        }
        (!text.is_empty()).then(|| Ok(Bytes::from(text)))
    })
}
