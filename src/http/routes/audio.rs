//! `/audio/<line>.mp3`: the coach's spoken answers, with Range, ETag and HEAD.
//!
//! What this server is still making goes out as it comes. Files are served by actix-files, objects of a remote store are
//! passed on as they arrive. One at a time, by the id of its line: there is no folder to list and no path to climb out of.

use std::time::Duration;

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodyStream, SizedStream},
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_RANGES, ByteRangeSpec, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, Header,
            HeaderValue, IF_NONE_MATCH, IF_RANGE, Range,
        },
    },
    web,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange};
use tokio::time::sleep;

use crate::http::{
    AppState,
    extract::caller::Caller,
    response::envelope::ErrorEnvelope,
    response::error::{ApiError, method_not_allowed},
};
use crate::{
    domain::MessageId,
    storage::{AudioError, parse_file_name},
};

/// How often the store is asked for a speech that another server may be making.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/audio/{file}")
            .route(web::get().to(show))
            .route(web::head().to(show))
            .default_service(method_not_allowed("GET, HEAD")),
    );
}

/// The coach's line, spoken.
#[utoipa::path(
    get, path = "/audio/{file}", tag = "messages",
    params(("file" = String, Path, description = "As given by audioUrl", example = "msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3")),
    responses(
        (status = 200, content_type = "audio/mpeg", description = "MP3; 206 for a Range. A speech that is still being made comes \
            in chunks, from its beginning"),
        (status = 404, description = "AUDIO_NOT_FOUND: never there, or out of time", body = ErrorEnvelope),
        (status = 503, description = "AUDIO_STORE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    caller: Caller,
    file: web::Path<String>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = parse_file_name(&file).ok_or(ApiError::AudioNotFound)?;
    let age = state.db.message_age(caller.viewer(), &id).await?;
    let mut rest = state
        .audio_wait_timeout
        .saturating_sub(age.ok_or(ApiError::AudioNotFound)?);
    loop {
        if let Some(parts) = state.audio.coming(&id) {
            return coming(parts, &request).await;
        }
        match stored(&id, &request, &state).await {
            // Another server may be making it; it is in the store when it is made.
            Err(ApiError::AudioNotFound) if !rest.is_zero() => {
                sleep(LOOK_AGAIN.min(rest)).await;
                rest = rest.saturating_sub(LOOK_AGAIN);
            }
            result => return result,
        }
    }
}

/// A speech that is still being made, as it comes; not found if it fails before its first sound.
async fn coming(
    parts: impl Stream<Item = Bytes> + 'static,
    request: &HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut parts = Box::pin(parts.peekable());
    parts.as_mut().peek().await.ok_or(ApiError::AudioNotFound)?;
    let mut response = HttpResponse::Ok();
    // What may be cut short is not kept; once it is whole, it is asked for again, with ranges.
    response
        .insert_header((CONTENT_TYPE, "audio/mpeg"))
        .insert_header((CACHE_CONTROL, "no-store"));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    Ok(response.body(BodyStream::new(parts.map(Ok::<_, std::io::Error>))))
}

async fn stored(
    id: &MessageId,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, ApiError> {
    let mut response = match state.audio.file(id) {
        Some(file) => NamedFile::open_async(file)
            .await
            .map_err(|_| ApiError::AudioNotFound)?
            .into_response(request),
        None => object(id, request, state).await?,
    };
    // Nobody but the listener's own browser may keep it.
    response.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600"),
    );
    Ok(response)
}

/// From a remote store, as it arrives.
async fn object(
    id: &MessageId,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, ApiError> {
    let range = wanted_range(request);
    let options = GetOptions {
        range: range.clone(),
        if_none_match: header(request, &IF_NONE_MATCH),
        head: request.method() == Method::HEAD,
        ..GetOptions::default()
    };
    let found = match state.audio.get(id, options).await {
        Ok(found) => found,
        Err(AudioError::NotModified) => return Ok(HttpResponse::NotModified().finish()),
        // Stores have no common word for a range beyond the end.
        Err(AudioError::Failed(_)) if range.is_some() => {
            let size = state.audio.head(id).await?.size;
            return Ok(HttpResponse::RangeNotSatisfiable()
                .insert_header((CONTENT_RANGE, format!("bytes */{size}")))
                .finish());
        }
        Err(error) => return Err(error.into()),
    };
    let (part, size) = (found.range.clone(), found.meta.size);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "audio/mpeg"))
        .insert_header((ACCEPT_RANGES, "bytes"));
    if let Some(tag) = &found.meta.e_tag {
        response.insert_header((ETAG, tag.as_str()));
    }
    if range.is_some() {
        response.status(StatusCode::PARTIAL_CONTENT);
        // The end is named by its last byte.
        response.insert_header((
            CONTENT_RANGE,
            format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1)),
        ));
    }
    let id = id.clone();
    let broken = move |error| ApiError::from(AudioError::of(&id, &error));
    Ok(response.body(SizedStream::new(
        part.end - part.start,
        found.into_stream().map_err(broken),
    )))
}

/// The one range that is asked for. Several at once, or one of a certain version only, get the whole, as they may.
fn wanted_range(request: &HttpRequest) -> Option<GetRange> {
    if request.headers().contains_key(IF_RANGE) {
        return None;
    }
    let Ok(Range::Bytes(specs)) = Range::parse(request) else {
        return None;
    };
    match specs.as_slice() {
        [ByteRangeSpec::FromTo(from, to)] => Some(GetRange::Bounded(*from..to.saturating_add(1))),
        [ByteRangeSpec::From(from)] => Some(GetRange::Offset(*from)),
        [ByteRangeSpec::Last(length)] => Some(GetRange::Suffix(*length)),
        _ => None,
    }
}

fn header(request: &HttpRequest, name: &actix_web::http::header::HeaderName) -> Option<String> {
    Some(request.headers().get(name)?.to_str().ok()?.to_owned())
}
