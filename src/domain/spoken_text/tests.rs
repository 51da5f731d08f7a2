//! Tests of spoken text.

use proptest::prelude::*;

use super::*;

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(spoken_text(text), *expected, "{text}");
    }
}

#[test]
fn markdown_is_not_spoken() {
    check(&[
        ("**Well** done, *really* __well__ ~~done~~ _now_.", "Well done, really well done now."),
        ("***Both*** `code` and ``more``", "Both code and more"),
        (
            "## Your plan ##\n\n- Call her\n* Write *it* down\n1. First",
            "Your plan\nCall her\nWrite it down\n1. First",
        ),
        ("> - [x] done\n---\n***\nEnd", "done\nEnd"),
        ("```rust\nlet a\n```", "let a"),
        ("| a | b |\n|---|:-:|\n| c | d |", "a b\nc d"),
        ("Read [the book](https://a.b/c_(d)) and [this][1].", "Read the book and this."),
        ("![A cat](cat.png) sleeps", "A cat sleeps"),
        ("See [**bold** text](x).", "See bold text."),
        (r"2 \* 3 \_ 4\. c:\dir", r"2 * 3 _ 4. c:\dir"),
    ]);
}

#[test]
fn urls_are_not_spoken() {
    check(&[
        ("Look at https://example.org/a?b=c. Then rest.", "Look at. Then rest."),
        ("Look (www.example.org/a_(b)) here", "Look here"),
        ("<https://example.org> is good", "is good"),
        ("HTTPS://EXAMPLE.ORG", ""),
        ("看https://example.org吧。", "看吧。"),
        ("Write to me@example.org or http: nothing", "Write to me@example.org or http: nothing"),
        ("awww.nice", "awww.nice"),
    ]);
}

#[test]
fn emoji_are_not_spoken() {
    check(&[
        ("Great 🎉! You did it 👍🏽.", "Great! You did it."),
        ("👨‍👩‍👧‍👦 Family ❤️ and ✨stars✨", "Family and stars"),
        ("🇩🇪 Germany, 🏴󠁧󠁢󠁥󠁮󠁧󠁿 England", "Germany, England"),
        ("1️⃣ one #️⃣ and ☺ ✔ ⭐", "one and"),
        ("Good🎉day", "Good day"),
        ("很好🎉我们继续。", "很好我们继续。"),
        ("(🎉) (well 🎉)", "(well)"),
        ("🎉✨", ""),
        ("🎉!?", ""),
    ]);
}

#[test]
fn text_stays_as_it_is() {
    for text in [
        "It costs $3.50, 20 % or 5€ © ® ™ № 7 – see § 3; ok?",
        "2*3 = 6, 3 * 4 = 12, snake_case, a_b, #1, C# and x < y > z",
        "Élan, naïve, Größe, žába, Привет, γειά, שלום, مرحبا، كيف؟",
        "मैं ठीक हूँ। ক্ষ می‌خواهم 안녕하세요. 「今日は」、元気？",
        "Bonjour ! Ça va ? « Oui »",
        "I'm \"fine\" (really) [sic] … it's 10:30 ~ 11",
    ] {
        assert_eq!(spoken_text(text), text);
    }
}

#[test]
fn copyright_sign_loses_only_its_selector() {
    check(&[("©\u{fe0f} 2027", "© 2027"), ("a \u{fffc} b", "a b"), ("...", ""), ("", "")]);
}

proptest! {
    #[test]
    fn any_text_is_spoken_without_double_spaces(text: String) {
        let spoken = spoken_text(&text);
        prop_assert!(!spoken.contains("  ") && !spoken.contains(REMOVED));
        prop_assert_eq!(spoken.trim(), &spoken);
    }

    #[test]
    fn letters_and_digits_stay(text in r"[a-zA-Z0-9éß *_`#>()\[\]|\n~-]{0,60}") {
        let letters = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        // Links and the language of a code block are left out.
        prop_assume!(!text.contains("](") && !text.contains("][") && !text.contains("```"));
        prop_assume!(!text.contains("[x]") && !text.contains("[X]") && !text.contains("~~~"));
        prop_assert_eq!(letters(&spoken_text(&text)), letters(&text));
    }
}
