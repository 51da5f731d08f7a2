//! Which parts of a line are what was looked for, by the rules that Postgres finds it by.

use std::{collections::HashMap, ops::Range};

use memchr::memchr2_iter;
use rust_stemmers::{Algorithm, Stemmer};

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The words as they stand in the line.
    pub text: String,
    /// Whether they are what was looked for.
    pub hit: bool,
}

/// Longest excerpt of a line, in characters.
const EXCERPT: usize = 300;
/// Characters before the first hit of an excerpt.
const LEAD: usize = 80;
/// Finds what in a line is looked for.
pub struct Highlighter {
    stemmer: Stemmer,
    /// English words by their stems, and pairs of Chinese, Japanese and Korean characters, which no word is.
    lexemes: Vec<String>,
    /// The bytes that they begin with, in lower case.
    initials: Vec<u8>,
    /// Words that begin like one of them, and whether they are asked for: lines that match have the same ones again and again.
    known: HashMap<String, bool>,
    /// Runs of Chinese, Japanese and Korean characters.
    runs: Vec<String>,
}

impl Highlighter {
    /// For `words`, of which Postgres has made `query` (a tsquery as text): stop words are not in it.
    pub fn new(words: &str, query: &str) -> Self {
        // A database of the C locale leaves what is not ASCII as it was said.
        let lexemes = lexemes(&query.to_lowercase());
        let mut initials: Vec<u8> = lexemes
            .iter()
            .filter_map(|lexeme| lexeme.bytes().next())
            .collect();
        initials.sort_unstable();
        initials.dedup();
        let runs = words.split(|c| !is_cjk(c)).filter(|run| !run.is_empty());
        Self {
            // Of the same rules as Postgres's: a test compares them.
            stemmer: Stemmer::create(Algorithm::English),
            lexemes,
            initials,
            known: HashMap::new(),
            runs: runs.map(str::to_owned).collect(),
        }
    }

    /// The text around the hits of a line, in fragments: hits and what is between them.
    pub fn highlight(&mut self, line: &str) -> Vec<Fragment> {
        let mut hits = if line.is_ascii() {
            words_by_initials(line, &self.initials)
        } else {
            words(line).collect()
        };
        hits.retain(|word| self.is_asked(&line[word.clone()]));
        for run in &self.runs {
            hits.extend(occurrences(line, run));
        }
        hits.sort_unstable_by_key(|hit| hit.start);
        hits.dedup_by(|next, hit| {
            let together = next.start <= hit.end;
            if together {
                hit.end = hit.end.max(next.end);
            }
            together
        });
        excerpt(line, &hits)
    }

    fn is_asked(&mut self, word: &str) -> bool {
        if !self.lexemes.iter().any(|lexeme| begins_alike(word, lexeme)) {
            return false;
        }
        if let Some(known) = self.known.get(word) {
            return *known;
        }
        let lower = word.to_lowercase();
        let is_asked = if lower.contains(|c: char| c.is_ascii_digit()) {
            self.lexemes.contains(&lower)
        } else {
            let stem = self.stemmer.stem(&lower);
            self.lexemes.iter().any(|lexeme| *lexeme == stem)
        };
        self.known.insert(word.to_owned(), is_asked);
        is_asked
    }
}

/// Whether `lexeme` can be the stem of a word: most cannot, which is told here without making it. Of all stems in wamerican, those of four
/// letters or more begin with three of their word's, and the others with one ("die" for "dying").
fn begins_alike(word: &str, lexeme: &str) -> bool {
    let shared = if lexeme.len() < 4 { 1 } else { 3 };
    match (
        word.as_bytes().get(..shared),
        lexeme.as_bytes().get(..shared),
    ) {
        (Some(word), Some(lexeme)) if word.is_ascii() => word.eq_ignore_ascii_case(lexeme),
        _ => {
            let begin = word.chars().flat_map(char::to_lowercase).take(shared);
            begin.eq(lexeme.chars().take(shared))
        }
    }
}

/// What a tsquery asks for: it writes `'walk' & 'o''clock':*`.
fn lexemes(query: &str) -> Vec<String> {
    let mut lexemes = Vec::new();
    let mut characters = query.chars().peekable();
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

/// Where the words of a line are, Chinese, Japanese and Korean ones apart.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = position(line, end, true);
        end = position(line, start, false);
        (start < end).then_some(start..end)
    })
}

/// Where the words of a line of ASCII are that begin with one of `initials`: most words do not, and need not be looked at.
fn words_by_initials(line: &str, initials: &[u8]) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let begins = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    initials
        .iter()
        .flat_map(|initial| memchr2_iter(*initial, initial.to_ascii_uppercase(), bytes))
        .filter(|at| begins(*at))
        .map(|at| at..position(line, at, false))
        .collect()
}

/// The first place from `at` on with a character that is part of a word, or is not; the end if there is none.
fn position(line: &str, mut at: usize, of_word: bool) -> usize {
    while let Some(byte) = line.as_bytes().get(at) {
        // Most lines are ASCII, of which nothing need be decoded.
        let (is_of_word, length) = if byte.is_ascii() {
            (byte.is_ascii_alphanumeric(), 1)
        } else {
            line[at..]
                .chars()
                .next()
                .map_or((false, 1), |c| (is_of_word(c), c.len_utf8()))
        };
        if is_of_word == of_word {
            break;
        }
        at += length;
    }
    at
}

/// Where `run` stands in a line; occurrences may overlap.
fn occurrences(line: &str, run: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + line[from..].find(run)?;
        from = start + line[start..].chars().next().map_or(1, char::len_utf8);
        Some(start..start + run.len())
    })
}

fn excerpt(line: &str, hits: &[Range<usize>]) -> Vec<Fragment> {
    let part = excerpted(line, hits.first().map_or(0, |hit| hit.start));
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut add = |text: &str, hit: bool| match fragments.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => fragments.push(Fragment {
            text: text.to_owned(),
            hit,
        }),
    };
    if part.start > 0 {
        add("…", false);
    }
    let mut at = part.start;
    for hit in hits {
        let (start, end) = (hit.start.clamp(at, part.end), hit.end.clamp(at, part.end));
        add(&line[at..start], false);
        add(&line[start..end], true);
        at = end;
    }
    add(&line[at..part.end], false);
    if part.end < line.len() {
        add("…", false);
    }
    fragments
}

/// Which part of a line is shown, if its first hit is at `first`.
fn excerpted(line: &str, first: usize) -> Range<usize> {
    if line.len() <= EXCERPT {
        return 0..line.len();
    }
    let characters: Vec<(usize, char)> = line.char_indices().collect();
    if characters.len() <= EXCERPT {
        return 0..line.len();
    }
    let first = characters.partition_point(|(at, _)| *at < first);
    let mut begin = first.saturating_sub(LEAD).min(characters.len() - EXCERPT);
    let mut end = begin + EXCERPT;
    let is_space = |(_, c): &(usize, char)| c.is_whitespace();
    // Not in the middle of a word, where one ends soon.
    if begin > 0
        && let Some(space) = characters[begin..first.max(begin)]
            .iter()
            .take(20)
            .position(is_space)
    {
        begin += space + 1;
    }
    if end < characters.len()
        && let Some(space) = characters[end - 20..end].iter().rposition(is_space)
    {
        end = end - 20 + space;
    }
    let byte = |at: usize| characters.get(at).map_or(line.len(), |(byte, _)| *byte);
    byte(begin)..byte(end)
}

/// Whether what is not ASCII can be part of an English word: neither punctuation of any kind nor Chinese, Japanese or Korean. As
/// `public.message_search_vector` and Postgres's parser have it.
fn is_of_word(c: char) -> bool {
    !(is_cjk(c)
        || matches!(c,
            '\u{80}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}'
            | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3030}' | '\u{303d}' | '\u{30a0}' | '\u{30fb}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}'))
}

/// The class CJK of migration 20261124190000; a test compares both.
pub fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hits in brackets.
    fn shown(fragments: &[Fragment]) -> String {
        fragments
            .iter()
            .map(|part| {
                if part.hit {
                    format!("[{}]", part.text)
                } else {
                    part.text.clone()
                }
            })
            .collect()
    }

    fn found(line: &str, words: &str, query: &str) -> String {
        shown(&Highlighter::new(words, query).highlight(line))
    }

    #[test]
    fn words_are_found_by_their_stems() {
        for (line, expected) in [
            ("I was walking.", "I was [walking]."),
            ("I—walked", "I—[walked]"),
            ("<b>Walk</b>", "<b>[Walk]</b>"),
            ("walks,walks walker's", "[walks],[walks] walker's"),
            ("a sidewalk, wal", "a sidewalk, wal"),
            ("我walk了", "我[walk]了"),
        ] {
            assert_eq!(found(line, "walk", "'walk'"), expected);
        }
        assert_eq!(
            found("the jobs of 2026a", "the job 2026A", "'job' & '2026a'"),
            "the [jobs] of [2026a]"
        );
        assert_eq!(found("Über ihm", "über", "'über'"), "[Über] ihm");
    }

    #[test]
    fn what_a_query_asks_for_is_read_as_postgres_writes_it() {
        assert_eq!(
            lexemes(r"'walk' & 'o''clock':* <-> 'back\\slash'"),
            ["walk", "o'clock", r"back\slash"]
        );
        assert_eq!(lexemes(""), [""; 0]);
        assert_eq!(lexemes("'never ends"), ["never ends"]);
    }

    #[test]
    fn whatever_was_said_is_shown_and_no_hit_changes_it() {
        let pieces = [
            "a", "y", "e", "s", "ing", "ed", "ies", "ational", "fulli", "dy", "ski", "'", "é", "ß",
            "İ", "ẞ", "ǅ", "ﬁ", "中", "文", "ア", "\u{301}", "🙂", " ", "-", "\u{a0}", "9",
            "\u{1}", "\u{10ffff}",
        ];
        let any = |most: usize| -> String {
            (0..rand::random_range(0..=most))
                .map(|_| pieces[rand::random_range(0..pieces.len())])
                .collect()
        };
        for _ in 0..20_000 {
            let (line, words) = (any(40), any(4));
            let query = format!("'{}'", words.replace('\'', "''"));
            let fragments = Highlighter::new(&words, &query).highlight(&line);
            let shown: String = fragments.iter().map(|part| part.text.as_str()).collect();
            if line.chars().count() <= EXCERPT {
                assert_eq!(shown, line, "{words:?}");
            }
            assert!(
                fragments.iter().all(|part| !part.text.is_empty()),
                "{line:?} {words:?}"
            );
        }
    }

    #[test]
    fn words_are_the_same_by_their_initials() {
        let pieces = ["a", "B", "walk", "9", " ", "-", "'", "s"];
        for _ in 0..10_000 {
            let line: String = (0..rand::random_range(0..12))
                .map(|_| pieces[rand::random_range(0..pieces.len())])
                .collect();
            let all = words(&line)
                .filter(|word| matches!(line.as_bytes()[word.start], b'b' | b'B' | b'w' | b'9'));
            let mut found = words_by_initials(&line, b"9bw");
            found.sort_unstable_by_key(|word| word.start);
            assert_eq!(found, all.collect::<Vec<_>>(), "{line:?}");
        }
    }

    #[test]
    fn runs_are_found_as_they_stand() {
        let shown = |line, words| found(line, words, "");
        assert_eq!(shown("我最近工作压力很大", "工作"), "我最近[工作]压力很大");
        assert_eq!(shown("好好好", "好好"), "[好好好]");
        assert_eq!(
            shown("我用Python写代码", "python 写代码 我"),
            "[我]用Python[写代码]"
        );
        assert_eq!(shown("日本語", "本"), "日[本]語");
        assert_eq!(shown("", "本"), "");
    }

    #[test]
    fn long_lines_are_cut_around_the_first_hit() {
        let line = format!("{} 工作 {}", "word ".repeat(200), "more ".repeat(200));
        let fragments = Highlighter::new("工作", "").highlight(&line);
        let text = shown(&fragments);
        assert!(
            text.starts_with("…word ") && text.ends_with("more…"),
            "{text}"
        );
        assert!(text.contains("[工作]"), "{text}");
        assert!(text.chars().count() <= EXCERPT + 4, "{text}");
        let no_space = "字".repeat(1000);
        assert_eq!(found(&no_space, "x", "'x'").chars().count(), EXCERPT + 1);
        assert_eq!(found(&no_space, "字", "").chars().count(), EXCERPT + 3);
    }
}
