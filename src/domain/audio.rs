//! Audio formats of recordings.
//!
//! Browsers name every recording `.webm`, so the first bytes decide. The table is our own: crates
//! that detect file types know too few MP4 brands and WebM headers for every browser's recordings.

/// Smaller files are accidental recordings: a header without speech (figure of contract.md).
pub const MIN_RECORDING_BYTES: u64 = 4_000;

/// Container formats that speech to text services accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFormat {
    /// WebM or Matroska: Chromium, Firefox.
    WebM,
    /// Ogg: Firefox.
    Ogg,
    /// MP4, M4A: Safari.
    Mp4,
    /// MPEG audio layer 3.
    Mp3,
    /// RIFF WAVE.
    Wav,
    /// FLAC.
    Flac,
}

impl AudioFormat {
    /// Bytes at the start of a file that [`AudioFormat::sniff`] needs.
    pub const SNIFF_LENGTH: usize = 12;

    /// The format of a file that starts with `header`; `None` if it is none of these.
    pub fn sniff(header: &[u8]) -> Option<Self> {
        match header {
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::WebM),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            [b'R', b'I', b'F', b'F', _, _, _, _, wave @ ..] if wave.starts_with(b"WAVE") => {
                Some(Self::Wav)
            }
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            [b'I', b'D', b'3', ..] => Some(Self::Mp3),
            // MPEG frame without tag: eleven bits of synchronisation, then layer III (01).
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Some(Self::Mp3),
            _ => None,
        }
    }

    /// The file name extension by which services recognise the format.
    pub fn extension(self) -> &'static str {
        match self {
            Self::WebM => "webm",
            Self::Ogg => "ogg",
            Self::Mp4 => "mp4",
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Flac => "flac",
        }
    }
}

impl AudioFormat {
    /// The media type of reply audio in this format.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::WebM => "audio/webm",
            Self::Ogg => "audio/ogg",
            Self::Mp4 => "audio/mp4",
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
        }
    }
}

/// Whether the content type of a part may be that of a recording, in its raw form: with any subtype
/// (`audio/wave`), parameters and spaces. Recorders declare videos and nameless bytes, too; the
/// first bytes decide. The text of a form (`text/plain`) is no recording.
pub fn is_declared_as_audio(content_type: &[u8]) -> bool {
    let declared: String = String::from_utf8_lossy(content_type)
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    ["audio/", "video/", "application/ogg", "application/octet-stream"]
        .iter()
        .any(|kind| declared.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_determine_the_format() {
        let cases: [(&str, &[u8], Option<AudioFormat>); 11] = [
            ("Chromium", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01", Some(AudioFormat::WebM)),
            ("Firefox", b"OggS\0\x02", Some(AudioFormat::Ogg)),
            ("Safari", b"\0\0\0\x1cftypiso5\0\0", Some(AudioFormat::Mp4)),
            ("wave", b"RIFF\x24\0\0\0WAVEfmt ", Some(AudioFormat::Wav)),
            ("flac", b"fLaC\0\0\0\x22", Some(AudioFormat::Flac)),
            ("tagged mp3", b"ID3\x04\0", Some(AudioFormat::Mp3)),
            ("bare mp3", b"\xff\xfb\x90\x64", Some(AudioFormat::Mp3)),
            ("JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF", None),
            ("AVI", b"RIFF\x24\0\0\0AVI LIST", None),
            ("text", b"hello, this is text", None),
            ("empty", b"", None),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(AudioFormat::sniff(bytes), expected, "{name}");
        }
    }

    #[test]
    fn audio_content_types_of_recorders_are_accepted() {
        for yes in [
            "audio/webm;codecs=opus",
            "audio/webm; codecs=opus",
            "audio/mp4",
            "AUDIO/OGG",
            "video/webm",
            "video/webm;codecs=vp8,opus",
            " Video / WebM ; codecs = \"vp8, opus\"",
            "video/mp4",
            "audio/wave",
            "application/ogg",
            "application/octet-stream",
        ] {
            assert!(is_declared_as_audio(yes.as_bytes()), "{yes}");
        }
        for no in ["", "text/plain", "application/json", "image/png", "multipart/mixed", "audio"] {
            assert!(!is_declared_as_audio(no.as_bytes()), "{no}");
        }
        assert!(is_declared_as_audio(b"audio/webm; title=\xfc"));
    }
}
