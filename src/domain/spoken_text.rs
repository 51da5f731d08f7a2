//! What of a reply is spoken: not its Markdown, emoji and URLs, which text to speech reads out.

use unicode_properties::{EmojiStatus, UnicodeEmoji};
use unicode_segmentation::UnicodeSegmentation;

use super::is_cjk;

/// Stands for what was removed, until the spaces around it are tidied up.
const REMOVED: char = '\u{fffc}';
/// Selects the coloured form of a character that is text otherwise.
const EMOJI_SELECTOR: char = '\u{fe0f}';
const TEXT_SELECTOR: char = '\u{fe0e}';
const KEYCAP: char = '\u{20e3}';
const URL_STARTS: &[&str] = &["https://", "http://", "www."];

/// `text` as it is spoken: without Markdown, emoji and URLs. Empty if no letter or digit is left.
pub fn spoken_text(text: &str) -> String {
    let text = text.replace(REMOVED, "");
    let lines = text.lines().filter(|line| !is_ruler(line)).map(spoken_line);
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let spoken = lines.join("\n");
    if spoken.contains(char::is_alphanumeric) { spoken } else { String::new() }
}

fn spoken_line(line: &str) -> String {
    let line = without_links(without_line_marks(line));
    let line = without_urls(&line);
    let line = without_emoji(&line);
    let line = without_emphasis(&line);
    tidy_spaces(&line)
}

/// A code fence, a horizontal rule, or the second line of a table.
fn is_ruler(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("```")
        || line.starts_with("~~~")
        || line.len() >= 3
            && line.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | '|' | ':' | ' '))
}

/// A line without marks of headings, quotations, list items and tasks. Numbers of lists stay.
fn without_line_marks(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let marks = ["- ", "* ", "+ ", "• ", "> ", "[ ] ", "[x] ", "[X] ", "|"];
        if let Some(after) = marks.iter().find_map(|mark| rest.strip_prefix(mark)) {
            rest = after.trim_start();
            continue;
        }
        let heading = rest.trim_start_matches('#');
        let level = rest.len() - heading.len();
        if (1..=6).contains(&level) && heading.starts_with(' ') {
            let text = heading.trim_end_matches('#');
            return if text.ends_with(' ') { text.trim() } else { heading.trim() };
        }
        return rest;
    }
}

/// Replaces links and images by their text: `[text](url)`, `![text](url)`, `[text][label]`, and
/// `<url>`.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some((text, after)) = link(from) {
            if out.ends_with('!') {
                out.pop();
            }
            out.push_str(&without_links(text));
            rest = after;
        } else if let Some(after) = autolink(from) {
            out.push(REMOVED);
            rest = after;
        } else {
            out.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The text of the link at the start of `from`, and what follows the link.
fn link(from: &str) -> Option<(&str, &str)> {
    let close = closing(from, '[', ']')?;
    let (text, after) = (&from[1..close], &from[close + 1..]);
    let end = match after.chars().next()? {
        '(' => closing(after, '(', ')')?,
        '[' => closing(after, '[', ']')?,
        _ => return None,
    };
    Some((text, &after[end + 1..]))
}

fn autolink(from: &str) -> Option<&str> {
    let (inner, after) = from.strip_prefix('<')?.split_once('>')?;
    starts_url(inner).then_some(after)
}

/// Position of the bracket that closes the one at the start of `text`.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn without_urls(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let is_within_word = out.ends_with(|c: char| c.is_ascii_alphanumeric());
        if !is_within_word && starts_url(rest) {
            rest = &rest[url_length(rest)..];
            out.push(REMOVED);
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn starts_url(text: &str) -> bool {
    URL_STARTS.iter().any(|start| {
        let is_start = text
            .as_bytes()
            .get(..start.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(start.as_bytes()));
        is_start && text[start.len()..].starts_with(char::is_alphanumeric)
    })
}

/// Length of the URL at the start of `text`, without the punctuation of the sentence around it.
fn url_length(text: &str) -> usize {
    let mut depth = 0_i32;
    let ends = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0
            || c.is_whitespace()
            || is_cjk(c)
            || matches!(c, '<' | '>' | '"' | '`' | '|' | REMOVED | '“' | '”' | '«' | '»')
            || ('\u{3000}'..='\u{303f}').contains(&c)
            || ('\u{ff00}'..='\u{ffef}').contains(&c)
    };
    let end = text.find(ends).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']', '…']).len()
}

/// Emoji with their joiners, skin tones and selectors, flags and keycaps.
fn without_emoji(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for grapheme in line.graphemes(true) {
        if is_emoji(grapheme) {
            out.push(REMOVED);
        } else {
            out.extend(grapheme.chars().filter(|c| !matches!(*c, EMOJI_SELECTOR | TEXT_SELECTOR)));
        }
    }
    out
}

fn is_emoji(grapheme: &str) -> bool {
    let selected = grapheme.contains(EMOJI_SELECTOR);
    grapheme.chars().any(|c| match c {
        KEYCAP => true,
        // Signs that are spoken, even where a keyboard has added a selector.
        '©' | '®' | '™' | '0'..='9' | '#' | '*' => false,
        // Pictures that are text by default, such as hearts and check marks.
        '\u{2600}'..='\u{27bf}' => true,
        _ => match c.emoji_status() {
            EmojiStatus::NonEmoji | EmojiStatus::NonEmojiButEmojiComponent => false,
            EmojiStatus::EmojiOther | EmojiStatus::EmojiOtherAndEmojiComponent => selected,
            // Pictures with colours, skin tones and flags.
            _ => true,
        },
    })
}

/// Removes marks of emphasis and code, backslashes before punctuation, and the lines of tables.
/// "3 * 4", "2*3" and "snake_case" keep theirs.
fn without_emphasis(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        let length = characters[at..].iter().take_while(|next| **next == c).count();
        let before = at.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(at + length).copied();
        let is_text = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_mark = match c {
            '`' => true,
            '~' => length >= 2,
            '*' if length > 1 => true,
            '*' => {
                let is_product =
                    before.is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric);
                !is_product && (!is_space(before) || !is_space(after))
            }
            '_' => !(is_text(before) && is_text(after) || is_space(before) && is_space(after)),
            '|' => {
                out.push(' ');
                at += length;
                continue;
            }
            '\\' => {
                // An escaped mark is text.
                let escaped = after.filter(char::is_ascii_punctuation).filter(|_| length == 1);
                out.push(escaped.unwrap_or('\\'));
                at += 1 + usize::from(escaped.is_some());
                continue;
            }
            _ => false,
        };
        if !is_mark {
            out.extend(std::iter::repeat_n(c, length));
        }
        at += length;
    }
    out
}

/// One space between words, none where something was removed before punctuation.
fn tidy_spaces(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.trim_matches(is_gap);
    while let Some(c) = rest.chars().next() {
        if !is_gap(c) {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let after = rest.trim_start_matches(is_gap);
        let was_removed = rest[..rest.len() - after.len()].contains(REMOVED);
        rest = after;
        if was_removed && out.ends_with('(') && rest.starts_with(')') {
            // Nothing is left in these brackets.
            out.pop();
            rest = rest[1..].trim_start_matches(is_gap);
            out.truncate(out.trim_end().len());
        }
        let is_tight = out.is_empty()
            || was_removed && (out.ends_with(['(', '[']) || rest.starts_with(closes_or_ends));
        if !(is_tight || was_removed && is_cjk_border(&out, rest)) {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Chinese and Japanese have no spaces between words.
fn is_cjk_border(before: &str, after: &str) -> bool {
    before.ends_with(is_cjk) && after.starts_with(is_cjk)
}

fn is_gap(c: char) -> bool {
    c == REMOVED || c.is_whitespace()
}

fn closes_or_ends(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | '!' | '?' | ';' | ':' | ')' | ']' | '…' | '。' | '，' | '！' | '？' | '、'
    )
}

#[cfg(test)]
mod tests;
