//! Transcripts: what speech to text adds to the words, and what it writes when nothing was said.

mod hallucinations;

pub use hallucinations::is_known_hallucination;

/// Codes of languages as models put them in front of a transcript. Those that are English words
/// ("no", "so") are not listed.
const LANGUAGES: &[&str] = &[
    "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gu",
    "he", "hi", "hr", "hu", "id", "it", "ja", "kn", "ko", "lt", "lv", "mk", "ml", "mr", "ms", "nb",
    "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl",
    "tr", "uk", "ur", "vi", "yue", "zh", "english", "german", "french", "spanish", "chinese",
    "japanese", "korean", "russian",
];

const MUSIC_SIGNS: &[char] = &['♩', '♪', '♫', '♬', '♭', '♮', '♯', '🎵', '🎶', '🎼'];

/// A transcript without tags of speakers, languages and events, and without time stamps.
pub fn clean_transcript(text: &str) -> String {
    let text = without_special_tokens(&text.replace('\0', ""));
    let text = without_language_tag(without_prompt_echo(text.trim()));
    let lines: Vec<&str> = text.lines().map(without_line_tags).collect();
    without_language_tag(lines.join("\n").trim()).to_owned()
}

/// Whether a transcript has no words: punctuation, events in brackets or between asterisks, and
/// music.
pub fn is_silence(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '[' | '(' | '{' | '【' | '（' | '［' | '*' => match after_event(rest, c) {
                Some(after) => after,
                None => after,
            },
            _ if MUSIC_SIGNS.contains(&c) => after_music(after),
            _ if c.is_alphanumeric() => return false,
            _ => after,
        };
    }
    true
}

/// What follows the event at the start of `text`; `None` if it is not closed.
fn after_event(text: &str, open: char) -> Option<&str> {
    if open == '*' {
        let inner = text.trim_start_matches('*');
        return inner.find('*').map(|end| inner[end..].trim_start_matches('*'));
    }
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '{' | '【' | '（' | '［' => depth += 1,
            ']' | ')' | '}' | '】' | '）' | '］' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[at + c.len_utf8()..]);
        }
    }
    None
}

/// What follows the next music sign: words between two of them are sung.
fn after_music(text: &str) -> &str {
    match text.find(MUSIC_SIGNS) {
        Some(end) => {
            let sign = text[end..].chars().next().map_or(0, char::len_utf8);
            &text[end + sign..]
        }
        None => "",
    }
}

/// Removes `<|en|>`, `<|NEUTRAL|>`, `<|0.00|>` and the like.
fn without_special_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<|") {
        let inner = &rest[start + 2..];
        let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
        let end = inner.find(|c| !is_token(c)).unwrap_or(inner.len());
        out.push_str(&rest[..start]);
        match inner[end..].strip_prefix("|>") {
            Some(after) if end > 0 => rest = after,
            _ => {
                out.push_str("<|");
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text behind Qwen's `language English<asr_text>`.
fn without_prompt_echo(text: &str) -> &str {
    let Some((before, after)) = text.split_once("<asr_text>") else { return text };
    let before = before.trim();
    if before.is_empty() || strip_word(before, "language").is_some() {
        return after.trim_end().trim_end_matches("</asr_text>").trim();
    }
    text
}

/// The text behind `[en]`, `(en-US)` or `[English]`.
fn without_language_tag(text: &str) -> &str {
    let Some((open, rest)) = first_of(text, &['[', '(']) else { return text };
    let close = if open == '[' { ']' } else { ')' };
    let Some((tag, after)) = rest.split_once(close) else { return text };
    let language = tag.trim().to_lowercase();
    let language = language.split(['-', '_']).next().unwrap_or_default();
    if LANGUAGES.contains(&language) { after.trim_start() } else { text }
}

/// A line without its speaker and its time stamp.
fn without_line_tags(line: &str) -> &str {
    let mut rest = line.trim();
    while let Some(after) = after_time_stamp(rest).or_else(|| after_speaker(rest)) {
        rest = after.trim_start();
    }
    rest
}

/// What follows `[00:00:00.000 --> 00:00:02.000]` of whisper.cpp.
fn after_time_stamp(line: &str) -> Option<&str> {
    let (stamp, after) = line.strip_prefix('[')?.split_once(']')?;
    let (from, to) = stamp.split_once("-->")?;
    let is_time = |text: &str| {
        text.contains(':') && text.trim().chars().all(|c| c.is_ascii_digit() || ":.,".contains(c))
    };
    (is_time(from) && is_time(to)).then_some(after)
}

/// What follows `SPEAKER_00:`, `[SPEAKER_01]`, `(speaker 1):` or `Speaker A:`.
fn after_speaker(line: &str) -> Option<&str> {
    if let Some((open, rest)) = first_of(line, &['[', '(']) {
        let (name, after) = rest.split_once(if open == '[' { ']' } else { ')' })?;
        let after = after.strip_prefix(':').unwrap_or(after);
        return is_speaker(name).then_some(after);
    }
    let (name, after) = line.split_once(':')?;
    is_speaker(name).then_some(after)
}

fn is_speaker(name: &str) -> bool {
    let Some(number) = strip_word(name.trim(), "speaker") else { return false };
    let bare = number.trim_start_matches(['_', ' ', '-']);
    let is_number = bare.len() <= 3 && bare.chars().all(|c| c.is_ascii_digit());
    let is_letter = bare.len() == 1 && bare.chars().all(|c| c.is_ascii_alphabetic());
    !bare.is_empty() && (is_number || is_letter && bare.len() < number.len())
}

/// `text` behind `word`, in any letter case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

fn first_of<'a>(text: &'a str, choices: &[char]) -> Option<(char, &'a str)> {
    let first = text.chars().next().filter(|c| choices.contains(c))?;
    Some((first, &text[first.len_utf8()..]))
}

#[cfg(test)]
mod tests;
