//! Who is calling: from an `Authorization` header to a [`Viewer`].
//!
//! Supabase's access tokens are verified here, with the project's public keys or its legacy secret; no request waits for
//! Supabase but the first after ten minutes, or after a new key.

mod jwks;
mod tokens;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    domain::Viewer,
    settings::{AuthMode, Settings},
};

use jwks::Jwks;
use tokens::{Claims, InvalidToken, TokenValidation, verify_with_jwk, verify_with_secret};
pub use tokens::{LIFETIME_SECONDS, LocalKey};

/// The issuer of tokens that this server makes itself.
const LOCAL_ISSUER: &str = "kuku-coach";

/// Why a caller is nobody that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No token came, and one is needed.
    #[error("a token is needed")]
    Missing,
    /// A token came that is not good. Why is nobody's business.
    #[error("the token is not valid")]
    Invalid,
    /// Its key is not known here, and the project's keys cannot be fetched just now.
    #[error("the keys cannot be fetched")]
    JwksUnavailable,
}

/// Knows callers by their tokens.
pub struct Authenticator {
    mode: AuthMode,
    rules: TokenValidation,
    jwks: Option<Jwks>,
    secret: Option<SecretString>,
    /// A digest, so that comparing takes the same time whatever the lengths.
    service_key: Option<[u8; 32]>,
}

impl Authenticator {
    /// As the settings say; `local_secret` signs the tokens of local accounts, where Supabase has none.
    pub fn new(settings: &Settings, local_secret: Option<SecretString>) -> Self {
        let supabase = &settings.supabase;
        let base = supabase.auth_url();
        Self {
            mode: settings.auth_mode(),
            rules: TokenValidation {
                issuer: base.clone().unwrap_or_else(|| LOCAL_ISSUER.to_owned()),
            },
            jwks: base.map(|base| {
                let keep = Duration::from_secs(settings.auth.jwks_cache_seconds);
                Jwks::new(format!("{base}/.well-known/jwks.json"), keep)
            }),
            secret: supabase.jwt_secret.clone().or(local_secret),
            service_key: supabase
                .service_role_key
                .as_ref()
                .map(|key| Sha256::digest(key.expose_secret()).into()),
        }
    }

    /// Whether callers are told apart at all.
    pub fn is_enabled(&self) -> bool {
        self.mode != AuthMode::Off
    }

    /// Who comes with `token`, the part of the `Authorization` header behind `Bearer`.
    ///
    /// # Errors
    /// [`AuthError`]; a bad token is never taken for none.
    pub async fn authenticate(&self, token: Option<&str>) -> Result<Viewer, AuthError> {
        match (self.mode, token) {
            (AuthMode::Off, _) => Ok(Viewer::Service),
            (AuthMode::Optional, None) => Ok(Viewer::Anonymous),
            (AuthMode::Required, None) => Err(AuthError::Missing),
            (AuthMode::Optional | AuthMode::Required, Some(token)) => {
                if self.is_service_key(token) {
                    return Ok(Viewer::Service);
                }
                Ok(Viewer::User(self.verify(token).await?.sub))
            }
        }
    }

    fn is_service_key(&self, token: &str) -> bool {
        self.service_key
            .is_some_and(|key| key.ct_eq(&<[u8; 32]>::from(Sha256::digest(token))).into())
    }

    /// The key decides the algorithm. A token names its key; one that names none, or none of the project's, can only be the
    /// legacy secret's, where there is one.
    async fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| AuthError::Invalid)?;
        let mut unavailable = false;
        if let (Some(jwks), Some(kid)) = (&self.jwks, &header.kid) {
            match jwks.find(kid).await {
                Ok(Some(key)) => {
                    return verify_with_jwk(token, &key, &self.rules)
                        .map_err(|InvalidToken| AuthError::Invalid);
                }
                Ok(None) => {}
                Err(jwks::Unavailable) => unavailable = true,
            }
        }
        if let Some(secret) = &self.secret
            && let Ok(claims) = verify_with_secret(token, secret, &self.rules)
        {
            return Ok(claims);
        }
        Err(if unavailable {
            AuthError::JwksUnavailable
        } else {
            AuthError::Invalid
        })
    }
}
