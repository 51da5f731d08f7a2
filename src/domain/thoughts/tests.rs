//! Tests of thoughts.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// What was shown, and the result.
fn filter(fragments: &[&str], hold_back: bool) -> (String, Filtered) {
    let mut filter = ThoughtFilter::new(hold_back);
    let mut shown: String = fragments.iter().map(|fragment| filter.push(fragment)).collect();
    let filtered = filter.finish();
    shown.push_str(&filtered.rest);
    (shown, filtered)
}

fn characters(text: &str) -> Vec<&str> {
    text.split_inclusive(|_| true).collect()
}

const THOUGHTS: &[(&str, &str)] = &[
    ("<think>I see.</think>Hello.", "Hello."),
    (" \n<think>\nI <b>see</b>.\n</think>\n\nHello.\n", "Hello."),
    ("<THINK>a</Think> Hello.", "Hello."),
    ("<thinking>a</think></thinking>Hello.", "Hello."),
    ("<thought>a</thought>Hello.", "Hello."),
    ("<reasoning>a</reasoning>Hello.", "Hello."),
    ("<|think|>a<|/think|>Hello.", "Hello."),
    ("◁think▷Größe◁/think▷Hello.", "Hello."),
    ("[THINK]a[/THINK]Hello.", "Hello."),
    ("<think></think><think>b</think>[THINK]c[/THINK]Hello.", "Hello."),
    ("<think>a</think></think>Hello.", "Hello."),
    ("<|channel|>analysis<|message|>a<|end|>Hello.", "Hello."),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>\
         Hello.<|return|>",
        "Hello.",
    ),
    (
        "<|start|>assistant<|channel|>analysis<|message|>a<|channel|>final<|message|>Hello.\
         <|end|>\n",
        "Hello.",
    ),
    (
        "<|channel|>commentary to=x <|constrain|>json<|message|>{}<|call|><|channel|>final\
         <|message|> Hello.",
        "Hello.",
    ),
    ("<|channel>thought\na<channel|>Hello.", "Hello."),
    ("<think>He said \"go\"</think>\"Go\" is hard.", "\"Go\" is hard."),
    ("Hello.<|im_end|><|endoftext|>", "Hello."),
];

#[test]
fn leading_thoughts_are_removed() {
    for (reply, text) in THOUGHTS {
        for fragments in [vec![*reply], characters(reply)] {
            for hold_back in [false, true] {
                let (shown, filtered) = filter(&fragments, hold_back);
                assert_eq!(shown.trim_end(), *text, "{reply}");
                assert_eq!(filtered.text.as_deref(), Some(*text), "{reply}");
                assert!(!filtered.lacked_opening, "{reply}");
            }
        }
        assert_eq!(without_thoughts(reply).as_deref(), Some(*text));
    }
}

#[test]
fn only_a_thought_is_no_reply() {
    for reply in [
        "<think>I see.</think>",
        "<think>I see. </think>\n ",
        "<think>I see, and",
        "<think>",
        "◁think▷Größ",
        "I see.</think>",
        "<|channel|>analysis<|message|>I see",
        "<|channel|>ana",
        "<|return|>",
        " \n",
        "",
    ] {
        for fragments in [vec![reply], characters(reply)] {
            assert_eq!(filter(&fragments, true).1.text, None, "{reply}");
            assert_eq!(filter(&fragments, false).1.text, None, "{reply}");
        }
    }
}

#[test]
fn text_about_tags_stays() {
    for reply in [
        "People write <think> and </think> around it.",
        "The tag `</think>` ends it.",
        "The tag \"</think>\" ends it, and “</think>” too.",
        "(`[/THINK]`) and 1 < 2, [1] and <b>bold</b>",
        "The mark <|end|> is in the middle.",
        "<thin ice> is dangerous",
        "[thinking] about it",
        "I < you <",
        "It ends in <thin",
        "<|channel|>without a message, which is longer than a header of that format ever is, so it \
         is text, however odd that may look to a reader",
        "Grüße ◁ ▷ ◁/",
    ] {
        for fragments in [vec![reply], characters(reply)] {
            for hold_back in [false, true] {
                let (shown, filtered) = filter(&fragments, hold_back);
                assert_eq!(shown, reply);
                assert_eq!(filtered.text.as_deref(), Some(reply));
                assert!(!filtered.lacked_opening, "{reply}");
            }
        }
    }
}

#[test]
fn closing_tag_alone_corrects_what_was_shown() {
    for (reply, shown_before, text) in [
        ("I see.</think>\nHello.", "I see.", "Hello."),
        ("He says \"go.\"</think>Hello.", "He says \"go.\"", "Hello."),
        ("I see.</THINKING><think>More.</think>Hello.", "I see.", "Hello."),
        ("I see.<|channel|>final<|message|>Hello.<|end|>", "I see.", "Hello."),
    ] {
        for fragments in [vec![reply], characters(reply)] {
            let by_character = fragments.len() > 1;
            let (shown, filtered) = filter(&fragments, false);
            let expected = if by_character { shown_before } else { "" };
            assert_eq!(shown, format!("{expected}{text}"));
            assert_eq!(filtered.text.as_deref(), Some(text));
            assert!(filtered.lacked_opening);

            let (shown, filtered) = filter(&fragments, true);
            assert_eq!(shown, text);
            assert!(filtered.lacked_opening);
        }
    }
}

#[test]
fn held_back_reply_is_shown_from_its_closing_tag() {
    let mut filter = ThoughtFilter::new(true);
    assert_eq!(filter.push("I see."), "");
    assert_eq!(filter.push("</think>Hel"), "Hel");
    assert_eq!(filter.push("lo."), "lo.");
    assert_eq!(filter.finish().text.as_deref(), Some("Hello."));
}

#[test]
fn plain_text_is_shown_at_once() {
    let mut filter = ThoughtFilter::new(false);
    assert_eq!(filter.push("\nHello"), "Hello");
    assert_eq!(filter.push(", "), ", ");
    assert_eq!(filter.push("1 < 2 <b"), "1 < 2 <b");
    assert_eq!(filter.push(" <"), " ");
    assert_eq!(filter.push("i"), "<i");
}

proptest! {
    #[test]
    fn fragments_do_not_change_the_reply(
        parts in vec(
            select(&["<think>", "</think>", "a", " ", "`", "<|channel|>", "final", "<|message|>",
                "◁", "/think▷", "<|end|>", "<", "\n", "[/", "think]", "ß", "\""][..]),
            0..12,
        ),
        hold_back: bool,
    ) {
        let reply = parts.concat();
        let (_, whole) = filter(&[&reply], hold_back);
        let (shown, by_character) = filter(&characters(&reply), hold_back);
        prop_assert_eq!(&whole.text, &by_character.text);
        prop_assert_eq!(whole.lacked_opening, by_character.lacked_opening);
        if !whole.lacked_opening || hold_back {
            prop_assert_eq!(shown.trim(), whole.text.unwrap_or_default());
        }
    }

    #[test]
    fn text_without_tags_is_unchanged(text in "[^<\\[◁]*", hold_back: bool) {
        let (shown, filtered) = filter(&characters(&text), hold_back);
        prop_assert_eq!(shown.trim(), text.trim());
        prop_assert_eq!(filtered.text.unwrap_or_default(), text.trim());
    }
}
