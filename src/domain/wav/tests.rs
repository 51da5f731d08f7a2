//! Tests of WAVE files.

use std::{f64::consts::TAU, io::Cursor};

use proptest::prelude::*;

use super::*;

const RATE: u32 = 16_000;

fn chunk(id: &[u8; 4], size: u32, content: &[u8]) -> Vec<u8> {
    [id.as_slice(), &size.to_le_bytes(), content].concat()
}

fn format(tag: u16, channels: u16, bits: u16, extension: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let content = [
        tag.to_le_bytes().as_slice(),
        &channels.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &bits.to_le_bytes(),
        extension,
    ]
    .concat();
    chunk(b"fmt ", content.len() as u32, &content)
}

fn wav(chunks: &[Vec<u8>]) -> Cursor<Vec<u8>> {
    Cursor::new([b"RIFF\xff\xff\xff\xffWAVE".to_vec(), chunks.concat()].concat())
}

fn data(samples: &[u8]) -> Vec<u8> {
    chunk(b"data", samples.len() as u32, samples)
}

/// A tone of the given amplitude, one second.
fn tone(amplitude: f64, encode: impl Fn(f64) -> Vec<u8>) -> Vec<u8> {
    (0..RATE)
        .flat_map(|n| encode(amplitude * (TAU * 200.0 * f64::from(n) / f64::from(RATE)).sin()))
        .collect()
}

fn pcm16(value: f64) -> Vec<u8> {
    ((value * 32_767.0) as i16).to_le_bytes().to_vec()
}

fn header(file: &mut Cursor<Vec<u8>>) -> Option<WavHeader> {
    WavHeader::read(file).unwrap()
}

#[test]
fn duration_is_read_whatever_the_lengths_say() {
    let samples = vec![0; 32_000];
    let list = chunk(b"LIST", 3, b"abc\0");
    let extensible = [&22_u16.to_le_bytes()[..], &[16, 0, 0, 0, 0, 0, 1, 0], &[0; 14]].concat();
    let cases = [
        ("plain", vec![format(1, 1, 16, &[]), data(&samples)], 1.0),
        ("stereo", vec![format(1, 2, 16, &[]), data(&samples)], 0.5),
        ("odd chunk", vec![list.clone(), format(1, 1, 16, &[]), list, data(&samples)], 1.0),
        ("length 0", vec![format(1, 1, 16, &[]), chunk(b"data", 0, &samples)], 1.0),
        ("unknown", vec![format(1, 1, 16, &[]), chunk(b"data", u32::MAX, &samples)], 1.0),
        ("truncated", vec![format(1, 1, 16, &[]), chunk(b"data", 64_000, &samples)], 1.0),
        ("chunk after", vec![format(1, 1, 16, &[]), data(&samples), data(&samples)], 1.0),
        ("extensible", vec![format(0xfffe, 1, 16, &extensible), data(&samples)], 1.0),
        ("mu-law", vec![format(7, 1, 8, &[]), data(&samples)], 2.0),
    ];
    for (name, chunks, seconds) in cases {
        let header = header(&mut wav(&chunks)).unwrap_or_else(|| panic!("{name}"));
        assert!((header.duration_seconds() - seconds).abs() < 1e-6, "{name}: {header:?}");
    }
}

#[test]
fn other_files_have_no_header() {
    let no_channels = format(1, 0, 16, &[]);
    let cases = [
        ("empty", Cursor::new(vec![])),
        ("mp3", Cursor::new(b"ID3\x04\0\0\0\0\0\0\0\0\0\0\0\0".to_vec())),
        ("no chunk", wav(&[])),
        ("no format", wav(&[data(&[0; 100])])),
        ("no data", wav(&[format(1, 1, 16, &[])])),
        ("short format", wav(&[chunk(b"fmt ", 4, &[1, 0, 1, 0]), data(&[0; 100])])),
        ("no channels", wav(&[no_channels, data(&[0; 100])])),
        ("endless chunk", wav(&[chunk(b"LIST", u32::MAX, b"abcd"), data(&[0; 100])])),
    ];
    for (name, mut file) in cases {
        assert_eq!(header(&mut file), None, "{name}");
    }
}

#[test]
fn silence_is_measured_in_every_encoding() {
    type Encode = fn(f64) -> Vec<u8>;
    let encodings: [(&str, u16, u16, Encode); 6] = [
        ("8 bit", 1, 8, |x| vec![(x * 127.0 + 128.0).round() as u8]),
        ("16 bit", 1, 16, pcm16),
        ("24 bit", 1, 24, |x| ((x * 2_147_483_647.0) as i32).to_le_bytes()[1..].to_vec()),
        ("32 bit", 1, 32, |x| ((x * 2_147_483_647.0) as i32).to_le_bytes().to_vec()),
        ("float", 3, 32, |x| (x as f32).to_le_bytes().to_vec()),
        ("double", 3, 64, |x| x.to_le_bytes().to_vec()),
    ];
    for (name, tag, bits, encode) in encodings {
        for (amplitude, expected) in [(0.0, true), (0.003, true), (0.02, false), (0.9, false)] {
            let samples = tone(amplitude, encode);
            let mut file = wav(&[format(tag, 1, bits, &[]), data(&samples)]);
            let header = header(&mut file).unwrap();
            assert_eq!(header.is_silent(&mut file).unwrap(), expected, "{name} {amplitude}");
        }
    }
}

#[test]
fn one_syllable_or_an_offset_decides_as_heard() {
    let silence = tone(0.0, pcm16);
    let syllable = tone(0.1, pcm16)[..6_400].to_vec();
    let offset: Vec<u8> = (0..RATE).flat_map(|_| pcm16(0.2)).collect();
    let click = [pcm16(0.1), silence.clone()].concat();
    for (name, samples, expected) in [
        ("syllable", [silence.clone(), syllable, silence].concat(), false),
        ("offset", offset, true),
        ("click", click, true),
        ("no samples", vec![], true),
        ("half a sample", vec![7], true),
    ] {
        let mut file = wav(&[format(1, 1, 16, &[]), data(&samples)]);
        let header = header(&mut file).unwrap();
        assert_eq!(header.is_silent(&mut file).unwrap(), expected, "{name}");
    }
}

#[test]
fn unknown_encoding_is_not_called_silent() {
    let mut file = wav(&[format(7, 1, 8, &[]), data(&[0xff; 8_000])]);
    let header = header(&mut file).unwrap();
    assert!(!header.is_silent(&mut file).unwrap());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        numbers: [u16; 8],
        extension: Vec<u8>,
        size: u32,
        samples: Vec<u8>,
    ) {
        let content: Vec<u8> =
            numbers.iter().flat_map(|n| n.to_le_bytes()).chain(extension).collect();
        let chunks = [
            chunk(b"fmt ", content.len() as u32, &content),
            chunk(b"data", size, &samples),
        ];
        let mut file = wav(&chunks);
        if let Some(header) = header(&mut file) {
            prop_assert!(header.duration_seconds() >= 0.0);
            header.is_silent(&mut file).unwrap();
        }
    }
}
