//! Which models the fake has, and what they refuse.

use std::collections::HashMap;

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::Script;

/// Models of a server. Without chat models it has every model, as other servers than OpenAI's that
/// ignore the name.
#[derive(Default)]
pub struct Catalog {
    chat: Vec<ChatModel>,
    transcription: Vec<&'static str>,
    speech: Vec<&'static str>,
    shutdown_dates: HashMap<String, String>,
}

struct ChatModel {
    name: &'static str,
    /// Takes `reasoning_effort`, with these values, and `temperature` only without reasoning.
    efforts: &'static [&'static str],
}

const GPT_6_LUNA: ChatModel =
    ChatModel { name: "gpt-6-luna", efforts: &["none", "low", "medium", "high"] };
const GPT_5_MINI: ChatModel =
    ChatModel { name: "gpt-5-mini", efforts: &["minimal", "low", "medium", "high"] };
const GPT_4O_MINI: ChatModel = ChatModel { name: "gpt-4o-mini", efforts: &[] };

impl Catalog {
    /// OpenAI on 27 February 2027: the old models are gone, and `/audio/speech` has none.
    pub fn openai_2027() -> Self {
        Self { chat: vec![GPT_6_LUNA], transcription: vec!["gpt-transcribe"], ..Self::default() }
    }

    /// OpenAI in November 2026: old and new models.
    pub fn openai_today() -> Self {
        let dates = [
            ("tts-1", "2027-01-06"),
            ("gpt-4o-mini", "2027-01-14"),
            ("whisper-1", "2027-02-26"),
            ("gpt-4o-mini-transcribe", "2027-02-26"),
        ];
        Self {
            chat: vec![GPT_6_LUNA, GPT_5_MINI, GPT_4O_MINI],
            transcription: vec!["gpt-transcribe", "gpt-4o-mini-transcribe", "whisper-1"],
            speech: vec!["tts-1"],
            shutdown_dates: dates.map(|(model, date)| (model.to_owned(), date.to_owned())).into(),
        }
    }

    /// OpenAI before `gpt-6-luna`: the second and third defaults.
    pub fn openai_2025() -> Self {
        Self { chat: vec![GPT_5_MINI], ..Self::openai_today() }
    }

    pub fn set_shutdown_date(&mut self, model: &str, date: &str) {
        self.shutdown_dates.insert(model.to_owned(), date.to_owned());
    }

    fn has_every_model(&self) -> bool {
        self.chat.is_empty()
    }

    /// The refusal of a chat request, if there is one.
    pub(super) fn refusal_of_chat(&self, request: &Value) -> Option<Script> {
        if self.has_every_model() {
            return None;
        }
        let name = request["model"].as_str().unwrap_or_default();
        let Some(model) = self.chat.iter().find(|model| model.name == name) else {
            return Some(missing(name));
        };
        let effort = request.get("reasoning_effort").map(|effort| effort.as_str().expect("text"));
        match effort {
            Some(_) if model.efforts.is_empty() => Some(Script::error(
                400,
                "unknown_parameter",
                Some("reasoning_effort"),
                "Unrecognized request argument supplied: reasoning_effort",
            )),
            Some(effort) if !model.efforts.contains(&effort) => Some(Script::error(
                400,
                "unsupported_value",
                Some("reasoning_effort"),
                &format!(
                    "Unsupported value: 'reasoning_effort' does not support '{effort}' with this \
                     model. Supported values are: {:?}.",
                    model.efforts
                ),
            )),
            effort
                if request.get("temperature").is_some()
                    && !model.efforts.is_empty()
                    && effort != Some("none") =>
            {
                Some(Script::error(
                    400,
                    "unsupported_value",
                    Some("temperature"),
                    "Unsupported value: 'temperature' is not supported with this model.",
                ))
            }
            _ => None,
        }
    }

    pub(super) fn refusal_of_transcription(&self, form: &str) -> Option<Script> {
        let model = form.split("name=\"model\"\r\n\r\n").nth(1)?.split("\r\n").next()?;
        let has = self.has_every_model() || self.transcription.contains(&model);
        (!has).then(|| missing(model))
    }

    pub(super) fn refusal_of_speech(&self, request: &Value) -> Option<Script> {
        let model = request["model"].as_str().unwrap_or_default();
        let has = self.has_every_model() || self.speech.contains(&model);
        (!has).then(|| missing(model))
    }

    /// The response of `GET /v1/models/{id}`.
    pub(super) fn show(&self, model: &str) -> HttpResponse {
        let has = self.has_every_model()
            || self.chat.iter().any(|chat| chat.name == model)
            || self.transcription.contains(&model)
            || self.speech.contains(&model);
        if !has {
            return HttpResponse::NotFound()
                .json(json!({ "error": { "code": "model_not_found" } }));
        }
        HttpResponse::Ok().json(json!({
            "id": model, "object": "model", "shutdown_date": self.shutdown_dates.get(model),
        }))
    }
}

fn missing(model: &str) -> Script {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    Script::error(404, "model_not_found", None, &message)
}
