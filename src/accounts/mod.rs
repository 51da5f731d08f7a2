//! Signing up, in and out: by Supabase's auth service, or on this database where there is no Supabase.
//!
//! Both give the same answers, so what a client learns on a laptop holds in production. Codes are those of Supabase.

mod local;
mod supabase;

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::repository::RepositoryError;

pub use local::LocalAccounts;
pub use supabase::SupabaseAccounts;

/// What a person signs up or in with.
pub struct Credentials {
    /// As typed.
    pub email: String,
    /// As typed.
    pub password: SecretString,
    /// Whatever a client wants to keep with the account; for signing up only.
    pub data: Map<String, Value>,
}

/// What a person changes of their account; `None` stays as it is.
#[derive(Default)]
pub struct UpdateAccount {
    /// New address; makes an anonymous account a permanent one.
    pub email: Option<String>,
    /// New password.
    pub password: Option<SecretString>,
    /// Merged into what is kept with the account.
    pub data: Option<Map<String, Value>>,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The subject of its tokens.
    pub id: Uuid,
    /// None: anonymous, or known by something else.
    pub email: Option<String>,
    /// Whether nobody can sign in to it again.
    pub is_anonymous: bool,
    /// What a client keeps with it.
    pub data: Map<String, Value>,
}

/// Tokens of somebody who has signed in.
pub struct Tokens {
    /// For `Authorization: Bearer`.
    pub access: String,
    /// For one refresh.
    pub refresh: String,
    /// Seconds that `access` is good for.
    pub expires_in: i64,
    /// Second since 1970 in which that ends.
    pub expires_at: i64,
}

/// What came of signing up or in.
pub struct AuthResult {
    /// Who.
    pub account: Account,
    /// None: the address has to be confirmed first.
    pub tokens: Option<Tokens>,
}

/// Why it was refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// For a reason that the person can do something about.
    #[error("refused: {}", .0.code)]
    Refused(&'static AccountErrorCode),
    /// Too often; seconds until the next try.
    #[error("too many requests")]
    RateLimited(u64),
    /// The auth service cannot be reached, or gives no usable answer.
    #[error("the auth service fails: {0}")]
    Unavailable(String),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A reason to refuse, as Supabase's auth service names it, with its status and a text for people.
#[derive(Debug, PartialEq, Eq)]
pub struct AccountErrorCode {
    /// Stable.
    pub code: &'static str,
    /// Status of HTTP.
    pub status: u16,
    /// For people.
    pub text: &'static str,
}

/// Every reason that is passed on; all others are `REFUSED`.
static ERROR_CODES: &[AccountErrorCode] = &[
    refusal(
        "invalid_credentials",
        400,
        "E-mail address or password is not right.",
    ),
    refusal(
        "email_not_confirmed",
        400,
        "Please confirm your e-mail address first.",
    ),
    refusal("user_banned", 403, "This account is locked."),
    refusal(
        "weak_password",
        422,
        "The password is too short or too easy to guess. It needs at least 6 characters.",
    ),
    refusal(
        "user_already_exists",
        422,
        "There is an account with this e-mail address.",
    ),
    refusal(
        "email_exists",
        422,
        "There is an account with this e-mail address.",
    ),
    refusal(
        "email_address_invalid",
        400,
        "This is not an e-mail address.",
    ),
    refusal(
        "validation_failed",
        400,
        "Please check what you have entered.",
    ),
    refusal(
        "same_password",
        422,
        "The new password must be another one.",
    ),
    refusal(
        "reauthentication_needed",
        400,
        "Please sign in again to change this.",
    ),
    refusal("refresh_token_not_found", 400, "Please sign in again."),
    refusal("refresh_token_already_used", 400, "Please sign in again."),
    refusal("session_expired", 400, "Please sign in again."),
    refusal("session_not_found", 403, "Please sign in again."),
    refusal("user_not_found", 403, "There is no such account."),
    refusal(
        "signup_disabled",
        422,
        "New accounts are not taken at the moment.",
    ),
    refusal(
        "email_provider_disabled",
        422,
        "Accounts by e-mail are not taken at the moment.",
    ),
    refusal(
        "anonymous_provider_disabled",
        422,
        "Anonymous accounts are not taken.",
    ),
    refusal("captcha_failed", 400, "Please prove that you are a person."),
    REFUSED,
];

/// A reason that we do not know.
const REFUSED: AccountErrorCode = refusal("auth_refused", 400, "This was refused.");

const fn refusal(code: &'static str, status: u16, text: &'static str) -> AccountErrorCode {
    AccountErrorCode { code, status, text }
}

impl AccountError {
    /// The refusal of that name.
    pub fn refused(code: &str) -> Self {
        let known = ERROR_CODES.iter().find(|refusal| refusal.code == code);
        Self::Refused(known.unwrap_or(&ERROR_CODES[ERROR_CODES.len() - 1]))
    }
}

/// Whoever keeps the accounts, shared by all requests.
pub type SharedAccounts = Arc<dyn Accounts>;

/// Who keeps the accounts. `caller` is the person's address, where that is to be passed on; `access` their access token, verified.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// A new account.
    async fn sign_up(
        &self,
        credentials: Credentials,
        caller: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError>;
    /// A new account that nobody can sign in to again.
    async fn sign_up_anonymously(&self, caller: Option<IpAddr>)
    -> Result<AuthResult, AccountError>;
    /// Tokens for an account.
    async fn log_in(
        &self,
        credentials: Credentials,
        caller: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError>;
    /// New tokens for a refresh token, which is used up.
    async fn refresh(
        &self,
        refresh: SecretString,
        caller: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError>;
    /// Ends all of the user's refresh tokens; access tokens are good until their time is over.
    async fn log_out(&self, user: Uuid, access: &str) -> Result<(), AccountError>;
    /// The account of a user.
    async fn show(&self, user: Uuid, access: &str) -> Result<Account, AccountError>;
    /// The account after `changes`.
    async fn update(
        &self,
        user: Uuid,
        access: &str,
        changes: UpdateAccount,
    ) -> Result<Account, AccountError>;
}
