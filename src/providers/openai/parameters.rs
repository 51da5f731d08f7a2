//! Parameters that a model refuses: found by its refusals, and left out from then on.

use serde_json::Value;

use super::refusal::Refusal;

/// Most changes within one call.
const MAX_CHANGES: usize = 3;
const REASONING_EFFORT: &str = "reasoning_effort";
/// Other words for the reasoning effort in refusals.
const REASONING_WORDS: &[&str] = &["reasoning", "think", "thinking"];
/// Values of the reasoning effort, lowest first.
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh"];

/// How requests to a model differ from the usual ones.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(super) struct Adjustments {
    left_out: Vec<String>,
    reasoning_effort: Option<&'static str>,
}

/// The adjustments of one call, with what its refusals add.
pub(super) struct Adapting {
    pub(super) adjustments: Adjustments,
    changes: usize,
}

impl Adjustments {
    /// Changes a request.
    pub(super) fn apply(&self, request: &mut Value) {
        let Some(fields) = request.as_object_mut() else { return };
        if let (Some(effort), true) = (self.reasoning_effort, fields.contains_key(REASONING_EFFORT))
        {
            fields.insert(REASONING_EFFORT.into(), effort.into());
        }
        fields.retain(|name, _| !self.left_out.contains(name));
    }
}

impl Adapting {
    /// A call that starts with what is known of the model.
    pub(super) fn new(adjustments: Adjustments) -> Self {
        Self { adjustments, changes: 0 }
    }

    /// Adapts to a refusal of `request`. False if it names no parameter, or after three changes.
    ///
    /// The reasoning effort first becomes the lowest one that the refusal names: without it a model
    /// would reason as much as it does by default, while a person waits.
    pub(super) fn adapt(&mut self, request: &Value, refusal: &Refusal) -> bool {
        if !matches!(refusal.status.as_u16(), 400 | 422) || self.changes == MAX_CHANGES {
            return false;
        }
        let Some(parameter) = refused_parameter(request, refusal) else { return false };
        self.changes += 1;
        if parameter == REASONING_EFFORT && self.adjustments.reasoning_effort.is_none() {
            let current = request[REASONING_EFFORT].as_str();
            self.adjustments.reasoning_effort = lowest_effort(&refusal.text, current);
            if self.adjustments.reasoning_effort.is_some() {
                return true;
            }
        }
        self.adjustments.left_out.push(parameter);
        true
    }
}

/// The parameter of `request` that a refusal names: in its field for it, or in its text. Model and
/// messages cannot be left out.
fn refused_parameter(request: &Value, refusal: &Refusal) -> Option<String> {
    let sent = || {
        let fields = request.as_object().into_iter().flatten();
        fields.map(|(name, _)| name).filter(|name| !["model", "messages"].contains(&name.as_str()))
    };
    let reasoning = || sent().find(|name| *name == REASONING_EFFORT).cloned();
    if !refusal.param.is_empty() {
        // Such as `body.temperature` or `reasoning.effort`.
        let mut parts = refusal.param.split('.');
        let named = sent().find(|name| parts.clone().any(|part| part == *name)).cloned();
        return named.or_else(|| {
            parts.any(|part| REASONING_WORDS.contains(&part)).then(reasoning).flatten()
        });
    }
    let words: Vec<&str> = words(&refusal.text).collect();
    let position = |name: &String| words.iter().position(|word| word == name);
    let named = sent().filter_map(|name| Some((position(name)?, name))).min();
    named.map(|(_, name)| name.clone()).or_else(|| {
        words.iter().any(|word| REASONING_WORDS.contains(word)).then(reasoning).flatten()
    })
}

/// The lowest reasoning effort among the words of a text, other than the refused one.
fn lowest_effort(text: &str, refused: Option<&str>) -> Option<&'static str> {
    let words: Vec<&str> = words(text).collect();
    EFFORTS.iter().copied().find(|effort| Some(*effort) != refused && words.contains(effort))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({
            "model": "m", "messages": [], "temperature": 0.7, "reasoning_effort": "none",
            "stream": true,
        })
    }

    fn refusal(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).expect("a status");
        Refusal::new(status, "POST /x".into(), String::new(), body.as_bytes())
    }

    fn named(body: &str) -> Option<String> {
        refused_parameter(&request(), &refusal(400, body))
    }

    #[test]
    fn refused_parameter_is_found_in_many_shapes() {
        for (body, expected) in [
            (r#"{"error":{"param":"temperature","message":"reasoning_effort"}}"#, "temperature"),
            (r#"{"error":{"param":"reasoning.effort","message":""}}"#, "reasoning_effort"),
            (r#"{"error":"Unrecognized request argument: reasoning_effort"}"#, "reasoning_effort"),
            (
                r#"{"detail":[{"loc":["body","reasoning_effort"],"msg":"Extra inputs"}]}"#,
                "reasoning_effort",
            ),
            (r#"{"error":{"message":"m does not support thinking"}}"#, "reasoning_effort"),
            (r#"{"error":{"message":"'temperature' needs reasoning_effort none"}}"#, "temperature"),
            ("<p>stream is not supported</p>", "stream"),
        ] {
            assert_eq!(named(body).as_deref(), Some(expected), "{body}");
        }
        for body in [
            r#"{"error":{"param":"messages","message":"temperature"}}"#,
            r#"{"error":{"param":"model","message":"temperature"}}"#,
            r#"{"detail":[{"loc":["body"],"msg":"bad","input":{"temperature":1}}]}"#,
            r#"{"error":"upstreams failed"}"#,
            "",
        ] {
            assert_eq!(named(body), None, "{body}");
        }
    }

    #[test]
    fn reasoning_effort_steps_to_the_lowest_and_is_then_left_out() {
        let mut adapting = Adapting::new(Adjustments::default());
        let body = r#"{"error":{"param":"reasoning_effort",
            "message":"'none' is not supported. Supported values are: 'High', 'low', 'medium'"}}"#;
        let mut sent = request();
        assert!(adapting.adapt(&sent, &refusal(400, body)));
        adapting.adjustments.apply(&mut sent);
        assert_eq!(sent["reasoning_effort"], "low");
        assert!(adapting.adapt(&sent, &refusal(400, body)));
        adapting.adjustments.apply(&mut sent);
        assert_eq!(sent.get("reasoning_effort"), None);
        assert_eq!(sent["temperature"], 0.7);
    }

    #[test]
    fn three_parameters_at_most_are_left_out() {
        let mut adapting = Adapting::new(Adjustments::default());
        let mut sent = request();
        for name in ["temperature", "reasoning_effort", "stream"] {
            let refusal = refusal(422, &json!({"error": {"param": name}}).to_string());
            assert!(adapting.adapt(&sent, &refusal), "{name}");
            adapting.adjustments.apply(&mut sent);
        }
        assert_eq!(sent, json!({"model": "m", "messages": []}));
        sent = request();
        let fourth = refusal(400, r#"{"error":{"param":"temperature"}}"#);
        assert!(!adapting.adapt(&sent, &fourth));
    }

    #[test]
    fn other_statuses_name_no_parameter() {
        let mut adapting = Adapting::new(Adjustments::default());
        for status in [401, 403, 404, 413] {
            let refusal = refusal(status, r#"{"error":{"param":"temperature"}}"#);
            assert!(!adapting.adapt(&request(), &refusal), "{status}");
        }
    }
}
