//! Message history, as clients get it.

use actix_web::{HttpResponse, body::BodyStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, message::MessageResponse};
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

/// Sends a long history page by page. If a page cannot be read, the connection is closed, which
/// clients do not mistake for the end.
pub fn stream_history(
    first: Vec<MessageAndAudio>,
    rest: impl Stream<Item = Result<Vec<MessageAndAudio>, RepositoryError>> + 'static,
) -> Result<HttpResponse, ApiError> {
    let first = [HISTORY_START.to_owned(), json_items(first)?].concat();
    let rest = rest
        .map_err(ApiError::from)
        .and_then(async |page| Ok(Bytes::from([",".to_owned(), json_items(page)?].concat())));
    let body = stream::once(async { Ok(Bytes::from(first)) })
        .chain(rest)
        .chain(stream::once(async { Ok(Bytes::from(HISTORY_END)) }));
    Ok(HttpResponse::Ok().content_type("application/json").body(BodyStream::new(Box::pin(body))))
}

/// The messages as items of a JSON array, without its brackets.
fn json_items(messages: Vec<MessageAndAudio>) -> Result<String, ApiError> {
    let messages: Vec<_> = messages.into_iter().map(MessageResponse::from).collect();
    let array = serde_json::to_string(&messages).map_err(|_| ApiError::Internal)?;
    Ok(array[1..array.len() - 1].to_owned())
}
