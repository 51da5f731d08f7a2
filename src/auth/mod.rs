//! Authentication: from a bearer token to a [`Viewer`].
//!
//! Supabase's access tokens are verified on this server, with the project's public keys or its
//! legacy secret. A request waits for Supabase only if the cached keys are missing or lack its key.

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
pub use jwks::supabase_client;
use tokens::{Claims, InvalidToken, read_header, verify_with_jwk, verify_with_secret};
pub use tokens::{LIFETIME_SECONDS, LocalKey, login_of};

/// Why a caller could not be authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The request has no token, and one is required.
    #[error("the request has no token")]
    Missing,
    /// The token is not valid. The reason is logged, and not reported.
    #[error("the token is not valid")]
    Invalid,
    /// The token's key is not cached, and the project's keys cannot be fetched now.
    #[error("the public keys cannot be fetched")]
    JwksUnavailable,
}

/// Verifies the tokens of callers.
pub struct Authenticator {
    mode: AuthMode,
    /// Required `iss` of tokens.
    issuer: String,
    jwks: Option<Jwks>,
    secret: Option<SecretString>,
    /// SHA-256 of the key: a comparison takes the same time for all lengths.
    service_key: Option<[u8; 32]>,
}

impl Authenticator {
    /// The authenticator of `settings`. `local_secret` verifies tokens of local accounts if there
    /// is no Supabase secret.
    pub fn new(settings: &Settings, local_secret: Option<SecretString>) -> Self {
        let supabase = &settings.supabase;
        let base = supabase.auth_url();
        Self {
            mode: settings.auth_mode(),
            issuer: settings.token_issuer(),
            jwks: base.map(|base| {
                let ttl = Duration::from_secs(settings.auth.jwks_cache_seconds);
                Jwks::new(format!("{base}/.well-known/jwks.json"), ttl)
            }),
            secret: supabase.jwt_secret.clone().or(local_secret),
            service_key: supabase
                .service_role_key
                .as_ref()
                .map(|key| Sha256::digest(key.expose_secret()).into()),
        }
    }

    /// Whether callers are authenticated at all.
    pub fn is_enabled(&self) -> bool {
        self.mode != AuthMode::Off
    }

    /// Whether callers without a token are refused.
    pub fn is_required(&self) -> bool {
        self.mode == AuthMode::Required
    }

    /// The number of the Supabase project's public keys, or why they cannot be fetched; `None`
    /// without a project.
    pub async fn count_public_keys(&self) -> Option<Result<usize, &'static str>> {
        Some(self.jwks.as_ref()?.count().await)
    }

    /// The viewer with `token`, the part of the `Authorization` header after `Bearer`.
    ///
    /// # Errors
    /// [`AuthError`]; an invalid token is never treated as a missing one.
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

    async fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        match self.verify_or_reason(token).await {
            Ok(Some(claims)) => Ok(claims),
            Ok(None) => Err(AuthError::JwksUnavailable),
            Err(InvalidToken(reason)) => {
                tracing::info!(reason, "token refused");
                Err(AuthError::Invalid)
            }
        }
    }

    /// Verifies with the project's key that the token names; without such a key, with the secret.
    /// The key, not the token, determines the algorithm. `None` if the keys cannot be fetched.
    async fn verify_or_reason(&self, token: &str) -> Result<Option<Claims>, InvalidToken> {
        let header = read_header(token)?;
        let mut unavailable = false;
        if let (Some(jwks), Some(kid)) = (&self.jwks, &header.kid) {
            match jwks.find(kid).await {
                Ok(Some(key)) => return verify_with_jwk(token, &key, &self.issuer).map(Some),
                Ok(None) => {}
                Err(jwks::Unavailable) => unavailable = true,
            }
        }
        match &self.secret {
            Some(secret) => match verify_with_secret(token, secret, &self.issuer) {
                Ok(claims) => Ok(Some(claims)),
                Err(_) if unavailable => Ok(None),
                Err(reason) => Err(reason),
            },
            None if unavailable => Ok(None),
            None if header.kid.is_none() => Err(InvalidToken("it names no key (kid)")),
            None => Err(InvalidToken("the project has no key of its kid")),
        }
    }
}
