//! Completions of chat models: whole ones, and chunks of a stream, in the shapes that servers send.

use serde::Deserialize;
use serde_json::Value;

use super::client::{VENDOR, unusable};
use crate::providers::{ProviderError, Result};

/// Longest reply that is accepted; a normal one has about 20 words.
pub(super) const MAX_REPLY_CHARACTERS: usize = 8_000;

/// A completion, or a chunk of a streamed one. Fields that vary between servers are any JSON.
#[derive(Deserialize)]
pub(super) struct Completion {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    /// Error with status 200, of some gateways.
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default, alias = "delta")]
    message: Option<ChoiceMessage>,
    #[serde(default)]
    finish_reason: Value,
}

#[derive(Deserialize)]
struct ChoiceMessage {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    refusal: Value,
}

/// What the answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A reply: one that was cut ends at its last sentence.
    Reply,
    /// A decision or summary, which must be complete.
    Whole,
}

/// The model's answer, as far as it has arrived.
#[derive(Default)]
pub(super) struct Answer {
    text: String,
    is_refusal: bool,
    finish_reason: Option<String>,
}

impl Completion {
    /// Whether this is a completion, and not an error with status 200 or other JSON.
    pub(super) fn is_complete(&self) -> bool {
        self.choices.is_some() && !self.is_error()
    }

    /// Whether this is an error.
    pub(super) fn is_error(&self) -> bool {
        !matches!(self.error, Value::Null)
    }
}

impl Answer {
    /// Adds a completion or a chunk, and returns its text. A chunk without choices is empty.
    pub(super) fn add(&mut self, completion: Completion) -> String {
        let choice = completion.choices.unwrap_or_default().into_iter().next();
        let Some(choice) = choice else { return String::new() };
        if let Some(reason) = choice.finish_reason.as_str().filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason.to_lowercase());
        }
        let Some(message) = choice.message else { return String::new() };
        self.is_refusal |= message.refusal.as_str().is_some_and(|text| !text.trim().is_empty());
        let text = self.text_of(&message.content);
        self.text.push_str(&text);
        text
    }

    /// Text of a content: a string, or an array of parts, of which those with a text count.
    fn text_of(&mut self, content: &Value) -> String {
        match content {
            Value::String(text) => text.replace('\0', ""),
            Value::Array(parts) => parts.iter().map(|part| self.text_of(part)).collect(),
            Value::Object(part) => match part.get("type").and_then(Value::as_str) {
                None | Some("text" | "output_text") => {
                    part.get("text").map(|text| self.text_of(text)).unwrap_or_default()
                }
                Some("refusal") => {
                    self.is_refusal = true;
                    String::new()
                }
                // Thoughts of some servers, images, ….
                Some(_) => String::new(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
        }
    }

    /// Whether the server said that the answer ends here.
    pub(super) fn is_finished(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// Whether the answer is longer than any use of it.
    pub(super) fn is_too_long(&self) -> bool {
        self.text.len() > 16 * MAX_REPLY_CHARACTERS
    }

    /// The model's text, without thoughts, trimmed.
    ///
    /// # Errors
    /// [`ProviderError::Declined`] for a refusal, and [`ProviderError::Unusable`] for a text that
    /// is empty, too long, or not whole where it has to be.
    pub(super) fn into_text(self, usage: Use) -> Result<String> {
        let declined = Err(ProviderError::Declined { vendor: VENDOR });
        if self.is_refusal {
            return declined;
        }
        let text = &self.text;
        let (is_cut, is_filtered) = match self.finish_reason.as_deref().unwrap_or_default() {
            "length" | "model_length" | "max_tokens" => (true, false),
            "content_filter" | "safety" => (true, true),
            "error" => return Err(unusable("a reply that ends with an error")),
            _ => (false, false),
        };
        if is_filtered && usage == Use::Whole {
            return declined;
        }
        if is_cut && usage == Use::Whole {
            return Err(unusable("a text that was cut at its maximum length"));
        }
        let text = text.trim();
        match text.chars().count() {
            0 if is_filtered => declined,
            0 if is_cut => Err(unusable("a reply that was cut before the end of a sentence")),
            0 => Err(unusable("an empty reply")),
            1..=MAX_REPLY_CHARACTERS => Ok(text.to_owned()),
            _ => Err(unusable("a reply that is too long")),
        }
    }
}
