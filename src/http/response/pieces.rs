//! Long responses in pieces.

use std::{iter, net::IpAddr, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::error::ApiError;
use crate::shares::KeyedLocks;

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

/// The pages of a long response. Those of all long responses to a client are read one at a time, so
/// that a client with hundreds of them does not delay others; pages for programs on this machine,
/// which have no address, are not.
pub fn read_in_turn<T: 'static>(
    pages: impl Stream<Item = T> + 'static,
    client: Option<IpAddr>,
    page_reads: Arc<KeyedLocks<IpAddr>>,
) -> impl Stream<Item = T> + 'static {
    stream::unfold(pages.boxed_local(), move |mut pages| {
        let page_reads = page_reads.clone();
        async move {
            let _turn = match client {
                Some(client) => Some(page_reads.lock(client).await),
                None => None,
            };
            pages.next().await.map(|page| (page, pages))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::future;

    use futures_util::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn pages_for_a_client_are_read_one_at_a_time() {
        let (one, two) = ("203.0.113.7".parse().ok(), "203.0.113.8".parse().ok());
        let page_reads = Arc::default();
        let read = |client, page: future::Ready<u32>| {
            read_in_turn(stream::once(page), client, Arc::clone(&page_reads)).boxed_local()
        };
        let never = stream::once(future::pending::<u32>());
        let mut slow = read_in_turn(never, one, page_reads.clone()).boxed_local();
        assert!(poll!(slow.next()).is_pending(), "its page is not there yet");
        let mut waiting = read(one, future::ready(1));
        assert!(poll!(waiting.next()).is_pending(), "the slow one is first");
        for client in [two, None] {
            assert_eq!(read(client, future::ready(2)).next().now_or_never(), Some(Some(2)));
        }
        drop(slow);
        assert_eq!(waiting.next().now_or_never(), Some(Some(1)));
        let mut held = read(one, future::ready(3));
        assert_eq!(held.next().now_or_never(), Some(Some(3)), "the page that was read holds none");
    }
}
