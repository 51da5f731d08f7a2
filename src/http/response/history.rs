//! Message history, as clients get it.

use actix_web::{HttpResponse, body::BodyStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, message::MessageResponse, pieces::pieces};
use crate::{
    domain::{AudioFormat, Message},
    repository::RepositoryError,
};

/// JSON around the messages of a [`HistoryResponse`] that is sent in pages; a test compares both.
const HISTORY_START: &str = r#"{"success":true,"data":{"messages":["#;
const HISTORY_END: &str = r#"],"nextCursor":null},"error":null}"#;

/// A message, and the format of its audio, if it has any.
type MessageAndAudio = (Message, Option<AudioFormat>);

/// Messages in order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryResponse {
    messages: Vec<MessageResponse>,
    /// For the next page; null on the last one, and without a limit.
    next_cursor: Option<String>,
}

impl HistoryResponse {
    /// A page of messages, each with the format of its audio.
    pub fn new(messages: Vec<MessageAndAudio>, next_cursor: Option<String>) -> Self {
        Self { messages: messages.into_iter().map(MessageResponse::from).collect(), next_cursor }
    }
}

/// Sends a long history page by page, each page in small pieces, so that a client that reads slowly
/// holds one page and one piece in memory. If a page cannot be read, the connection is closed,
/// which clients do not mistake for the end.
pub fn stream_history(
    first: Vec<MessageAndAudio>,
    rest: impl Stream<Item = Result<Vec<MessageAndAudio>, RepositoryError>> + 'static,
) -> HttpResponse {
    let rest = rest
        .map_err(ApiError::from)
        .map_ok(|page| stream::iter(json_pieces(page, ItemSeparator::Always)))
        .try_flatten();
    let body = stream::once(async { Ok(Bytes::from(HISTORY_START)) })
        .chain(stream::iter(json_pieces(first, ItemSeparator::BetweenItems)))
        .chain(rest)
        .chain(stream::once(async { Ok(Bytes::from(HISTORY_END)) }));
    HttpResponse::Ok().content_type("application/json").body(BodyStream::new(Box::pin(body)))
}

/// Where a comma precedes the items of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ItemSeparator {
    /// On the first page.
    BetweenItems,
    Always,
}

/// The messages as items of a JSON array, without its brackets, in pieces.
fn json_pieces(
    messages: Vec<MessageAndAudio>,
    separator: ItemSeparator,
) -> impl Iterator<Item = Result<Bytes, ApiError>> {
    let mut is_separated = separator == ItemSeparator::Always;
    pieces(messages, move |message, text| {
        if is_separated {
            text.push(b',');
        }
        is_separated = true;
        serde_json::to_writer(text, &MessageResponse::from(message)).map_err(|_| ApiError::Internal)
    })
}
