//! Scripted coach: fixed questions of the T-GROW stages, no model.
//!
//! For trying the product, and for days without a provider. A reply quotes the user and asks the
//! stage's next question; the closing summary sorts the user's messages under its headings.

use async_trait::async_trait;

use super::{Coach, IntentQuestion, MemoryPrompt, Prompt, Result, TextSender};
use crate::domain::{Intent, Message, Offline, Sender, is_cjk, mentions, summary_by_rule, texts};

pub struct ScriptedCoach;

/// Longest quotation of the user.
const MAX_QUOTED_WORDS: usize = 12;
/// The same in scripts without spaces.
const MAX_QUOTED_CHARACTERS: usize = 60;

#[async_trait]
impl Coach for ScriptedCoach {
    fn name(&self) -> String {
        "scripted (offline: fixed questions, no model)".into()
    }

    async fn reply(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String> {
        let offline = &texts(prompt.language).offline;
        let question = match last_decision(&prompt) {
            Some(decision) => offline.last_time(&quote(&decision)),
            None => question(offline, prompt.reply_number).to_owned(),
        };
        let reply = offline.reply(&quote(prompt.user_text), &question);
        fragments.send(reply.clone()).ok();
        Ok(reply)
    }

    /// True once the user has named a next step.
    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool> {
        let phrases = texts(prompt.language).offline.decision_phrases;
        Ok(mentions(prompt.user_text, phrases))
    }

    /// Rules decide alone.
    async fn intent(&self, _: IntentQuestion, _: &str, _: &str) -> Result<Intent> {
        Ok(Intent::Other)
    }

    async fn closing_summary(&self, prompt: Prompt<'_>, _again: bool) -> Result<String> {
        let Prompt { language, summary, messages, user_text, .. } = prompt;
        Ok(summary_by_rule(language, summary, messages, user_text))
    }

    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String> {
        let mut text = summary.to_owned();
        for message in messages.iter().filter(|message| message.sender == Sender::User) {
            text.push_str(&format!(" \"{}\"", quote(&message.text)));
        }
        Ok(text.trim_start().to_owned())
    }

    /// The action plans, newest first.
    async fn merge_memory(&self, prompt: MemoryPrompt<'_>) -> Result<Option<String>> {
        Ok(Some(prompt.memory.merged_by_rule(prompt.date, prompt.plan)))
    }
}

/// What the person decided last time, without the mark of the sentence's end, at the beginning of a
/// session.
fn last_decision(prompt: &Prompt<'_>) -> Option<String> {
    let memory = prompt.memory.filter(|_| prompt.reply_number <= 1)?;
    let decision = memory.last_plan.lines().next()?.trim();
    let decision = decision.trim_end_matches(['.', '。', '!', '！', ';', '…']);
    (!decision.is_empty()).then(|| decision.to_owned())
}

/// The question for a reply number, by the stages of T-GROW over the 30 replies of a session; after
/// the last one, the last stage's questions repeat.
fn question(offline: &'static Offline, reply_number: i32) -> &'static str {
    let stages: [(i32, &[&str]); 5] = [
        (1, &offline.topic),
        (5, &offline.goal),
        (10, &offline.reality),
        (17, &offline.options),
        (24, &offline.way_forward),
    ];
    let (first, questions) =
        stages.into_iter().rev().find(|(first, _)| reply_number >= *first).unwrap_or(stages[0]);
    let index = usize::try_from(reply_number - first).unwrap_or(0);
    questions[index % questions.len()]
}

/// The first words of `text`, on one line.
fn quote(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut shown = words[..words.len().min(MAX_QUOTED_WORDS)].join(" ");
    let mut is_cut = words.len() > MAX_QUOTED_WORDS;
    if shown.contains(is_cjk)
        && let Some((end, _)) = shown.char_indices().nth(MAX_QUOTED_CHARACTERS)
    {
        shown.truncate(end);
        is_cut = true;
    }
    // The quotation's own mark follows.
    let shown = shown.trim_end_matches('。').replace('"', "'");
    if is_cut { format!("{shown} …") } else { shown }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::domain::{Language, Memory};

    fn prompt<'a>(messages: &'a [Message], user_text: &'a str, reply_number: i32) -> Prompt<'a> {
        let language = Language::English;
        Prompt { language, summary: "", messages, user_text, reply_number, memory: None }
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

    #[tokio::test]
    async fn first_reply_takes_up_the_last_decision() {
        let (sender, _fragments) = unbounded_channel();
        let memory = Memory { last_plan: "I will <rest>.\nWalk".into(), ..Memory::default() };
        let reply = async |number| {
            let prompt = Prompt { memory: Some(&memory), ..prompt(&[], "Hello", number) };
            ScriptedCoach.reply(prompt, &sender).await.expect("a reply")
        };
        assert_eq!(
            reply(1).await,
            "You said: \"Hello\" Last time you decided: I will <rest>. How did it go?"
        );
        assert!(!reply(2).await.contains("Last time"));
    }

    #[test]
    fn every_reply_number_has_a_question() {
        let offline = &texts(Language::English).offline;
        for number in 1..=40 {
            assert!(question(offline, number).ends_with('?'), "reply {number}");
        }
        assert_ne!(question(offline, 4), question(offline, 5));
        assert_eq!(question(offline, 0), question(offline, 1));
    }

    #[test]
    fn quotation_is_short_in_every_script() {
        let long = "工作".repeat(100);
        assert_eq!(quote(&long).chars().count(), MAX_QUOTED_CHARACTERS + 2);
        assert_eq!(quote("a b c d e f g h i j k l m"), "a b c d e f g h i j k l …");
        assert_eq!(quote("say \"yes\"\n now"), "say 'yes' now");
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
