//! Looking for what was said: what is asked, where in the answer somebody is, and which parts of a line match.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Sender, SessionId};

/// How hits are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Best first, among the newest matches: see [`crate::repository::NEWEST_EVERYWHERE`].
    Relevance,
    /// Newest first; all matches can be walked through.
    Newest,
}

/// A search over all lines that somebody may see.
#[derive(Clone)]
pub struct MessageSearch {
    /// Words that all have to occur.
    pub words: String,
    /// Only in this user's sessions.
    pub user_id: Option<Uuid>,
    /// Only in this session.
    pub session_id: Option<SessionId>,
    /// Only what this side said.
    pub sender: Option<Sender>,
    /// Said at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Said before this time.
    pub until: Option<OffsetDateTime>,
    /// Only in sessions with at least so many stars.
    pub rating_min: Option<i32>,
    /// Order of the hits.
    pub sort: Sort,
    /// Most hits of a page.
    pub limit: u16,
}

/// Which line, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since 1970, as exact as Postgres keeps them.
    pub at_us: i64,
    /// Tells lines of the same microsecond apart.
    pub id: Uuid,
}

/// How many lines match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// At least so many.
    pub value: i64,
    /// Whether there are no more.
    pub exact: bool,
}

/// Behind which hit a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPosition {
    /// The newest match when the walk began: what came later is not part of it.
    pub newest: Moment,
    /// The hit's rank, as its bits, so that it comes back the same.
    pub rank_bits: u32,
    /// The hit.
    pub last: Moment,
    /// As counted when the walk began.
    pub total: Total,
}

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
/// Marks a beginning and an end of a hit in a headline, and what only keeps words apart there.
const HIT: char = '\u{1}';
const HIT_END: char = '\u{2}';
const APART: char = '\u{1f}';

/// The options for `public.message_headline`: its `start` and `stop`.
pub const HEADLINE_MARKS: (&str, &str) = ("\u{1}", "\u{2}");

/// The text around the hits of a line, in fragments: hits and what is between them.
///
/// English hits are those of `headline` (as `public.message_headline` makes it), as Postgres has stemmed them. Chinese,
/// Japanese and Korean ones are where a run of `words` stands in the line.
pub fn highlight(line: &str, headline: Option<&str>, words: &str) -> Vec<Fragment> {
    let characters: Vec<char> = line.chars().collect();
    let mut hits = vec![false; characters.len()];
    if let Some(headline) = headline {
        mark_headline(&characters, headline, &mut hits);
    }
    for run in runs(words) {
        mark_run(&characters, &run, &mut hits);
    }
    excerpt(&characters, &hits)
}

/// Takes the marks over to the line. A headline that is not made of this line marks nothing more from there on.
fn mark_headline(line: &[char], headline: &str, hits: &mut [bool]) {
    let (mut at, mut hit) = (0, false);
    for character in headline.chars() {
        match line.get(at) {
            Some(own) if *own == character => {
                hits[at] = hit;
                at += 1;
            }
            _ => match character {
                HIT => hit = true,
                HIT_END => hit = false,
                APART => {}
                // Stands for punctuation.
                ' ' if at < line.len() => at += 1,
                _ => return,
            },
        }
    }
}

fn mark_run(line: &[char], run: &[char], hits: &mut [bool]) {
    for (at, window) in line.windows(run.len()).enumerate() {
        if window == run {
            hits[at..at + run.len()].fill(true);
        }
    }
}

fn excerpt(line: &[char], hits: &[bool]) -> Vec<Fragment> {
    let (mut begin, mut end) = (0, line.len());
    if line.len() > EXCERPT {
        let first = hits.iter().position(|hit| *hit).unwrap_or(0);
        begin = first.saturating_sub(LEAD).min(line.len() - EXCERPT);
        end = begin + EXCERPT;
        // Not in the middle of a word, where one ends soon.
        if begin > 0
            && let Some(space) = line[begin..first.max(begin)]
                .iter()
                .take(20)
                .position(|c| c.is_whitespace())
        {
            begin += space + 1;
        }
        if end < line.len()
            && let Some(space) = line[end - 20..end].iter().rposition(|c| c.is_whitespace())
        {
            end = end - 20 + space;
        }
    }
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut add = |character: char, hit: bool| match fragments.last_mut() {
        Some(last) if last.hit == hit => last.text.push(character),
        _ => fragments.push(Fragment {
            text: character.into(),
            hit,
        }),
    };
    if begin > 0 {
        add('…', false);
    }
    for (character, hit) in line[begin..end].iter().zip(&hits[begin..end]) {
        add(*character, *hit);
    }
    if end < line.len() {
        add('…', false);
    }
    fragments
}

/// The runs of Chinese, Japanese and Korean characters in a text.
fn runs(text: &str) -> Vec<Vec<char>> {
    text.split(|c| !is_cjk(c))
        .filter(|run| !run.is_empty())
        .map(|run| run.chars().collect())
        .collect()
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

    #[test]
    fn marks_of_the_headline_are_taken_over() {
        let shown = |line, headline| shown(&highlight(line, Some(headline), "walk"));
        assert_eq!(shown("I was walking.", "I was \u{1}walking\u{2}."), "I was [walking].");
        assert_eq!(shown("I—walked", "I\u{1f}—\u{1f}\u{1}walked\u{2}"), "I—[walked]");
        assert_eq!(shown("<b>walk</b>", " b \u{1}walk\u{2}  b "), "<b>[walk]</b>");
        assert_eq!(
            shown("odd \u{1} \u{1f} walk", "odd \u{1} \u{1f} \u{1}walk\u{2}"),
            "odd \u{1} \u{1f} [walk]"
        );
        assert_eq!(shown("another line", "no \u{1}such\u{2} line"), "another line");
    }

    #[test]
    fn runs_are_found_as_they_stand() {
        let shown = |line, words| shown(&highlight(line, None, words));
        assert_eq!(shown("我最近工作压力很大", "工作"), "我最近[工作]压力很大");
        assert_eq!(shown("好好好", "好好"), "[好好好]");
        assert_eq!(shown("我用Python写代码", "python 写代码 我"), "[我]用Python[写代码]");
        assert_eq!(shown("日本語", "本"), "日[本]語");
        assert_eq!(shown("", "本"), "");
    }

    #[test]
    fn long_lines_are_cut_around_the_first_hit() {
        let line = format!("{} 工作 {}", "word ".repeat(200), "more ".repeat(200));
        let fragments = highlight(&line, None, "工作");
        let text = shown(&fragments);
        assert!(text.starts_with("…word ") && text.ends_with("more…"), "{text}");
        assert!(text.contains("[工作]"), "{text}");
        assert!(text.chars().count() <= EXCERPT + 4, "{text}");
        let no_space = "字".repeat(1000);
        assert_eq!(highlight(&no_space, None, "x").len(), 1);
        assert_eq!(shown(&highlight(&no_space, None, "字")).chars().count(), EXCERPT + 3);
    }
}
