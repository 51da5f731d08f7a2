//! RIFF WAVE: how long a recording is, whether anything is to be heard in it, and the header of a
//! file that is written.
//!
//! Our own reader: recorders in browsers write lengths of 0 or 0xFFFFFFFF because they do not know
//! them yet, and crates that decode WAVE refuse such files.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// Loudest window of a silent recording, as root mean square: -50 dBFS. Speech into a microphone
/// reaches -30 dBFS in its vowels; a quiet room stays below -55 dBFS.
const SILENCE_RMS: f64 = 0.003_16;
/// Windows per second: 100 ms is a short syllable, and a click weighs little in it.
const WINDOWS_PER_SECOND: u32 = 10;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;

/// Length of a file that is not known yet. Players read up to the end of the stream.
pub const UNKNOWN_WAV_LENGTH: u32 = u32::MAX;

/// Content of the chunk `fmt ` for PCM of 16 bits, mono.
pub fn pcm16_mono(sample_rate_hz: u32) -> [u8; 16] {
    let mut format = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 16, 0];
    format[4..8].copy_from_slice(&sample_rate_hz.to_le_bytes());
    format[8..12].copy_from_slice(&(sample_rate_hz * 2).to_le_bytes());
    format
}

/// The header of a WAVE file with this content of the chunk `fmt `, and so many bytes of samples.
pub fn wav_header(format: &[u8], data_bytes: u32) -> Vec<u8> {
    let format_bytes = u32::try_from(format.len()).unwrap_or(u32::MAX);
    let file_bytes = data_bytes.saturating_add(format_bytes).saturating_add(20);
    [
        b"RIFF".as_slice(),
        &file_bytes.to_le_bytes(),
        b"WAVEfmt ",
        &format_bytes.to_le_bytes(),
        format,
        b"data",
        &data_bytes.to_le_bytes(),
    ]
    .concat()
}

/// What the header of a WAVE file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavHeader {
    format: u16,
    bytes_per_second: u32,
    bytes_per_sample: u16,
    samples_per_second: u64,
    data_start: u64,
    data_bytes: u64,
}

impl WavHeader {
    /// The header of `file`; `None` if it is no WAVE file, or has no samples.
    ///
    /// # Errors
    /// The file cannot be read. A file that ends early is no error.
    pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let file_bytes = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let Some(riff) = read_array::<12>(file)? else { return Ok(None) };
        if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
            return Ok(None);
        }
        let mut format = None;
        let mut position = 12;
        while let Some(chunk) = read_array::<8>(file)? {
            let size = u64::from(u32_at(&chunk, 4));
            position += 8;
            match &chunk[..4] {
                b"data" => {
                    let rest = file_bytes.saturating_sub(position);
                    // The length is unknown while a recorder is writing.
                    let data_bytes = if size == 0 { rest } else { size.min(rest) };
                    return Ok(
                        format.and_then(|format: Format| format.header(position, data_bytes))
                    );
                }
                b"fmt " => format = Format::read(file, size)?,
                _ => {}
            }
            // Chunks begin at even positions.
            position += size + size % 2;
            file.seek(SeekFrom::Start(position))?;
        }
        Ok(None)
    }

    /// Length of the recording, by the bytes that the file really has.
    pub fn duration_seconds(&self) -> f64 {
        self.data_bytes as f64 / f64::from(self.bytes_per_second)
    }

    /// Whether each window of 100 ms is quieter than -50 dBFS, apart from its constant component.
    /// `false` for encodings other than integers and floats: their energy is not known.
    ///
    /// # Errors
    /// `file` cannot be read.
    pub fn is_silent(&self, file: &mut (impl Read + Seek)) -> io::Result<bool> {
        let Some(decode) = self.decoder() else { return Ok(false) };
        file.seek(SeekFrom::Start(self.data_start))?;
        let mut reader = BufReader::with_capacity(64 * 1024, file.take(self.data_bytes));
        let window = (self.samples_per_second / u64::from(WINDOWS_PER_SECOND)).max(1);
        let mut energy = Energy::default();
        let mut sample = [0; 8];
        let sample = &mut sample[..usize::from(self.bytes_per_sample)];
        while !reader.fill_buf()?.is_empty() {
            match reader.read_exact(sample) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                result => result?,
            }
            energy.add(decode(sample));
            if energy.samples == window {
                if energy.rms() > SILENCE_RMS {
                    return Ok(false);
                }
                energy = Energy::default();
            }
        }
        Ok(energy.samples == 0 || energy.rms() <= SILENCE_RMS)
    }

    /// Decodes one sample to -1 to 1.
    fn decoder(&self) -> Option<fn(&[u8]) -> f64> {
        Some(match (self.format, self.bytes_per_sample) {
            (PCM, 1) => |sample| (f64::from(sample[0]) - 128.0) / 128.0,
            (PCM, 2) => |s| f64::from(i16::from_le_bytes([s[0], s[1]])) / 32_768.0,
            (PCM, 3) => |s| f64::from(i32::from_le_bytes([0, s[0], s[1], s[2]])) / 2_147_483_648.0,
            (PCM, 4) => {
                |s| f64::from(i32::from_le_bytes([s[0], s[1], s[2], s[3]])) / 2_147_483_648.0
            }
            (FLOAT, 4) => |s| f64::from(f32::from_le_bytes([s[0], s[1], s[2], s[3]])),
            (FLOAT, 8) => |s| f64::from_le_bytes([s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]]),
            _ => return None,
        })
    }
}

/// The chunk `fmt `.
struct Format {
    format: u16,
    channels: u16,
    sample_rate_hz: u32,
    bytes_per_second: u32,
    bytes_per_frame: u16,
}

impl Format {
    fn read(file: &mut impl Read, size: u64) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(26);
        file.take(size.min(26)).read_to_end(&mut bytes)?;
        if bytes.len() < 16 {
            return Ok(None);
        }
        let mut format = u16_at(&bytes, 0);
        if format == EXTENSIBLE && bytes.len() == 26 {
            // The identifier's first two bytes are the format.
            format = u16_at(&bytes, 24);
        }
        Ok(Some(Self {
            format,
            channels: u16_at(&bytes, 2),
            sample_rate_hz: u32_at(&bytes, 4),
            bytes_per_second: u32_at(&bytes, 8),
            bytes_per_frame: u16_at(&bytes, 12),
        }))
    }

    /// `None` if the numbers make no sense.
    fn header(self, data_start: u64, data_bytes: u64) -> Option<WavHeader> {
        let bytes_per_sample = self.bytes_per_frame.checked_div(self.channels)?;
        let is_linear = matches!(self.format, PCM | FLOAT);
        if is_linear && !(1..=8).contains(&bytes_per_sample) {
            return None;
        }
        // Some recorders write a wrong number of bytes a second. It is needed for compressed data.
        let bytes_per_second = match is_linear {
            true => self.sample_rate_hz.checked_mul(u32::from(self.bytes_per_frame))?,
            false => self.bytes_per_second,
        };
        (bytes_per_second > 0).then_some(WavHeader {
            format: self.format,
            bytes_per_second,
            bytes_per_sample,
            samples_per_second: u64::from(self.sample_rate_hz) * u64::from(self.channels),
            data_start,
            data_bytes,
        })
    }
}

/// Sums of one window.
#[derive(Default)]
struct Energy {
    samples: u64,
    sum: f64,
    squares: f64,
}

impl Energy {
    fn add(&mut self, sample: f64) {
        let sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        self.samples += 1;
        self.sum += sample;
        self.squares += sample * sample;
    }

    /// Without the constant component, which cheap microphones have.
    fn rms(&self) -> f64 {
        let count = self.samples as f64;
        let mean = self.sum / count;
        (self.squares / count - mean * mean).max(0.0).sqrt()
    }
}

/// `None` at the end of the file.
fn read_array<const N: usize>(file: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut array = [0; N];
    match file.read_exact(&mut array) {
        Ok(()) => Ok(Some(array)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests;
