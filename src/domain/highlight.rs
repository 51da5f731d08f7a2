//! Highlights the parts of a message that match a search, by the rules of the Postgres search.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

use super::{normalized_text::NormalizedText, separators::is_separator};

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Text of the message.
    pub text: String,
    /// Whether it matches the search.
    pub hit: bool,
}

/// Longest excerpt of a message, in characters.
const MAX_EXCERPT_CHARACTERS: usize = 300;
/// Characters of an excerpt before its first hit.
const CONTEXT_BEFORE_HIT: usize = 80;

/// Finds the matches of one search in messages.
pub struct Highlighter {
    english: Stemmer,
    /// Stems of English words, and pairs of Chinese, Japanese and Korean characters.
    lexemes: Vec<String>,
    /// Stems of words in other languages.
    others: Vec<LanguageLexemes>,
    /// Runs of Chinese, Japanese and Korean characters.
    runs: Vec<String>,
}

impl Highlighter {
    /// A highlighter for `query` and its tsquery as text, which omits stop words.
    pub fn new(query: &str, tsquery: &str) -> Self {
        let query = NormalizedText::new(query).text;
        let runs = query.split(|c| !is_cjk(c)).filter(|run| !run.is_empty());
        // A database with the C locale lower-cases ASCII only.
        let mut lexemes = lexemes(&tsquery.to_lowercase());
        let others = LANGUAGES.iter().filter_map(|(language, algorithm)| {
            let own = lexemes.extract_if(.., |lexeme| lexeme.starts_with(language));
            let own: Vec<String> = own.map(|lexeme| lexeme[language.len()..].to_owned()).collect();
            let stemmer = Stemmer::create(*algorithm);
            (!own.is_empty()).then_some(LanguageLexemes { stemmer, lexemes: own })
        });
        let others = others.collect();
        // Same rules as Postgres' stemmers: a test compares them.
        let english = Stemmer::create(Algorithm::English);
        Self { english, lexemes, others, runs: runs.map(str::to_owned).collect() }
    }

    /// The excerpt of `text` around its first hit: hits and the text between them.
    pub fn highlight(&self, text: &str) -> Vec<Fragment> {
        // Postgres compares normalised text; the excerpt is of the text as it was written.
        let normalized = NormalizedText::new(text);
        let compared = &*normalized.text;
        let mut hits: Vec<Range<usize>> =
            words(compared).filter(|word| self.matches_query(&compared[word.clone()])).collect();
        for run in &self.runs {
            hits.extend(occurrences(compared, run));
        }
        hits = hits.into_iter().map(|hit| normalized.original(hit)).collect();
        hits.sort_unstable_by_key(|hit| hit.start);
        hits.dedup_by(|next, hit| {
            let touches = next.start <= hit.end;
            if touches {
                hit.end = hit.end.max(next.end);
            }
            touches
        });
        excerpt(text, &hits)
    }

    fn matches_query(&self, word: &str) -> bool {
        let has_english = self.lexemes.iter().any(|lexeme| shares_prefix(word, lexeme));
        if !has_english && self.others.is_empty() {
            return false;
        }
        let lower = word.to_lowercase();
        has_english && contains(&self.lexemes, &self.english, &lower)
            || self.others.iter().any(|other| contains(&other.lexemes, &other.stemmer, &lower))
    }
}

/// Prefixes of the lexemes of a language, as Postgres stores them, and its stemmer.
const LANGUAGES: [(&str, Algorithm); 6] = [
    ("de/", Algorithm::German),
    ("fr/", Algorithm::French),
    ("es/", Algorithm::Spanish),
    ("pt/", Algorithm::Portuguese),
    ("it/", Algorithm::Italian),
    ("ru/", Algorithm::Russian),
];

/// Stems of the query's words in one language.
struct LanguageLexemes {
    stemmer: Stemmer,
    lexemes: Vec<String>,
}

/// Whether `lexemes` contain the stem of a word, or the word itself if it has digits.
fn contains(lexemes: &[String], stemmer: &Stemmer, lower: &str) -> bool {
    if lower.contains(|c: char| c.is_ascii_digit()) {
        return lexemes.iter().any(|lexeme| lexeme == lower);
    }
    let stem = stemmer.stem(lower);
    lexemes.iter().any(|lexeme| *lexeme == stem)
}

/// Whether `lexeme` can be the stem of `word`. Most words need no stemmer then: a page of 20
/// messages takes 15 us instead of 130 us, of 1.1 ms for the whole search.
///
/// In the word list wamerican, stems of four letters or more share three letters with their word,
/// shorter ones share one ("die" for "dying").
fn shares_prefix(word: &str, lexeme: &str) -> bool {
    let shared = if lexeme.len() < 4 { 1 } else { 3 };
    match (word.as_bytes().get(..shared), lexeme.as_bytes().get(..shared)) {
        (Some(word), Some(lexeme)) if word.is_ascii() => word.eq_ignore_ascii_case(lexeme),
        _ => {
            let prefix = word.chars().flat_map(char::to_lowercase).take(shared);
            prefix.eq(lexeme.chars().take(shared))
        }
    }
}

/// The lexemes of a tsquery such as `'walk' & 'o''clock':*`.
fn lexemes(tsquery: &str) -> Vec<String> {
    let mut lexemes = Vec::new();
    let mut characters = tsquery.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\'' {
            continue;
        }
        let mut lexeme = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\'' if characters.next_if_eq(&'\'').is_none() => break,
                '\\' => lexeme.extend(characters.next()),
                _ => lexeme.push(character),
            }
        }
        lexemes.push(lexeme);
    }
    lexemes
}

/// Ranges of the words in `text`, without Chinese, Japanese and Korean ones.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = position(text, end, true);
        end = position(text, start, false);
        (start < end).then_some(start..end)
    })
}

/// Position of the first character from `at` on that belongs to a word, or does not; the end of the
/// text if there is none.
fn position(text: &str, mut at: usize, in_word: bool) -> usize {
    while let Some(byte) = text.as_bytes().get(at) {
        // ASCII needs no decoding, and most messages are ASCII.
        let (is_word_character, length) = if byte.is_ascii() {
            (byte.is_ascii_alphanumeric(), 1)
        } else {
            let character = text[at..].chars().next();
            character.map_or((false, 1), |c| (is_word_character(c), c.len_utf8()))
        };
        if is_word_character == in_word {
            break;
        }
        at += length;
    }
    at
}

/// Ranges of `run` in `text`, which may overlap.
fn occurrences(text: &str, run: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(run)?;
        from = start + text[start..].chars().next().map_or(1, char::len_utf8);
        Some(start..start + run.len())
    })
}

fn excerpt(text: &str, hits: &[Range<usize>]) -> Vec<Fragment> {
    let shown = excerpt_range(text, hits.first().map_or(0, |hit| hit.start));
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut add = |text: &str, hit: bool| match fragments.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => fragments.push(Fragment { text: text.to_owned(), hit }),
    };
    if shown.start > 0 {
        add("…", false);
    }
    let mut at = shown.start;
    for hit in hits {
        let start = hit.start.clamp(at, shown.end);
        let end = hit.end.clamp(at, shown.end);
        add(&text[at..start], false);
        add(&text[start..end], true);
        at = end;
    }
    add(&text[at..shown.end], false);
    if shown.end < text.len() {
        add("…", false);
    }
    fragments
}

/// The range of `text` to show, given the start of its first hit.
fn excerpt_range(text: &str, first_hit: usize) -> Range<usize> {
    if text.len() <= MAX_EXCERPT_CHARACTERS {
        return 0..text.len();
    }
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    if characters.len() <= MAX_EXCERPT_CHARACTERS {
        return 0..text.len();
    }
    let first_hit = characters.partition_point(|(at, _)| *at < first_hit);
    let last_start = characters.len() - MAX_EXCERPT_CHARACTERS;
    let mut start = first_hit.saturating_sub(CONTEXT_BEFORE_HIT).min(last_start);
    let mut end = start + MAX_EXCERPT_CHARACTERS;
    let is_space = |(_, c): &(usize, char)| c.is_whitespace();
    // Cut between words, where there is a space nearby.
    if start > 0 {
        let mut context = characters[start..first_hit.max(start)].iter().take(20);
        if let Some(space) = context.position(is_space) {
            start += space + 1;
        }
    }
    if end < characters.len()
        && let Some(space) = characters[end - 20..end].iter().rposition(is_space)
    {
        end = end - 20 + space;
    }
    let byte = |at: usize| characters.get(at).map_or(text.len(), |(byte, _)| *byte);
    byte(start)..byte(end)
}

/// Whether a character beyond ASCII can be part of a word that Postgres' parser finds: neither
/// punctuation nor Chinese, Japanese or Korean.
fn is_word_character(c: char) -> bool {
    !(is_cjk(c) || is_separator(c))
}

/// The character class CJK of migration 20261124190000; a test compares the two.
pub fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// The excerpt with its hits in brackets.
    fn excerpt(text: &str, query: &str, tsquery: &str) -> String {
        let fragments = Highlighter::new(query, tsquery).highlight(text);
        let parts = fragments.into_iter().map(|Fragment { text, hit }| match hit {
            true => format!("[{text}]"),
            false => text,
        });
        parts.collect()
    }

    #[test]
    fn words_with_the_same_stem_are_marked() {
        for (text, expected) in [
            ("I was walking.", "I was [walking]."),
            ("I—walked", "I—[walked]"),
            ("<b>Walk</b>", "<b>[Walk]</b>"),
            ("walks,walks walker's", "[walks],[walks] walker's"),
            ("a sidewalk, wal", "a sidewalk, wal"),
            ("我walk了", "我[walk]了"),
        ] {
            assert_eq!(excerpt(text, "walk", "'walk'"), expected);
        }
        assert_eq!(
            excerpt("the jobs of 2026a", "the job 2026A", "'job' & '2026a'"),
            "the [jobs] of [2026a]"
        );
        assert_eq!(excerpt("Über ihm", "über", "'über'"), "[Über] ihm");
    }

    #[test]
    fn decomposed_and_divided_words_are_marked_as_written() {
        for (text, query, tsquery, expected) in [
            ("cafe\u{301} au lait", "café", "'café'", "[cafe\u{301}] au lait"),
            ("Cafe\u{301}s", "cafés", "'café'", "[Cafe\u{301}s]"),
            ("so\u{ad}cial\u{200b} x", "social", "'social'", "[so\u{ad}cial\u{200b}] x"),
            ("ﬁnding", "find", "'find'", "[ﬁnding]"),
            ("ｶﾀｶﾅも", "カタカナ", "", "[ｶﾀｶﾅ]も"),
            ("か\u{3099}くせい", "がくせい", "", "[か\u{3099}くせい]"),
            ("工\u{200b}作", "工作", "", "[工\u{200b}作]"),
            ("工作", "工\u{200b}作", "", "[工作]"),
            ("كيف حالك؟", "حالك", "'حالك'", "كيف [حالك]؟"),
            ("Ինչպե՞ս", "ինչպես", "'ինչպես'", "[Ինչպե՞ս]"),
        ] {
            assert_eq!(excerpt(text, query, tsquery), expected);
        }
    }

    #[test]
    fn tsquery_text_is_split_into_lexemes() {
        assert_eq!(
            lexemes(r"'walk' & 'o''clock':* <-> 'back\\slash'"),
            ["walk", "o'clock", r"back\slash"]
        );
        assert_eq!(lexemes(""), [""; 0]);
        assert_eq!(lexemes("'never ends"), ["never ends"]);
    }

    #[test]
    fn cjk_runs_are_marked_literally() {
        for (text, query, expected) in [
            ("我最近工作压力很大", "工作", "我最近[工作]压力很大"),
            ("好好好", "好好", "[好好好]"),
            ("我用Python写代码", "python 写代码 我", "[我]用Python[写代码]"),
            ("日本語", "本", "日[本]語"),
            ("", "本", ""),
        ] {
            assert_eq!(excerpt(text, query, ""), expected);
        }
    }

    #[test]
    fn long_text_is_cut_around_the_first_hit() {
        let text = format!("{} 工作 {}", "word ".repeat(200), "more ".repeat(200));
        let shown = excerpt(&text, "工作", "");
        assert!(shown.starts_with("…word ") && shown.ends_with("more…"), "{shown}");
        assert!(shown.contains("[工作]"), "{shown}");
        assert!(shown.chars().count() <= MAX_EXCERPT_CHARACTERS + 4, "{shown}");
        let no_space = "字".repeat(1000);
        let length = |query, tsquery| excerpt(&no_space, query, tsquery).chars().count();
        assert_eq!(length("x", "'x'"), MAX_EXCERPT_CHARACTERS + 1);
        assert_eq!(length("字", ""), MAX_EXCERPT_CHARACTERS + 3);
    }

    /// Text of words, letters whose case or stem is special, punctuation and control characters.
    fn any_text(max_pieces: usize) -> impl Strategy<Value = String> {
        let pieces = vec![
            "a", "y", "e", "s", "ing", "ed", "ies", "ational", "fulli", "dy", "ski", "'", "é", "ß",
            "İ", "ẞ", "ǅ", "ﬁ", "中", "文", "ア", "\u{301}", "🙂", " ", "-", "\u{a0}", "9",
            "\u{1}", "\u{10ffff}", "e\u{301}", "\u{ad}", "؟", "ｶﾞ",
        ];
        vec(select(pieces), 0..=max_pieces).prop_map(|pieces| pieces.concat())
    }

    fn highlighter(query: &str) -> Highlighter {
        Highlighter::new(query, &format!("'{}'", query.replace('\'', "''")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn fragments_join_to_a_part_of_the_text(text in any_text(600), query in any_text(4)) {
            let fragments = highlighter(&query).highlight(&text);
            prop_assert!(fragments.iter().all(|fragment| !fragment.text.is_empty()));
            let shown: String = fragments.iter().map(|fragment| &*fragment.text).collect();
            if text.chars().count() <= MAX_EXCERPT_CHARACTERS {
                prop_assert_eq!(shown, text);
            } else {
                prop_assert!(text.contains(shown.trim_matches('…')));
            }
        }

        #[test]
        fn marked_text_matches_the_query_by_itself(text in any_text(40), query in any_text(2)) {
            let highlighter = highlighter(&query);
            for fragment in highlighter.highlight(&text).into_iter().filter(|part| part.hit) {
                prop_assert_eq!(highlighter.highlight(&fragment.text), [fragment.clone()]);
            }
        }
    }
}
