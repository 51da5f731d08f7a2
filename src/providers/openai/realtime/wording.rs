//! Comparison of a text with the words that a voice model has spoken.

use unicode_normalization::UnicodeNormalization;

/// Number words, which a transcript may write as digits.
const UNITS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
];
const TENS: &[&str] =
    &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Words of a text, for comparison: without punctuation, in lower case, English number words below
/// a hundred as digits.
pub(super) struct Wording(Vec<String>);

impl Wording {
    pub(super) fn of(text: &str) -> Self {
        // Apostrophes are within words.
        let text = text.nfkc().filter(|c| !matches!(c, '\'' | '’')).collect::<String>();
        let words = text.to_lowercase();
        let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Self(words.map(with_digits).collect())
    }

    /// Number of words.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether both say the same. Spaces do not count: some languages have none, and "everyday" is
    /// no other word.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.concat() == other.0.concat()
    }
}

/// The word, or if it is a number below a hundred its tens and units: "25" and "twenty five" are
/// both "20" and "5".
fn with_digits(word: &str) -> String {
    if let Some(unit) = UNITS.iter().position(|it| *it == word) {
        return unit.to_string();
    }
    if let Some(ten) = TENS.iter().position(|it| *it == word) {
        return ((ten + 2) * 10).to_string();
    }
    match word.parse::<u8>() {
        Ok(number @ 20..=99) if number % 10 > 0 => {
            format!("{}{}", number / 10 * 10, number % 10)
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(text: &str, spoken: &str) -> bool {
        Wording::of(text).matches(&Wording::of(spoken))
    }

    #[test]
    fn punctuation_case_spaces_and_digits_do_not_count() {
        for (text, spoken) in [
            ("What's next -- \"rest\"?", "what’s next: rest"),
            ("Take 25 minutes, 3 times.", "Take twenty-five minutes three times"),
            ("every day", "Everyday."),
            ("你好，世界。", "你好 世界"),
            ("Cafe\u{301}", "café"),
            ("", "…"),
        ] {
            assert!(same(text, spoken), "{text} / {spoken}");
        }
    }

    #[test]
    fn other_words_count() {
        for (text, spoken) in [
            ("What would you like?", "What would you want?"),
            ("What would you like?", "What would you like? I am here."),
            ("Take 25 minutes.", "Take fifteen minutes."),
            ("Do you sleep?", ""),
            ("可以吗", "不可以吗"),
        ] {
            assert!(!same(text, spoken), "{text} / {spoken}");
        }
    }
}
