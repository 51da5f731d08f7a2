//! Speech that a browser can play.

/// A tone of this length as WAV, with 16 bits at 16 kHz.
pub fn tone(seconds: u32) -> Vec<u8> {
    const RATE: u32 = 16_000;
    let size_bytes = RATE * seconds * 2;
    let mut wav = Vec::from(b"RIFF");
    wav.extend((36 + size_bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for number in [16, 0x1_0001, RATE, RATE * 2, 0x10_0002] {
        wav.extend(number.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend(size_bytes.to_le_bytes());
    wav.extend((0..RATE * seconds).flat_map(|at| {
        let level = (f64::from(at) * 0.17).sin() * 8_000.0;
        (level as i16).to_le_bytes()
    }));
    wav
}

/// Two seconds of silence as MP3: MPEG-1 layer III, 128 kbit/s at 44.1 kHz.
pub fn silent_mp3() -> Vec<u8> {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x44]);
    frame.repeat(77)
}
