//! Scripted coach: fixed questions of the T-GROW stages, no model.
//!
//! For trying the product, and for days without a provider. A reply quotes the user and asks the
//! stage's next question; the closing summary sorts the user's messages under its headings.

use async_trait::async_trait;

use super::{Coach, Prompt, Result, TextSender};
use crate::domain::{Message, Sender, is_confirmation, is_end_request};

pub struct ScriptedCoach;

/// First reply number and questions of each stage of T-GROW, over the 30 replies of a session.
const STAGES: &[(i32, &[&str])] =
    &[(1, TOPIC), (5, GOAL), (10, REALITY), (17, OPTIONS), (24, WAY_FORWARD)];
const TOPIC: &[&str] = &[
    "What makes this important to you right now?",
    "What would you like to understand better about it?",
    "How long has this been on your mind?",
    "Which part of it would you like to look at today?",
];
const GOAL: &[&str] = &[
    "What would you like to be different?",
    "How would you notice that you have got there?",
    "What would that make possible for you?",
    "When would you like to be there?",
    "How would you put this goal in one sentence?",
];
const REALITY: &[&str] = &[
    "What is happening at the moment?",
    "What have you tried so far?",
    "What worked, even a little?",
    "What stands in your way most?",
    "Who else is part of this, and how?",
    "How do you feel when you are in the middle of it?",
    "What are you assuming that may not be so?",
];
const OPTIONS: &[&str] = &[
    "What could you do about it?",
    "What else could you do?",
    "What would you try if you could not fail?",
    "What would somebody you admire do here?",
    "Which of these ideas gives you energy?",
    "What would be the smallest step?",
    "What speaks for it, and what against it?",
];
const WAY_FORWARD: &[&str] = &[
    "What will you do first?",
    "When exactly will you do it?",
    "What could get in the way, and what will you do then?",
    "Who can support you?",
    "How sure are you that you will do it, from one to ten?",
    "How will you know that it worked?",
    "What do you take with you from today?",
];

/// Longest quotation of the user.
const MAX_QUOTED_WORDS: usize = 12;
const MAX_LINES_PER_HEADING: usize = 6;

/// Phrases that name a next step.
const DECISION_PHRASES: &[&str] = &[
    "i will", "i'll", "i am going to", "i'm going to", "my next step", "my first step",
    "i plan to", "i have decided", "i decided",
];
/// Phrases that name an insight.
const INSIGHT_PHRASES: &[&str] = &[
    "i realise", "i realize", "i realised", "i realized", "i see now", "now i see", "i understand",
    "i understood", "i noticed", "i learned", "it became clear", "it helps", "i have found",
    "actually i",
];

#[async_trait]
impl Coach for ScriptedCoach {
    async fn reply(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String> {
        let (said, question) = (quote(prompt.user_text), question(prompt.reply_number));
        let reply = format!("You said: \"{said}\" {question}");
        fragments.send(reply.clone()).ok();
        Ok(reply)
    }

    /// True once the user has named a next step.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool> {
        Ok(mentions(prompt.user_text, DECISION_PHRASES))
    }

    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String> {
        let user_texts = prompt
            .messages
            .iter()
            .filter(|message| message.sender == Sender::User)
            .map(|message| message.text.as_str())
            .chain((!prompt.user_text.is_empty()).then_some(prompt.user_text))
            // Requests to end the session are no topic of it.
            .filter(|text| !is_end_request(text) && !is_confirmation(text));
        let (decisions, rest): (Vec<&str>, Vec<&str>) =
            user_texts.partition(|text| mentions(text, DECISION_PHRASES));
        let (insights, others): (Vec<&str>, Vec<&str>) =
            rest.into_iter().partition(|text| mentions(text, INSIGHT_PHRASES));
        let earlier = if prompt.summary.is_empty() {
            String::new()
        } else {
            format!("- Earlier you said: {}\n", prompt.summary.replace('\n', " "))
        };
        Ok(format!(
            "KEY DISCUSSION POINTS:\n{earlier}{}\n\nMAIN BREAKTHROUGHS:\n{}\n\n\
             ACTION PLAN:\n{}\n\n\
             Final Note: This summary consists of your own words, put together by the offline \
             coach. Thank you for taking this time for yourself.",
            list(&others, "You shared what was on your mind."),
            list(
                &insights,
                "You did not name one in so many words; look for it in what you said above."
            ),
            list(&decisions, "You have not named a next step yet. What could it be?"),
        ))
    }

    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String> {
        let mut text = summary.to_owned();
        for message in messages.iter().filter(|message| message.sender == Sender::User) {
            text.push_str(&format!(" \"{}\"", quote(&message.text)));
        }
        Ok(text.trim_start().to_owned())
    }
}

/// The question for a reply number; after the last one, the last stage's questions repeat.
fn question(reply_number: i32) -> &'static str {
    let (first, questions) =
        STAGES.iter().rev().find(|(first, _)| reply_number >= *first).unwrap_or(&STAGES[0]);
    let index = usize::try_from(reply_number - first).unwrap_or(0);
    questions[index % questions.len()]
}

/// The first words of `text`, on one line.
fn quote(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let shown = words[..words.len().min(MAX_QUOTED_WORDS)].join(" ").replace('"', "'");
    if words.len() > MAX_QUOTED_WORDS { format!("{shown} …") } else { shown }
}

/// Whether `text` contains one of `phrases` as whole words.
fn mentions(text: &str, phrases: &[&str]) -> bool {
    let word_characters = |c: char| {
        if c.is_alphanumeric() || c == '\'' { c } else { ' ' }
    };
    let text = format!(
        " {} ",
        text.to_lowercase().replace('’', "'").chars().map(word_characters).collect::<String>()
    );
    phrases.iter().any(|phrase| text.contains(&format!(" {phrase} ")))
}

/// `texts` as a list, or `fallback` if there is none.
fn list(texts: &[&str], fallback: &str) -> String {
    let lines: Vec<String> = texts
        .iter()
        .map(|text| format!("- {}", text.split_whitespace().collect::<Vec<_>>().join(" ")))
        .take(MAX_LINES_PER_HEADING)
        .collect();
    if lines.is_empty() { format!("- {fallback}") } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    fn prompt<'a>(messages: &'a [Message], user_text: &'a str, reply_number: i32) -> Prompt<'a> {
        Prompt { summary: "", messages, user_text, reply_number }
    }

    #[tokio::test]
    async fn reply_quotes_the_user_and_asks_the_stage_question() {
        let (sender, mut fragments) = unbounded_channel();
        let reply = async |text, number| {
            ScriptedCoach.reply(prompt(&[], text, number), &sender).await.expect("a reply")
        };
        let first = reply("My job wears me out", 1).await;
        assert_eq!(
            first,
            "You said: \"My job wears me out\" What makes this important to you right now?"
        );
        assert_eq!(fragments.try_recv(), Ok(first));
        let reply = reply("I could ask for help", 24).await;
        assert!(reply.ends_with("What will you do first?"), "{reply}");
    }

    #[test]
    fn every_reply_number_has_a_question() {
        for number in 1..=40 {
            assert!(question(number).ends_with('?'), "reply {number}");
        }
        assert_ne!(question(4), question(5));
        assert_eq!(question(0), question(1));
    }

    #[tokio::test]
    async fn closing_summary_sorts_messages_under_the_headings() {
        let messages = [
            Message::example(Sender::User, "I sleep badly because of work"),
            Message::example(Sender::Ai, "What would you like to be different?"),
            Message::example(Sender::User, "I realise that I never say no"),
            Message::example(Sender::User, "I will talk to my boss on Monday"),
        ];
        let summary =
            ScriptedCoach.closing_summary(prompt(&messages, "", 5)).await.expect("a summary");
        let position = |text: &str| {
            summary.find(text).unwrap_or_else(|| panic!("{text} is missing in {summary}"))
        };
        let order = [
            position("KEY DISCUSSION POINTS:"),
            position("I sleep badly because of work"),
            position("MAIN BREAKTHROUGHS:"),
            position("I realise that I never say no"),
            position("ACTION PLAN:"),
            position("I will talk to my boss on Monday"),
            position("Final Note:"),
        ];
        assert!(order.is_sorted(), "{summary}");
        assert!(!summary.contains("What would you like"), "only the user's words: {summary}");
    }

    #[tokio::test]
    async fn closing_summary_without_next_step_invents_none() {
        let messages = [Message::example(Sender::User, "I feel stuck")];
        let summary =
            ScriptedCoach.closing_summary(prompt(&messages, "", 1)).await.expect("a summary");
        assert!(summary.contains("You have not named a next step yet"), "{summary}");
    }

    #[tokio::test]
    async fn wrap_up_is_offered_once_a_next_step_is_named() {
        for (text, expected) in
            [("Yes: I will, I’ll call her tomorrow", true), ("It is hard", false)]
        {
            let offered = ScriptedCoach.should_offer_wrap_up(prompt(&[], text, 15)).await;
            assert_eq!(offered, Ok(expected), "{text}");
        }
    }
}
