//! Time-out of speech to text, which grows with the recording.

use std::{fs::File, io, path::Path, time::Duration};

use tokio::task::spawn_blocking;

use crate::domain::{AudioFormat, WavHeader};

/// Longest time-out, unless the setting is longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);
/// Share of the recording's length that is added to the setting: slow servers transcribe about four
/// times as fast as people speak.
const LENGTH_DIVISOR: f64 = 4.0;
/// Size of a second of compressed speech: 32 kbit/s, the least that browsers record with.
const BYTES_PER_SECOND: f64 = 4_000.0;

/// `base` and a quarter of the length of the recording `audio`, at most ten minutes. The length is
/// that of a WAVE header, and an estimate by size for other formats.
pub(super) async fn transcription_timeout(
    base: Duration,
    audio: &Path,
    format: AudioFormat,
) -> Duration {
    let audio = audio.to_owned();
    let length = spawn_blocking(move || length_seconds(&audio, format));
    match length.await {
        Ok(Ok(length_seconds)) => extended(base, length_seconds),
        // The call that follows fails because of that file.
        Ok(Err(_)) | Err(_) => base,
    }
}

fn extended(base: Duration, length_seconds: f64) -> Duration {
    let added = Duration::from_secs_f64((length_seconds / LENGTH_DIVISOR).min(1e6));
    base.max((base + added).min(MAX_TIMEOUT))
}

fn length_seconds(audio: &Path, format: AudioFormat) -> io::Result<f64> {
    let mut file = File::open(audio)?;
    if format == AudioFormat::Wav
        && let Some(header) = WavHeader::read(&mut file)?
    {
        return Ok(header.duration_seconds());
    }
    Ok(file.metadata()?.len() as f64 / BYTES_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const BASE: Duration = Duration::from_secs(30);

    #[test]
    fn timeout_grows_to_ten_minutes() {
        for (base, length_seconds, expected) in [
            (30, 0.0, 30),
            (30, 40.0, 40),
            (30, 600.0, 180),
            (30, 6_553.0, 600),
            (30, f64::MAX, 600),
            (900, 600.0, 900),
        ] {
            let timeout = extended(Duration::from_secs(base), length_seconds);
            assert_eq!(timeout, Duration::from_secs(expected), "{base} {length_seconds}");
        }
    }

    #[tokio::test]
    async fn length_is_read_from_a_header_or_estimated() {
        // A second of 8 bit mono at 8,000 Hz, by a header; two seconds by size.
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        wav.extend([8_000_u32.to_le_bytes(), 8_000_u32.to_le_bytes()].concat());
        wav.extend(b"\x01\0\x08\0data\0\0\0\0");
        wav.extend(vec![128; 8_000]);
        for (bytes, format, milliseconds) in [
            (wav.as_slice(), AudioFormat::Wav, 30_250),
            (&[0; 8_000], AudioFormat::Wav, 30_500),
            (&[0; 8_000], AudioFormat::WebM, 30_500),
        ] {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(bytes).expect("written");
            let timeout = transcription_timeout(BASE, file.path(), format).await;
            assert_eq!(timeout, Duration::from_millis(milliseconds));
        }
        let missing = Path::new("/missing");
        assert_eq!(transcription_timeout(BASE, missing, AudioFormat::Wav).await, BASE);
    }
}
