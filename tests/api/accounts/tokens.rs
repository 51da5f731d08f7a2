//! Tokens: which are accepted, and how the others are refused.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{ADA, Project, assert_status_and_code, routes, send};
use crate::{
    app::TestApp,
    fake_supabase::{FakeSupabase, Key},
    reply::{ReplyExt, RequestExt, body, refusal, text},
};

/// The shared secret of a project that still uses HS256.
const LEGACY_SECRET: &str = "canary secret of a legacy project!";

/// Tokens of Ada, valid and invalid, on the basis of her valid claims.
struct Tokens<'a> {
    project: &'a Project,
    claims: Value,
}

impl<'a> Tokens<'a> {
    fn of(project: &'a Project) -> Self {
        let claims = project.supabase.claims(ADA);
        Self { project, claims }
    }

    fn time(&self, name: &str) -> i64 {
        self.claims[name].as_i64().expect("a time")
    }

    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.project.key.sign(&claims)
    }

    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().expect("claims").remove(name);
        self.project.key.sign(&claims)
    }

    fn unsigned(&self, algorithm: &str) -> String {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let header = json!({"alg": algorithm, "kid": "first"});
        format!("{}.{}.", encode(&header), encode(&self.claims))
    }

    fn without_kid(&self) -> String {
        let header = Header::new(Algorithm::ES256);
        jsonwebtoken::encode(&header, &self.claims, &self.project.key.encoding).expect("signed")
    }

    fn invalid_claims(&self) -> Vec<(&'static str, String)> {
        let other_issuer = json!("https://elsewhere.supabase.co/auth/v1");
        vec![
            ("expired", self.with("exp", json!(1_700_000_000))),
            ("not yet valid", self.with("nbf", json!(self.time("exp") + 3_600))),
            ("no expiry", self.without("exp")),
            ("wrong issuer", self.with("iss", other_issuer)),
            ("no issuer", self.without("iss")),
            ("wrong audience", self.with("aud", json!("anon"))),
            ("wrong audiences", self.with("aud", json!(["anon", "x"]))),
            ("no audience", self.without("aud")),
            ("role anon", self.with("role", json!("anon"))),
            ("role service_role", self.with("role", json!("service_role"))),
            ("no role", self.without("role")),
            ("subject no UUID", self.with("sub", json!("ada"))),
            ("no subject", self.without("sub")),
        ]
    }

    fn invalid_signatures(&self) -> Vec<(&'static str, String)> {
        let (claims, public_key) = (&self.claims, text(&self.project.key.jwk()["x"]));
        let anon = json!({"role": "anon", "iss": "supabase", "exp": 4_000_000_000u64});
        vec![
            ("wrong key", Key::es256("first").sign(claims)),
            ("unknown kid", Key::es256("second").sign(claims)),
            ("no kid", self.without_kid()),
            ("alg none", self.unsigned("none")),
            ("alg None", self.unsigned("None")),
            ("HS256 with the public key", hs256(Some("first"), &public_key, claims)),
            // jsonwebtoken signs with no empty secret. HMAC pads with zeros: this is the same key.
            ("HS256 with an empty secret", hs256(None, "\0", claims)),
            (
                "HS256 with another secret",
                hs256(None, "another secret of thirty-two bytes", claims),
            ),
            ("legacy anon key", hs256(None, LEGACY_SECRET, &anon)),
            ("unknown crit", with_crit(claims)),
        ]
    }

    fn malformed(&self) -> Vec<(&'static str, String)> {
        let valid = &self.project.ada;
        vec![
            ("anon key", "canary-anon-key".into()),
            ("nearly the service key", "canary-service-role-kez".into()),
            ("truncated", valid[..valid.len() - 2].into()),
            ("two parts", valid.rsplit_once('.').expect("parts").0.into()),
            ("empty", String::new()),
            ("garbage", "x.y.z".into()),
        ]
    }

    fn valid(&self) -> Vec<(&'static str, String)> {
        vec![
            ("the project's key", self.project.ada.clone()),
            ("several audiences", self.with("aud", json!(["x", "authenticated"]))),
            ("expired a moment ago", self.with("exp", json!(self.time("iat") - 5))),
            ("the legacy secret", hs256(None, LEGACY_SECRET, &self.claims)),
        ]
    }
}

fn hs256(kid: Option<&str>, secret: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = kid.map(Into::into);
    let key = EncodingKey::from_secret(secret.as_bytes()).expect("a key");
    jsonwebtoken::encode(&header, claims, &key).expect("signed")
}

/// A token with a valid signature, whose header demands an extension that nobody knows.
fn with_crit(claims: &Value) -> String {
    let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
    let header = json!({"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": 1}).to_string();
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, LEGACY_SECRET.as_bytes());
    let signature = ring::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", encode(signature.as_ref()))
}

#[tokio::test]
async fn token_of_another_issuer_is_accepted_if_set() {
    const ISSUER: &str = "https://auth.example.com/auth/v1";
    let project = Project::spawn(&[("KUKU_AUTH__ISSUER", ISSUER)]).await;
    let token = Tokens::of(&project).with("iss", json!(ISSUER));
    project.get("/api/sessions", Some(&token)).await.data();
    let response = project.get_raw("/api/sessions", Some(&project.ada)).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "BAD_TOKEN").await;
}

#[tokio::test]
async fn invalid_token_is_401_on_every_route() {
    let project = Project::spawn(&[("SUPABASE_JWT_SECRET", LEGACY_SECRET)]).await;
    let tokens = Tokens::of(&project);
    let id = project.given_session(Some(&project.ada)).await;
    let invalid = tokens.invalid_claims().into_iter();
    let invalid = invalid.chain(tokens.invalid_signatures());
    for (name, token) in invalid.chain(tokens.malformed()) {
        for (method, path, json) in routes(&id, "msg-x") {
            let response = project.send(method.clone(), &path, Some(&token), json).await;
            let challenge = response.headers().get(header::WWW_AUTHENTICATE).cloned();
            assert_eq!(
                refusal(response).await,
                (StatusCode::UNAUTHORIZED, "BAD_TOKEN".into()),
                "{name}: {method} {path}"
            );
            let expected = "Bearer error=\"invalid_token\"";
            assert!(challenge.is_some_and(|value| value == expected), "{name}");
        }
    }
    let fetches = project.supabase.key_fetches();
    assert!(fetches < 5, "unknown keys cause {fetches} fetches");
}

#[tokio::test]
async fn authorization_without_a_bearer_token_is_401() {
    let project = Project::spawn(&[]).await;
    for authorization in ["Basic YTpi", "Bearer", "bearer"] {
        let request = project.app.http.get(project.app.url("/api/sessions"));
        let request = request.header(header::AUTHORIZATION, authorization);
        let status = request.response().await.status();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{authorization}");
    }
}

#[tokio::test]
async fn valid_token_is_accepted() {
    let project = Project::spawn(&[("SUPABASE_JWT_SECRET", LEGACY_SECRET)]).await;
    let id = project.given_session(Some(&project.ada)).await;
    let path = format!("/api/sessions/{id}");
    for (name, token) in Tokens::of(&project).valid() {
        let reply = project.get(&path, Some(&token)).await;
        assert_eq!(reply["success"], true, "{name}: {reply}");
    }
}

#[tokio::test]
async fn rs256_token_is_accepted() {
    let key = Key::rs256("rsa");
    let supabase = FakeSupabase::spawn(vec![key.clone()]).await;
    let app = TestApp::builder().with_supabase(&supabase).spawn().await;
    app.database.execute(&format!("INSERT INTO auth.users (id) VALUES ('{ADA}')")).await;
    let token = key.sign(&supabase.claims(ADA));
    let response = send(&app, Method::GET, "/api/sessions", Some(&token), None).await;
    assert_eq!(body(response).await.data()["sessions"], json!([]));
}

#[tokio::test]
async fn request_without_a_required_token_is_refused() {
    let project = Project::spawn(&[("KUKU_AUTH__MODE", "required")]).await;
    for (method, path, json) in routes("session-x", "msg-x") {
        let response = project.send(method.clone(), &path, None, json).await;
        let challenge = &response.headers()[header::WWW_AUTHENTICATE];
        assert_eq!(challenge, "Bearer", "{method} {path}");
        assert_eq!(
            refusal(response).await,
            (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED".into()),
            "{method} {path}"
        );
    }
    for path in ["/health", "/ready", "/", "/docs/"] {
        let status = project.get_raw(path, None).await.status();
        assert_eq!(status, StatusCode::OK, "{path}");
    }
    project.given_session(Some(&project.ada)).await;
}

#[tokio::test]
async fn token_of_a_deleted_account_creates_no_session() {
    let project = Project::spawn(&[]).await;
    let database = &project.app.database;
    database.execute(&format!("DELETE FROM auth.users WHERE id = '{ADA}'")).await;
    let (token, json) = (Some(project.ada.as_str()), Some(json!({})));
    let response = project.send(Method::POST, "/api/sessions", token, json).await;
    assert_status_and_code(response, StatusCode::UNAUTHORIZED, "BAD_TOKEN").await;
}
