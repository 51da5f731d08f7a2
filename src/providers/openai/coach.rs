//! The coach.

use async_trait::async_trait;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{OpenAiClient, unusable};
use crate::{
    domain::{Message, Sender},
    providers::{Coach, MissingApiKey, Prompt, ProviderError, TextSender, prompts},
    settings::Settings,
};

/// A reply of the coach is about 20 words; what is longer than this many characters is no reply.
const LONGEST_REPLY: usize = 8_000;

pub struct OpenAiCoach {
    server: OpenAiClient,
    model: String,
    small_model: String,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

/// A piece of a completion that is streamed.
#[derive(Deserialize)]
struct Part {
    choices: Vec<PartChoice>,
}

#[derive(Deserialize)]
struct PartChoice {
    #[serde(default)]
    delta: ChoiceMessage,
    /// Comes with the last piece.
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    message: ChoiceMessage,
}

#[derive(Default, Deserialize)]
struct ChoiceMessage {
    content: Option<String>,
}

impl OpenAiCoach {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.coach;
        Ok(Self {
            server: OpenAiClient::new(
                "coach",
                settings,
                http,
                stage.base_url.as_ref(),
                stage.api_key.as_ref(),
                stage.timeout_seconds,
            )?,
            model: stage.model.clone(),
            small_model: stage.small_model.clone(),
        })
    }

    async fn chat(
        &self,
        model: &str,
        temperature: f32,
        messages: Vec<Value>,
    ) -> Result<String, ProviderError> {
        let request = request(model, temperature, messages);
        let completion: Completion = self
            .server
            .ask(self.server.client.chat().create_byot(request))
            .await?;
        let text = completion
            .choices
            .into_iter()
            .next()
            .and_then(|choice| choice.message.content)
            .unwrap_or_default();
        reply_of(&text)
    }

    /// What the coach is shown.
    fn conversation(&self, prompt: Prompt<'_>) -> Vec<Value> {
        let mut messages = vec![json!({ "role": "system", "content": prompts::coach(prompt) })];
        messages.extend(prompt.messages.iter().map(|line| {
            let role = match line.sender {
                Sender::User => "user",
                Sender::Ai => "assistant",
            };
            json!({ "role": role, "content": line.text })
        }));
        messages.push(json!({ "role": "user", "content": prompt.user_text }));
        messages
    }

    /// Asks the small model about the conversation as a text.
    async fn observe(
        &self,
        temperature: f32,
        system: &str,
        transcript: String,
    ) -> Result<String, ProviderError> {
        let messages = vec![
            json!({ "role": "system", "content": system }),
            json!({ "role": "user", "content": transcript }),
        ];
        self.chat(&self.small_model, temperature, messages).await
    }
}

#[async_trait]
impl Coach for OpenAiCoach {
    async fn reply(&self, prompt: Prompt<'_>) -> Result<String, ProviderError> {
        self.chat(&self.model, 0.7, self.conversation(prompt)).await
    }

    async fn reply_streaming(
        &self,
        prompt: Prompt<'_>,
        words: &TextSender,
    ) -> Result<String, ProviderError> {
        let mut request = request(&self.model, 0.7, self.conversation(prompt));
        request["stream"] = true.into();
        let server = &self.server;
        let streaming = async {
            let mut parts = server
                .client
                .chat()
                .create_stream_byot::<Value, Part>(request)
                .await?;
            let (mut reply, mut finished) = (String::new(), false);
            while let Some(part) = parts.next().await {
                let Some(choice) = part?.choices.into_iter().next() else {
                    continue;
                };
                finished |= choice.finish_reason.is_some();
                let Some(text) = choice.delta.content else {
                    continue;
                };
                let text = text.replace('\0', "");
                reply.push_str(&text);
                // What is no reply is not read to its end.
                if reply.len() > 4 * LONGEST_REPLY {
                    break;
                }
                words.send(text).ok();
            }
            Ok((reply, finished))
        };
        match server.ask(streaming).await? {
            (reply, true) => reply_of(&reply),
            // A connection that ends in the middle looks like an end.
            (_, false) => Err(unusable("an answer that breaks off")),
        }
    }

    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool, ProviderError> {
        let transcript = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        let answer = self.observe(0.1, prompts::DECISION, transcript).await?;
        Ok(says_yes(&answer))
    }

    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String, ProviderError> {
        let transcript = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        self.observe(0.3, prompts::CLOSING, transcript).await
    }

    async fn fold_into_summary(
        &self,
        summary: &str,
        lines: &[Message],
    ) -> Result<String, ProviderError> {
        self.observe(0.3, prompts::MERGE, prompts::transcript(summary, lines, ""))
            .await
    }
}

fn request(model: &str, temperature: f32, messages: Vec<Value>) -> Value {
    // Built from the decimal text: as an f32, 0.7 would go out as 0.699999988079071.
    let temperature: Value = json!((f64::from(temperature) * 10.0).round() / 10.0);
    json!({ "model": model, "temperature": temperature, "messages": messages })
}

/// What a model wrote, if that can be a reply.
fn reply_of(text: &str) -> Result<String, ProviderError> {
    let text = text.replace('\0', "").trim().to_owned();
    match text.chars().count() {
        0 => Err(unusable("an empty answer")),
        1..=LONGEST_REPLY => Ok(text),
        _ => Err(unusable("an endless answer")),
    }
}

/// Models answer "Yes.", "**Yes**" or "yes, because …" where one word was asked for.
fn says_yes(answer: &str) -> bool {
    answer
        .split(|c: char| !c.is_alphabetic())
        .find(|word| !word.is_empty())
        .is_some_and(|word| word.eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::says_yes;

    #[test]
    fn a_yes_is_a_yes_with_or_without_decoration() {
        for yes in ["yes", "Yes.", " YES, because", "**Yes**", "\"yes\""] {
            assert!(says_yes(yes), "{yes}");
        }
        for no in [
            "no", "No, yes would be too early", "", "yesterday", "not yes",
        ] {
            assert!(!says_yes(no), "{no}");
        }
    }
}
