//! Recordings: multipart uploads, streamed to a temporary file and never held in memory.

use std::io::{self, ErrorKind};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt};

use super::form_part::{as_mixed, is_named, raw_content_type};
use crate::http::{AppState, response::error::ApiError, upload_limits::Upload};
use crate::{
    domain::{AudioFormat, Fingerprint, MIN_RECORDING_BYTES, is_declared_as_audio},
    metrics::{Stage, time_stage},
    services::TurnInput,
    storage::Uploads,
};

/// A recording and its fingerprint, or why it is refused.
type Recording = Result<(TurnInput, Fingerprint), ApiError>;

/// Receives the part `audio` of a multipart upload. The file is deleted when the returned input is
/// dropped, or when the request ends early.
pub async fn receive_recording(
    upload: Upload,
    request: &HttpRequest,
    payload: web::Payload,
    state: &AppState,
) -> Recording {
    let parts = Multipart::new(&as_mixed(request.headers()), payload);
    let form = FormReader { upload, state };
    time_stage(Stage::Upload, state.body_limits.with_body_timeout(form.read(parts))).await
}

/// Reader of a multipart form.
struct FormReader<'a> {
    upload: Upload,
    state: &'a AppState,
}

impl FormReader<'_> {
    async fn read(mut self, mut parts: Multipart) -> Recording {
        let mut result = None;
        while let Some(part) = self.upload.next_chunk(parts.next()).await? {
            let mut part = part.map_err(malformed)?;
            if is_named(&part, "audio") && result.is_none() {
                result = Some(self.read_audio(&mut part).await?);
            } else {
                self.discard_part(&mut part).await?;
            }
        }
        result.ok_or_else(|| {
            ApiError::MalformedRequest("The upload has no part named audio.".into())
        })?
    }

    /// Reads the audio part. The outer error ends the request at once, the inner one is returned
    /// after the rest of the form was read.
    async fn read_audio(&mut self, part: &mut Field) -> Result<Recording, ApiError> {
        let is_audio = raw_content_type(part).is_some_and(is_declared_as_audio);
        if !is_audio {
            self.discard_part(part).await?;
            return Ok(Err(ApiError::InvalidAudioFormat));
        }
        let mut size_bytes: u64 = 0;
        let mut hasher = Sha256::new();
        let mut writer = RecordingWriter::Header(Vec::with_capacity(AudioFormat::SNIFF_LENGTH));
        while let Some(chunk) = self.next_chunk(part).await? {
            size_bytes += chunk.len() as u64;
            hasher.update(&chunk);
            if size_bytes > self.state.max_upload_bytes {
                drop(writer);
                self.discard_part(part).await?;
                return Ok(Err(self.too_large()));
            }
            writer = match writer.write(&chunk, &self.state.uploads).await {
                Ok(writer) => writer,
                Err(error) => {
                    self.discard_part(part).await?;
                    return Ok(Err(error));
                }
            };
        }
        // A fingerprint of the audio alone: the form's boundary differs with each request.
        let fingerprint = Fingerprint::from_hasher(hasher);
        if size_bytes < MIN_RECORDING_BYTES {
            return Ok(Ok((TurnInput::TooShort, fingerprint)));
        }
        let RecordingWriter::File(mut file, path, format) = writer else {
            return Ok(Err(ApiError::InvalidAudioFormat));
        };
        if let Err(error) = file.flush().await {
            return Ok(Err(io_error(error)));
        }
        Ok(Ok((TurnInput::Recording(path, format, fingerprint.clone()), fingerprint)))
    }

    async fn next_chunk(&mut self, part: &mut Field) -> Result<Option<Bytes>, ApiError> {
        let chunk = self.upload.next_chunk(part.next()).await?;
        let chunk = chunk.transpose().map_err(malformed)?;
        self.upload.count(chunk.as_ref().map_or(0, Bytes::len));
        Ok(chunk)
    }

    /// Reads the rest of a part, so that the response reaches a client that is still sending.
    async fn discard_part(&mut self, part: &mut Field) -> Result<(), ApiError> {
        let mut size_bytes = 0;
        while let Some(chunk) = self.next_chunk(part).await? {
            size_bytes += chunk.len() as u64;
            if size_bytes > self.state.max_upload_bytes.saturating_mul(4) {
                return Err(self.too_large());
            }
        }
        Ok(())
    }

    fn too_large(&self) -> ApiError {
        ApiError::RecordingTooLarge(self.state.max_upload_bytes)
    }
}

/// Writer of a recording, whose format is sniffed from its first bytes.
enum RecordingWriter {
    /// The first bytes, too few to sniff the format.
    Header(Vec<u8>),
    /// The temporary file, once the format is known; deleted on drop.
    File(File, TempPath, AudioFormat),
    /// The format is unknown: the rest is discarded.
    UnknownFormat,
}

impl RecordingWriter {
    async fn write(self, chunk: &[u8], uploads: &Uploads) -> Result<Self, ApiError> {
        uploads.check_space().map_err(io_error)?;
        match self {
            Self::Header(mut header) => {
                header.extend_from_slice(chunk);
                if header.len() < AudioFormat::SNIFF_LENGTH {
                    return Ok(Self::Header(header));
                }
                let Some(format) = AudioFormat::sniff(&header) else {
                    return Ok(Self::UnknownFormat);
                };
                let (file, path) = uploads.create(format).map_err(io_error)?.into_parts();
                let mut file = File::from_std(file);
                file.write_all(&header).await.map_err(io_error)?;
                Ok(Self::File(file, path, format))
            }
            Self::File(mut file, path, format) => {
                file.write_all(chunk).await.map_err(io_error)?;
                Ok(Self::File(file, path, format))
            }
            Self::UnknownFormat => Ok(self),
        }
    }
}

fn malformed(error: MultipartError) -> ApiError {
    // The error names the fault of the form and none of its content.
    ApiError::MalformedRequest(format!("The upload is not a complete multipart form: {error}"))
}

fn io_error(error: io::Error) -> ApiError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ApiError::DiskFull,
        _ => {
            tracing::error!(%error, "cannot write an upload");
            ApiError::Internal
        }
    }
}
