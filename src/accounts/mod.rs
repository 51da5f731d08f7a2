//! Accounts: sign-up, login and logout, at Supabase's auth service or in this database.
//!
//! Both return the same results and Supabase's error codes, so that a client behaves alike on a
//! laptop and in production.

mod email;
mod hash_queue;
mod local;
mod supabase;

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::repository::RepositoryError;

pub use local::LocalAccounts;
pub use supabase::SupabaseAccounts;

/// Credentials of a sign-up or login.
pub struct Credentials {
    /// E-mail address as typed.
    pub email: String,
    /// Password as typed.
    pub password: SecretString,
    /// Data of the client, stored with a new account. Ignored by a login.
    pub data: Map<String, Value>,
}

/// Changes of an account; `None` leaves a value as it is.
#[derive(Default)]
pub struct UpdateAccount {
    /// New e-mail address; makes an anonymous account permanent.
    pub email: Option<String>,
    /// New password.
    pub password: Option<SecretString>,
    /// Merged into the account's data.
    pub data: Option<Map<String, Value>>,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Id, the `sub` claim of its tokens.
    pub id: Uuid,
    /// `None`: anonymous, or registered without an e-mail address.
    pub email: Option<String>,
    /// Whether it has no credentials for another login.
    pub is_anonymous: bool,
    /// Data of the client.
    pub data: Map<String, Value>,
}

/// Tokens of a login.
pub struct Tokens {
    /// Access token, for `Authorization: Bearer`.
    pub access: String,
    /// Refresh token; can be used once, and again within 10 s with the same result.
    pub refresh: String,
    /// Lifetime of `access` in seconds.
    pub expires_in: i64,
    /// Expiry of `access` in seconds since 1970.
    pub expires_at: i64,
}

/// Result of a sign-up, login or refresh.
pub type LoginResult = Result<AuthResult, AccountError>;

/// An account, and the tokens of a login.
pub struct AuthResult {
    /// The account.
    pub account: Account,
    /// `None`: the e-mail address has to be confirmed first.
    pub tokens: Option<Tokens>,
}

/// Why a request for accounts failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Refused for a reason that the user can fix.
    #[error("refused: {}", .0.code)]
    Refused(AccountErrorCode),
    /// Too many requests; seconds until the next attempt.
    #[error("too many requests")]
    RateLimited(u64),
    /// Too many passwords wait to be checked, in all or of this account.
    #[error("too many passwords at once")]
    Overloaded,
    /// The auth service is unreachable, or returned no usable response.
    #[error("the auth service fails: {0}")]
    Unavailable(String),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// An error code of Supabase's auth service, with its status and a text for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountErrorCode {
    /// Stable code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Text for the user.
    pub text: Cow<'static, str>,
}

/// The codes that are passed on; all others become `REFUSED`.
static ERROR_CODES: &[AccountErrorCode] = &[
    error_code("invalid_credentials", 400, "E-mail address or password is not right."),
    error_code("email_not_confirmed", 400, "Please confirm your e-mail address first."),
    error_code("user_banned", 403, "This account is locked."),
    error_code(
        "weak_password",
        422,
        "The password is too short or too easy to guess. It needs at least 6 characters.",
    ),
    error_code("user_already_exists", 422, "There is an account with this e-mail address."),
    error_code("email_exists", 422, "There is an account with this e-mail address."),
    error_code("email_address_invalid", 400, "This is not an e-mail address."),
    error_code(
        "email_address_not_authorized",
        400,
        "This server cannot send e-mail to this address. Please tell its operator.",
    ),
    error_code("account_data_too_large", 422, "The data of an account may have 64 kB in all."),
    error_code("validation_failed", 400, "Please check what you have entered."),
    error_code("same_password", 422, "The new password must be another one."),
    error_code("reauthentication_needed", 400, "Please sign in again to change this."),
    error_code("refresh_token_not_found", 400, "Please sign in again."),
    error_code("refresh_token_already_used", 400, "Please sign in again."),
    error_code("session_expired", 400, "Please sign in again."),
    error_code("session_not_found", 403, "Please sign in again."),
    error_code("user_not_found", 403, "There is no such account."),
    error_code("signup_disabled", 422, "New accounts are not taken at the moment."),
    error_code("email_provider_disabled", 422, "Accounts by e-mail are not taken at the moment."),
    error_code("anonymous_provider_disabled", 422, "Anonymous accounts are not taken."),
    error_code("captcha_failed", 400, "Please prove that you are a person."),
];

/// Code for reasons without one of ours.
const REFUSED: AccountErrorCode = error_code("auth_refused", 400, "This was refused.");

const fn error_code(code: &'static str, status: u16, text: &'static str) -> AccountErrorCode {
    AccountErrorCode { code, status, text: Cow::Borrowed(text) }
}

impl AccountError {
    /// The error with `code`, or `REFUSED` if it is unknown.
    pub fn refused(code: &str) -> Self {
        Self::Refused(AccountErrorCode::find(code).unwrap_or(REFUSED))
    }
}

impl AccountErrorCode {
    /// The known code of this name.
    fn find(code: &str) -> Option<Self> {
        ERROR_CODES.iter().find(|known| known.code == code).cloned()
    }
}

/// Accounts, shared by all requests.
pub type SharedAccounts = Arc<dyn Accounts>;

/// Operations on accounts. `client_ip` is the address of the user's device, for the service's rate
/// limits; `access` is the user's access token, already verified.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Creates an account.
    async fn sign_up(&self, credentials: Credentials, client_ip: Option<IpAddr>) -> LoginResult;
    /// Creates an account without credentials.
    async fn sign_up_anonymously(&self, client_ip: Option<IpAddr>) -> LoginResult;
    /// Starts a login.
    async fn log_in(&self, credentials: Credentials, client_ip: Option<IpAddr>) -> LoginResult;
    /// Replaces a refresh token by new tokens.
    async fn refresh(&self, refresh: SecretString, client_ip: Option<IpAddr>) -> LoginResult;
    /// Revokes all refresh tokens of the user. Access tokens stay valid until they expire.
    async fn log_out(&self, user: Uuid, access: &str) -> Result<(), AccountError>;
    /// The user's account.
    async fn show(&self, user: Uuid, access: &str) -> Result<Account, AccountError>;
    /// Applies `changes`, and returns the changed account.
    async fn update(
        &self,
        user: Uuid,
        access: &str,
        changes: UpdateAccount,
    ) -> Result<Account, AccountError>;
}
