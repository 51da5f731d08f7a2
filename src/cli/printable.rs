//! Text that a terminal can show: stored text may hold escape sequences.

/// `text` with U+FFFD for control characters, which a terminal would carry out, and for those that
/// change the direction of text, which hide what it says. Line breaks stay, tabs become spaces.
pub fn printable(text: &str) -> String {
    let character = |c| match c {
        '\n' => '\n',
        '\t' => ' ',
        c if c.is_control() || changes_direction(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(character).collect()
}

/// [`printable`] for text within a line: line breaks become spaces.
pub fn printable_line(text: &str) -> String {
    printable(text).replace(['\n', '\u{2028}', '\u{2029}'], " ")
}

/// Unicode's property Bidi_Control.
fn changes_direction(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_overrides_are_replaced() {
        for (text, expected) in [
            ("\u{1b}[2J\u{1b}]0;x\u{7}", "\u{fffd}[2J\u{fffd}]0;x\u{fffd}"),
            ("\u{9b}31m\u{7f}\0\r", "\u{fffd}31m\u{fffd}\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("工作 é 😀 שלום\u{200d}\n\tx", "工作 é 😀 שלום\u{200d}\n x"),
        ] {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_line("a\nb\tc\u{2028}d\u{1b}"), "a b c d\u{fffd}");
    }
}
