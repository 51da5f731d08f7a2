//! Coach on a chat completion API.

use async_trait::async_trait;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{OpenAiClient, unusable};
use crate::{
    domain::{Message, Sender},
    providers::{Coach, MissingApiKey, Prompt, Result, TextSender, prompts},
    settings::Settings,
};

/// Longest reply that is accepted; a normal one has about 20 words.
const MAX_REPLY_CHARACTERS: usize = 8_000;

pub struct OpenAiCoach {
    client: OpenAiClient,
    model: String,
    small_model: String,
}

/// A completion, or a chunk of a streamed one.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default, alias = "delta")]
    message: ChoiceMessage,
    /// Set in the last chunk of a stream.
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct ChoiceMessage {
    content: Option<String>,
}

impl OpenAiCoach {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.coach;
        Ok(Self {
            client: OpenAiClient::new(
                "coach", &stage.base_url, &stage.api_key, stage.timeout_seconds, &settings.openai,
                http,
            )?,
            model: stage.model.clone(),
            small_model: stage.small_model.clone(),
        })
    }

    async fn complete(
        &self,
        model: &str,
        temperature: f32,
        messages: Vec<Value>,
    ) -> Result<String> {
        let request = request(model, temperature, messages);
        let completion: Completion =
            self.client.call(self.client.client.chat().create_byot(request)).await?;
        let choice = completion.choices.into_iter().next();
        parse_reply(&choice.and_then(|choice| choice.message.content).unwrap_or_default())
    }

    /// The prompt as chat messages.
    fn chat_messages(&self, prompt: Prompt<'_>) -> Vec<Value> {
        let mut messages = vec![json!({ "role": "system", "content": prompts::coach(prompt) })];
        messages.extend(prompt.messages.iter().map(|message| {
            let role = match message.sender {
                Sender::User => "user",
                Sender::Ai => "assistant",
            };
            json!({ "role": role, "content": message.text })
        }));
        messages.push(json!({ "role": "user", "content": prompt.user_text }));
        messages
    }

    /// Completion of the small model for the conversation as a text.
    async fn complete_transcript(
        &self,
        temperature: f32,
        system: &str,
        transcript: String,
    ) -> Result<String> {
        let messages = vec![
            json!({ "role": "system", "content": system }),
            json!({ "role": "user", "content": transcript }),
        ];
        self.complete(&self.small_model, temperature, messages).await
    }
}

#[async_trait]
impl Coach for OpenAiCoach {
    async fn reply(&self, prompt: Prompt<'_>) -> Result<String> {
        self.complete(&self.model, 0.7, self.chat_messages(prompt)).await
    }

    async fn reply_streaming(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String> {
        let mut request = request(&self.model, 0.7, self.chat_messages(prompt));
        request["stream"] = true.into();
        let streaming = async {
            let chat = self.client.client.chat();
            let mut chunks = chat.create_stream_byot::<Value, Completion>(request).await?;
            let (mut reply, mut finished) = (String::new(), false);
            while let Some(chunk) = chunks.next().await {
                let Some(choice) = chunk?.choices.into_iter().next() else {
                    continue;
                };
                finished |= choice.finish_reason.is_some();
                let Some(text) = choice.message.content else {
                    continue;
                };
                let text = text.replace('\0', "");
                reply.push_str(&text);
                // Too long to be a reply: the rest is not read.
                if reply.len() > 4 * MAX_REPLY_CHARACTERS {
                    break;
                }
                fragments.send(text).ok();
            }
            Ok((reply, finished))
        };
        match self.client.call(streaming).await? {
            (reply, true) => parse_reply(&reply),
            // A broken connection looks like the end of the stream.
            (_, false) => Err(unusable("a truncated reply")),
        }
    }

    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool> {
        let transcript = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        let answer = self.complete_transcript(0.1, prompts::DECISION, transcript).await?;
        Ok(is_yes(&answer))
    }

    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String> {
        let transcript = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        self.complete_transcript(0.3, prompts::CLOSING, transcript).await
    }

    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String> {
        self.complete_transcript(0.3, prompts::MERGE, prompts::transcript(summary, messages, ""))
            .await
    }
}

fn request(model: &str, temperature: f32, messages: Vec<Value>) -> Value {
    // Rounded, because the f32 0.7 would be sent as 0.699999988079071.
    let temperature: Value = json!((f64::from(temperature) * 10.0).round() / 10.0);
    json!({ "model": model, "temperature": temperature, "messages": messages })
}

/// The model's text, trimmed, if its length is one of a reply.
fn parse_reply(text: &str) -> Result<String> {
    let text = text.replace('\0', "").trim().to_owned();
    match text.chars().count() {
        0 => Err(unusable("an empty reply")),
        1..=MAX_REPLY_CHARACTERS => Ok(text),
        _ => Err(unusable("a reply that is too long")),
    }
}

/// Whether the first word is yes: models write "Yes.", "**Yes**" or "yes, because …".
fn is_yes(answer: &str) -> bool {
    answer
        .split(|c: char| !c.is_alphabetic())
        .find(|word| !word.is_empty())
        .is_some_and(|word| word.eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn yes_is_recognised_with_punctuation_or_reasons() {
        for yes in ["yes", "Yes.", " YES, because", "**Yes**", "\"yes\""] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["no", "No, yes would be too early", "", "yesterday", "not yes"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
