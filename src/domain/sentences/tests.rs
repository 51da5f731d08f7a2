//! Tests of sentences.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn split<'a>(fragments: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut splitter = SentenceSplitter::default();
    let mut sentences: Vec<String> = Vec::new();
    for fragment in fragments {
        sentences.extend(splitter.push(fragment));
    }
    sentences.extend(splitter.finish());
    sentences
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// `text` in pieces of the given numbers of characters.
fn pieces(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut characters = text.chars().peekable();
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if characters.peek().is_none() {
            break;
        }
        pieces.push(characters.by_ref().take(*size).collect());
    }
    pieces
}

proptest! {
    #[test]
    fn any_text_is_returned_whole(text: String, sizes in vec(1_usize..9, 1..8)) {
        let pieces = pieces(&text, &sizes);
        let sentences = split(pieces.iter().map(String::as_str));
        prop_assert_eq!(without_space(&sentences.concat()), without_space(&text));
        up_to_last_sentence(&text);
    }

    #[test]
    fn marks_of_any_order_are_returned_whole(
        text in r#"[a-z0-9A-Z.!?…。 "'()*“”\n]{0,60}"#,
        sizes in vec(1_usize..9, 1..8),
    ) {
        let pieces = pieces(&text, &sizes);
        let sentences = split(pieces.iter().map(String::as_str));
        prop_assert_eq!(without_space(&sentences.concat()), without_space(&text));
    }

    #[test]
    fn fragments_do_not_change_the_sentences(
        words in vec("[a-z]{4,9}|Dr\\. Ford|[0-9]\\.[0-9]|z\\.B\\.", 1..40),
        ends in vec(select(&[" ", " ", ", ", ". ", "? ", "! ", "。", "\n"][..]), 40),
        sizes in vec(1_usize..9, 1..8),
    ) {
        let mut text = String::new();
        for (word, end) in words.iter().zip(ends) {
            let end = if word.len() > 3 && !word.contains('.') { end } else { " " };
            text.push_str(word);
            text.push_str(end);
        }
        let pieces = pieces(&text, &sizes);
        prop_assert_eq!(split(pieces.iter().map(String::as_str)), split([text.as_str()]));
    }
}

#[test]
fn safe_end_marks_are_recognised_at_once() {
    for text in [
        "How did that make you feel?",
        "That is a wonderful idea!",
        "I am glad to hear of this.",
        "That is (more or less) true.",
        "She said \"let us go home\".",
        "我很高兴听到你这么说，请继续。",
        "本当にそう思っているのですか？",
        "मुझे यह सुनकर बहुत खुशी हुई।",
        "كيف كان شعورك في ذلك الوقت؟",
        "A line that has no end mark\n",
    ] {
        let mut splitter = SentenceSplitter::default();
        assert_eq!(splitter.push(text), [text.trim()], "{text}");
        assert_eq!(splitter.finish(), None);
    }
}

#[test]
fn doubtful_end_marks_wait_for_the_next_character() {
    for (text, next) in [
        ("The flat costs as much as 1500.", " And more."),
        ("She had never said \"I want it!", "\" Nor"),
        ("We could all meet at 10:30.", " What about you?"),
        ("He reads papers, novels, etc.", " That helps."),
        ("This is exactly how it is.", " Then"),
        ("Look at https://example.org?", " It"),
    ] {
        let mut splitter = SentenceSplitter::default();
        assert_eq!(splitter.push(text), [""; 0], "{text}");
        assert_eq!(splitter.push(next).len(), 1, "{text}");
    }
}

#[test]
fn marks_within_sentences_do_not_cut() {
    for text in [
        "I met Dr. Smith and Mr. J. R. Miller in the U.S. Army hospital yesterday",
        "It was 3.5 degrees colder, or e.g. 12.25 percent, at 10.30 in the morning",
        "Das war z.B. am 3. Dezember im 19. Jahrhundert bzw. kurz danach so gewesen",
        "Look at https://example.org/a.html?b=c!d or www.example.com/x.y for that",
        "Write to somebody.else@mail.example.org whenever you feel like it again",
        "Papers, novels, etc., and so on... then he stopped and looked at all of us",
        "There was a lot to do at work, at home, in the garden, etc. and more",
        "See chapter no. 5 and fig. 7 on pp. 12 of the book that is called main.rs",
    ] {
        assert_eq!(split([text]), [text]);
        let characters = pieces(text, &[1]);
        let by_character = split(characters.iter().map(String::as_str));
        // A fragment that ends within a name cannot know what follows.
        let has_name = text.contains("main.rs") || text.contains("somebody.else");
        assert!(by_character.len() == 1 || has_name, "{by_character:?}");
    }
}

#[test]
fn sentences_are_cut_after_closing_marks() {
    let cases: [(&str, &[&str]); 8] = [
        (
            "\"Let us go there now!\" she said to him. \"Why not today?\" (He laughed at that.) So",
            &[
                "\"Let us go there now!\"",
                "she said to him. \"Why not today?\"",
                "(He laughed at that.)",
                "So",
            ],
        ),
        (
            "**That is the first one.** And this is the second one.",
            &["**That is the first one.**", "And this is the second one."],
        ),
        (
            "„Das ist doch wirklich gut.“ Dann ging er wieder nach Hause.",
            &["„Das ist doch wirklich gut.“", "Dann ging er wieder nach Hause."],
        ),
        (
            "「今日はとてもいい天気ですね。」と彼は言って笑った。それから",
            &["「今日はとてもいい天気ですね。」", "と彼は言って笑った。それから"],
        ),
        ("What is it that you want?! Tell me.", &["What is it that you want?!", "Tell me."]),
        (
            "I was thinking about it... You were not there at all.",
            &["I was thinking about it...", "You were not there at all."],
        ),
        (
            "We wake up at about 8 a.m. Then we go to work, as all do.",
            &["We wake up at about 8 a.m.", "Then we go to work, as all do."],
        ),
        (
            "Nobody knows it better than I. That is a fact of life.",
            &["Nobody knows it better than I.", "That is a fact of life."],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(split([text]), expected);
    }
}

#[test]
fn short_sentences_are_joined_to_the_next() {
    assert_eq!(
        split(["Yes. I see. That must have been hard. Go on."]),
        ["Yes. I see. That must have been hard.", "Go on."]
    );
    // Chinese characters count double: ten of them are long enough.
    assert_eq!(split(["一二三四五六七八九十。好。"]), ["一二三四五六七八九十。", "好。"]);
    assert_eq!(split(["一二三四五六七八九。好。"]), ["一二三四五六七八九。好。"]);
    assert_eq!(split(["", "  ", "\n"]), [""; 0]);
}

#[test]
fn list_items_are_sentences() {
    assert_eq!(
        split(["1. Call your old friend\n2. Write down what you felt\n"]),
        ["1. Call your old friend", "2. Write down what you felt"]
    );
}

#[test]
fn cut_reply_ends_at_its_last_sentence() {
    for (text, expected) in [
        ("That is good. And what els", Some("That is good.")),
        ("Is it \"so?\" Or", Some("Is it \"so?\"")),
        ("Yes! It costs 3.", Some("Yes!")),
        ("All is said.", Some("All is said.")),
        ("很好。然后", Some("很好。")),
        ("Two things:\n- one thing\n- anoth", Some("Two things:\n- one thing")),
        ("Hello. Two things:\n", Some("Hello.")),
        ("no end at all", None),
        ("Dr. Smith", None),
        ("", None),
    ] {
        assert_eq!(up_to_last_sentence(text), expected, "{text}");
    }
}

#[test]
fn sentences_before_the_question_fit_the_limit() {
    for (text, expected) in [
        ("That sounds heavy. What would help?", "That sounds heavy."),
        ("I see. You are tired. What would help? Say more.", "I see. You are tired."),
        ("What would help?", ""),
        ("You ask yourself \"what now?\" That is brave.", ""),
        ("Good work.", "Good work."),
        ("Good work", "Good work"),
        ("You did it. That took you a great deal of courage and of time.", "You did it."),
        ("One sentence of more than fifty characters has no place. Right?", ""),
        ("听起来很难。你想怎么做？", "听起来很难。"),
        ("大変でしたね。これからどうしたいですか。", "大変でしたね。"),
        ("힘드셨겠어요. 무엇을 바꾸고 싶으신가요?", "힘드셨겠어요."),
        ("You said: \"I am tired. I hate my job\" What now?", ""),
        (
            "You said: „Ich bin müde. Ich gehe“ Gut so. Was nun?",
            "You said: „Ich bin müde. Ich gehe“ Gut so.",
        ),
        ("", ""),
    ] {
        assert_eq!(sentences_before_question(text, 50, true), expected, "{text}");
    }
}

#[test]
fn sentences_before_the_question_only_grow_while_the_text_is_written() {
    for text in [
        "I see, Dr. Smith said so. That is 3.5 times as much. And what will you do?",
        "Well... what helps?",
        "Hm… I see... and then? Ok.",
        "You did it!? Wow. What next?",
        "I see.What next?",
        "Great!\" she said. So?",
        "听起来很难。。你想怎么做？",
    ] {
        let whole = sentences_before_question(text, 90, true);
        let mut before = "";
        for (end, _) in text.char_indices() {
            let part = sentences_before_question(&text[..end], 90, false);
            assert!(part.starts_with(before) && whole.starts_with(part), "{text}: {part}");
            before = part;
        }
    }
}
