//! Tests of transcript.

use proptest::{prelude::*, sample::select};

use super::*;

#[test]
fn tags_are_removed_from_transcripts() {
    for (text, expected) in [
        ("  I feel\0 fine.\n", "I feel fine."),
        ("SPEAKER_00: I feel fine.", "I feel fine."),
        ("[SPEAKER_01] I feel\nspeaker 2: fine.", "I feel\nfine."),
        ("(Speaker A): I feel fine.", "I feel fine."),
        ("<|en|><|NEUTRAL|><|Speech|><|withitn|>I feel fine.<|0.00|>", "I feel fine."),
        ("[en] I feel fine.", "I feel fine."),
        ("(en-US) I feel fine.", "I feel fine."),
        ("[English] I feel fine.", "I feel fine."),
        ("language English<asr_text>I feel fine.", "I feel fine."),
        ("language None<asr_text>", ""),
        (
            "\n[00:00:00.000 --> 00:00:02.000]   I feel\n[00:02.000 --> 00:04.500]  fine.\n",
            "I feel\nfine.",
        ),
        ("[00:00:00.000 --> 00:00:02.000] SPEAKER_00: [de] Gut.", "Gut."),
        ("<|startoftranscript|>", ""),
    ] {
        assert_eq!(clean_transcript(text), expected, "{text}");
    }
}

#[test]
fn words_stay_in_transcripts() {
    for text in [
        "My speaker: it broke.",
        "Speaker phones: I hate them.",
        "Speakers: two of them.",
        "(no) I mean it",
        "[laughs] Yes.",
        "I said: [en] is a code.",
        "a <| b |> c <|d e|>",
        "The language is English.",
        "It was 10:30 --> 11:00.",
        "語 [中] です",
    ] {
        assert_eq!(clean_transcript(text), text);
    }
}

#[test]
fn transcripts_without_words_are_silence() {
    for text in [
        "",
        " ",
        ".",
        "...",
        "…",
        "?!",
        "[BLANK_AUDIO]",
        "(silence)",
        "[ Silence ]",
        "*music*",
        "**sighs**",
        "♪ la la la ♪",
        "♪♪",
        "♪ la la",
        "🎵",
        "(upbeat (jazz) music) [Music].",
        "【音楽】",
        "（笑）",
        "- [inaudible] -",
        "{noise}",
    ] {
        assert!(is_silence(text), "{text}");
    }
    for text in ["ok", "5", "嗯", "[laughs] Yes.", "(silence", "♪ la ♪ yes", "2 * 3", "* yes", "हाँ"]
    {
        assert!(!is_silence(text), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_cleaned_without_panic(text: String) {
        let clean = clean_transcript(&text);
        prop_assert_eq!(clean.trim(), &clean);
        is_silence(&text);
        is_known_hallucination(&text);
    }

    #[test]
    fn tags_in_any_order_leave_the_words(
        tags in proptest::collection::vec(
            select(&["SPEAKER_00: ", "[SPEAKER_1] ", "<|de|>", "\0",
                "[00:00:00.000 --> 00:00:02.000] "][..]),
            0..5,
        ),
        words in "[a-z]{1,9}( [a-z]{1,9}){0,5}",
    ) {
        let text = format!("{}{words}", tags.concat());
        prop_assert_eq!(clean_transcript(&text), words);
    }
}
