//! Refused requests: what a response with a status of an error says, in whatever shape.

use reqwest::StatusCode;
use serde_json::Value;

use super::VENDOR;
use crate::providers::ProviderError;

/// Codes of a content filter that refuses the request itself (Azure, OpenAI, gateways).
const FILTER_CODES: &[&str] = &[
    "content_filter",
    "content_policy_violation",
    "moderation_blocked",
    "responsibleaipolicyviolation",
];

/// Codes of a model that the server does not have, or not for this key.
const MODEL_CODES: &[&str] = &["model_not_found", "deploymentnotfound", "model_not_available"];
/// What servers without codes write about such a model.
const MODEL_PHRASES: &[&str] = &[
    "not found", "not exist", "unknown model", "invalid model", "no such model",
    "not a valid model",
];

/// Why a request got no usable response.
pub(super) enum SendError {
    /// The server refused this request.
    Refused(Box<Refusal>),
    /// Any other failure.
    Failed(ProviderError),
}

/// A response of 3xx or 4xx. Holds the vendor's text, so it has no `Debug` or `Display`.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Method and path, such as `POST /chat/completions`.
    pub(super) route: String,
    /// What may be wrong, in this program's words.
    pub(super) advice: String,
    /// Machine-readable code, in lower case; also an integer's digits, or empty.
    pub(super) code: String,
    /// Parameter that the server names as such, or empty.
    pub(super) param: String,
    /// Vendor's text in lower case: for looking up words, never for a log.
    pub(super) text: String,
}

impl From<SendError> for ProviderError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused(refusal) => (*refusal).into(),
            SendError::Failed(error) => error,
        }
    }
}

impl From<ProviderError> for SendError {
    fn from(error: ProviderError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for ProviderError {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_content_filter() {
            return Self::Declined { vendor: VENDOR };
        }
        let Refusal { status, route, advice, .. } = refusal;
        Self::Refused {
            vendor: VENDOR,
            status: i32::from(status.as_u16()),
            reason: format!("{route}: {advice}"),
        }
    }
}

impl Refusal {
    /// Reads the body of a refusal: OpenAI's JSON, `{"error": "…"}`, FastAPI's `{"detail": …}`,
    /// codes as integers, HTML, or nothing.
    pub(super) fn new(status: StatusCode, route: String, advice: String, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        // Some gateways wrap the error in a list.
        let json = json.get(0).unwrap_or(&json);
        let error = json.get("error").filter(|error| error.is_object()).unwrap_or(json);
        let text = |value: &Value| match value {
            Value::String(text) => text.to_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        // A list of `detail` names parameters in `loc`; its `input` repeats the whole request.
        let details = error["detail"].as_array().map(|details| {
            let parts = details.iter().map(|detail| format!("{} {}", detail["loc"], detail["msg"]));
            parts.collect::<Vec<_>>().join("\n").to_lowercase()
        });
        let text_of_error = ["message", "error", "detail"]
            .iter()
            .map(|key| text(&error[*key]))
            .find(|text| !text.is_empty());
        Self {
            status,
            route,
            advice,
            code: [&error["code"], &error["innererror"]["code"], &error["type"]]
                .into_iter()
                .map(text)
                .find(|code| !code.is_empty())
                .unwrap_or_default(),
            param: text(&error["param"]),
            text: details
                .or(text_of_error)
                .unwrap_or_else(|| String::from_utf8_lossy(body).to_lowercase()),
        }
    }

    /// Whether a content filter refused the conversation.
    fn is_content_filter(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 403 | 422)
            && FILTER_CODES.contains(&self.code.as_str())
    }

    /// Whether the server does not have this model, or not for this key.
    pub(super) fn lacks_model(&self, model: &str) -> bool {
        let names_model = self.text.contains(&model.to_lowercase())
            || (self.text.contains("model")
                && MODEL_PHRASES.iter().any(|phrase| self.text.contains(phrase)));
        match self.status.as_u16() {
            410 => true,
            404 => names_model || MODEL_CODES.contains(&self.code.as_str()),
            400 | 403 | 422 => {
                MODEL_CODES.contains(&self.code.as_str())
                    || self.param == "model"
                    || (names_model
                        && self.param.is_empty()
                        && self.code != "context_length_exceeded")
            }
            _ => false,
        }
    }

    /// Whether the account's quota is used up: a retry of such a 429 would not help.
    pub(super) fn is_quota(&self) -> bool {
        self.code == "insufficient_quota" || self.code == "billing_hard_limit_reached"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).expect("a status");
        Refusal::new(status, "POST /x".into(), "advice".into(), body.as_bytes())
    }

    #[test]
    fn bodies_of_many_servers_are_understood() {
        for (body, code, param, text) in [
            (
                r#"{"error":{"message":"No Max","param":"max_tokens","code":"unsupported_value"}}"#,
                "unsupported_value",
                "max_tokens",
                "no max",
            ),
            (r#"{"error":"model 'x' not found"}"#, "", "", "model 'x' not found"),
            (r#"{"detail":"Not Found"}"#, "", "", "not found"),
            (
                r#"{"detail":[{"loc":["body","top_p"],"msg":"bad","input":{"a":"temperature"}}]}"#,
                "",
                "",
                r#"["body","top_p"] "bad""#,
            ),
            (r#"{"object":"error","message":"Bad","code":400}"#, "400", "", "bad"),
            (r#"[{"error":{"code":404,"message":"gone"}}]"#, "404", "", "gone"),
            (r#"{"error":{"message":null,"type":"t","param":null}}"#, "t", "", ""),
            ("<html>Bad</html>", "", "", "<html>bad</html>"),
            ("", "", "", ""),
            ("null", "", "", "null"),
        ] {
            let refusal = refusal(400, body);
            assert_eq!((refusal.code.as_str(), refusal.param.as_str()), (code, param), "{body}");
            match text {
                "" => assert!(refusal.text.is_empty() || refusal.text == body, "{body}"),
                text => assert_eq!(refusal.text, text),
            }
        }
    }

    #[test]
    fn content_filter_declines_and_others_refuse() {
        let filter = r#"{"error":{"code":"content_filter","message":"vendor text"}}"#;
        let error = ProviderError::from(refusal(400, filter));
        assert_eq!(error, ProviderError::Declined { vendor: VENDOR });
        let error = ProviderError::from(refusal(400, r#"{"error":"vendor text"}"#)).to_string();
        assert_eq!(error, "openai refused the request with status 400: POST /x: advice");
    }
}
