//! Address, headers and key of one stage's server.

use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{providers::MissingApiKey, settings::OpenAiSettings};

const OPENAI_HOST: &str = "api.openai.com";

/// Where the requests of a stage go, and what they carry.
pub(super) struct Endpoint {
    base_url: String,
    headers: HeaderMap,
    /// Variable that holds the key, or should hold it.
    pub(super) key_variable: String,
    /// Variable that holds the base URL.
    pub(super) base_url_variable: String,
}

impl Endpoint {
    /// The endpoint of a stage, named by its section of the settings.
    ///
    /// Without a `base_url` that of `defaults` is used. Without an `api_key` the key of `defaults`
    /// is used if the server is OpenAI's or that of `defaults`: nobody else may see it. The headers
    /// of organisation and project belong to that key, and go where it goes.
    pub(super) fn new(
        stage: &'static str,
        base_url: Option<&str>,
        api_key: Option<&SecretString>,
        defaults: &OpenAiSettings,
    ) -> Result<Self, MissingApiKey> {
        let url = base_url.unwrap_or(&defaults.base_url).trim_end_matches('/');
        let shares_key = host(url).as_deref() == Some(OPENAI_HOST)
            || host(url).is_some_and(|it| Some(it) == host(&defaults.base_url));
        let shared_key = defaults.api_key.as_ref().filter(|_| shares_key);
        let mut headers = HeaderMap::new();
        match api_key.or(shared_key) {
            Some(key) => {
                let bearer = format!("Bearer {}", key.expose_secret());
                let mut bearer =
                    HeaderValue::try_from(bearer).map_err(|_| MissingApiKey { stage })?;
                bearer.set_sensitive(true);
                headers.insert(AUTHORIZATION, bearer);
            }
            None if host(url).as_deref() == Some(OPENAI_HOST) => {
                return Err(MissingApiKey { stage });
            }
            None => {}
        }
        if api_key.is_none() && shared_key.is_some() {
            let organization = HeaderName::from_static("openai-organization");
            insert(&mut headers, organization, defaults.organization.as_deref());
            let project = HeaderName::from_static("openai-project");
            insert(&mut headers, project, defaults.project.as_deref());
        }
        let variable = |name: &str| format!("KUKU_{}__{name}", stage.to_uppercase());
        Ok(Self {
            base_url: url.to_owned(),
            headers,
            key_variable: match api_key {
                None if shares_key => "OPENAI_API_KEY".into(),
                _ => variable("API_KEY"),
            },
            base_url_variable: match base_url {
                Some(_) => variable("BASE_URL"),
                None => "OPENAI_BASE_URL".into(),
            },
        })
    }

    /// The URL of a path that begins with a slash, such as `/chat/completions`.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Headers of every request: the key, and its organisation and project.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// Adds a header; the settings were checked for values that a header cannot hold.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert(name, value);
    }
}

/// Host of a URL, with its port unless that is the scheme's own.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(base_url: &str) -> OpenAiSettings {
        OpenAiSettings {
            api_key: Some("sk-shared".into()),
            base_url: base_url.into(),
            organization: Some("org-1".into()),
            project: Some("proj-1".into()),
        }
    }

    fn sent(endpoint: &Endpoint) -> (Option<&str>, bool, bool) {
        let headers = endpoint.headers();
        (
            headers.get(AUTHORIZATION).map(|key| key.to_str().expect("text")),
            headers.contains_key("openai-organization"),
            headers.contains_key("openai-project"),
        )
    }

    #[test]
    fn shared_key_goes_to_openai_and_its_own_host_only() {
        let openai = defaults("https://api.openai.com/v1");
        let gateway = defaults("http://gateway.example:8080/v1");
        let shared = (Some("Bearer sk-shared"), true, true);
        let none = (None, false, false);
        for (base_url, defaults, expected) in [
            (None, &openai, shared),
            (None, &gateway, shared),
            (Some("https://API.openai.com:443/v1/"), &gateway, shared),
            (Some("http://gateway.example:8080/other"), &gateway, shared),
            (Some("http://gateway.example:8081/v1"), &gateway, none),
            (Some("http://127.0.0.1:11434/v1"), &openai, none),
            (Some("https://api.openai.com.evil.example/v1"), &openai, none),
            (Some("https://evil.example/api.openai.com"), &openai, none),
        ] {
            let endpoint = Endpoint::new("coach", base_url, None, defaults).expect("an endpoint");
            assert_eq!(sent(&endpoint), expected, "{base_url:?}");
        }
    }

    #[test]
    fn stage_uses_its_own_key_without_the_organisation() {
        let key = SecretString::from("sk-own");
        for base_url in [None, Some("http://127.0.0.1:11434/v1")] {
            let defaults = defaults("https://api.openai.com/v1");
            let endpoint =
                Endpoint::new("coach", base_url, Some(&key), &defaults).expect("an endpoint");
            assert_eq!(sent(&endpoint), (Some("Bearer sk-own"), false, false));
            assert_eq!(endpoint.key_variable, "KUKU_COACH__API_KEY");
        }
    }

    #[test]
    fn openai_without_a_key_is_an_error() {
        let mut defaults = defaults("https://api.openai.com/v1");
        defaults.api_key = None;
        assert!(Endpoint::new("coach", None, None, &defaults).is_err());
        let local = Some("http://127.0.0.1:11434/v1");
        assert!(Endpoint::new("coach", local, None, &defaults).is_ok());
    }
}
