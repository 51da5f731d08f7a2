//! Accounts and tokens, as clients get them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::{Account, AuthResult};

/// An account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountResponse {
    id: Uuid,
    email: Option<String>,
    is_anonymous: bool,
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Tokens; all null if the e-mail address has to be confirmed first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthResponse {
    /// For `Authorization: Bearer`.
    access_token: Option<String>,
    /// For one refresh.
    refresh_token: Option<String>,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Lifetime of the access token in seconds.
    expires_in: Option<i64>,
    /// Unix time at which the access token expires.
    expires_at: Option<i64>,
    user: AccountResponse,
}

impl From<Account> for AccountResponse {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            is_anonymous: account.is_anonymous,
            data: account.data,
        }
    }
}

impl From<AuthResult> for AuthResponse {
    fn from(result: AuthResult) -> Self {
        let tokens = result.tokens;
        Self {
            token_type: "bearer",
            expires_in: tokens.as_ref().map(|tokens| tokens.expires_in),
            expires_at: tokens.as_ref().map(|tokens| tokens.expires_at),
            refresh_token: tokens.as_ref().map(|tokens| tokens.refresh.clone()),
            access_token: tokens.map(|tokens| tokens.access),
            user: result.account.into(),
        }
    }
}
