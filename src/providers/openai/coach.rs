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
    chat_stream::{read_answer, whole_answer},
    client::{Call, OpenAiClient, read_body, unusable},
    completion::{Answer, Use},
    models::{ModelAttempts, Models},
    parameters::{Adapting, Adjustments},
    refusal::SendError,
    shutdown::ModelInUse,
};
use crate::{
    domain::{Intent, Message},
    providers::{
        Coach, IntentQuestion, MemoryPrompt, MissingApiKey, Prompt, Result, TextSender, prompts,
    },
    settings::Settings,
};

const PATH: &str = "/chat/completions";
/// Default models, best first; the last one ends on 14 January 2027 at OpenAI.
const DEFAULT_MODELS: &[&str] = &["gpt-6-luna", "gpt-5-mini", "gpt-4o-mini"];

/// Words that a model answers to a question about an answer to an offer.
const ANSWERS_TO_OFFER: &[(&str, Intent)] =
    &[("confirm", Intent::Confirm), ("decline", Intent::Decline), ("other", Intent::Other)];
/// Words that a model answers to a question about a wish to finish.
const WISHES: &[(&str, Intent)] = &[("finish", Intent::Finish), ("other", Intent::Other)];

pub struct OpenAiCoach {
    client: Arc<OpenAiClient>,
    models: Arc<Models>,
    small_models: Arc<Models>,
    /// Empty: none is asked for.
    reasoning_effort: String,
    /// What this process has learnt of models, by their names.
    traits: Mutex<HashMap<String, ModelTraits>>,
}

/// What a model does and refuses.
#[derive(Clone, Default)]
struct ModelTraits {
    adjustments: Adjustments,
    /// Its chat template begins the thought, so that replies have the closing tag only.
    lacks_opening_tag: bool,
}

/// A response, and the model that it is from.
struct Posted<'a> {
    response: Response,
    model: &'a str,
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
        let client = Arc::new(client);
        Ok(Self { client, models, small_models, reasoning_effort, traits: Mutex::default() })
    }

    /// The models of replies and of tasks, once if they are the same.
    pub fn models_in_use(&self) -> Vec<ModelInUse> {
        let mut models = vec![ModelInUse::new(&self.client, &self.models)];
        if !Arc::ptr_eq(&self.models, &self.small_models) {
            models.push(ModelInUse::new(&self.client, &self.small_models));
        }
        models
    }

    /// Posts a request, and adapts it to what the server refuses: other default models, and without
    /// parameters that the model does not take. What helped is remembered.
    async fn post<'a>(
        &self,
        call: Call<'_>,
        mut request: Value,
        mut attempts: ModelAttempts<'a>,
    ) -> Result<Posted<'a>, SendError> {
        if !self.reasoning_effort.is_empty() {
            request["reasoning_effort"] = self.reasoning_effort.as_str().into();
        }
        loop {
            let model = attempts.model();
            let known = self.traits(model).adjustments;
            let mut adapting = Adapting::new(known.clone());
            let refusal = loop {
                let mut adapted = request.clone();
                adapted["model"] = model.into();
                adapting.adjustments.apply(&mut adapted);
                match call.post_json(PATH, &adapted).await {
                    Ok(response) => {
                        attempts.succeeded();
                        if adapting.adjustments != known {
                            self.learn(model, |traits| traits.adjustments = adapting.adjustments);
                        }
                        return Ok(Posted { response, model });
                    }
                    Err(SendError::Refused(refusal)) if adapting.adapt(&adapted, &refusal) => {}
                    Err(SendError::Refused(refusal)) => break refusal,
                    Err(error) => return Err(error),
                }
            };
            attempts.advance(refusal)?;
        }
    }

    fn traits(&self, model: &str) -> ModelTraits {
        self.lock_traits().get(model).cloned().unwrap_or_default()
    }

    fn learn(&self, model: &str, change: impl FnOnce(&mut ModelTraits)) {
        change(self.lock_traits().entry(model.to_owned()).or_default());
    }

    fn lock_traits(&self) -> MutexGuard<'_, HashMap<String, ModelTraits>> {
        self.traits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a model whose thoughts lack the opening tag: its replies are held back from then
    /// on, until the thought has ended.
    fn with_learnt_tag(&self, model: &str, answer: Answer) -> Answer {
        if answer.lacked_opening_tag {
            self.learn(model, |traits| traits.lacks_opening_tag = true);
        }
        answer
    }

    /// Completion of the small model for the conversation as a text.
    async fn complete_task(&self, temperature: f64, system: &str, text: &str) -> Result<String> {
        self.answer_task(temperature, system, text).await?.into_text(Use::Whole)
    }

    /// The same, as the model answers.
    async fn answer_task(&self, temperature: f64, system: &str, text: &str) -> Result<Answer> {
        let request = json!({ "temperature": temperature, "messages": task(system, text) });
        let answer = self.client.call(async |call| {
            let posted = self.post(call, request, self.small_models.attempts()).await?;
            let (answer, _) = whole_answer(&read_body(posted.response).await?)?.finish();
            Ok(self.with_learnt_tag(posted.model, answer))
        });
        answer.await
    }
}

#[async_trait]
impl Coach for OpenAiCoach {
    fn name(&self) -> String {
        format!("openai ({})", self.models.current())
    }

    async fn reply(&self, prompt: Prompt<'_>, fragments: &TextSender) -> Result<String> {
        let messages = chat_messages(prompt);
        let request = json!({ "temperature": 0.7, "stream": true, "messages": messages });
        let answer = self.client.call(async |call| {
            let posted = self.post(call, request, self.models.attempts()).await?;
            let Posted { response, model } = posted;
            let hold_back = self.traits(model).lacks_opening_tag;
            let answer = read_answer(response, hold_back, |text| {
                fragments.send(text).ok();
            });
            Ok(self.with_learnt_tag(model, answer.await?))
        });
        answer.await?.into_text(Use::Reply)
    }

    async fn should_offer_wrap_up(&self, prompt: Prompt<'_>) -> Result<bool> {
        let text = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        Ok(first_word_is(&self.complete_task(0.1, prompts::DECISION, &text).await?, "yes"))
    }

    async fn intent(
        &self,
        question: IntentQuestion,
        said_before: &str,
        text: &str,
    ) -> Result<Intent> {
        let (prompt, words) = match question {
            IntentQuestion::AnswerToOffer => (prompts::ANSWER_TO_OFFER, ANSWERS_TO_OFFER),
            IntentQuestion::WishToFinish => (prompts::WISH_TO_FINISH, WISHES),
        };
        let text = format!("Coach: {said_before}\nPerson: {text}\n");
        let answer = self.complete_task(0.1, prompt, &text).await?;
        let mut named = words.iter().filter(|(word, _)| names(&answer, word));
        match (named.next(), named.next()) {
            (Some((word, intent)), None) if first_word_is(&answer, word) => Ok(*intent),
            _ => Err(unusable("no single one of the offered words")),
        }
    }

    async fn closing_summary(&self, prompt: Prompt<'_>, again: bool) -> Result<String> {
        let text = prompts::transcript(prompt.summary, prompt.messages, prompt.user_text);
        let task = match again {
            true => format!("{}\n\n{}", prompts::CLOSING, prompts::CLOSING_AGAIN),
            false => prompts::CLOSING.into(),
        };
        self.complete_task(0.3, &task, &text).await
    }

    async fn fold_into_summary(&self, summary: &str, messages: &[Message]) -> Result<String> {
        let text = prompts::transcript(summary, messages, "");
        self.complete_task(0.3, prompts::MERGE, &text).await
    }

    async fn merge_memory(&self, prompt: MemoryPrompt<'_>) -> Result<Option<String>> {
        let text = prompts::memory_and_session(prompt);
        let answer = self.answer_task(0.3, &prompts::remember(prompt), &text).await?;
        let text = answer.into_text(Use::Memory)?;
        Ok((!text.trim().is_empty()).then_some(text))
    }
}

/// Whether `word` is one of the answer's words.
fn names(answer: &str, word: &str) -> bool {
    answer.split(|c: char| !c.is_alphabetic()).any(|other| other.eq_ignore_ascii_case(word))
}

/// Whether the answer's first word is `word`: models write "Yes.", "**Yes**" or "yes, because …".
fn first_word_is(answer: &str, word: &str) -> bool {
    answer
        .split(|c: char| !c.is_alphabetic())
        .find(|word| !word.is_empty())
        .is_some_and(|first| first.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::first_word_is;

    #[test]
    fn first_word_is_recognised_with_punctuation_or_reasons() {
        for yes in ["yes", "Yes.", " YES, because", "**Yes**", "\"yes\""] {
            assert!(first_word_is(yes, "yes"), "{yes}");
        }
        for no in ["no", "No, yes would be too early", "", "yesterday", "not yes"] {
            assert!(!first_word_is(no, "yes"), "{no}");
        }
    }
}
