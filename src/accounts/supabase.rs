//! Accounts of a Supabase project: client of its auth service's REST API.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header::RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    Account, AccountError, AccountErrorCode, Accounts, AuthResult, Credentials, LoginResult,
    Tokens, UpdateAccount,
};
use crate::auth::supabase_client;

/// Time-out of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest response; an account with its data has a few kB.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
/// Header that selects errors of the form `{"code": "…", "message": "…"}`.
const API_VERSION: (&str, &str) = ("X-Supabase-Api-Version", "2024-01-01");
/// Used if a 429 response has no `Retry-After`.
const DEFAULT_RETRY_AFTER_SECONDS: u64 = 30;
/// Longest `Retry-After` that is passed on.
const MAX_RETRY_AFTER_SECONDS: u64 = 3_600;
/// Pauses before another attempt after 409: requests for one account were concurrent.
const CONFLICT_BACKOFF: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(900)];
/// Used if a response has neither `expires_in` nor `expires_at`: Supabase's default.
const DEFAULT_LIFETIME_SECONDS: i64 = 3_600;

/// Client of a project's auth service.
pub struct SupabaseAccounts {
    client: Client,
    base: String,
    anon_key: SecretString,
    forward_client_ip: bool,
}

#[derive(Deserialize)]
struct UserResponse {
    id: Uuid,
    email: Option<String>,
    #[serde(default)]
    is_anonymous: bool,
    user_metadata: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct SessionResponse {
    access_token: String,
    refresh_token: String,
    /// One of the two is enough; older versions send no `expires_at`.
    expires_in: Option<i64>,
    expires_at: Option<i64>,
    user: UserResponse,
}

impl SessionResponse {
    /// Lifetime of the access token in seconds, and its expiry in seconds since 1970.
    fn expiry(&self) -> (i64, i64) {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let until = |expires_at: i64| expires_at.saturating_sub(now).max(0);
        let lifetime = self.expires_in.or(self.expires_at.map(until));
        let lifetime = lifetime.unwrap_or(DEFAULT_LIFETIME_SECONDS);
        (lifetime, self.expires_at.unwrap_or_else(|| now.saturating_add(lifetime)))
    }
}

impl From<UserResponse> for Account {
    fn from(user: UserResponse) -> Self {
        Self {
            id: user.id,
            email: user.email.filter(|email| !email.is_empty()),
            is_anonymous: user.is_anonymous,
            data: user.user_metadata.unwrap_or_default(),
        }
    }
}

impl SupabaseAccounts {
    /// A client of the service at `base`, such as `https://<ref>.supabase.co/auth/v1`.
    pub fn new(base: String, anon_key: SecretString, forward_client_ip: bool) -> Self {
        Self { client: supabase_client(), base, anon_key, forward_client_ip }
    }

    /// Asks the service for its settings, for which it wants the API key.
    ///
    /// # Errors
    /// [`AccountError::Unavailable`], which names the reason.
    pub async fn check_key(&self) -> Result<(), AccountError> {
        self.send(Method::GET, "/settings", None, None, None).await.map(drop)
    }

    /// Sends a request, and again after a conflict with another request for the same account.
    async fn send(
        &self,
        method: Method,
        path: &str,
        access: Option<&str>,
        client_ip: Option<IpAddr>,
        body: Option<Value>,
    ) -> Result<Value, AccountError> {
        let mut backoff = CONFLICT_BACKOFF.into_iter();
        loop {
            let request = self.request(method.clone(), path, access, client_ip, body.as_ref());
            let response = request.send().await.map_err(|_| unavailable("no response"))?;
            let status = response.status();
            let retry_after = response.headers().get(RETRY_AFTER);
            let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
            let body = read_json(response).await?;
            if status.is_success() {
                return Ok(body);
            }
            match backoff.next() {
                Some(pause) if status == StatusCode::CONFLICT => sleep(pause).await,
                _ => return Err(error_of(status, retry_after, &body)),
            }
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        access: Option<&str>,
        client_ip: Option<IpAddr>,
        body: Option<&Value>,
    ) -> RequestBuilder {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .timeout(REQUEST_TIMEOUT)
            .header("apikey", self.anon_key.expose_secret())
            .header(API_VERSION.0, API_VERSION.1);
        if let Some(access) = access {
            request = request.bearer_auth(access);
        }
        if let Some(client_ip) = client_ip.filter(|_| self.forward_client_ip) {
            request = request.header("Sb-Forwarded-For", client_ip.to_string());
        }
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Posts to `path`, whose response is a session or an unconfirmed account.
    async fn sign_in(&self, path: &str, client_ip: Option<IpAddr>, body: Value) -> LoginResult {
        let response = self.send(Method::POST, path, None, client_ip, Some(body)).await?;
        // An account without tokens: its e-mail address has to be confirmed first.
        if response.get("access_token").is_none() {
            return Ok(AuthResult {
                account: parse::<UserResponse>(response)?.into(),
                tokens: None,
            });
        }
        let session: SessionResponse = parse(response)?;
        let (expires_in, expires_at) = session.expiry();
        Ok(AuthResult {
            account: session.user.into(),
            tokens: Some(Tokens {
                access: session.access_token,
                refresh: session.refresh_token,
                expires_in,
                expires_at,
            }),
        })
    }
}

#[async_trait]
impl Accounts for SupabaseAccounts {
    async fn sign_up(&self, credentials: Credentials, client_ip: Option<IpAddr>) -> LoginResult {
        let body = json!({
            "email": credentials.email,
            "password": credentials.password.expose_secret(),
            "data": credentials.data,
        });
        self.sign_in("/signup", client_ip, body).await
    }

    async fn sign_up_anonymously(&self, client_ip: Option<IpAddr>) -> LoginResult {
        self.sign_in("/signup", client_ip, json!({})).await
    }

    async fn log_in(&self, credentials: Credentials, client_ip: Option<IpAddr>) -> LoginResult {
        let body =
            json!({ "email": credentials.email, "password": credentials.password.expose_secret() });
        self.sign_in("/token?grant_type=password", client_ip, body).await
    }

    async fn refresh(&self, refresh: SecretString, client_ip: Option<IpAddr>) -> LoginResult {
        let body = json!({ "refresh_token": refresh.expose_secret() });
        self.sign_in("/token?grant_type=refresh_token", client_ip, body).await
    }

    async fn log_out(&self, _: Uuid, access: &str) -> Result<(), AccountError> {
        self.send(Method::POST, "/logout?scope=global", Some(access), None, None).await?;
        Ok(())
    }

    async fn show(&self, _: Uuid, access: &str) -> Result<Account, AccountError> {
        let response = self.send(Method::GET, "/user", Some(access), None, None).await?;
        Ok(parse::<UserResponse>(response)?.into())
    }

    async fn update(
        &self,
        _: Uuid,
        access: &str,
        changes: UpdateAccount,
    ) -> Result<Account, AccountError> {
        let mut body = Map::new();
        if let Some(email) = changes.email {
            body.insert("email".into(), email.into());
        }
        if let Some(password) = changes.password {
            body.insert("password".into(), password.expose_secret().into());
        }
        if let Some(data) = changes.data {
            body.insert("data".into(), data.into());
        }
        let response =
            self.send(Method::PUT, "/user", Some(access), None, Some(body.into())).await?;
        Ok(parse::<UserResponse>(response)?.into())
    }
}

/// The response as JSON; null if it is not JSON.
async fn read_json(response: Response) -> Result<Value, AccountError> {
    let mut bytes = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| unavailable("the connection broke"))?);
        if bytes.len() > MAX_RESPONSE_BYTES {
            return Err(unavailable("the response is too large"));
        }
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn parse<T: for<'a> Deserialize<'a>>(body: Value) -> Result<T, AccountError> {
    serde_json::from_value(body).map_err(|_| unavailable("a response of another shape"))
}

/// The error of a response. The service has several shapes: `{code: "…"}`,
/// `{error_code: "…", code: 400}`, `{error: "invalid_grant"}`, and bodies of a gateway.
fn error_of(status: StatusCode, retry_after: Option<u64>, body: &Value) -> AccountError {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = retry_after.unwrap_or(DEFAULT_RETRY_AFTER_SECONDS);
        return AccountError::RateLimited(seconds.min(MAX_RETRY_AFTER_SECONDS));
    }
    if status.is_server_error() || status.is_redirection() || status == StatusCode::CONFLICT {
        return AccountError::Unavailable(format!("status {}", status.as_u16()));
    }
    let code = ["error_code", "code", "error"].iter().find_map(|name| body.get(name)?.as_str());
    let known = code.and_then(AccountErrorCode::find);
    match (code, known) {
        (_, Some(error)) => AccountError::Refused(with_details(error, body)),
        // The gateway refuses our key. Our users can do nothing about it.
        _ if status == StatusCode::UNAUTHORIZED => unavailable(key_problem(body)),
        (Some(code), None) => AccountError::refused(code),
        // SUPABASE_URL is wrong.
        (None, None) => {
            AccountError::Unavailable(format!("status {} without a code", status.as_u16()))
        }
    }
}

/// Why the project's gateway refuses the API key, for the log.
fn key_problem(body: &Value) -> &'static str {
    let text = body.to_string().to_lowercase();
    if text.contains("legacy") {
        "status 401: the project has disabled its legacy API keys; set SUPABASE_PUBLISHABLE_KEY \
         (and SUPABASE_SECRET_KEY) to its new keys"
    } else if text.contains("api key") || text.contains("apikey") {
        "status 401: the project does not accept the API key; compare SUPABASE_PUBLISHABLE_KEY \
         (or SUPABASE_ANON_KEY) and SUPABASE_URL with the dashboard"
    } else {
        "status 401 without a known code; compare SUPABASE_PUBLISHABLE_KEY and SUPABASE_URL with \
         the dashboard"
    }
}

/// The error with what the response says about it.
fn with_details(mut error: AccountErrorCode, body: &Value) -> AccountErrorCode {
    match error.code {
        "weak_password" => error.text = weak_password(body).into(),
        "email_address_not_authorized" => tracing::warn!(
            "the Supabase project sends e-mail to its own team only: set up custom SMTP in its \
             dashboard"
        ),
        _ => {}
    }
    error
}

/// What a password lacks, by the project's rules, which the response names.
fn weak_password(body: &Value) -> String {
    let message = ["message", "msg"].iter().find_map(|name| body.get(name)?.as_str());
    let minimum = message.and_then(|message| {
        let (_, rest) = message.split_once("at least ")?;
        let (number, rest) = rest.split_once(' ')?;
        rest.starts_with("characters").then(|| number.parse::<u16>().ok())?
    });
    let reasons = body.pointer("/weak_password/reasons").and_then(Value::as_array);
    let has = |reason: &str| reasons.is_some_and(|all| all.iter().any(|one| one == reason));
    let mut text = "The password is too short or too easy to guess.".to_owned();
    if let Some(minimum) = minimum {
        text += &format!(" It needs at least {minimum} characters.");
    }
    if has("characters") {
        text += " It needs more kinds of characters: small and capital letters, digits, symbols.";
    }
    if has("pwned") {
        text += " It is known from a leak of passwords.";
    }
    text
}

fn unavailable(reason: &str) -> AccountError {
    AccountError::Unavailable(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: Value) -> String {
        match error_of(StatusCode::from_u16(status).expect("a status"), None, &body) {
            AccountError::Refused(error) => error.code.into(),
            other => other.to_string(),
        }
    }

    #[test]
    fn auth_service_errors_of_all_shapes_are_parsed() {
        for (status, body, expected) in [
            (400, json!({"code": "invalid_credentials", "message": "x"}), "invalid_credentials"),
            (422, json!({"code": 422, "error_code": "weak_password", "msg": "x"}), "weak_password"),
            (400, json!({"error": "invalid_grant", "error_description": "x"}), "auth_refused"),
            (400, json!({"code": "brand_new"}), "auth_refused"),
            (
                404,
                json!({"message": "no Route matched"}),
                "the auth service fails: status 404 without a code",
            ),
            (409, json!({"code": "conflict"}), "the auth service fails: status 409"),
            (302, Value::Null, "the auth service fails: status 302"),
            (502, Value::Null, "the auth service fails: status 502"),
            (429, json!({"code": "over_request_rate_limit"}), "too many requests"),
        ] {
            assert_eq!(code(status, body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn refused_api_key_is_named_in_the_error() {
        for (body, expected) in [
            (json!({"message": "Legacy API keys are disabled", "hint": "x"}), "legacy API keys"),
            (json!({"code": "UNAUTHORIZED_LEGACY_API_KEY"}), "legacy API keys"),
            (json!({"message": "Invalid API key"}), "does not accept the API key"),
            (Value::Null, "without a known code"),
        ] {
            let text = code(401, body.clone());
            assert!(text.contains(expected), "{body}: {text}");
            assert!(text.contains("SUPABASE_PUBLISHABLE_KEY"), "{body}: {text}");
        }
    }

    #[test]
    fn weak_password_text_names_the_projects_rules() {
        for (body, expected, absent) in [
            (
                json!({"msg": "Password should be at least 12 characters."}),
                "at least 12 characters",
                "kinds",
            ),
            (
                json!({
                    "message": "Password should contain at least one character of each: abc, ABC",
                    "weak_password": {"reasons": ["characters"]},
                }),
                "kinds of characters",
                "at least",
            ),
            (json!({"weak_password": {"reasons": ["pwned"]}}), "leak", "at least"),
        ] {
            let text = weak_password(&body);
            assert!(text.contains(expected) && !text.contains(absent), "{body}: {text}");
        }
    }

    #[test]
    fn long_retry_after_is_capped_at_an_hour() {
        let error = error_of(StatusCode::TOO_MANY_REQUESTS, Some(86_400), &Value::Null);
        assert!(matches!(error, AccountError::RateLimited(3_600)), "{error}");
    }
}
