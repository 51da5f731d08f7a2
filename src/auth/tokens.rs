//! Access tokens: what a good one is, and those that this server makes.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// Clocks may differ by so much.
const LEEWAY_SECONDS: u64 = 10;
/// Of users; anon and service_role keys have another role or none.
const USER_ROLE: &str = "authenticated";
const AUDIENCE: &str = "authenticated";
/// How long an access token of ours is good, in seconds.
pub const LIFETIME_SECONDS: i64 = 3_600;

/// What is checked beside the signature and the times.
pub struct TokenValidation {
    /// Who must have made the token.
    pub issuer: String,
}

/// What we take from a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: Uuid,
    role: String,
}

/// It is not good.
#[derive(Debug)]
pub struct InvalidToken;

/// The key that signs the tokens of local accounts.
pub struct LocalKey {
    secret: SecretString,
    issuer: String,
}

#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    aud: &'static str,
    sub: Uuid,
    role: &'static str,
    iat: i64,
    exp: i64,
    session_id: Uuid,
    is_anonymous: bool,
    email: &'a str,
}

/// Takes a token of one of the project's keys: ES256 or RS256, as the key is.
pub fn verify_with_jwk(
    token: &str,
    key: &Jwk,
    rules: &TokenValidation,
) -> Result<Claims, InvalidToken> {
    let (algorithm, named) = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        _ => return Err(InvalidToken),
    };
    if key.common.key_algorithm.is_some_and(|own| own != named) {
        return Err(InvalidToken);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| InvalidToken)?;
    verify(token, &key, algorithm, rules)
}

/// Takes a token of a legacy project's secret, or of ours.
pub fn verify_with_secret(
    token: &str,
    secret: &SecretString,
    rules: &TokenValidation,
) -> Result<Claims, InvalidToken> {
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    verify(token, &key, Algorithm::HS256, rules)
}

fn verify(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    rules: &TokenValidation,
) -> Result<Claims, InvalidToken> {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[&rules.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|_| InvalidToken)?
        .claims;
    if claims.role == USER_ROLE {
        Ok(claims)
    } else {
        Err(InvalidToken)
    }
}

impl LocalKey {
    /// Signs with `secret`.
    pub fn new(secret: SecretString) -> Self {
        Self {
            secret,
            issuer: super::LOCAL_ISSUER.to_owned(),
        }
    }

    /// An access token for a user, and the second since 1970 in which it ends. `login` tells tokens of one login from others.
    pub fn sign(&self, user: Uuid, login: Uuid, email: Option<&str>) -> (String, i64) {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = AccessTokenClaims {
            iss: &self.issuer,
            aud: AUDIENCE,
            sub: user,
            role: USER_ROLE,
            iat: now,
            exp: now + LIFETIME_SECONDS,
            session_id: login,
            is_anonymous: email.is_none(),
            email: email.unwrap_or_default(),
        };
        let key = EncodingKey::from_secret(self.secret.expose_secret().as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("plain claims and a secret can always be signed");
        (token, claims.exp)
    }
}
