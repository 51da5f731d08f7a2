//! Scripts of a text.

use crate::domain::is_cjk;

/// Smallest number of Chinese characters that count as Chinese without a typical one: Japanese has
/// short phrases without kana.
const MIN_HAN: usize = 6;
/// Smallest number of kana in a Japanese text: Chinese texts may have a single one.
const MIN_KANA: usize = 2;
/// Characters that are frequent in Chinese and that are rare in Japanese phrases without kana.
const CHINESE_CHARACTERS: &str =
    "我你您他她它们們吗嗎呢吧啊的了是这這那没沒也都就很说說谁誰什么麼还還给";

/// Script that the most of a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Chinese characters.
    Chinese,
    /// Kana, with Chinese characters.
    Japanese,
    /// Hangul.
    Korean,
    /// Latin letters.
    Latin,
    /// Cyrillic letters.
    Cyrillic,
    /// Arabic or Devanagari.
    OfSeveralLanguages,
    /// Any other, most of which are of one language.
    Other,
}

/// The main script of `text`; `None` without letters, or if the letters do not tell.
pub fn main_script(text: &str) -> Option<Script> {
    let count = |belongs: fn(char) -> bool| text.chars().filter(|c| belongs(*c)).count();
    // A word weighs as much as two CJK characters.
    let words = |belongs: fn(char) -> bool| {
        2 * text.split(|c| !belongs(c)).filter(|word| !word.is_empty()).count()
    };
    let (kana, han) = (count(is_kana), count(is_han));
    let weights = [
        (kana + han, han_script(text, kana, han)),
        (count(is_hangul), Some(Script::Korean)),
        (words(is_latin), Some(Script::Latin)),
        (words(is_cyrillic), Some(Script::Cyrillic)),
        (words(is_arabic_or_devanagari), Some(Script::OfSeveralLanguages)),
        (words(is_other_letter), Some(Script::Other)),
    ];
    let (weight, script) = weights.into_iter().max_by_key(|(weight, _)| *weight)?;
    if weight > 0 { script } else { None }
}

/// Japanese or Chinese, for texts with kana or Chinese characters.
fn han_script(text: &str, kana: usize, han: usize) -> Option<Script> {
    if kana >= MIN_KANA && kana * 10 >= kana + han {
        Some(Script::Japanese)
    } else if han >= MIN_HAN || han >= 2 && text.contains(|c| CHINESE_CHARACTERS.contains(c)) {
        Some(Script::Chinese)
    } else {
        None
    }
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}')
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(c, 'A'..='z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

fn is_arabic_or_devanagari(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{900}'..='\u{97f}')
        && !matches!(c, '،' | '؛' | '؟' | '।' | '॥')
}

fn is_other_letter(c: char) -> bool {
    c.is_alphabetic() && !(is_cjk(c) || is_latin(c) || is_cyrillic(c) || is_arabic_or_devanagari(c))
}
