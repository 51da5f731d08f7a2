//! Recordings: streamed to a temporary file, looked at, and never held in memory.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt};

use crate::http::{AppState, response::error::ApiError};
use crate::{
    domain::{AudioFormat, Fingerprint, MIN_RECORDING_BYTES, is_declared_as_audio},
    metrics::{Stage, time_stage},
    services::TurnInput,
    storage::Uploads,
};

/// A file that grows while a recording arrives; it goes with this value.
struct Growing {
    file: File,
    path: TempPath,
    format: AudioFormat,
}

/// Takes the part `audio` of a multipart upload. The file that it makes goes with the answer, or with the request if that
/// ends early.
///
/// # Errors
/// What the contract says for uploads that are no recording, or too large; [`ApiError::Overloaded`] and
/// [`ApiError::RequestTimeout`].
pub async fn recording(
    request: &HttpRequest,
    payload: web::Payload,
    state: &AppState,
) -> Result<(TurnInput, Fingerprint), ApiError> {
    let _place = state.body_limits.acquire_upload_permit()?;
    let parts = Multipart::new(request.headers(), payload);
    time_stage(
        Stage::Upload,
        state.body_limits.with_body_timeout(read_form(parts, state)),
    )
    .await
}

async fn read_form(
    mut parts: Multipart,
    state: &AppState,
) -> Result<(TurnInput, Fingerprint), ApiError> {
    let mut result = None;
    while let Some(part) = state.body_limits.next_chunk(parts.next()).await? {
        let mut part = part.map_err(malformed)?;
        if part.name() == Some("audio") && result.is_none() {
            result = Some(audio_part(&mut part, state).await?);
        } else {
            skip(&mut part, state).await?;
        }
    }
    result
        .ok_or_else(|| ApiError::MalformedRequest("The upload has no part named audio.".into()))?
}

/// The outer error breaks off; the inner one is answered once everything was read.
async fn audio_part(
    part: &mut Field,
    state: &AppState,
) -> Result<Result<(TurnInput, Fingerprint), ApiError>, ApiError> {
    let (limits, max_bytes) = (&state.body_limits, state.max_upload_bytes);
    let declared = part
        .content_type()
        .is_some_and(|kind| is_declared_as_audio(kind.as_ref()));
    if !declared {
        skip(part, state).await?;
        return Ok(Err(ApiError::InvalidAudioFormat));
    }
    let mut size: u64 = 0;
    let mut hasher = Sha256::new();
    let mut beginning = Vec::with_capacity(AudioFormat::SNIFF_LENGTH);
    let mut growing: Option<Growing> = None;
    let mut unknown_format = false;
    while let Some(chunk) = limits.next_chunk(part.next()).await? {
        let chunk = chunk.map_err(malformed)?;
        size += chunk.len() as u64;
        hasher.update(&chunk);
        if size > max_bytes {
            drop(growing);
            skip(part, state).await?;
            return Ok(Err(ApiError::RecordingTooLarge(max_bytes / (1024 * 1024))));
        }
        if let Some(growing) = &mut growing {
            growing.file.write_all(&chunk).await.map_err(no_file)?;
        } else if !unknown_format {
            beginning.extend_from_slice(&chunk);
            if beginning.len() >= AudioFormat::SNIFF_LENGTH {
                match AudioFormat::sniff(&beginning) {
                    Some(format) => {
                        growing = Some(begin(&state.uploads, format, &beginning).await?)
                    }
                    None => unknown_format = true,
                }
                beginning = Vec::new();
            }
        }
    }
    // Of the recording alone: the form around it differs each time it is sent.
    let fingerprint = Fingerprint::from_hasher(hasher);
    if size < MIN_RECORDING_BYTES {
        return Ok(Ok((TurnInput::TooShort, fingerprint)));
    }
    let Some(mut growing) = growing else {
        return Ok(Err(ApiError::InvalidAudioFormat));
    };
    growing.file.flush().await.map_err(no_file)?;
    Ok(Ok((
        TurnInput::Recording(growing.path, growing.format),
        fingerprint,
    )))
}

async fn begin(
    uploads: &Uploads,
    format: AudioFormat,
    beginning: &[u8],
) -> Result<Growing, ApiError> {
    let (file, path) = uploads.create(format).map_err(no_file)?.into_parts();
    let mut file = File::from_std(file);
    file.write_all(beginning).await.map_err(no_file)?;
    Ok(Growing { file, path, format })
}

/// Reads on without keeping anything, so that a client which is still sending gets to see the answer.
async fn skip(part: &mut Field, state: &AppState) -> Result<(), ApiError> {
    let mut skipped = 0;
    while let Some(chunk) = state.body_limits.next_chunk(part.next()).await? {
        skipped += chunk.map_err(malformed)?.len() as u64;
        if skipped > state.max_upload_bytes.saturating_mul(4) {
            return Err(ApiError::RecordingTooLarge(
                state.max_upload_bytes / (1024 * 1024),
            ));
        }
    }
    Ok(())
}

fn malformed(error: MultipartError) -> ApiError {
    // Its texts name what is wrong with the form, not what is in it.
    ApiError::MalformedRequest(format!(
        "The upload is not a complete multipart form: {error}"
    ))
}

fn no_file(error: std::io::Error) -> ApiError {
    tracing::error!(%error, "cannot write an upload");
    ApiError::Internal
}
