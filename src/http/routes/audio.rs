//! `/audio/{message id}.mp3` and `.wav`: reply audio, with Range, ETag and HEAD.
//!
//! Audio that is still being synthesized is streamed; a range of it waits for the whole. Files of
//! the local store are served by actix-files, objects of a remote store are passed through.

use std::path::{Path, PathBuf};

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodyStream, SizedStream},
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_RANGES, ByteRangeSpec, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE,
            CONTENT_TYPE, ETAG, Header, HeaderMap, HeaderValue, IF_NONE_MATCH, IF_RANGE,
            LAST_MODIFIED, RANGE, Range,
        },
    },
    web,
};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, GetResult};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::http::{
    AppState,
    extract::caller::Caller,
    response::envelope::ErrorEnvelope,
    response::error::{ApiError, ApiResult},
    routes::resource,
};
use crate::{
    domain::{AudioFormat, MessageId},
    services::audio::{self, ReplyAudio},
    storage::{AudioError, parse_file_name},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        resource("/audio/{file}", "GET, HEAD")
            .route(web::get().to(show))
            .route(web::head().to(show)),
    );
}

/// The audio of one of the coach's messages.
#[utoipa::path(
    get, path = "/audio/{file}", tag = "messages",
    params(
        ("file" = String, Path, description = "As given by audioUrl",
            example = "msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3"),
    ),
    responses(
        (status = 200, content_type = "audio/mpeg",
            description = "MP3, or WAV by the name of the file; 206 for a Range. Audio that is \
                still being synthesized comes in chunks, from its start. Silence, if speech was \
                promised and failed"),
        (status = 404, body = ErrorEnvelope,
            description = "AUDIO_NOT_FOUND: no such audio, or it has expired"),
        (status = 503, description = "AUDIO_STORE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    caller: Caller,
    file: web::Path<String>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> ApiResult {
    let (id, format) = parse_file_name(&file).ok_or(ApiError::AudioNotFound)?;
    let wait_timeout = state.audio_wait_timeout;
    let waits = !wait_timeout.is_zero();
    let age = audio::message_age(&state.db, &state.audio, caller.viewer(), &id, waits).await?;
    let wait_timeout = wait_timeout.saturating_sub(age.ok_or(ApiError::AudioNotFound)?);
    let options = get_options(&request);
    let has_range = options.range.is_some();
    let mut response = match audio::open(&state.audio, &id, format, options, wait_timeout).await {
        Ok(ReplyAudio::Live(chunks)) => return Ok(stream_live(chunks, format, &request)),
        Ok(ReplyAudio::File(path)) => serve_file(path, &request).await?,
        Ok(ReplyAudio::Object(object)) => serve_object(object, has_range, id, format),
        Ok(ReplyAudio::RangeNotSatisfiable { size_bytes }) => HttpResponse::RangeNotSatisfiable()
            .insert_header((CONTENT_RANGE, format!("bytes */{size_bytes}")))
            .finish(),
        Err(AudioError::NotModified) => HttpResponse::NotModified().finish(),
        Err(error) => return Err(error.into()),
    };
    // The listener's browser may cache the audio, but no shared cache.
    let value = HeaderValue::from_static("private, max-age=3600");
    response.headers_mut().insert(CACHE_CONTROL, value);
    Ok(response)
}

/// Audio that is still being synthesized. It may be cut short, so it is not cached: once complete,
/// browsers request it again, with ranges.
fn stream_live(
    chunks: BoxStream<'static, Bytes>,
    format: AudioFormat,
    request: &HttpRequest,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CACHE_CONTROL, "no-store, no-transform"));
    if request.method() == Method::HEAD {
        return response.finish();
    }
    response.body(BodyStream::new(chunks.map(Ok::<_, std::io::Error>)))
}

async fn serve_file(path: PathBuf, request: &HttpRequest) -> ApiResult {
    let file = NamedFile::open_async(&path).await.map_err(|_| ApiError::AudioNotFound)?;
    let mut response = file.into_response(request);
    let obeys_range = response.headers().contains_key(CONTENT_RANGE)
        || response.status() == StatusCode::BAD_REQUEST;
    if obeys_range && !has_valid_range(request, response.headers()) {
        return serve_whole(&path, response.headers()).await;
    }
    // actix-files answers 200 to a range that is the whole file, where Safari expects 206.
    if response.status() == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// Whether the request's range is to be obeyed: it is valid, and the audio is that of `If-Range`.
/// actix-files checks neither, and refuses an invalid range.
fn has_valid_range(request: &HttpRequest, headers: &HeaderMap) -> bool {
    let is_current = request.headers().get(IF_RANGE).is_none_or(|validator| {
        headers.get(ETAG) == Some(validator) || headers.get(LAST_MODIFIED) == Some(validator)
    });
    is_current && parse_range(request).is_some()
}

/// A whole file, with these headers of a response to a range of it.
async fn serve_whole(path: &Path, headers: &HeaderMap) -> ApiResult {
    let not_found = |_| ApiError::AudioNotFound;
    let file = File::open(path).await.map_err(not_found)?;
    let size_bytes = file.metadata().await.map_err(not_found)?.len();
    let mut response = HttpResponse::Ok();
    for (name, value) in headers {
        if ![CONTENT_RANGE, CONTENT_ENCODING].contains(name) {
            response.insert_header((name, value));
        }
    }
    Ok(response.body(SizedStream::new(size_bytes, ReaderStream::new(file))))
}

/// An object of a remote store, as it arrives.
fn serve_object(
    object: GetResult,
    has_range: bool,
    id: MessageId,
    format: AudioFormat,
) -> HttpResponse {
    let (range, size) = (object.range.clone(), object.meta.size);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((ACCEPT_RANGES, "bytes"));
    if let Some(tag) = &object.meta.e_tag {
        response.insert_header((ETAG, tag.as_str()));
    }
    if has_range {
        response.status(StatusCode::PARTIAL_CONTENT);
        // Content-Range ends at the last byte, not after it.
        let last = range.end.saturating_sub(1);
        response.insert_header((CONTENT_RANGE, format!("bytes {}-{last}/{size}", range.start)));
    }
    let error = move |error| ApiError::from(AudioError::of(&id, &error));
    response.body(SizedStream::new(range.end - range.start, object.into_stream().map_err(error)))
}

/// The request's method, range and ETag, for a remote store. A request with `If-Range` gets the
/// whole audio, as RFC 9110 permits.
fn get_options(request: &HttpRequest) -> GetOptions {
    let if_none_match = request.headers().get(IF_NONE_MATCH);
    GetOptions {
        range: parse_range(request).filter(|_| !request.headers().contains_key(IF_RANGE)),
        if_none_match: if_none_match.and_then(|value| Some(value.to_str().ok()?.to_owned())),
        head: request.method() == Method::HEAD,
        ..GetOptions::default()
    }
}

/// The requested range, if it is valid and a single one. Requests for several ranges get the whole
/// audio, as RFC 9110 permits.
fn parse_range(request: &HttpRequest) -> Option<GetRange> {
    // actix leaves out the invalid ones of several ranges.
    if request.headers().get(RANGE)?.as_bytes().contains(&b',') {
        return None;
    }
    let Ok(Range::Bytes(specs)) = Range::parse(request) else {
        return None;
    };
    match specs.as_slice() {
        [ByteRangeSpec::FromTo(from, to)] if from <= to => {
            Some(GetRange::Bounded(*from..to.saturating_add(1)))
        }
        [ByteRangeSpec::From(from)] => Some(GetRange::Offset(*from)),
        [ByteRangeSpec::Last(length)] => Some(GetRange::Suffix(*length)),
        _ => None,
    }
}
