//! Accounts of a Supabase project: client of its auth service's REST API.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt;
use reqwest::{Client, Method, Response, StatusCode, header::RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Account, AccountError, Accounts, AuthResult, Credentials, LoginResult, Tokens, UpdateAccount,
};

/// Time-out of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest response; an account with its data has a few kB.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
/// Header that selects errors of the form `{"code": "…", "message": "…"}`.
const API_VERSION: (&str, &str) = ("X-Supabase-Api-Version", "2024-01-01");
/// Used if a 429 response has no `Retry-After`.
const DEFAULT_RETRY_AFTER_SECONDS: u64 = 30;

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
    expires_in: i64,
    expires_at: i64,
    user: UserResponse,
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
        Self { client: Client::new(), base, anon_key, forward_client_ip }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        access: Option<&str>,
        client_ip: Option<IpAddr>,
        body: Option<Value>,
    ) -> Result<Value, AccountError> {
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
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|_| unavailable("no response"))?;
        let status = response.status();
        let retry_after =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = read_json(response).await?;
        if status.is_success() {
            return Ok(body);
        }
        Err(error_of(status, retry_after, &body))
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
        Ok(AuthResult {
            account: session.user.into(),
            tokens: Some(Tokens {
                access: session.access_token,
                refresh: session.refresh_token,
                expires_in: session.expires_in,
                expires_at: session.expires_at,
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
        return AccountError::RateLimited(retry_after.unwrap_or(DEFAULT_RETRY_AFTER_SECONDS));
    }
    if status.is_server_error() {
        return AccountError::Unavailable(format!("status {}", status.as_u16()));
    }
    let code = ["error_code", "code", "error"].iter().find_map(|name| body.get(name)?.as_str());
    match code {
        Some(code) => AccountError::refused(code),
        // SUPABASE_ANON_KEY or SUPABASE_URL is wrong.
        None => AccountError::Unavailable(format!("status {} without a code", status.as_u16())),
    }
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
                401,
                json!({"message": "Invalid API key"}),
                "the auth service fails: status 401 without a code",
            ),
            (502, Value::Null, "the auth service fails: status 502"),
            (429, json!({"code": "over_request_rate_limit"}), "too many requests"),
        ] {
            assert_eq!(code(status, body.clone()), expected, "{body}");
        }
    }
}
