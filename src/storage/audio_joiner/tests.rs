use proptest::prelude::*;

use super::*;

/// A frame of 417 bytes: MPEG-1 layer III, 128 kbit/s, 44.1 kHz, stereo, without sound.
fn frame(filler: u8) -> Vec<u8> {
    let mut frame = vec![filler; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x44]);
    frame
}

fn info_frame(name: &[u8; 4]) -> Vec<u8> {
    let mut frame = frame(0);
    frame[36..40].copy_from_slice(name);
    frame
}

fn id3v2(content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short tag");
    [b"ID3\x04\0\0\0\0\0", [length].as_slice(), content].concat()
}

fn id3v1() -> Vec<u8> {
    [b"TAG".as_slice(), &[b'x'; 125]].concat()
}

fn wav(length: u32, sound: &[u8], after: &[u8]) -> Vec<u8> {
    let format = [1, 0, 1, 0, 0xc0, 0x5d, 0, 0, 0x80, 0xbb, 0, 0, 2, 0, 16, 0];
    [&wav_header(&format, length)[..], sound, after].concat()
}

/// The joined stream of `parts`, each sent in chunks of `size` bytes, and its final file.
fn join(parts: &[Vec<u8>], size: usize) -> Result<(Vec<u8>, Vec<u8>), UnexpectedFormat> {
    let mut joiner = AudioJoiner::default();
    let mut stream = Vec::new();
    for part in parts {
        for chunk in part.chunks(size) {
            stream.extend(joiner.push(&Bytes::copy_from_slice(chunk))?);
        }
        stream.extend(joiner.end_part()?);
    }
    let mut file = stream.clone();
    if let Some(header) = joiner.final_header() {
        file[..header.len()].copy_from_slice(&header);
    }
    Ok((stream, file))
}

#[test]
fn joined_mp3_holds_tag_of_first_part_and_all_sound() {
    let first = [id3v2(b"title"), info_frame(b"Xing"), frame(1), frame(2), id3v1()].concat();
    let second = [id3v2(b"other"), info_frame(b"Info"), frame(3), id3v1()].concat();
    let third = [info_frame(b"VBRI"), frame(4)].concat();
    let expected = [id3v2(b"title"), frame(1), frame(2), frame(3), frame(4)].concat();
    let parts = [first, second, third];
    for size in [1, 3, 100, 417, 1_000, 100_000] {
        assert_eq!(join(&parts, size), Ok((expected.clone(), expected.clone())), "{size}");
    }
}

#[test]
fn tag_that_states_the_length_is_left_out() {
    let part = [id3v2(b"TLEN\0\0\0\x04\0\0\x001234"), frame(1)].concat();
    assert_eq!(join(&[part], 10).expect("joined").0, frame(1));
}

#[test]
fn sound_that_is_no_frame_is_kept() {
    let part = [id3v2(b""), vec![0; 1_000]].concat();
    assert_eq!(join(std::slice::from_ref(&part), 100).expect("joined").0, part);
    // The letters of a tag in the middle of the sound.
    let part = [frame(1), b"TAG".to_vec(), vec![7; 500]].concat();
    assert_eq!(join(std::slice::from_ref(&part), 50).expect("joined").0, part);
}

#[test]
fn joined_wav_has_one_header_with_the_true_length() {
    let parts = [wav(u32::MAX, b"aabb", b""), wav(4, b"ccdd", b"LIST\x04\0\0\0info")];
    for size in [1, 7, 1_000] {
        let (stream, file) = join(&parts, size).expect("joined");
        assert_eq!(stream, wav(u32::MAX, b"aabbccdd", b""), "{size}");
        assert_eq!(file, wav(8, b"aabbccdd", b""), "{size}");
    }
}

#[test]
fn part_of_another_format_is_refused() {
    let mp3 = frame(1);
    assert_eq!(join(&[mp3.clone(), wav(4, b"aabb", b"")], 99), Err(UnexpectedFormat));
    assert_eq!(join(&[wav(4, b"aabb", b""), mp3], 99), Err(UnexpectedFormat));
    let mut stereo = wav(4, b"aabb", b"");
    stereo[22] = 2;
    assert_eq!(join(&[wav(4, b"aabb", b""), stereo], 99), Err(UnexpectedFormat));
    for other in [b"<html>not found</html>".to_vec(), Vec::new(), b"RIFF\0\0\0\0WAVE".to_vec()] {
        assert_eq!(join(&[other], 99), Err(UnexpectedFormat));
    }
}

#[test]
fn silent_clips_are_of_their_format() {
    for format in [AudioFormat::Mp3, AudioFormat::Wav] {
        let clip = silent_clip(format);
        assert_eq!(AudioFormat::sniff(&clip), Some(format));
    }
    assert_eq!(frame_length(&silent_clip(AudioFormat::Mp3)), Some(96));
}

proptest! {
    #[test]
    fn any_bytes_are_joined_or_refused(
        parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..4),
        format in 0..3usize,
        size in 1..200usize,
    ) {
        let start = [&b"ID3\x04\0\0\0\0\0\0"[..], b"\xff\xfb\x90\x44", b"RIFF....WAVEfmt "][format];
        let parts: Vec<Vec<u8>> =
            parts.into_iter().map(|part| [start, &part[..]].concat()).collect();
        // The same however the chunks are cut.
        prop_assert_eq!(join(&parts, size), join(&parts, 100_000));
    }
}
