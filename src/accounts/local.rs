//! Accounts in this database, without Supabase: `auth.users` in Supabase's shape, argon2id, and
//! refresh tokens that can be used once.
//!
//! The next refresh token of a login is a keyed hash of the one before. Only hashes of tokens are
//! stored, and a token that is sent twice within 10 s still gets the same successor.

use std::{iter::successors, net::IpAddr, sync::LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Account, AccountError, Accounts, AuthResult, Credentials, LoginResult, Tokens, UpdateAccount,
    email::normalize_email, hash_queue::HashQueue,
};
use crate::{
    auth::{LocalKey, login_of},
    repository::{DatabaseService, NewAccount, RefreshOutcome, StoredAccount, UpdateOutcome},
};

/// Supabase's default minimum.
const MIN_PASSWORD_CHARACTERS: usize = 6;
/// Limit of Supabase's bcrypt, so that an account can move there.
const MAX_PASSWORD_BYTES: usize = 72;
/// Most refreshes of a login within 10 s after which the first token still gets the valid one.
const MAX_SUCCESSORS: usize = 32;

/// Hash for logins to accounts that do not exist: they take as long as logins to existing ones.
static DUMMY_PASSWORD_HASH: LazyLock<String> =
    LazyLock::new(|| hash("dummy password").unwrap_or_default());

/// Accounts in the database.
pub struct LocalAccounts {
    db: DatabaseService,
    key: LocalKey,
    hashes: HashQueue,
}

impl LocalAccounts {
    /// Accounts in `db`; `key` signs their access tokens.
    pub fn new(db: DatabaseService, key: LocalKey) -> Self {
        Self { db, key, hashes: HashQueue::new() }
    }

    async fn hash(&self, account: &str, password: SecretString) -> Result<String, AccountError> {
        check_password(&password)?;
        self.hashes
            .run(account, move || hash(password.expose_secret()))
            .await?
            .ok_or_else(|| AccountError::Unavailable("the password cannot be hashed".into()))
    }

    async fn matches(
        &self,
        account: &str,
        password: SecretString,
        hash: String,
    ) -> Result<bool, AccountError> {
        self.hashes
            .run(account, move || {
                PasswordHash::new(&hash).is_ok_and(|hash| {
                    Argon2::default()
                        .verify_password(password.expose_secret().as_bytes(), &hash)
                        .is_ok()
                })
            })
            .await
    }

    /// Tokens of a new login; `None` if the account was deleted or got another password meanwhile.
    async fn issue_tokens(
        &self,
        account: StoredAccount,
    ) -> Result<Option<AuthResult>, AccountError> {
        let (refresh, token_family) = (new_token(), Uuid::from_u128(rand::random()));
        let issued =
            self.db.insert_refresh_token(&account, token_family, &digest(&refresh)).await?;
        Ok(issued.then(|| self.auth_result(account.into(), token_family, refresh)))
    }

    /// Stores a new account, and signs in.
    async fn create(&self, new: &NewAccount<'_>) -> LoginResult {
        let account = self.db.create_account(new).await?;
        let account = account.ok_or_else(|| AccountError::refused("user_already_exists"))?;
        let signed_in = self.issue_tokens(account).await?;
        signed_in.ok_or_else(|| AccountError::refused("invalid_credentials"))
    }

    /// The refresh tokens that follow `token`, one after another.
    fn successors(&self, token: &str) -> Vec<String> {
        let next = |token: &String| Some(self.key.derive_refresh_token(token));
        successors(next(&token.to_owned()), next).take(MAX_SUCCESSORS).collect()
    }

    fn auth_result(&self, account: Account, token_family: Uuid, refresh: String) -> AuthResult {
        let (access, expires_at) =
            self.key.sign(account.id, token_family, account.email.as_deref());
        AuthResult {
            account,
            tokens: Some(Tokens {
                access,
                refresh,
                expires_in: crate::auth::LIFETIME_SECONDS,
                expires_at,
            }),
        }
    }
}

#[async_trait]
impl Accounts for LocalAccounts {
    async fn sign_up(&self, credentials: Credentials, _: Option<IpAddr>) -> LoginResult {
        let email = check_email(&credentials.email)?;
        let password_hash = self.hash(&email, credentials.password).await?;
        let new = NewAccount {
            email: Some(&email),
            password_hash: Some(&password_hash),
            data: Value::Object(credentials.data),
        };
        self.create(&new).await
    }

    async fn sign_up_anonymously(&self, _: Option<IpAddr>) -> LoginResult {
        let new = NewAccount { email: None, password_hash: None, data: Value::Object(Map::new()) };
        self.create(&new).await
    }

    async fn log_in(&self, credentials: Credentials, _: Option<IpAddr>) -> LoginResult {
        let as_typed = credentials.email.trim().to_lowercase();
        let email = normalize_email(&credentials.email);
        let email = email.as_deref().unwrap_or(&as_typed);
        let found = self.db.find_account(email, &as_typed).await?;
        let hash = found.as_ref().and_then(|account| account.password_hash.clone());
        let hash = hash.unwrap_or_else(|| DUMMY_PASSWORD_HASH.clone());
        let matches = self.matches(email, credentials.password, hash).await?;
        let signed_in = match found {
            Some(account) if matches && account.password_hash.is_some() => {
                self.issue_tokens(account).await?
            }
            _ => None,
        };
        signed_in.ok_or_else(|| AccountError::refused("invalid_credentials"))
    }

    async fn refresh(&self, refresh: SecretString, _: Option<IpAddr>) -> LoginResult {
        let token = refresh.expose_secret();
        let successors = self.successors(token);
        let hashes: Vec<Vec<u8>> = successors.iter().map(|token| digest(token).into()).collect();
        match self.db.use_refresh_token(&digest(token), &hashes).await? {
            RefreshOutcome::Valid(place, token_family, account) => {
                let next = successors.into_iter().nth(place);
                let next = next.ok_or_else(|| AccountError::refused("refresh_token_not_found"))?;
                Ok(self.auth_result(account.into(), token_family, next))
            }
            RefreshOutcome::Reused => {
                tracing::warn!("a refresh token was reused: its login is revoked");
                Err(AccountError::refused("refresh_token_already_used"))
            }
            RefreshOutcome::Invalid => Err(AccountError::refused("refresh_token_not_found")),
        }
    }

    async fn log_out(&self, user: Uuid, _: &str) -> Result<(), AccountError> {
        Ok(self.db.revoke_refresh_tokens(user).await?)
    }

    async fn show(&self, user: Uuid, _: &str) -> Result<Account, AccountError> {
        let account = self.db.get_account(user).await?;
        Ok(account.ok_or_else(|| AccountError::refused("user_not_found"))?.into())
    }

    async fn update(
        &self,
        user: Uuid,
        access: &str,
        changes: UpdateAccount,
    ) -> Result<Account, AccountError> {
        let stored = self.db.get_account(user).await?;
        let stored = stored.ok_or_else(|| AccountError::refused("user_not_found"))?;
        let email = changes.email.as_deref().map(check_email).transpose()?;
        let account = stored.email.clone().unwrap_or_else(|| user.to_string());
        let password_hash = match changes.password {
            None => None,
            // An account without e-mail address cannot log in with a password.
            Some(_) if stored.email.is_none() && email.is_none() => {
                return Err(AccountError::refused("validation_failed"));
            }
            Some(password) => {
                if let Some(hash) = stored.password_hash
                    && self.matches(&account, password.clone(), hash).await?
                {
                    return Err(AccountError::refused("same_password"));
                }
                Some(self.hash(&account, password).await?)
            }
        };
        let new_values = NewAccount {
            email: email.as_deref(),
            password_hash: password_hash.as_deref(),
            data: Value::Object(changes.data.unwrap_or_default()),
        };
        match self.db.update_account(user, &new_values, login_of(access)).await? {
            UpdateOutcome::Updated(account) => Ok(account.into()),
            UpdateOutcome::NotFound => Err(AccountError::refused("user_not_found")),
            UpdateOutcome::EmailTaken => Err(AccountError::refused("email_exists")),
            UpdateOutcome::DataTooLarge => Err(AccountError::refused("account_data_too_large")),
        }
    }
}

impl From<StoredAccount> for Account {
    fn from(stored: StoredAccount) -> Self {
        Self {
            id: stored.id,
            email: stored.email,
            is_anonymous: stored.is_anonymous,
            data: match stored.data {
                Some(Value::Object(data)) => data,
                _ => Map::new(),
            },
        }
    }
}

fn check_email(text: &str) -> Result<String, AccountError> {
    normalize_email(text).ok_or_else(|| AccountError::refused("email_address_invalid"))
}

fn check_password(password: &SecretString) -> Result<(), AccountError> {
    let password = password.expose_secret();
    if password.chars().count() < MIN_PASSWORD_CHARACTERS {
        return Err(AccountError::refused("weak_password"));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(AccountError::refused("validation_failed"));
    }
    Ok(())
}

fn hash(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

/// 256 random bits.
fn new_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Plain SHA-256 suffices: a random token of 256 bits cannot be guessed from its digest.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_rules_match_supabase() {
        assert!(check_password(&"12345".into()).is_err());
        assert!(check_password(&"123456".into()).is_ok());
        assert!(check_password(&"x".repeat(73).into()).is_err());
    }
}
