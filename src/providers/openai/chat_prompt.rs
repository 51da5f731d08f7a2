//! Prompts as chat messages, in the order that every chat template accepts.

use serde_json::{Value, json};

use crate::{
    domain::Sender,
    providers::{Prompt, prompts},
};

/// The conversation as chat messages: the system prompt, then the user's and the coach's messages
/// by turns, the user's first. Templates of many models refuse any other order.
///
/// Messages of one sender in a row are joined. What the coach said before the first message of the
/// user, as after older ones were folded into the running summary, becomes part of the memory in
/// the system prompt.
pub(super) fn chat_messages(prompt: Prompt<'_>) -> Vec<Value> {
    let mut memory = prompt.summary.to_owned();
    let mut turns: Vec<(&str, String)> = Vec::new();
    let messages = prompt.messages.iter().map(|message| (message.sender, message.text.as_str()));
    let last = (!prompt.user_text.is_empty()).then_some((Sender::User, prompt.user_text));
    for (sender, text) in messages.chain(last) {
        let role = match sender {
            Sender::User => "user",
            Sender::Ai => "assistant",
        };
        match turns.last_mut() {
            None if sender == Sender::Ai => {
                let space = if memory.is_empty() { "" } else { " " };
                memory.push_str(&format!("{space}Then you said: {text}"));
            }
            Some((last_role, joined)) if *last_role == role => {
                joined.push_str("\n\n");
                joined.push_str(text);
            }
            None | Some(_) => turns.push((role, text.to_owned())),
        }
    }
    let system = prompts::coach(Prompt { summary: &memory, ..prompt });
    let turns = turns.into_iter().map(|(role, text)| json!({ "role": role, "content": text }));
    [json!({ "role": "system", "content": system })].into_iter().chain(turns).collect()
}

/// A text for the model to work on.
pub(super) fn task(system: &str, text: &str) -> Vec<Value> {
    vec![json!({ "role": "system", "content": system }), json!({ "role": "user", "content": text })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Language, Message};

    fn turns(messages: &[(Sender, &str)], user_text: &str) -> (String, Vec<(String, String)>) {
        let messages: Vec<Message> =
            messages.iter().map(|(sender, text)| Message::example(*sender, text)).collect();
        let summary = "They are tired.";
        let language = Language::English;
        let prompt = Prompt {
            language,
            summary,
            messages: &messages,
            user_text,
            reply_number: 3,
            memory: None,
        };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let mut turns: Vec<(String, String)> = chat_messages(prompt)
            .iter()
            .map(|message| (text(&message["role"]), text(&message["content"])))
            .collect();
        (turns.remove(0).1, turns)
    }

    #[test]
    fn messages_of_one_sender_in_a_row_are_joined() {
        let (user, coach) = (Sender::User, Sender::Ai);
        let said = [(user, "a"), (user, "b"), (coach, "c"), (coach, "d"), (user, "e")];
        let (_, turns) = turns(&said, "f");
        let turns: Vec<(&str, &str)> =
            turns.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
        assert_eq!(turns, [("user", "a\n\nb"), ("assistant", "c\n\nd"), ("user", "e\n\nf")]);
    }

    #[test]
    fn leading_message_of_the_coach_becomes_memory() {
        let (system, turns) = turns(&[(Sender::Ai, "What else?"), (Sender::Ai, "Well?")], "No.");
        assert!(
            system.contains("They are tired. Then you said: What else? Then you said: Well?"),
            "{system}"
        );
        assert!(system.ends_with("This is round 3 of 30."), "{system}");
        assert_eq!(turns, [("user".to_owned(), "No.".to_owned())]);
    }
}
