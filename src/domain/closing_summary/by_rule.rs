//! Closing summaries without a model: the user's own sentences, sorted under the headings.

use super::{HEADINGS, section};
use crate::domain::{
    Answer, Language, Message, Sender, Wish, answer_to_offer, mentions, texts, wish_to_finish,
};

const MAX_LINES_PER_HEADING: usize = 6;

/// The summary of a conversation: `earlier` is the running summary of its beginning, and
/// `user_text` was said last and is in no message; both may be empty.
pub fn summary_by_rule(
    language: Language,
    earlier: &str,
    messages: &[Message],
    user_text: &str,
) -> String {
    let phrases = &texts(language).offline;
    let texts = &texts(language).summary;
    let said = messages
        .iter()
        .filter(|message| message.sender == Sender::User)
        .map(|message| message.text.as_str())
        .chain((!user_text.is_empty()).then_some(user_text))
        .filter(|text| !is_about_the_end(text));
    let (decisions, rest): (Vec<&str>, Vec<&str>) =
        said.partition(|text| mentions(text, phrases.decision_phrases));
    let (insights, others): (Vec<&str>, Vec<&str>) =
        rest.into_iter().partition(|text| mentions(text, phrases.insight_phrases));
    let mut points = lines(&others, texts.no_points);
    if !earlier.is_empty() {
        points.insert(0, format!("- {} {}", texts.earlier, one_line(earlier)));
    }
    let sections = [
        points,
        lines(&insights, texts.no_insights),
        lines(&decisions, texts.no_decisions),
        vec![texts.final_note.into()],
    ];
    join(&sections)
}

/// The summary of a session without messages.
pub fn empty_summary(language: Language) -> String {
    let texts = &texts(language).empty_summary;
    let line = |text| vec![format!("- {text}")];
    let note = vec![texts.final_note.into()];
    join(&[line(texts.points), line(texts.insights), line(texts.plan), note])
}

/// Whether `summary` is that of a session without messages, in any language.
pub fn is_empty_summary(summary: &str) -> bool {
    Language::ALL.into_iter().any(|language| summary == empty_summary(language))
}

/// The lines of the action plan of a closing summary, without the marks of a list; empty if nothing
/// was decided, as far as a rule can tell.
pub fn action_plan(summary: &str) -> Vec<&str> {
    let is_heading = |line: &str, heading: &str| {
        line.strip_prefix(heading).is_some_and(|rest| rest.starts_with(':'))
    };
    let is_no_plan = |line: &str| {
        Language::ALL.into_iter().any(|language| {
            let texts = texts(language);
            [texts.summary.no_decisions, texts.empty_summary.plan].contains(&line)
        })
    };
    let [_, _, plan, note] = HEADINGS;
    summary
        .lines()
        .skip_while(|line| !is_heading(line, plan))
        .skip(1)
        .take_while(|line| !is_heading(line, note))
        .map(|line| line.trim().trim_start_matches("- ").trim())
        .filter(|line| !line.is_empty() && !is_no_plan(line))
        .collect()
}

fn join(sections: &[Vec<String>; 4]) -> String {
    let sections = HEADINGS.iter().zip(sections);
    let sections: Vec<String> = sections.map(|(heading, lines)| section(heading, lines)).collect();
    sections.join("\n\n")
}

/// Whether a text is no topic of the conversation, but a wish to end it, or an answer to an offer.
fn is_about_the_end(text: &str) -> bool {
    wish_to_finish(text) == Wish::Finish
        || matches!(answer_to_offer(text), Answer::Confirm | Answer::Decline)
}

/// `texts` as a list, or `fallback` if there is none.
fn lines(texts: &[&str], fallback: &str) -> Vec<String> {
    let shown = texts.iter().take(MAX_LINES_PER_HEADING);
    let lines: Vec<String> = shown.map(|text| format!("- {}", one_line(text))).collect();
    if lines.is_empty() { vec![format!("- {fallback}")] } else { lines }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::repair_closing_summary;

    #[test]
    fn messages_are_sorted_under_the_headings() {
        let messages = [
            Message::example(Sender::User, "I sleep badly because of work"),
            Message::example(Sender::Ai, "What would you like to be different?"),
            Message::example(Sender::User, "I realise that I never say no"),
            Message::example(Sender::User, "I will talk to my boss on Monday"),
            Message::example(Sender::User, "Let's wrap up."),
        ];
        let summary = summary_by_rule(Language::English, "", &messages, "Yes.");
        let position = |text: &str| {
            summary.find(text).unwrap_or_else(|| panic!("{text} is missing in {summary}"))
        };
        let order = [
            position("KEY DISCUSSION POINTS:\n- I sleep badly because of work"),
            position("MAIN BREAKTHROUGHS:\n- I realise that I never say no"),
            position("ACTION PLAN:\n- I will talk to my boss on Monday"),
            position("FINAL NOTE: "),
        ];
        assert!(order.is_sorted(), "{summary}");
        assert!(!summary.contains("What would you like"), "only the user's words: {summary}");
        assert!(!summary.contains("wrap up"), "no words about the end: {summary}");
    }

    #[test]
    fn action_plan_has_what_was_decided_only() {
        let decided = [Message::example(Sender::User, "I will talk to my boss on Monday")];
        let summary = summary_by_rule(Language::English, "", &decided, "");
        assert_eq!(action_plan(&summary), ["I will talk to my boss on Monday"]);
        for language in Language::ALL {
            assert!(action_plan(&summary_by_rule(language, "", &[], "")).is_empty());
            assert!(action_plan(&empty_summary(language)).is_empty());
            assert!(is_empty_summary(&empty_summary(language)));
        }
        assert!(!is_empty_summary(&summary));
        assert!(action_plan("no headings at all").is_empty());
    }

    #[test]
    fn summaries_of_all_languages_have_the_frontends_form() {
        for language in Language::ALL {
            for summary in [
                empty_summary(language),
                summary_by_rule(language, "", &[], ""),
                summary_by_rule(language, "Earlier\nand before.", &[], "Something else"),
            ] {
                assert_eq!(repair_closing_summary(&summary), Some(summary.clone()), "{summary}");
            }
        }
    }
}
