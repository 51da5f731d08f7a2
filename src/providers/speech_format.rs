//! Format of synthesized speech, which stays the same for the life of the process.

use std::sync::OnceLock;

use super::{ProviderError, Result};
use crate::domain::AudioFormat;

/// Format of a provider's speech, fixed by the first audio that it sends.
#[derive(Debug, Default)]
pub struct SpeechFormat(OnceLock<AudioFormat>);

impl SpeechFormat {
    /// The format; `None` before the first audio.
    pub fn get(&self) -> Option<AudioFormat> {
        self.0.get().copied()
    }

    /// The format of speech that starts with `header`; [`ProviderError::Unusable`] if it is neither
    /// MP3 nor WAV, or differs from the speech before.
    pub fn accept(&self, vendor: &'static str, header: &[u8]) -> Result<AudioFormat> {
        let Some(format @ (AudioFormat::Mp3 | AudioFormat::Wav)) = AudioFormat::sniff(header)
        else {
            return Err(ProviderError::Unusable {
                vendor,
                what: "audio that is neither MP3 nor WAV",
            });
        };
        if *self.0.get_or_init(|| format) != format {
            return Err(ProviderError::Unusable { vendor, what: "audio of another format" });
        }
        Ok(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MP3: &[u8] = b"\xff\xfb\x90\x64";
    const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";

    #[test]
    fn first_speech_fixes_the_format() {
        let format = SpeechFormat::default();
        assert_eq!(format.get(), None);
        assert!(format.accept("test", b"{\"error\": 1}").is_err());
        assert_eq!(format.get(), None, "no audio, no format");
        assert_eq!(format.accept("test", WAV), Ok(AudioFormat::Wav));
        assert_eq!(format.get(), Some(AudioFormat::Wav));
        assert!(matches!(format.accept("test", MP3), Err(ProviderError::Unusable { .. })));
        assert_eq!(format.accept("test", WAV), Ok(AudioFormat::Wav));
    }
}
