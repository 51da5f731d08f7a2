//! Accounts on this database, where there is no Supabase: `auth.users` as Supabase has it, argon2id, and refresh tokens that
//! are used once.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, task::spawn_blocking};
use uuid::Uuid;

use super::{Account, AccountError, Accounts, AuthResult, Credentials, Tokens, UpdateAccount};
use crate::{
    auth::LocalKey,
    repository::{DatabaseService, NewAccount, RefreshOutcome, StoredAccount},
};

/// Supabase's default.
const MIN_PASSWORD_CHARACTERS: usize = 6;
/// Supabase's bcrypt looks at no more; so that an account can move there.
const MAX_PASSWORD_BYTES: usize = 72;
const MAX_EMAIL_CHARACTERS: usize = 254;
/// Each takes 19 MiB and a core for some 20 ms.
const MAX_CONCURRENT_HASHES: usize = 2;

/// What a password is compared with where there is no such account, so that both take the same time.
static DUMMY_PASSWORD_HASH: LazyLock<String> =
    LazyLock::new(|| hash("nobody's password").unwrap_or_default());

/// Keeps accounts in the database.
pub struct LocalAccounts {
    db: DatabaseService,
    key: LocalKey,
    hashing: Arc<Semaphore>,
}

impl LocalAccounts {
    /// Signs with `key`.
    pub fn new(db: DatabaseService, key: LocalKey) -> Self {
        Self {
            db,
            key,
            hashing: Arc::new(Semaphore::new(MAX_CONCURRENT_HASHES)),
        }
    }

    /// Work with passwords, aside from the threads that serve.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let failed = || AccountError::Unavailable("hashing was cancelled".into());
        let _place = self.hashing.acquire().await.map_err(|_| failed())?;
        spawn_blocking(work).await.map_err(|_| failed())
    }

    async fn hash(&self, password: SecretString) -> Result<String, AccountError> {
        check_password(&password)?;
        self.aside(move || hash(password.expose_secret()))
            .await?
            .ok_or_else(|| AccountError::Unavailable("the password cannot be hashed".into()))
    }

    async fn matches(&self, password: SecretString, hash: String) -> Result<bool, AccountError> {
        self.aside(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            })
        })
        .await
    }

    /// Tokens of a new login.
    async fn begin(&self, account: Account) -> Result<AuthResult, AccountError> {
        let (refresh, login) = (new_token(), Uuid::from_u128(rand::random()));
        self.db
            .begin_login(account.id, login, &digest(&refresh))
            .await?;
        Ok(self.signed_in(account, login, refresh))
    }

    fn signed_in(&self, account: Account, login: Uuid, refresh: String) -> AuthResult {
        let (access, expires_at) = self.key.sign(account.id, login, account.email.as_deref());
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
    async fn sign_up(
        &self,
        credentials: Credentials,
        _: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError> {
        let email = check_email(&credentials.email)?;
        let password_hash = self.hash(credentials.password).await?;
        let new = NewAccount {
            email: Some(&email),
            password_hash: Some(&password_hash),
            data: Value::Object(credentials.data),
        };
        match self.db.create_account(&new).await? {
            Some(account) => self.begin(account.into()).await,
            None => Err(AccountError::refused("user_already_exists")),
        }
    }

    async fn sign_up_anonymously(&self, _: Option<IpAddr>) -> Result<AuthResult, AccountError> {
        let new = NewAccount {
            email: None,
            password_hash: None,
            data: Value::Object(Map::new()),
        };
        match self.db.create_account(&new).await? {
            Some(account) => self.begin(account.into()).await,
            None => Err(AccountError::refused("user_already_exists")),
        }
    }

    async fn log_in(
        &self,
        credentials: Credentials,
        _: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError> {
        let email = credentials.email.trim().to_lowercase();
        let found = self.db.find_account(&email).await?;
        let hash = found
            .as_ref()
            .and_then(|account| account.password_hash.clone());
        let hash = hash.unwrap_or_else(|| DUMMY_PASSWORD_HASH.clone());
        let matches = self.matches(credentials.password, hash).await?;
        match found {
            Some(account) if matches && account.password_hash.is_some() => {
                self.begin(account.into()).await
            }
            _ => Err(AccountError::refused("invalid_credentials")),
        }
    }

    async fn refresh(
        &self,
        refresh: SecretString,
        _: Option<IpAddr>,
    ) -> Result<AuthResult, AccountError> {
        let next = new_token();
        match self
            .db
            .refresh_login(&digest(refresh.expose_secret()), &digest(&next))
            .await?
        {
            RefreshOutcome::Rotated(login, account) => {
                Ok(self.signed_in(account.into(), login, next))
            }
            RefreshOutcome::Reused => {
                tracing::warn!("a used refresh token came back: its login is ended");
                Err(AccountError::refused("refresh_token_already_used"))
            }
            RefreshOutcome::Invalid => Err(AccountError::refused("refresh_token_not_found")),
        }
    }

    async fn log_out(&self, user: Uuid, _: &str) -> Result<(), AccountError> {
        Ok(self.db.end_logins(user).await?)
    }

    async fn show(&self, user: Uuid, _: &str) -> Result<Account, AccountError> {
        let account = self.db.get_account(user).await?;
        Ok(account
            .ok_or_else(|| AccountError::refused("user_not_found"))?
            .into())
    }

    async fn update(
        &self,
        user: Uuid,
        _: &str,
        changes: UpdateAccount,
    ) -> Result<Account, AccountError> {
        let known = self.db.get_account(user).await?;
        let known = known.ok_or_else(|| AccountError::refused("user_not_found"))?;
        let email = changes.email.as_deref().map(check_email).transpose()?;
        let password_hash = match changes.password {
            None => None,
            // Nobody could sign in with it.
            Some(_) if known.email.is_none() && email.is_none() => {
                return Err(AccountError::refused("validation_failed"));
            }
            Some(password) => {
                if let Some(hash) = known.password_hash
                    && self.matches(password.clone(), hash).await?
                {
                    return Err(AccountError::refused("same_password"));
                }
                Some(self.hash(password).await?)
            }
        };
        let changes = NewAccount {
            email: email.as_deref(),
            password_hash: password_hash.as_deref(),
            data: Value::Object(changes.data.unwrap_or_default()),
        };
        match self.db.update_account(user, &changes).await? {
            Some(account) => Ok(account.into()),
            None => Err(AccountError::refused("email_exists")),
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

/// The address in lower case.
fn check_email(text: &str) -> Result<String, AccountError> {
    let email = text.trim().to_lowercase();
    let good = email.chars().count() <= MAX_EMAIL_CHARACTERS
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        });
    good.then_some(email)
        .ok_or_else(|| AccountError::refused("email_address_invalid"))
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

/// A token has more randomness than any hash can take away: no salt and no slowness are needed.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_passwords_are_checked_as_supabase_does() {
        assert_eq!(
            check_email(" Ada@Example.COM ").ok().as_deref(),
            Some("ada@example.com")
        );
        for bad in [
            "", "ada", "ada@", "@example.com", "ada@example", "a da@example.com",
            "a@b@example.com", "a@.com", "a@b.com.",
        ] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
        assert!(check_password(&"12345".into()).is_err());
        assert!(check_password(&"123456".into()).is_ok());
        assert!(check_password(&"x".repeat(73).into()).is_err());
    }
}
