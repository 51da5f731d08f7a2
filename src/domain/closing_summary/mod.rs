//! Closing summaries: the form that the deployed frontend shows as sections.
//!
//! A line that begins with one of four English headings, in capitals and with an ASCII colon,
//! starts a section, in every language. Models decorate them: `**Key discussion points**`,
//! `## ACTION PLAN：`, a preface, a code fence. What is only decorated is repaired.

mod by_rule;

pub use by_rule::{empty_summary, summary_by_rule};

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
        if let Some((heading, rest)) = split_heading(line) {
            if HEADINGS.get(sections.len()) != Some(&heading) {
                return None;
            }
            let rest = plain_line(rest);
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

/// `text` with a line break before each heading that is in the middle of a line.
fn separate_headings(text: &str) -> String {
    let mut separated = text.to_owned();
    for heading in HEADINGS {
        for colon in [":", "：", "**:", ":**", "**：", "：**"] {
            let heading = format!("{heading}{colon}");
            separated = separated.replace(&heading, &format!("\n{heading}"));
        }
    }
    separated
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
        let rest = rest.trim_start_matches(is_decoration);
        match rest.strip_prefix([':', '：']) {
            Some(text) => Some((*heading, text)),
            None if rest.is_empty() => Some((*heading, "")),
            None => None,
        }
    })
}

/// A line without Markdown; list items begin with `- `.
fn plain_line(line: &str) -> String {
    let line = line.replace("**", "").replace("__", "").replace('`', "");
    let line = line.trim().trim_start_matches('#').trim_start();
    if !line.contains(char::is_alphanumeric) {
        return String::new();
    }
    match line.strip_prefix(['*', '•', '·', '–', '—']) {
        Some(item) => format!("- {}", item.trim_start()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
