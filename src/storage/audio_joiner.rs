//! Joins the speech of a reply's sentences, each a file of its own, into one stream and one file.
//!
//! Players measure a file by what its beginning states. So the joined file states nothing that is
//! true of its first sentence only, and nothing but audio lies between two sentences.

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};

use crate::domain::{AudioFormat, UNKNOWN_WAV_LENGTH, pcm16_mono, wav_header};

/// Length of an ID3v1 tag, which ends a file.
const ID3V1_LENGTH: usize = 128;
/// Longest beginning that is held back in search of the first sound: an ID3 tag with a picture.
const MAX_HEADER: usize = 1024 * 1024;
/// Joins files of one format, which arrive in chunks.
#[derive(Debug, Default)]
pub struct AudioJoiner {
    format: Option<AudioFormat>,
    /// Format chunk of the WAV files: sampling rate, channels, bits.
    wav_format: Bytes,
    /// Bytes of sound in the WAV file.
    wav_length: u32,
    part: Part,
}

/// Where in the current part the next chunk belongs.
#[derive(Debug)]
enum Part {
    /// Before the first sound.
    Header(BytesMut),
    /// Within the sound of an MP3 file; holds bytes that may begin an ID3v1 tag.
    Mp3(BytesMut),
    /// Within the sound of a WAV file, of which so many bytes are left.
    Wav(u64),
    /// The part cannot be joined: it is of another format than the first one.
    Unusable,
}

impl Default for Part {
    fn default() -> Self {
        Self::Header(BytesMut::new())
    }
}

/// The part is no MP3 or WAV file, or is of another format than the parts before.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("speech of an unexpected format")]
pub struct UnexpectedFormat;

impl AudioJoiner {
    /// The format of the joined file; `None` before the first sound.
    pub fn format(&self) -> Option<AudioFormat> {
        self.format
    }

    /// The next bytes of the joined stream, perhaps none, for a chunk of the current part.
    pub fn push(&mut self, chunk: &Bytes) -> Result<Bytes, UnexpectedFormat> {
        match &mut self.part {
            Part::Header(header) => {
                header.extend_from_slice(chunk);
                self.read_header(false)
            }
            Part::Mp3(held) => Ok(without_id3v1_start(held, chunk)),
            Part::Wav(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(chunk.len());
                *left -= length as u64;
                Ok(self.count_wav(chunk.slice(..length)))
            }
            Part::Unusable => Err(UnexpectedFormat),
        }
    }

    /// Ends the current part; the bytes that were held back.
    pub fn end_part(&mut self) -> Result<Bytes, UnexpectedFormat> {
        let rest = match &self.part {
            Part::Header(_) => self.read_header(true)?,
            Part::Unusable => return Err(UnexpectedFormat),
            _ => Bytes::new(),
        };
        let held = match std::mem::take(&mut self.part) {
            Part::Mp3(held) if !held.starts_with(b"TAG") => held.freeze(),
            _ => Bytes::new(),
        };
        Ok(if rest.is_empty() { held } else { [rest, held].concat().into() })
    }

    /// What replaces the first bytes of the stream, of the same length, in the file: the header
    /// that states the true length. `None` if the file begins like the stream.
    pub fn final_header(&self) -> Option<Bytes> {
        (self.format == Some(AudioFormat::Wav))
            .then(|| wav_header(&self.wav_format, self.wav_length).into())
    }

    /// Looks for the first sound in the header of a part, and returns what belongs to the stream.
    fn read_header(&mut self, is_end: bool) -> Result<Bytes, UnexpectedFormat> {
        let Part::Header(header) = &mut self.part else { return Ok(Bytes::new()) };
        if !is_end && header.len() < AudioFormat::SNIFF_LENGTH {
            return Ok(Bytes::new());
        }
        let found = AudioFormat::sniff(header);
        let is_expected = self.format.is_none() || self.format == found;
        let is_first = self.format.is_none();
        match found {
            Some(AudioFormat::Mp3) if is_expected => {
                let is_complete = is_end || header.len() > MAX_HEADER;
                let Some(start) = mp3_start(header, is_first, is_complete) else {
                    return Ok(Bytes::new());
                };
                let sound = std::mem::take(header).freeze();
                self.format = found;
                let mut held = BytesMut::new();
                let sound = without_id3v1_start(&mut held, &start.cut(sound));
                self.part = Part::Mp3(held);
                Ok(sound)
            }
            Some(AudioFormat::Wav) if is_expected => self.read_wav_header(is_end, is_first),
            _ => {
                self.part = Part::Unusable;
                Err(UnexpectedFormat)
            }
        }
    }

    fn read_wav_header(&mut self, is_end: bool, is_first: bool) -> Result<Bytes, UnexpectedFormat> {
        let Part::Header(header) = &mut self.part else { return Ok(Bytes::new()) };
        let Some(start) = wav_start(header) else {
            if is_end || header.len() > MAX_HEADER {
                self.part = Part::Unusable;
                return Err(UnexpectedFormat);
            }
            return Ok(Bytes::new());
        };
        if !is_first && self.wav_format != start.format {
            self.part = Part::Unusable;
            return Err(UnexpectedFormat);
        }
        let sound = std::mem::take(header).freeze().slice(start.sound..);
        self.format = Some(AudioFormat::Wav);
        self.wav_format = start.format;
        let length = usize::try_from(start.length).unwrap_or(usize::MAX).min(sound.len());
        self.part = Part::Wav(start.length - length as u64);
        let sound = self.count_wav(sound.slice(..length));
        if !is_first {
            return Ok(sound);
        }
        let header = wav_header(&self.wav_format, UNKNOWN_WAV_LENGTH);
        Ok([&header[..], &sound].concat().into())
    }

    fn count_wav(&mut self, sound: Bytes) -> Bytes {
        let length = u32::try_from(sound.len()).unwrap_or(u32::MAX);
        self.wav_length = self.wav_length.saturating_add(length);
        sound
    }
}

/// What is left of the beginning of an MP3 file: perhaps its tag, and everything from the first
/// frame of sound.
#[derive(Debug, PartialEq, Eq)]
struct Mp3Start {
    tag: std::ops::Range<usize>,
    sound: usize,
}

impl Mp3Start {
    fn cut(&self, header: Bytes) -> Bytes {
        if self.tag.end == self.sound {
            return header.slice(self.tag.start..);
        }
        [header.slice(self.tag.clone()), header.slice(self.sound..)].concat().into()
    }
}

/// Finds the first sound of an MP3 file: after an ID3v2 tag, and after a frame that states the
/// length of the file. The tag is kept in the first part, unless it states a length, too. `None` if
/// more bytes are needed and `is_complete` is false.
fn mp3_start(header: &[u8], is_first: bool, is_complete: bool) -> Option<Mp3Start> {
    let tag_end = match id3v2_length(header) {
        Some(length) if length > header.len() && !is_complete => return None,
        Some(length) => length.min(header.len()),
        None => 0,
    };
    let states_length = header[..tag_end].windows(4).any(|name| name == b"TLEN");
    let tag = if is_first && !states_length { 0..tag_end } else { tag_end..tag_end };
    let frames = &header[tag_end..];
    if frames.len() < 4 && !is_complete {
        return None;
    }
    let sound = match frame_length(frames) {
        Some(length) if length > frames.len() && !is_complete => return None,
        Some(length) if is_info_frame(&frames[..length.min(frames.len())]) => {
            tag_end + length.min(frames.len())
        }
        _ => tag_end,
    };
    Some(Mp3Start { tag, sound })
}

/// Length of the ID3v2 tag at the start, whose size has seven bits in each of four bytes.
fn id3v2_length(header: &[u8]) -> Option<usize> {
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = header else { return None };
    let size = size.get(..4)?.iter().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}

/// Length of the MPEG audio layer III frame at the start (ISO 11172-3, 13818-3).
fn frame_length(frame: &[u8]) -> Option<usize> {
    const MPEG1: [usize; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const MPEG2: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [0xff, second, third, _, ..] = *frame else { return None };
    if second & 0xe6 != 0xe2 {
        return None;
    }
    let (rates, rate_divisor, samples) = match second >> 3 & 3 {
        3 => (MPEG1, 1, 144),
        2 => (MPEG2, 2, 72),
        0 => (MPEG2, 4, 72),
        _ => return None,
    };
    let kilobits = rates.get(usize::from(third >> 4).checked_sub(1)?)?;
    let sampling_rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))? / rate_divisor;
    let padding = usize::from(third >> 1 & 1);
    Some(samples * kilobits * 1_000 / sampling_rate + padding)
}

/// Whether a frame holds no sound but the length of its file, as encoders write it first.
fn is_info_frame(frame: &[u8]) -> bool {
    let [_, second, _, fourth, ..] = *frame else { return false };
    let side_info = match (second & 0x08 != 0, fourth >> 6 == 3) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let checksum = if second & 1 == 0 { 2 } else { 0 };
    let name = |at: usize| frame.get(at..at + 4);
    let info = name(4 + checksum + side_info);
    info == Some(b"Xing") || info == Some(b"Info") || name(36) == Some(b"VBRI")
}

/// `held` and `chunk` up to where an ID3v1 tag may begin; the rest is held.
fn without_id3v1_start(held: &mut BytesMut, chunk: &Bytes) -> Bytes {
    let all = if held.is_empty() {
        chunk.clone()
    } else {
        held.extend_from_slice(chunk);
        std::mem::take(held).freeze()
    };
    let may_begin_tag = |rest: &[u8]| {
        let length = rest.len().min(3);
        rest[..length] == b"TAG"[..length]
    };
    let first = all.len().saturating_sub(ID3V1_LENGTH);
    let start = (first..all.len()).find(|at| may_begin_tag(&all[*at..])).unwrap_or(all.len());
    held.extend_from_slice(&all[start..]);
    all.slice(..start)
}

/// The beginning of a WAV file.
struct WavStart {
    /// Content of the format chunk.
    format: Bytes,
    /// Where the sound starts.
    sound: usize,
    /// Length of the sound; the greatest number if it is not stated.
    length: u64,
}

/// Finds the sound of a WAV file; `None` if more bytes are needed, or if it has none.
fn wav_start(header: &[u8]) -> Option<WavStart> {
    let mut format = None;
    let mut at = 12;
    loop {
        let chunk = header.get(at..at + 8)?;
        let stated = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        if chunk.starts_with(b"data") {
            let length = if matches!(stated, 0 | 0x7fff_ffff..) { u64::MAX } else { stated.into() };
            return Some(WavStart { format: format?, sound: at + 8, length });
        }
        let length = usize::try_from(stated).ok()?;
        let end = (at + 8).checked_add(length)?;
        if chunk.starts_with(b"fmt ") {
            format = Some(Bytes::copy_from_slice(header.get(at + 8..end)?));
        }
        // Chunks begin at even positions.
        at = end + length % 2;
    }
}

/// A quarter of a second of silence, for speech that was promised and cannot be made.
pub fn silent_clip(format: AudioFormat) -> Bytes {
    static MP3: LazyLock<Bytes> = LazyLock::new(|| {
        // MPEG-2 layer III, 32 kbit/s, 24 kHz, mono: a header, and no sound in 24 ms.
        let mut frame = [0; 96];
        frame[..4].copy_from_slice(&[0xff, 0xf3, 0x44, 0xc4]);
        frame.repeat(10).into()
    });
    static WAV: LazyLock<Bytes> = LazyLock::new(|| {
        let samples = [0; 12_000];
        [wav_header(&pcm16_mono(24_000), 12_000), samples.to_vec()].concat().into()
    });
    match format {
        AudioFormat::Wav => WAV.clone(),
        _ => MP3.clone(),
    }
}

#[cfg(test)]
mod tests;
