//! Sentences of streamed text, for text to speech: each is spoken while the next one is written.
//!
//! A sentence is returned with its end mark where that is safe, without waiting for the next
//! fragment. Doubtful marks (`3.`, `Dr.`, an open quotation) wait for the next character. A missed
//! cut only delays the speech, a wrong one is heard: where both are possible, nothing is cut.

use super::is_cjk;

/// Shorter sentences are joined to the next one: text to speech intones single words badly.
const MIN_CHARACTERS: usize = 20;
/// Words of fewer letters before a full stop are often abbreviations.
const MIN_WORD_LETTERS: usize = 3;

/// Marks that end a sentence wherever they are: no decimal or abbreviation has them.
const STRONG_MARKS: &str = "!?。！？｡؟۔।॥։።፧။។";
/// What may follow an end mark and belongs to the sentence.
const CLOSING_MARKS: &str = "\"'”’“‘»›)]}」』）】》*_`~";
/// Punctuation after a full stop that continues the sentence, as in "etc., and".
const CONTINUING_MARKS: &str = ",;:-–/\\&=%#+@";

/// Abbreviations that never end a sentence, lower case and without the last full stop. Single
/// letters with full stops between them (`z.B.`, `U.S.`) are recognised without a list.
const ABBREVIATIONS: &[&str] = &[
    "adm", "al", "approx", "bspw", "bzw", "ca", "capt", "cf", "col", "dept", "dipl", "dr", "dra",
    "ed", "est", "evtl", "fr", "frl", "gen", "ggf", "gov", "hr", "hrsg", "incl", "ing", "inkl",
    "lt", "messrs", "mlle", "mme", "mr", "mrs", "ms", "mt", "phd", "prof", "rep", "resp", "rev",
    "sen", "sgt", "sog", "sra", "srta", "st", "ste", "tel", "vgl", "viz", "vs", "www", "zzgl",
];
/// Abbreviations that end a sentence only if a capital letter follows.
const POSSIBLE_ENDS: &[&str] = &[
    "a.m", "bros", "co", "corp", "etc", "i", "inc", "jr", "ltd", "p.m", "sr", "u.s.w", "usf", "usw",
];
/// Abbreviations before a number; otherwise they are words.
const BEFORE_NUMBERS: &[&str] = &[
    "abb", "abs", "apr", "art", "aug", "bd", "ch", "dec", "feb", "fig", "jan", "jul", "jun", "kap",
    "mar", "no", "nos", "nov", "nr", "oct", "okt", "p", "pp", "s", "sec", "sep", "sept", "vol",
];

/// Splitter of text that arrives in fragments.
#[derive(Debug, Default)]
pub struct SentenceSplitter {
    /// Text after the last returned sentence.
    pending: String,
    /// Bytes of `pending` that were searched for an end.
    searched: usize,
}

impl SentenceSplitter {
    /// The sentences that `fragment` completes, without white space around them; often none.
    pub fn push(&mut self, fragment: &str) -> Vec<String> {
        self.pending.push_str(fragment);
        let mut sentences = Vec::new();
        loop {
            match next_end(&self.pending, self.searched) {
                End::At(end) if is_short(&self.pending[..end]) => self.searched = end,
                End::At(end) => {
                    sentences.push(self.pending[..end].trim().to_owned());
                    self.pending.drain(..end);
                    self.searched = 0;
                }
                End::Undecided(mark) => {
                    self.searched = mark;
                    return sentences;
                }
                End::None => {
                    self.searched = self.pending.len();
                    return sentences;
                }
            }
        }
    }

    /// The text after the last returned sentence; `None` if it is blank.
    pub fn finish(self) -> Option<String> {
        let rest = self.pending.trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    }
}

/// `text` up to its last complete sentence; `None` if there is none. For replies that a limit of
/// tokens has cut: a doubtful last mark (`3.`) does not count.
pub fn up_to_last_sentence(text: &str) -> Option<&str> {
    let mut complete = 0;
    let mut searched = 0;
    while let End::At(end) = next_end(text, searched) {
        searched = end;
        // "First:" and an empty line introduce what is missing.
        if !text[..end].trim_end().ends_with([':', ',', ';']) {
            complete = end;
        }
    }
    let sentences = text[..complete].trim_end();
    (!sentences.trim().is_empty()).then_some(sentences)
}

/// The sentences of `text` before its first question, as many as have at most `max_characters`
/// together. While `text` is still being written, it is not `complete`: its end is no sentence yet.
pub fn sentences_before_question(text: &str, max_characters: usize, complete: bool) -> &str {
    let (mut accepted, mut searched) = (0, 0);
    while searched < text.len() {
        let end = match next_end(text, searched) {
            End::At(end) => end,
            End::Undecided(_) | End::None if complete => text.len(),
            End::Undecided(_) | End::None => break,
        };
        // Another mark may follow: "Well..".
        if end == text.len() && !complete {
            break;
        }
        searched = end;
        if end < text.len() && is_inside_quotes(text[..end].chars()) {
            continue;
        }
        let is_too_long = text[..end].trim().chars().count() > max_characters;
        if is_too_long || is_question(&text[accepted..end]) {
            break;
        }
        accepted = end;
    }
    text[..accepted].trim_end()
}

/// Whether a sentence is a question, by its mark or, in languages that often write a full stop, by
/// its last word.
fn is_question(sentence: &str) -> bool {
    let sentence = sentence.trim_end().trim_end_matches(|c| CLOSING_MARKS.contains(c));
    sentence.ends_with(['?', '？', '؟'])
        || sentence
            .trim_end_matches(['.', '。', '．', '…'])
            .ends_with(['か', '吗', '嗎', '呢', '까'])
}

/// The next end of a sentence, in bytes.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Behind the end mark and its closing quotes, or behind a line break.
    At(usize),
    /// The text ends at a mark that the next character decides.
    Undecided(usize),
    None,
}

fn next_end(text: &str, searched: usize) -> End {
    let mut position = searched;
    while let Some(c) = text[position..].chars().next() {
        if c == '\n' {
            return End::At(position + 1);
        }
        if !is_end_mark(c) {
            position += c.len_utf8();
            continue;
        }
        let mark = Mark::new(text, position);
        match mark.ends_sentence() {
            Some(true) => return End::At(mark.end()),
            Some(false) => position += mark.marks.len(),
            None => return End::Undecided(position),
        }
    }
    End::None
}

/// A run of end marks and what is around it.
struct Mark<'a> {
    before: &'a str,
    marks: &'a str,
    closing: &'a str,
    after: &'a str,
}

impl<'a> Mark<'a> {
    fn new(text: &'a str, position: usize) -> Self {
        let (before, rest) = text.split_at(position);
        let (marks, rest) = rest.split_at(length_while(rest, is_end_mark));
        let (closing, after) = rest.split_at(length_while(rest, |c| CLOSING_MARKS.contains(c)));
        Self { before, marks, closing, after }
    }

    fn end(&self) -> usize {
        self.before.len() + self.marks.len() + self.closing.len()
    }

    /// Whether a sentence ends here; `None` if the next character decides.
    fn ends_sentence(&self) -> Option<bool> {
        if self.marks.contains(|c| STRONG_MARKS.contains(c)) {
            return self.strong_mark_ends();
        }
        if self.marks != "." {
            return self.next_word_is(|c| !c.is_lowercase()); // an ellipsis
        }
        let word = self.word().trim_start_matches(|c: char| !c.is_alphanumeric());
        if word.ends_with(|c: char| c.is_numeric()) {
            return self.number_ends(word);
        }
        let lower = word.to_lowercase();
        if POSSIBLE_ENDS.contains(&lower.as_str()) {
            self.next_word_is(char::is_uppercase)
        } else if BEFORE_NUMBERS.contains(&lower.as_str()) {
            self.next_word_is(|c| !c.is_numeric())
        } else if ABBREVIATIONS.contains(&lower.as_str()) || is_initials(word) {
            Some(false)
        } else {
            self.full_stop_ends(word)
        }
    }

    /// The characters before the mark up to white space, or to a Chinese mark that has none.
    fn word(&self) -> &'a str {
        let is_between = |c: char| c.is_whitespace() || matches!(c, '。' | '！' | '？');
        self.before.rsplit(is_between).next().unwrap_or_default()
    }

    fn strong_mark_ends(&self) -> Option<bool> {
        let word = self.word();
        let undecided = is_address(word) || self.is_inside_quotes();
        match self.after.chars().next() {
            None if undecided => None,
            Some(c) if is_address(word) => Some(c.is_whitespace()),
            _ => Some(true),
        }
    }

    fn full_stop_ends(&self, word: &str) -> Option<bool> {
        match self.after.chars().next() {
            Some(c) if c.is_whitespace() => Some(true),
            Some(c) => Some(!c.is_alphanumeric() && !CONTINUING_MARKS.contains(c)),
            None => {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                let is_plain = letters >= MIN_WORD_LETTERS
                    && !is_address(word)
                    && !word.contains(['.', '/'])
                    && !self.is_inside_quotes();
                is_plain.then_some(true)
            }
        }
    }

    /// A full stop after a number may be a decimal point, an ordinal ("am 3. Dezember") or the mark
    /// of a list. Only numbers that are no ordinals end a sentence.
    fn number_ends(&self, number: &str) -> Option<bool> {
        let may_be_ordinal = number.chars().all(char::is_numeric) && number.chars().count() <= 2;
        if may_be_ordinal && !self.after.is_empty() {
            return Some(false);
        }
        self.next_word_is(|c| !c.is_lowercase())
    }

    /// Whether white space and then a character follow for which `begins` holds.
    fn next_word_is(&self, begins: impl Fn(char) -> bool) -> Option<bool> {
        let next = self.after.trim_start();
        if next.len() == self.after.len() && !next.is_empty() {
            return Some(false);
        }
        next.chars().next().map(begins)
    }

    fn is_inside_quotes(&self) -> bool {
        is_inside_quotes(self.before.chars().chain(self.closing.chars()))
    }
}

/// Whether a closing mark is still to come.
fn is_inside_quotes(characters: impl Iterator<Item = char>) -> bool {
    let mut depth = 0_usize;
    let mut toggles = [false; 3];
    let mut previous = None;
    for c in characters {
        match c {
            '"' => toggles[0] = !toggles[0],
            // A run of asterisks is one mark of emphasis.
            '*' if previous != Some('*') => toggles[1] = !toggles[1],
            '`' => toggles[2] = !toggles[2],
            '(' | '[' | '{' | '„' | '«' | '‹' | '「' | '『' | '（' | '【' | '《' => {
                depth += 1
            }
            // German closes with what English opens with.
            '“' if depth == 0 => depth = 1,
            '“' | '”' | ')' | ']' | '}' | '»' | '›' | '」' | '』' | '）' | '】' | '》' =>
            {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        previous = Some(c);
    }
    depth > 0 || toggles.contains(&true)
}

fn is_end_mark(c: char) -> bool {
    matches!(c, '.' | '…') || STRONG_MARKS.contains(c)
}

/// URLs and e-mail addresses have marks within.
fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.to_ascii_lowercase().starts_with("www.")
}

/// Single letters with full stops between them, such as `J` or `z.B`; not the word "a".
fn is_initials(word: &str) -> bool {
    let mut parts = word.split('.');
    let has_single_letters = parts.all(|part| part.chars().count() == 1);
    has_single_letters && (word.contains('.') || word.chars().all(char::is_uppercase))
}

fn is_short(text: &str) -> bool {
    text.trim().chars().map(|c| if is_cjk(c) { 2 } else { 1 }).sum::<usize>() < MIN_CHARACTERS
}

fn length_while(text: &str, accepts: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accepts(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
