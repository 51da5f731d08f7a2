//! Detection of the language that a person speaks.
//!
//! The script decides first: kana, hangul, Chinese characters. The language of a text in Latin
//! script is named by `whichlang`, a small model of 16 languages that is right for short sentences
//! but always names one: its answer counts if the function words of the text agree. Otherwise
//! these words decide, or the trigrams of `whatlang`, which has 70 languages and a confidence. The
//! latter also name the languages of other scripts.

mod scripts;
#[cfg(test)]
mod tests;
mod words;

use whatlang::Detector;

use self::{
    scripts::{Script, main_script},
    words::{CYRILLIC, LATIN, OTHER_LATIN, Words},
};
use super::{
    is_cjk,
    language::{Language, LanguageTag},
};

/// Fewest words of a text in a script of several languages: shorter ones are often names, or words
/// of more than one language.
const MIN_WORDS: usize = 3;
/// Of so many different words, one must be a function word of the language.
const WORDS_PER_FUNCTION_WORD: usize = 6;
/// Fewest function words of another language than the model's.
const MIN_AGAINST_MODEL: usize = 2;
/// Length from which a text without Ukrainian letters is not Ukrainian.
const MIN_RUSSIAN_CHARACTERS: usize = 20;
/// Spoken length, in CJK characters, from which one text is enough to change the language. A word
/// counts as two characters.
const LONG_TEXT: usize = 20;

/// The language of what a person said; `None` if it is not sure. A text that is mostly in one
/// language is in that language.
pub fn detect(text: &str) -> Option<LanguageTag> {
    match main_script(text)? {
        Script::Chinese => Some(Language::Chinese.tag()),
        Script::Japanese => Some(Language::Japanese.tag()),
        Script::Korean => Some(Language::Korean.tag()),
        Script::Other => by_trigrams(text),
        Script::Latin => latin(text),
        Script::Cyrillic => cyrillic(text),
        Script::OfSeveralLanguages => by_trigrams(text),
    }
}

/// Length of a spoken text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpokenLength {
    /// Words in alphabetic scripts.
    pub words: usize,
    /// Characters of Chinese, Japanese and Korean scripts.
    pub cjk_characters: usize,
}

impl SpokenLength {
    /// Whether the text is long enough to change the language by itself: at least ten words, or 20
    /// CJK characters, or as much of both.
    pub fn is_long(self) -> bool {
        2 * self.words + self.cjk_characters >= LONG_TEXT
    }
}

/// Words and CJK characters of `text`.
pub fn spoken_length(text: &str) -> SpokenLength {
    let is_word_part = |c: char| c.is_alphanumeric() && !is_cjk(c);
    let words = text
        .split(|c: char| c.is_whitespace() || is_cjk(c))
        .filter(|part| part.chars().any(is_word_part))
        .count();
    SpokenLength { words, cjk_characters: text.chars().filter(|c| is_cjk(*c)).count() }
}

/// The language of a text in Latin script.
fn latin(text: &str) -> Option<LanguageTag> {
    let words = distinct_words(text);
    if words.len() < MIN_WORDS {
        return None;
    }
    let guess = LanguageTag::parse(whichlang::detect_language(text).three_letter_code())?;
    let own = LATIN.iter().find(|list| list.code == guess.as_str());
    let own = own.map_or(0, |list| list.count(&words));
    let (known, other) = (best(&words, LATIN), best(&words, OTHER_LATIN));
    let is_enough = |count: usize| count > 0 && count * WORDS_PER_FUNCTION_WORD >= words.len();
    if is_enough(own) && own >= known.count && own >= other.count {
        return Some(guess);
    }
    // A few foreign words, or a language that `whichlang` does not know.
    let most = if other.count > known.count { other } else { known };
    if most.count >= MIN_AGAINST_MODEL && is_enough(most.count) && !most.tied {
        return LanguageTag::parse(most.code);
    }
    let second = Detector::new().detect(text)?;
    let tag = LanguageTag::parse(second.lang().code())?;
    let agree = tag == guess && words.len() > MIN_WORDS;
    let other = second.is_reliable() && LATIN.iter().all(|list| list.code != tag.as_str());
    (agree || other).then_some(tag)
}

/// The language of a text in Cyrillic script.
fn cyrillic(text: &str) -> Option<LanguageTag> {
    let lower = text.to_lowercase();
    let has = |letters: &str| lower.contains(|c| letters.contains(c));
    let words = distinct_words(text);
    if words.len() < MIN_WORDS {
        return None;
    }
    if has("ў") || has("і") && has("ыэё") && !has("їєґ") {
        return LanguageTag::parse("be");
    }
    if has("іїєґ") {
        return LanguageTag::parse("uk");
    }
    if has("ыэё") {
        return Some(Language::Russian.tag());
    }
    let most = best(&words, CYRILLIC);
    if most.count > 0 && !most.tied {
        return LanguageTag::parse(most.code);
    }
    // Rare in Bulgarian and Serbian; and a Ukrainian text as long as this has other letters.
    if has("ь") && lower.chars().count() >= MIN_RUSSIAN_CHARACTERS {
        return Some(Language::Russian.tag());
    }
    let info = Detector::new().detect(text)?;
    if info.is_reliable() { LanguageTag::parse(info.lang().code()) } else { None }
}

/// The language of a text in a script of few languages.
fn by_trigrams(text: &str) -> Option<LanguageTag> {
    let info = whatlang::detect(text)?;
    let is_devanagari = info.script() == whatlang::Script::Devanagari;
    // Its languages are close: short sentences in Hindi are taken for others.
    let code = if is_devanagari && !info.is_reliable() { "hi" } else { info.lang().code() };
    LanguageTag::parse(code)
}

/// The language with the most words of a text.
struct Best {
    code: &'static str,
    count: usize,
    /// Another language has as many.
    tied: bool,
}

fn best(words: &[String], lists: &[Words]) -> Best {
    let mut best = Best { code: "", count: 0, tied: true };
    for list in lists {
        let count = list.count(words);
        if count > best.count {
            best = Best { code: list.code, count, tied: false };
        } else if count == best.count {
            best.tied = true;
        }
    }
    best
}

impl Words {
    /// The number of `words` that are marks of the language.
    fn count(&self, words: &[String]) -> usize {
        let has_letter = |word: &str| word.contains(|c| self.letters.contains(c));
        words
            .iter()
            .filter(|word| self.words.binary_search(&word.as_str()).is_ok() || has_letter(word))
            .count()
    }
}

/// The different words of `text`, in lower case, contractions divided.
fn distinct_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .to_lowercase()
        // What remains of a Turkish capital.
        .replace("i\u{307}", "i")
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
