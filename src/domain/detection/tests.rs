//! Accuracy on the samples, and rules.

use super::{words::Words, *};

/// Sentences under headings of a language and a kind. `short`: 4 to 9 words; `held`: the same,
/// written after the word lists; `long`: more words; `other`: languages without fixed texts, and
/// texts of no language.
const SAMPLES: &str = include_str!("samples.txt");

/// Language, kind and text of every sample.
fn samples() -> Vec<(&'static str, &'static str, &'static str)> {
    let (mut code, mut kind) = ("", "");
    let mut samples = Vec::new();
    for line in SAMPLES.lines() {
        match line.strip_prefix("# ").and_then(|heading| heading.split_once(' ')) {
            Some(heading) => (code, kind) = heading,
            None => samples.push((code, kind, line)),
        }
    }
    samples
}

fn code(text: &str) -> Option<String> {
    detect(text).map(|tag| tag.to_string())
}

fn tag(code: &str) -> Option<LanguageTag> {
    LanguageTag::parse(code)
}

#[test]
fn samples_are_found_in_their_language() {
    for language in Language::ALL {
        let own = language.tag().to_string();
        for kind in ["short", "held", "long"] {
            let texts: Vec<&str> = samples()
                .into_iter()
                .filter(|(code, of_kind, _)| *code == own && *of_kind == kind)
                .map(|(_, _, text)| text)
                .collect();
            let found: Vec<_> = texts.iter().map(|text| code(text)).collect();
            let right = found.iter().filter(|code| code.as_deref() == Some(&own)).count();
            let wrong = found.iter().flatten().filter(|code| **code != own).count();
            let report = format!("{own} {kind}: {right} right, {wrong} wrong of {}", texts.len());
            assert!(right * 100 >= texts.len() * if kind == "long" { 100 } else { 90 }, "{report}");
            assert!(kind == "held" || wrong == 0, "{report}");
        }
    }
}

#[test]
fn other_languages_are_not_taken_for_those_with_texts() {
    let codes: Vec<_> = Language::ALL.iter().map(|language| language.tag().to_string()).collect();
    for (own, _, text) in samples() {
        if codes.iter().any(|code| code == own) {
            continue;
        }
        let expected = (own != "none").then_some(own);
        let found = code(text);
        assert!(found.is_none() || found.as_deref() == expected, "{own}: {found:?} {text}");
    }
}

#[test]
fn languages_that_the_model_does_not_know_are_found() {
    for (text, expected) in [
        ("Jeg er så træt af mit arbejde", "da"),
        ("Jsem už hrozně unavený z práce", "cs"),
        ("Sunt foarte obosit de munca mea", "ro"),
        ("En tiedä mistä pitäisi aloittaa", "fi"),
        ("Nem tudom, hol kezdjem el", "hu"),
        ("Saya tidak tahu harus mulai dari mana", "id"),
        ("No sé per on començar", "ca"),
        ("Tôi không biết bắt đầu từ đâu", "vi"),
        ("Не знам откъде да започна", "bg"),
        ("Я вельмі стаміўся ад працы", "be"),
        ("Είμαι πολύ κουρασμένος από τη δουλειά μου", "el"),
        ("אני לא יודע מאיפה להתחיל", "he"),
        ("ฉันเหนื่อยกับงานมาก", "th"),
        ("نمی‌دانم از کجا شروع کنم", "fa"),
        ("میں اپنے کام سے بہت تھک گیا ہوں", "ur"),
    ] {
        assert_eq!(code(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn ambiguous_texts_are_not_sure() {
    for text in [
        "", " ", "…", "?!", "1, 2, 3", "ok", "no", "si", "Да", "Anna", "Paris, Berlin", "no no no",
        "ha ha ha", "Anna Maria Schmidt", "New York Times", "東京", "大丈夫", "の", "\u{0}\u{301}",
    ] {
        assert_eq!(code(text), None, "{text:?}");
    }
}

#[test]
fn few_foreign_words_do_not_change_the_language() {
    for (text, expected) in [
        ("Mein Boss hat im Meeting gesagt, the deadline is Friday", "de"),
        ("The Gemütlichkeit at home is gone since then", "en"),
        ("We went to Paris and ate croissants, you know, très bien", "en"),
        ("Mi boss me mandó un email anoche", "es"),
        ("うちのCEOがZoomで話した", "ja"),
        ("老板说 deadline 是星期五，我压力很大", "zh"),
        ("팀장님이 email을 보냈어요", "ko"),
        ("我喜歡這家の店", "zh"),
    ] {
        assert_eq!(code(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn words_and_cjk_characters_are_counted() {
    for (text, words, cjk_characters) in [
        ("", 0, 0),
        ("I don't know, really …", 4, 0),
        ("well-kept 3", 2, 0),
        ("我的 boss 很忙。", 1, 4),
        ("我的boss很忙", 1, 4),
        ("ラーメンです", 0, 6),
        ("잘 모르겠어요", 0, 6),
        ("मुझे नींद नहीं आती", 4, 0),
    ] {
        assert_eq!(spoken_length(text), SpokenLength { words, cjk_characters }, "{text}");
    }
}

#[test]
fn word_lists_are_sorted_and_in_lower_case() {
    for Words { code, letters, words } in LATIN.iter().chain(OTHER_LATIN).chain(CYRILLIC) {
        assert!(tag(code).is_some_and(|tag| tag.as_str() == *code), "{code}");
        assert!(words.is_sorted(), "{code}");
        assert_eq!(letters.to_lowercase(), **letters, "{code}");
        for word in *words {
            assert_eq!(distinct_words(word), [*word], "{code}");
        }
    }
}

#[test]
fn any_text_is_detected_without_panic() {
    let letters: Vec<char> =
        "aeñßğłяіїқ我のがー네ä\u{301}\u{200d}मि्ا‌ن'’-. \n\u{0}🙂ΩאกЇİ".chars().collect();
    let mut state = 1_u32;
    for length in 0..2000 {
        let text: String = (0..length % 40)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                letters[(state >> 8) as usize % letters.len()]
            })
            .collect();
        detect(&text);
        spoken_length(&text);
    }
}
