//! Closing summaries: the form that the deployed frontend shows as sections.
//!
//! A line that begins with one of four English headings, in capitals and with an ASCII colon,
//! starts a section, in every language. Models decorate them: `**Key discussion points**`,
//! `## ACTION PLAN：`, a preface, a code fence. What is only decorated is repaired.

mod by_rule;

pub use by_rule::{action_plan, empty_summary, is_empty_summary, summary_by_rule};

/// The headings, in order.
const HEADINGS: [&str; 4] =
    ["KEY DISCUSSION POINTS", "MAIN BREAKTHROUGHS", "ACTION PLAN", "FINAL NOTE"];

/// Marks of Markdown and of lists around headings. A heading has none of them.
const DECORATION: &[char] = &[
    '#', '*', '_', '>', '`', '~', '-', '–', '—', '•', '·', '.', ')', '(', '[', ']', '【', '】',
    '「', '」', '"',
];

/// A model's summary with undecorated headings; `None` if a heading or its text is missing, or
/// the headings are not in order. What precedes the first heading is left out.
pub fn repair_closing_summary(text: &str) -> Option<String> {
    let mut sections: Vec<Vec<String>> = Vec::new();
    for line in separate_headings(text).lines() {
        let expected = HEADINGS.get(sections.len());
        let heading = split_heading(line)
            // "Action plan: Monday" may be an item; in capitals it is a heading.
            .filter(|(heading, _)| expected == Some(heading) || line.contains(heading));
        if let Some((heading, rest)) = heading {
            if expected != Some(&heading) {
                return None;
            }
            let rest = undecorated(rest);
            sections.push(if rest.is_empty() { Vec::new() } else { vec![rest] });
        } else if let Some(section) = sections.last_mut() {
            let line = plain_line(line);
            if !line.is_empty() {
                section.push(line);
            }
        }
    }
    if sections.len() < HEADINGS.len() || sections.iter().any(Vec::is_empty) {
        return None;
    }
    let sections: Vec<String> =
        HEADINGS.iter().zip(&sections).map(|(heading, lines)| section(heading, lines)).collect();
    Some(sections.join("\n\n"))
}

/// A section: a heading and its lines. The final note is one paragraph behind its heading.
fn section(heading: &str, lines: &[String]) -> String {
    let is_note = heading == HEADINGS[HEADINGS.len() - 1];
    let (before, between) = if is_note { (" ", " ") } else { ("\n", "\n") };
    format!("{heading}:{before}{}", lines.join(between))
}

/// `text` with a line break before each heading that is in the middle of a sentence or an item.
fn separate_headings(text: &str) -> String {
    let mut separated = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(at) = next_heading(rest) {
            separated.push_str(&rest[..at]);
            separated.push('\n');
            rest = &rest[at..];
        }
        separated.push_str(rest);
        separated.push('\n');
    }
    separated
}

/// Where a heading with a colon begins, with words before it on its line.
fn next_heading(line: &str) -> Option<usize> {
    let starts = |heading: &str| {
        let at = line.find(heading)?;
        let after = line[at + heading.len()..].trim_start_matches('*');
        let has_words_before = line[..at].contains(char::is_alphabetic);
        (has_words_before && after.starts_with([':', '：'])).then_some(at)
    };
    HEADINGS.iter().filter_map(|heading| starts(heading)).min()
}

/// The heading that a line begins with, whatever its decoration, and the text behind it.
fn split_heading(line: &str) -> Option<(&'static str, &str)> {
    let is_decoration = |c: char| c.is_whitespace() || c.is_numeric() || DECORATION.contains(&c);
    let is_symbol = |c: char| is_decoration(c) || !(c.is_alphanumeric() || c.is_ascii());
    let line = line.trim_start_matches(is_symbol);
    HEADINGS.iter().find_map(|heading| {
        let (found, rest) = line.split_at_checked(heading.len())?;
        if !found.eq_ignore_ascii_case(heading) {
            return None;
        }
        let rest = without_translation(rest.trim_start_matches(is_decoration));
        match rest.strip_prefix([':', '：']) {
            Some(text) => Some((*heading, text)),
            None if rest.is_empty() => Some((*heading, "")),
            None => None,
        }
    })
}

/// What follows a heading, without its translation: `(WICHTIGSTE PUNKTE):`. The bracket is gone.
fn without_translation(rest: &str) -> &str {
    match rest.split_once(')') {
        Some((translation, after))
            if !translation.contains([':', '：', '.'])
                && after.trim_start_matches(['*', ' ']).starts_with([':', '：']) =>
        {
            after.trim_start_matches(['*', ' '])
        }
        _ => rest,
    }
}

/// A line below a heading, which is no heading itself.
fn plain_line(line: &str) -> String {
    let line = undecorated(line);
    // The frontend would take it for another section.
    if begins_in_capitals(&line) { format!("- {line}") } else { line }
}

/// A line without Markdown; list items begin with `- `.
fn undecorated(line: &str) -> String {
    let line = without_emphasis(line);
    let line = line.trim_start_matches(|c: char| c == '#' || c.is_whitespace()).trim_end();
    if !line.contains(char::is_alphanumeric) {
        return String::new();
    }
    match line.strip_prefix(['*', '•', '·', '–', '—']) {
        Some(item) => format!("- {}", item.trim_start()),
        None => line.to_owned(),
    }
}

/// A line without the marks of emphasis and code, also of those that stand within others.
fn without_emphasis(line: &str) -> String {
    let mut line = line.replace('`', "");
    // Each removal may join two marks: `*__*`.
    while let Some(mark) = ["**", "__"].into_iter().find(|mark| line.contains(mark)) {
        line = line.replace(mark, "");
    }
    line
}

/// Whether a line begins with capitals and a colon.
fn begins_in_capitals(line: &str) -> bool {
    line.split_once(':').is_some_and(|(before, _)| {
        before.contains(char::is_uppercase) && !before.contains(char::is_lowercase)
    })
}

#[cfg(test)]
mod tests;
