//! Coach on a chat completion API.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    chat_prompt::{chat_messages, task},
    chat_stream::{complete, read_answer},
    client::{Call, OpenAiClient, parse_json, read_body},
    completion::{Answer, Use},
    models::{ModelAttempts, Models},
    parameters::{Adapting, Adjustments},
    refusal::SendError,
};
use crate::{
    domain::Message,
    providers::{Coach, MissingApiKey, Prompt, Result, TextSender, prompts},
    settings::Settings,
};

const PATH: &str = "/chat/completions";
/// Default models, best first; the last one ends on 14 January 2027 at OpenAI.
const DEFAULT_MODELS: &[&str] = &["gpt-6-luna", "gpt-5-mini", "gpt-4o-mini"];

pub struct OpenAiCoach {
    client: OpenAiClient,
    models: Arc<Models>,
    small_models: Arc<Models>,
    /// Empty: none is asked for.
    reasoning_effort: String,
    /// What is known of each model by its name.
    adjustments: Mutex<HashMap<String, Adjustments>>,
}

impl OpenAiCoach {
    pub fn new(settings: &Settings, http: reqwest::Client) -> Result<Self, MissingApiKey> {
        let stage = &settings.coach;
        let client = OpenAiClient::new(
            "coach", &stage.base_url, &stage.api_key, stage.timeout_seconds, &settings.openai, http,
        )?;
        let (model, small) = (stage.model.as_deref(), stage.small_model.as_deref());
        let models = Arc::new(Models::new(client.variable("MODEL"), model, DEFAULT_MODELS));
        let small_models = match small {
            Some(_) => Arc::new(Models::new(client.variable("SMALL_MODEL"), small, &[])),
            None => Arc::clone(&models),
        };
        let reasoning_effort = stage.reasoning_effort.clone();
        Ok(Self { client, models, small_models, reasoning_effort, adjustments: Mutex::default() })
    }

    /// The model of replies.
    pub fn model(&self) -> &str {
        self.models.current()
    }

    /// Posts a request, and adapts it to what the server refuses: other default models, and without
    /// parameters that the model does not take. What helped is remembered.
    async fn post(
        &self,
        call: Call<'_>,
        mut request: Value,
        mut attempts: ModelAttempts<'_>,
    ) -> Result<Response, SendError> {
        if !self.reasoning_effort.is_empty() {
            request["reasoning_effort"] = self.reasoning_effort.as_str().into();
        }
        loop {
            let model = attempts.model();
            let known = self.adjustments().get(model).cloned().unwrap_or_default();
            let mut adapting = Adapting::new(known.clone());
            let refusal = loop {
                let mut adapted = request.clone();
                adapted["model"] = model.into();
                adapting.adjustments.apply(&mut adapted);
                match call.post_json(PATH, &adapted).await {
                    Ok(response) => {
                        attempts.succeeded();
                        if adapting.adjustments != known {
                            self.adjustments().insert(model.to_owned(), adapting.adjustments);
                        }
                        return Ok(response);
                    }
                    Err(SendError::Refused(refusal)) if adapting.adapt(&adapted, &refusal) => {}
                    Err(SendError::Refused(refusal)) => break refusal,
                    Err(error) => return Err(error),
                }
            };
            attempts.advance(refusal)?;
        }
    }

    fn adjustments(&self) -> MutexGuard<'_, HashMap<String, Adjustments>> {
        self.adjustments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn complete(&self, models: &Models, request: Value, usage: Use) -> Result<String> {
        let answer = self.client.call(async |call| {
            let response = self.post(call, request, models.attempts()).await?;
            let mut answer = Answer::default();
            answer.add(complete(parse_json(&read_body(response).await?)?)?);
            Ok(answer)
        });
        answer.await?.into_text(usage)
    }

    /// Completion of the small model for the conversation as a text.
    async fn complete_task(&self, temperature: f64, system: &str, text: &str) -> Result<String> {
        let request = json!({ "temperature": temperature, "messages": task(system, text) });
        self.complete(&self.small_models, request, Use::Whole).await
    }
}

#[async_trait]
impl Coach for OpenAiCoach {
    async fn reply(&self, prompt: Prompt<'_>) -> Result<String> {
        let request = json!({ "temperature": 0.7, "messages": chat_messages(prompt) });
        self.complete(&self.models, request, Use::Reply).await
    }

    async fn reply_streaming(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String> {
        let messages = chat_messages(prompt);
        let request = json!({ "temperature": 0.7, "stream": true, "messages": messages });
        let answer = self.client.call(async |call| {
            let response = self.post(call, request, self.models.attempts()).await?;
            read_answer(response, |text| {
                if !text.is_empty() {
                    fragments.send(text.to_owned()).ok();
                }
            })
            .await
        });
        answer.await?.into_text(Use::Reply)
    }

    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool> {
        let text = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        Ok(is_yes(&self.complete_task(0.1, prompts::DECISION, &text).await?))
    }

    async fn closing_summary(&self, prompt: Prompt<'_>) -> Result<String> {
        let text = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        self.complete_task(0.3, prompts::CLOSING, &text).await
    }

    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String> {
        let text = prompts::transcript(summary, messages, "");
        self.complete_task(0.3, prompts::MERGE, &text).await
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
