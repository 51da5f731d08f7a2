//! Checks of values and combinations that deserialisation cannot reject.

use config::ConfigError;
use reqwest::{Url, header::HeaderValue};
use secrecy::ExposeSecret;

use super::{Settings, SpeechProvider, TextToSpeechProvider, renamed::variable};

/// Minimum length of a JWT secret, in bytes.
pub(crate) const MIN_JWT_SECRET_BYTES: usize = 32;

impl Settings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.check_auth()?;
        self.check_web_access()?;
        self.check_ranges()?;
        self.check_provider_addresses()?;
        self.check_commands()
    }

    fn check_auth(&self) -> Result<(), ConfigError> {
        // Settings of the prototype have the one without the other, and sessions would be stored in
        // an embedded Postgres instead.
        if self.supabase.url.is_some() && self.database.url.is_none() {
            return error(
                "SUPABASE_URL is set, but DATABASE_URL is not: set it to the project's connection \
                 string (dashboard, Connect: direct connection or session pooler)",
            );
        }
        let secret = self.supabase.jwt_secret.as_ref();
        if secret.is_some_and(|secret| secret.expose_secret().len() < MIN_JWT_SECRET_BYTES) {
            return error_at(
                "supabase.jwt_secret",
                format!("must have at least {MIN_JWT_SECRET_BYTES} characters"),
            );
        }
        Ok(())
    }

    /// Rejects base URLs that are none, and what no request header can hold.
    fn check_provider_addresses(&self) -> Result<(), ConfigError> {
        let (openai, listens) = (&self.openai, &self.speech_to_text);
        let (coaches, speaks) = (&self.coach, &self.text_to_speech);
        for (key, url) in [
            ("openai.base_url", Some(&openai.base_url)),
            ("speech_to_text.base_url", listens.base_url.as_ref()),
            ("coach.base_url", coaches.base_url.as_ref()),
            ("text_to_speech.base_url", speaks.base_url.as_ref()),
        ] {
            let url = url.map(|url| Url::parse(url));
            let is_valid = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
            if url.is_some_and(|url| !url.is_ok_and(|url| is_valid(&url))) {
                return error_at(key, "must be a URL that begins with http:// or https://");
            }
        }
        for (key, value) in [
            ("openai.organization", openai.organization.as_deref()),
            ("openai.project", openai.project.as_deref()),
            ("openai.api_key", openai.api_key.as_ref().map(ExposeSecret::expose_secret)),
            ("speech_to_text.api_key", listens.api_key.as_ref().map(ExposeSecret::expose_secret)),
            ("coach.api_key", coaches.api_key.as_ref().map(ExposeSecret::expose_secret)),
            ("text_to_speech.api_key", speaks.api_key.as_ref().map(ExposeSecret::expose_secret)),
        ] {
            if value.is_some_and(|value| HeaderValue::from_str(value).is_err()) {
                return error_at(key, "has characters that no request header can hold");
            }
        }
        Ok(())
    }

    fn check_commands(&self) -> Result<(), ConfigError> {
        let (speech_to_text, text_to_speech) = (&self.speech_to_text, &self.text_to_speech);
        let is_command = (
            speech_to_text.provider == Some(SpeechProvider::Command),
            text_to_speech.provider == Some(TextToSpeechProvider::Command),
        );
        for (key, is_command, command) in [
            ("speech_to_text", is_command.0, &speech_to_text.command),
            ("text_to_speech", is_command.1, &text_to_speech.command),
        ] {
            if is_command && command.is_none() {
                let missing = variable(&format!("{key}.command"));
                return error_at(
                    &format!("{key}.provider"),
                    format!("is command, which needs {missing}"),
                );
            }
        }
        // The value may be a secret.
        let assigned = self.command_environment.iter().find_map(|entry| entry.split_once('='));
        if let Some((name, _)) = assigned {
            return error(format!(
                "command_environment (KUKU_COMMAND_ENVIRONMENT): name {name:?} without a value"
            ));
        }
        Ok(())
    }
}

/// An error about the value of `key`.
pub(super) fn error_at(key: &str, reason: impl Into<String>) -> Result<(), ConfigError> {
    let error = Box::new(ConfigError::Message(reason.into()));
    Err(ConfigError::At { error, origin: None, key: Some(key.to_owned()) })
}

pub(super) fn error(text: impl Into<String>) -> Result<(), ConfigError> {
    Err(ConfigError::Message(text.into()))
}
