//! `/audio/<line>.mp3`: the coach's spoken answers, by actix-files (Range, ETag, HEAD).
//!
//! One file at a time, by the id of its line: there is no folder to list and no path to climb out of.

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web,
};

use super::{
    Services,
    envelope::Failure,
    error::{ApiError, only},
};
use crate::domain::MessageId;

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/audio/{file}")
            .route(web::get().to(show))
            .route(web::head().to(show))
            .default_service(only("GET, HEAD")),
    );
}

/// The coach's line, spoken.
#[utoipa::path(
    get, path = "/audio/{file}", tag = "messages",
    params(("file" = String, Path, description = "As given by audioUrl", example = "msg-0b8e4f0c9a3d2e1f001122335f0c6c1f.mp3")),
    responses(
        (status = 200, content_type = "audio/mpeg", description = "MP3; 206 for a Range"),
        (status = 404, description = "AUDIO_NOT_FOUND: never there, or out of time", body = Failure),
    ),
)]
pub async fn show(
    file: web::Path<String>,
    request: HttpRequest,
    services: web::Data<Services>,
) -> Result<HttpResponse, ApiError> {
    let id = file
        .strip_suffix(".mp3")
        .and_then(MessageId::parse)
        .ok_or(ApiError::AudioNotFound)?;
    let file = NamedFile::open_async(services.audio.file(&id))
        .await
        .map_err(|_| ApiError::AudioNotFound)?;
    let mut response = file.into_response(&request);
    // Nobody but the listener's own browser may keep it.
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    Ok(response)
}
