//! Access tokens (JWT): verification, and signing for local accounts.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// Accepted difference between clocks.
const LEEWAY_SECONDS: u64 = 10;
/// Role of users; the keys `anon` and `service_role` have other roles.
const USER_ROLE: &str = "authenticated";
const AUDIENCE: &str = "authenticated";
/// Lifetime of the access tokens of local accounts.
pub const LIFETIME_SECONDS: i64 = 3_600;

/// Claims that are read from a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Id of the user.
    pub sub: Uuid,
    role: String,
}

/// The signature, a time or a claim is not valid.
#[derive(Debug)]
pub struct InvalidToken;

/// Key that signs the tokens of local accounts.
pub struct LocalKey(SecretString);

#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: Uuid,
    role: &'static str,
    iat: i64,
    exp: i64,
    session_id: Uuid,
    is_anonymous: bool,
    email: &'a str,
}

/// Verifies a token with a public key: ES256 or RS256, depending on the key.
pub fn verify_with_jwk(token: &str, key: &Jwk, issuer: &str) -> Result<Claims, InvalidToken> {
    let (algorithm, key_algorithm) = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        _ => return Err(InvalidToken),
    };
    if key.common.key_algorithm.is_some_and(|named| named != key_algorithm) {
        return Err(InvalidToken);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| InvalidToken)?;
    verify(token, &key, algorithm, issuer)
}

/// Verifies a token with the secret of a legacy project or of local accounts.
pub fn verify_with_secret(
    token: &str,
    secret: &SecretString,
    issuer: &str,
) -> Result<Claims, InvalidToken> {
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    verify(token, &key, Algorithm::HS256, issuer)
}

fn verify(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    issuer: &str,
) -> Result<Claims, InvalidToken> {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims =
        jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| InvalidToken)?.claims;
    if claims.role == USER_ROLE { Ok(claims) } else { Err(InvalidToken) }
}

impl LocalKey {
    /// A key that signs with `secret`.
    pub fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// An access token of `user`, and its expiry in seconds since 1970. `token_family` is the id of
    /// the login.
    pub fn sign(&self, user: Uuid, token_family: Uuid, email: Option<&str>) -> (String, i64) {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = AccessTokenClaims {
            iss: super::LOCAL_ISSUER,
            aud: AUDIENCE,
            sub: user,
            role: USER_ROLE,
            iat: now,
            exp: now + LIFETIME_SECONDS,
            session_id: token_family,
            is_anonymous: email.is_none(),
            email: email.unwrap_or_default(),
        };
        let key = EncodingKey::from_secret(self.0.expose_secret().as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("plain claims can always be signed");
        (token, claims.exp)
    }
}
