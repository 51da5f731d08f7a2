//! Completions of chat models: whole ones, and chunks of a stream, in the shapes that servers send.

use serde::Deserialize;
use serde_json::Value;

use super::{VENDOR, client::unusable};
use crate::{
    domain::{Filtered, ThoughtFilter, up_to_last_sentence, up_to_last_stop},
    providers::{ProviderError, Result},
};

/// Longest reply that is accepted; a normal one has about 20 words.
const MAX_REPLY_CHARACTERS: usize = 8_000;
/// Longest answer that is read; most of it may be a thought.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

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
    /// Of a whole completion.
    #[serde(default)]
    message: Option<ChoiceMessage>,
    /// Of a chunk.
    #[serde(default)]
    delta: Option<ChoiceMessage>,
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
    /// A memory: one that was cut ends at its last sentence or line. It may be empty, and as long
    /// as an answer, since it is cut later.
    Memory,
}

/// The model's answer, as far as it has arrived.
pub(super) struct PartialAnswer {
    thoughts: ThoughtFilter,
    received_bytes: usize,
    is_refusal: bool,
    finish_reason: Option<String>,
}

/// The model's answer.
pub(super) struct Answer {
    /// Text without thoughts; `None` if it is blank.
    text: Option<String>,
    /// Whether a thought had no opening tag.
    pub(super) lacked_opening_tag: bool,
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

impl PartialAnswer {
    /// An answer of which nothing has arrived. With `hold_back` no text is shown before a thought
    /// has ended.
    pub(super) fn new(hold_back: bool) -> Self {
        Self {
            thoughts: ThoughtFilter::new(hold_back),
            received_bytes: 0,
            is_refusal: false,
            finish_reason: None,
        }
    }

    /// Adds a completion or a chunk, and returns the text that may be shown. A chunk without
    /// choices is empty.
    pub(super) fn add(&mut self, completion: Completion) -> String {
        let choice = completion.choices.unwrap_or_default().into_iter().next();
        let Some(choice) = choice else { return String::new() };
        if let Some(reason) = choice.finish_reason.as_str().filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason.to_lowercase());
        }
        let Some(message) = choice.delta.or(choice.message) else { return String::new() };
        self.is_refusal |= message.refusal.as_str().is_some_and(|text| !text.trim().is_empty());
        let text = self.text_of(&message.content);
        self.received_bytes += text.len();
        self.thoughts.push(&text)
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

    /// Whether the answer is longer than a reply with thoughts.
    pub(super) fn is_too_long(&self) -> bool {
        self.received_bytes > MAX_ANSWER_BYTES
    }

    /// The answer, and the text that is still to be shown.
    pub(super) fn finish(self) -> (Answer, String) {
        let Filtered { rest, text, lacked_opening } = self.thoughts.finish();
        let answer = Answer {
            text,
            lacked_opening_tag: lacked_opening,
            is_refusal: self.is_refusal,
            finish_reason: self.finish_reason,
        };
        (answer, rest)
    }
}

impl Answer {
    /// The model's text.
    ///
    /// # Errors
    /// [`ProviderError::Declined`] for a refusal, and [`ProviderError::Unusable`] for a text that
    /// is empty, too long, or not whole where it has to be.
    pub(super) fn into_text(self, usage: Use) -> Result<String> {
        let declined = Err(ProviderError::Declined { vendor: VENDOR });
        if self.is_refusal {
            return declined;
        }
        let text = self.text.unwrap_or_default();
        let (is_cut, is_filtered) = match self.finish_reason.as_deref().unwrap_or_default() {
            "length" | "model_length" | "max_tokens" => (true, false),
            "content_filter" | "safety" => (true, true),
            "error" => return Err(unusable("a reply that ends with an error")),
            _ => (false, false),
        };
        let text = match (is_cut, usage) {
            (false, _) => &text,
            (true, Use::Reply) => up_to_last_sentence(&text).unwrap_or_default().trim_end(),
            (true, Use::Memory) => up_to_last_stop(&text).unwrap_or_default(),
            (true, Use::Whole) => "",
        };
        match text.chars().count() {
            0 if is_filtered => declined,
            0 if is_cut => Err(unusable("a text that was cut at its maximum length")),
            _ if usage == Use::Memory => Ok(text.to_owned()),
            0 => Err(unusable("an empty reply")),
            1..=MAX_REPLY_CHARACTERS => Ok(text.to_owned()),
            _ => Err(unusable("a reply that is too long")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(completion: Value, usage: Use) -> Result<String> {
        let mut answer = PartialAnswer::new(true);
        answer.add(serde_json::from_value(completion).expect("a completion"));
        answer.finish().0.into_text(usage)
    }

    fn reply(content: Value, reason: &str) -> Result<String> {
        let message = json!({ "content": content });
        text(json!({ "choices": [{ "message": message, "finish_reason": reason }] }), Use::Reply)
    }

    #[test]
    fn content_is_a_string_or_an_array_of_parts() {
        let parts = json!([
            { "type": "thinking", "thinking": [{ "type": "text", "text": "hidden" }] },
            { "type": "text", "text": "Tell " },
            "me ",
            { "text": { "text": "more." } },
            { "type": "image_url", "image_url": {} },
        ]);
        for content in [json!(" Tell me\0 more. "), parts] {
            assert_eq!(reply(content.clone(), "stop"), Ok("Tell me more.".into()), "{content}");
        }
        for content in [json!(null), json!(""), json!([]), json!(7), json!("<think>So.</think>")] {
            assert_eq!(
                reply(content.clone(), "stop"),
                Err(unusable("an empty reply")),
                "{content}"
            );
        }
    }

    #[test]
    fn cut_reply_ends_at_its_last_sentence() {
        let cut = json!("That sounds heavy. What would");
        for reason in ["length", "content_filter", "max_tokens"] {
            assert_eq!(reply(cut.clone(), reason), Ok("That sounds heavy.".into()), "{reason}");
        }
        let declined = Err(ProviderError::Declined { vendor: VENDOR });
        assert_eq!(reply(json!("That sounds"), "content_filter"), declined);
        let unusable = Err(unusable("a text that was cut at its maximum length"));
        assert_eq!(reply(json!("That sounds"), "length"), unusable);
        let choice = json!({ "message": { "content": "Yes. But" }, "finish_reason": "length" });
        assert_eq!(text(json!({ "choices": [choice] }), Use::Whole), unusable);
    }

    #[test]
    fn memory_may_be_empty_long_or_cut() {
        let memory = |content: &str, reason: &str| {
            let message = json!({ "content": content });
            let choice = json!({ "message": message, "finish_reason": reason });
            text(json!({ "choices": [choice] }), Use::Memory)
        };
        assert_eq!(memory(" ", "stop"), Ok(String::new()));
        let long = "- A fact.\n".repeat(2_000);
        assert_eq!(memory(&long, "stop"), Ok(long.trim_end().to_owned()));
        assert_eq!(memory("- One fact\n- Half a", "length"), Ok("- One fact".into()));
        let declined = Err(ProviderError::Declined { vendor: VENDOR });
        assert_eq!(memory("", "content_filter"), declined);
        assert!(memory("Half a", "length").is_err());
    }

    #[test]
    fn refusal_declines_in_its_field_or_as_a_part() {
        let declined = Err(ProviderError::Declined { vendor: VENDOR });
        let message = json!({ "content": null, "refusal": "I cannot" });
        let refused = json!({ "choices": [{ "message": message, "finish_reason": "stop" }] });
        assert_eq!(text(refused, Use::Whole), declined);
        assert_eq!(reply(json!([{ "type": "refusal", "refusal": "No" }]), "stop"), declined);
        let message = json!({ "content": "Go on.", "refusal": "" });
        let normal = json!({ "choices": [{ "message": message, "finish_reason": null }] });
        assert_eq!(text(normal, Use::Reply), Ok("Go on.".into()));
    }
}
