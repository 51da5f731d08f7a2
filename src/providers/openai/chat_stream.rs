//! Streamed completions: server-sent events as servers send them, which is not always as the
//! standards say.

use std::{io, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::{Stream, StreamExt, future::ready, stream};
use reqwest::Response;
use tokio::time::timeout;

use super::{
    client::{connection_broke, parse_json, unavailable, unusable},
    completion::{Answer, Completion, PartialAnswer},
    refusal::SendError,
};

/// Longest wait for more, such as `[DONE]`, once the server said that the answer is complete.
const END_TIMEOUT: Duration = Duration::from_millis(300);
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Most bytes of a stream; a reply takes some 10 kB, and thoughts a multiple.
const MAX_STREAM_BYTES: usize = 16 * 1024 * 1024;

/// Reads a streamed answer, and calls `on_text` with each piece of its text that may be shown,
/// none of them empty; with `hold_back` not before a thought has ended. Servers that do not stream
/// send plain JSON, which is one piece.
///
/// The end is `[DONE]` or a finish reason. Comments, pings, empty events and chunks without choices
/// are passed over.
///
/// # Errors
/// A stream that ends without either is cut: a broken connection may look like an end.
pub(super) async fn read_answer(
    mut response: Response,
    hold_back: bool,
    mut on_text: impl FnMut(String),
) -> Result<Answer, SendError> {
    let mut show = |text: String| {
        if !text.is_empty() {
            on_text(text);
        }
    };
    let (start, is_json) = first_bytes(&mut response).await?;
    let body = body_from(start, response);
    let (answer, rest) = match is_json {
        true => read_json(body).await?,
        false => read_events(body, hold_back, &mut show).await?,
    }
    .finish();
    show(rest);
    Ok(answer)
}

async fn read_json(
    body: impl Stream<Item = io::Result<Bytes>>,
) -> Result<PartialAnswer, SendError> {
    let mut body = Box::pin(body);
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        whole.extend_from_slice(&chunk.map_err(|_| connection_broke())?);
    }
    whole_answer(&whole)
}

async fn read_events(
    body: impl Stream<Item = io::Result<Bytes>>,
    hold_back: bool,
    show: &mut impl FnMut(String),
) -> Result<PartialAnswer, SendError> {
    let mut answer = PartialAnswer::new(hold_back);
    // An event ends with an empty line, which some servers leave out after the last one.
    let body = body.chain(stream::once(ready(Ok(Bytes::from_static(b"\n\n")))));
    let mut events = Box::pin(body.eventsource());
    loop {
        let next = match answer.is_finished() {
            true => timeout(END_TIMEOUT, events.next()).await.unwrap_or(None),
            false => events.next().await,
        };
        let data = match next {
            Some(Ok(event)) => event.data,
            // What comes after the end does not matter.
            Some(Err(_)) | None if answer.is_finished() => return Ok(answer),
            Some(Err(EventStreamError::Transport(_))) => return Err(connection_broke()),
            Some(Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_))) => {
                return Err(unavailable("the stream has another shape").into());
            }
            None => return Err(unavailable("the stream ended too early").into()),
        };
        match data.trim() {
            "[DONE]" => return Ok(answer),
            // A ping, or another event without a chunk.
            data if !data.starts_with('{') => {}
            data => {
                let chunk: Completion = parse_json(data.as_bytes())?;
                if chunk.is_error() {
                    return Err(unavailable("an error in the middle of a stream").into());
                }
                show(answer.add(chunk));
                if answer.is_too_long() {
                    return Err(unusable("a reply that is too long").into());
                }
            }
        }
    }
}

/// The answer of a response that is not streamed.
pub(super) fn whole_answer(body: &[u8]) -> Result<PartialAnswer, SendError> {
    let completion: Completion = parse_json(body)?;
    if !completion.is_complete() {
        return Err(unavailable("an error with status 200").into());
    }
    let mut answer = PartialAnswer::new(true);
    answer.add(completion);
    Ok(answer)
}

/// The first bytes of a body without byte order mark, and whether they begin JSON instead of
/// events. The mark must go: eventsource-stream 0.2.3 panics at it.
async fn first_bytes(response: &mut Response) -> Result<(Bytes, bool), SendError> {
    let mut start = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| connection_broke())? {
        start.extend_from_slice(&chunk);
        if start.len() < BYTE_ORDER_MARK.len() {
            continue;
        }
        while start.starts_with(BYTE_ORDER_MARK) {
            start.advance(BYTE_ORDER_MARK.len());
        }
        let is_part_of_mark = !start.is_empty() && BYTE_ORDER_MARK.starts_with(&start);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        if let (Some(first), false) = (first, is_part_of_mark) {
            let is_json = *first == b'{';
            return Ok((start.freeze(), is_json));
        }
    }
    Ok((start.freeze(), false))
}

fn body_from(start: Bytes, response: Response) -> impl Stream<Item = io::Result<Bytes>> {
    let rest = response.bytes_stream().map(|chunk| chunk.map_err(io::Error::other));
    let mut total = 0;
    stream::once(ready(Ok(start))).chain(rest).take_while(move |chunk| {
        total += chunk.as_ref().map_or(0, Bytes::len);
        ready(total <= MAX_STREAM_BYTES)
    })
}
