//! The model of a stage: named by a setting, or the first of the defaults that the server has.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{
    VENDOR,
    refusal::{Refusal, SendError},
};
use crate::providers::ProviderError;

/// Models of a stage, and which of them is used.
pub(super) struct Models {
    /// Variable of the setting, such as `KUKU_COACH__MODEL`.
    variable: String,
    /// The named model alone, or the default ones, best first.
    names: Vec<String>,
    is_named: bool,
    /// Index of the first one that the server is not known to lack.
    current: AtomicUsize,
}

/// The models that one call tries.
pub(super) struct ModelAttempts<'a> {
    models: &'a Models,
    index: usize,
}

impl Models {
    /// The model that the setting `variable` names, or else `defaults`, best first.
    pub(super) fn new(variable: String, named: Option<&str>, defaults: &[&str]) -> Self {
        let names = match named {
            Some(name) => vec![name.to_owned()],
            None => defaults.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self { variable, names, is_named: named.is_some(), current: AtomicUsize::new(0) }
    }

    /// The model in use.
    pub(super) fn current(&self) -> &str {
        &self.names[self.current.load(Ordering::Relaxed)]
    }

    /// Variable of the setting that names the model.
    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    /// Starts a call with the model in use. A default one that the server does not have is followed
    /// by the next: see [`ModelAttempts::advance`].
    pub(super) fn attempts(&self) -> ModelAttempts<'_> {
        ModelAttempts { models: self, index: self.current.load(Ordering::Relaxed) }
    }
}

impl<'a> ModelAttempts<'a> {
    /// The model to send.
    pub(super) fn model(&self) -> &'a str {
        &self.models.names[self.index]
    }

    /// Goes on to the next default model, if `refusal` says that the server lacks this one.
    ///
    /// # Errors
    /// The refusal, if it has another reason, if a setting names the model (it is never replaced),
    /// or if there is no further one. The error then names the setting.
    pub(super) fn advance(&mut self, refusal: Box<Refusal>) -> Result<(), SendError> {
        if !refusal.lacks_model(self.model()) {
            return Err(SendError::Refused(refusal));
        }
        let Models { variable, names, is_named, .. } = self.models;
        if self.index + 1 < names.len() {
            self.index += 1;
            return Ok(());
        }
        let lacking = match is_named {
            true => format!("the model {} is not there, or this key may not use it", names[0]),
            false => format!("none of {} is there", names.join(", ")),
        };
        let Refusal { status, route, .. } = *refusal;
        Err(SendError::Failed(ProviderError::Refused {
            vendor: VENDOR,
            status: i32::from(status.as_u16()),
            reason: format!("{route}: {lacking}: set {variable} to a model of this server"),
        }))
    }

    /// Remembers for the process that the server has this model, and none before it.
    pub(super) fn succeeded(&self) {
        let Models { variable, names, current, .. } = self.models;
        if current.fetch_max(self.index, Ordering::Relaxed) < self.index {
            tracing::warn!(
                missing = names[..self.index].join(", "),
                model = names[self.index],
                "the server does not have the default model; set {variable} to choose another one"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn refusal(status: u16, body: &str) -> Box<Refusal> {
        let status = StatusCode::from_u16(status).expect("a status");
        Box::new(Refusal::new(status, "POST /x".into(), String::new(), body.as_bytes()))
    }

    #[test]
    fn missing_model_is_told_from_other_refusals() {
        for (status, body, expected) in [
            (404, r#"{"error":{"message":"no","code":"model_not_found"}}"#, true),
            (404, r#"{"error":"model 'gpt-x' not found, try pulling it first"}"#, true),
            (404, r#"{"object":"error","message":"The model `gpt-x` does not exist."}"#, true),
            (404, r#"{"detail":"Not Found"}"#, false),
            (404, "<html>nginx</html>", false),
            (410, "", true),
            (400, r#"{"error":{"message":"invalid model ID","param":"model"}}"#, true),
            (400, r#"{"error":{"message":"Unknown model: gpt-x"}}"#, true),
            (400, r#"{"error":{"message":"gpt-x has no room","param":"messages"}}"#, false),
            (400, r#"{"error":{"code":"context_length_exceeded","message":"gpt-x"}}"#, false),
            (400, r#"{"error":{"message":"Invalid file format."}}"#, false),
            (403, r#"{"error":{"message":"no access to model `gpt-x`"}}"#, true),
            (403, r#"{"error":{"message":"country not supported"}}"#, false),
            (401, r#"{"error":{"message":"gpt-x"}}"#, false),
            (413, r#"{"error":{"message":"gpt-x"}}"#, false),
        ] {
            assert_eq!(refusal(status, body).lacks_model("gpt-x"), expected, "{status} {body}");
        }
    }

    #[test]
    fn default_falls_to_the_next_and_is_remembered() {
        let models = Models::new("KUKU_X__MODEL".into(), None, &["new", "old"]);
        let mut attempts = models.attempts();
        assert_eq!(attempts.model(), "new");
        assert!(attempts.advance(refusal(410, "")).is_ok());
        assert_eq!(attempts.model(), "old");
        assert_eq!(models.current(), "new", "not before a success");
        attempts.succeeded();
        assert_eq!(models.current(), "old");
        let Err(SendError::Failed(error)) = models.attempts().advance(refusal(410, "")) else {
            panic!("no further one");
        };
        assert!(error.to_string().contains("set KUKU_X__MODEL"), "{error}");
    }

    #[test]
    fn named_model_is_never_replaced() {
        let models = Models::new("KUKU_X__MODEL".into(), Some("mine"), &["new", "old"]);
        let Err(SendError::Failed(error)) = models.attempts().advance(refusal(410, "")) else {
            panic!("not replaced");
        };
        assert!(error.to_string().contains("mine"), "{error}");
        assert!(error.to_string().contains("set KUKU_X__MODEL"), "{error}");
    }
}
