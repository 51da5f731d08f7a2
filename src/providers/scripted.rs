//! The offline coach: no model, the same questions in the same order, and the person's own words quoted back.
//!
//! It is honest help for trying the product and for days without a provider: it asks the next fitting question of the
//! T-GROW stage, and its summary consists of what the person said, sorted under the headings.

use async_trait::async_trait;

use super::{Coach, Prompt, ProviderError};
use crate::domain::{Message, Sender, is_confirmation, is_end_request};

pub struct ScriptedCoach;

/// First round and questions of each stage of T-GROW, over the 30 rounds of a session.
const STAGES: &[(i32, &[&str])] = &[
    (
        1,
        &[
            "What makes this important to you right now?",
            "What would you like to understand better about it?",
            "How long has this been on your mind?",
            "Which part of it would you like to look at today?",
        ],
    ),
    (
        5,
        &[
            "What would you like to be different?",
            "How would you notice that you have got there?",
            "What would that make possible for you?",
            "When would you like to be there?",
            "How would you put this goal in one sentence?",
        ],
    ),
    (
        10,
        &[
            "What is happening at the moment?",
            "What have you tried so far?",
            "What worked, even a little?",
            "What stands in your way most?",
            "Who else is part of this, and how?",
            "How do you feel when you are in the middle of it?",
            "What are you assuming that may not be so?",
        ],
    ),
    (
        17,
        &[
            "What could you do about it?",
            "What else could you do?",
            "What would you try if you could not fail?",
            "What would somebody you admire do here?",
            "Which of these ideas gives you energy?",
            "What would be the smallest step?",
            "What speaks for it, and what against it?",
        ],
    ),
    (
        24,
        &[
            "What will you do first?",
            "When exactly will you do it?",
            "What could get in the way, and what will you do then?",
            "Who can support you?",
            "How sure are you that you will do it, from one to ten?",
            "How will you know that it worked?",
            "What do you take with you from today?",
        ],
    ),
];

/// Longest quotation of the person's words, in words.
const QUOTED_WORDS: usize = 12;
/// Most lines under one heading of the summary.
const LINES_PER_HEADING: usize = 6;

const DECIDED: &[&str] = &[
    "i will", "i'll", "i am going to", "i'm going to", "my next step", "my first step",
    "i plan to", "i have decided", "i decided",
];
const UNDERSTOOD: &[&str] = &[
    "i realise", "i realize", "i realised", "i realized", "i see now", "now i see", "i understand",
    "i understood", "i noticed", "i learned", "it became clear", "it helps", "i have found",
    "actually i",
];

#[async_trait]
impl Coach for ScriptedCoach {
    async fn reply(&self, prompt: Prompt<'_>) -> Result<String, ProviderError> {
        Ok(format!(
            "You said: \"{}\" {}",
            quote(prompt.user_text),
            question(prompt.reply_number)
        ))
    }

    /// Yes once the person has named a next step.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool, ProviderError> {
        Ok(mentions(prompt.user_text, DECIDED))
    }

    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String, ProviderError> {
        let said: Vec<&str> = prompt
            .messages
            .iter()
            .filter(|line| line.sender == Sender::User)
            .map(|line| line.text.as_str())
            // How the session came to its end is no point of it.
            .filter(|text| !is_end_request(text) && !is_confirmation(text))
            .collect();
        let decided = |text: &&&str| mentions(text, DECIDED);
        let understood = |text: &&&str| mentions(text, UNDERSTOOD) && !mentions(text, DECIDED);
        let other = |text: &&&str| !mentions(text, DECIDED) && !mentions(text, UNDERSTOOD);
        let memory = if prompt.summary.is_empty() {
            String::new()
        } else {
            format!(
                "- Earlier you said: {}\n",
                prompt.summary.replace('\n', " ")
            )
        };
        Ok(format!(
            "KEY DISCUSSION POINTS:\n{memory}{}\n\nMAIN BREAKTHROUGHS:\n{}\n\nACTION PLAN:\n{}\n\nFinal Note: \
             This summary consists of your own words, put together by the offline coach. Thank you for taking this time for yourself.",
            list(
                said.iter().filter(other),
                "You shared what was on your mind."
            ),
            list(
                said.iter().filter(understood),
                "You did not name one in so many words; look for it in what you said above."
            ),
            list(
                said.iter().filter(decided),
                "You have not named a next step yet. What could it be?"
            ),
        ))
    }

    async fn fold_into_summary(
        &self,
        summary: &str,
        lines: &[Message],
    ) -> Result<String, ProviderError> {
        let mut parts: Vec<String> = Vec::new();
        if !summary.is_empty() {
            parts.push(summary.to_owned());
        }
        parts.extend(
            lines
                .iter()
                .filter(|line| line.sender == Sender::User)
                .map(|line| format!("\"{}\"", quote(&line.text))),
        );
        Ok(parts.join(" "))
    }
}

/// The question of a round; past the last one, the last stage begins anew.
fn question(round: i32) -> &'static str {
    let (first, questions) = STAGES
        .iter()
        .rev()
        .find(|(first, _)| round >= *first)
        .unwrap_or(&STAGES[0]);
    let index = usize::try_from(round - first).unwrap_or(0);
    questions[index % questions.len()]
}

/// The person's words, cut after a few; on one line.
fn quote(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let shown = words[..words.len().min(QUOTED_WORDS)]
        .join(" ")
        .replace('"', "'");
    if words.len() > QUOTED_WORDS {
        format!("{shown} …")
    } else {
        shown
    }
}

fn mentions(text: &str, phrases: &[&str]) -> bool {
    let letters = |c: char| {
        if c.is_alphanumeric() || c == '\'' {
            c
        } else {
            ' '
        }
    };
    let text = format!(
        " {} ",
        text.to_lowercase()
            .replace('’', "'")
            .chars()
            .map(letters)
            .collect::<String>()
    );
    phrases
        .iter()
        .any(|phrase| text.contains(&format!(" {phrase} ")))
}

fn list<'a>(texts: impl Iterator<Item = &'a &'a str>, otherwise: &str) -> String {
    let lines: Vec<String> = texts
        .map(|text| {
            format!(
                "- {}",
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            )
        })
        .take(LINES_PER_HEADING)
        .collect();
    if lines.is_empty() {
        format!("- {otherwise}")
    } else {
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::MessageId;

    fn line(sender: Sender, text: &str) -> Message {
        Message {
            id: MessageId::generate(),
            sender,
            text: text.into(),
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn prompt<'a>(lines: &'a [Message], said: &'a str, round: i32) -> Prompt<'a> {
        Prompt {
            summary: "",
            messages: lines,
            user_text: said,
            reply_number: round,
        }
    }

    #[tokio::test]
    async fn it_quotes_the_person_and_asks_the_stage_s_question() {
        let reply = ScriptedCoach
            .reply(prompt(&[], "My job wears me out", 1))
            .await
            .expect("a reply");
        assert_eq!(
            reply,
            "You said: \"My job wears me out\" What makes this important to you right now?"
        );
        let reply = ScriptedCoach
            .reply(prompt(&[], "I could ask for help", 24))
            .await
            .expect("a reply");
        assert!(reply.ends_with("What will you do first?"), "{reply}");
    }

    #[test]
    fn every_round_has_its_question_also_beyond_the_last() {
        for round in 1..=40 {
            assert!(
                question(round).ends_with('?') || question(round).ends_with("ten?"),
                "round {round}"
            );
        }
        assert_ne!(question(4), question(5));
        assert_eq!(question(0), question(1));
    }

    #[tokio::test]
    async fn its_summary_holds_what_was_said_under_the_headings() {
        let lines = [
            line(Sender::User, "I sleep badly because of work"),
            line(Sender::Ai, "What would you like to be different?"),
            line(Sender::User, "I realise that I never say no"),
            line(Sender::User, "I will talk to my boss on Monday"),
        ];
        let summary = ScriptedCoach
            .closing_summary(prompt(&lines, "", 5))
            .await
            .expect("a summary");
        let place = |text: &str| {
            summary
                .find(text)
                .unwrap_or_else(|| panic!("{text} is missing in {summary}"))
        };
        let order = [
            place("KEY DISCUSSION POINTS:"),
            place("I sleep badly because of work"),
            place("MAIN BREAKTHROUGHS:"),
            place("I realise that I never say no"),
            place("ACTION PLAN:"),
            place("I will talk to my boss on Monday"),
            place("Final Note:"),
        ];
        assert!(order.is_sorted(), "{summary}");
        assert!(
            !summary.contains("What would you like"),
            "only the person's words: {summary}"
        );
    }

    #[tokio::test]
    async fn an_unnamed_step_is_not_invented() {
        let lines = [line(Sender::User, "I feel stuck")];
        let summary = ScriptedCoach
            .closing_summary(prompt(&lines, "", 1))
            .await
            .expect("a summary");
        assert!(
            summary.contains("You have not named a next step yet"),
            "{summary}"
        );
    }

    #[tokio::test]
    async fn progress_is_a_named_step() {
        assert!(
            ScriptedCoach
                .should_offer_wrap_up(prompt(&[], "Yes: I will, I’ll call her tomorrow", 15))
                .await
                .expect("an answer")
        );
        assert!(
            !ScriptedCoach
                .should_offer_wrap_up(prompt(&[], "It is hard", 15))
                .await
                .expect("an answer")
        );
    }
}
