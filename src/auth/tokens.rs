//! Access tokens (JWT): verification, and signing for local accounts.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    errors::{Error, ErrorKind},
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
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

/// Why a token is not valid, for the log. No part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidToken(pub &'static str);

/// Key that signs the tokens of local accounts.
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

/// Verifies a token with a public key: ES256 or RS256, depending on the key.
pub fn verify_with_jwk(token: &str, key: &Jwk, issuer: &str) -> Result<Claims, InvalidToken> {
    let (algorithm, key_algorithm) = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        _ => return Err(InvalidToken("its key is neither P-256 nor RSA")),
    };
    if key.common.key_algorithm.is_some_and(|named| named != key_algorithm) {
        return Err(InvalidToken("its key is for another algorithm"));
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| InvalidToken("its key is malformed"))?;
    verify(token, &key, algorithm, issuer)
}

/// Verifies a token with the secret of a legacy project or of local accounts.
pub fn verify_with_secret(
    token: &str,
    secret: &SecretString,
    issuer: &str,
) -> Result<Claims, InvalidToken> {
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes())
        .map_err(|error| InvalidToken(reason(&error)))?;
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
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|error| InvalidToken(reason(&error)))?
        .claims;
    if claims.role == USER_ROLE {
        Ok(claims)
    } else {
        Err(InvalidToken("the claim role is not authenticated"))
    }
}

fn reason(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidSignature => "the signature is not of the project's key",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet: compare the clocks",
        ErrorKind::InvalidIssuer => "the claim iss is another issuer: see KUKU_AUTH__ISSUER",
        ErrorKind::InvalidAudience => "the claim aud is not authenticated",
        ErrorKind::InvalidAlgorithm => "it is signed with another algorithm than its key's",
        ErrorKind::MissingRequiredClaim(_) => "a required claim is missing",
        ErrorKind::Json(_) => "sub is no UUID, or a claim is missing",
        _ => "it is malformed",
    }
}

/// A token's header without the signature's check.
///
/// # Errors
/// If it cannot be read, or has a `crit` parameter: none is known here, and RFC 7515 demands that
/// such tokens are refused.
pub fn read_header(token: &str) -> Result<Header, InvalidToken> {
    let header =
        jsonwebtoken::decode_header(token).map_err(|error| InvalidToken(reason(&error)))?;
    let raw = read_part(token, 0).ok_or(InvalidToken("it is malformed"))?;
    match raw.get("crit") {
        None => Ok(header),
        Some(_) => Err(InvalidToken("its header has unknown critical parameters (crit)")),
    }
}

/// The id of the login that a verified access token of a local account belongs to.
pub fn login_of(token: &str) -> Option<Uuid> {
    read_part(token, 1)?.get("session_id")?.as_str()?.parse().ok()
}

/// A part of a token as JSON: 0 is the header, 1 the claims.
fn read_part(token: &str, part: usize) -> Option<Value> {
    let part = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(part)?).ok()?;
    serde_json::from_slice(&part).ok()
}

impl LocalKey {
    /// A key that signs with `secret`, as `issuer`.
    pub fn new(secret: SecretString, issuer: String) -> Self {
        Self { secret, issuer }
    }

    /// The refresh token that follows `token`: a keyed hash, which nobody can compute from the
    /// stored hash of either.
    pub fn derive_refresh_token(&self, token: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .expect("any length of a key will do");
        // No JWT starts like this, so that no signature is a refresh token.
        mac.update(b"refresh token: ");
        mac.update(token.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// An access token of `user`, and its expiry in seconds since 1970. `token_family` is the id of
    /// the login.
    pub fn sign(&self, user: Uuid, token_family: Uuid, email: Option<&str>) -> (String, i64) {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = AccessTokenClaims {
            iss: &self.issuer,
            aud: AUDIENCE,
            sub: user,
            role: USER_ROLE,
            iat: now,
            exp: now + LIFETIME_SECONDS,
            session_id: token_family,
            is_anonymous: email.is_none(),
            email: email.unwrap_or_default(),
        };
        let key = EncodingKey::from_secret(self.secret.expose_secret().as_bytes())
            .expect("a secret that was checked at the start");
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("plain claims can always be signed");
        (token, claims.exp)
    }
}
