//! A fake of a Supabase project's auth service: its public keys, and queued responses of its REST
//! API.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};

use super::lock;

/// A signing key of the project.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    pub algorithm: Algorithm,
    pub encoding: EncodingKey,
}

impl Key {
    pub fn es256(kid: &str) -> Self {
        let der =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .expect("a key");
        Self {
            kid: kid.into(),
            algorithm: Algorithm::ES256,
            encoding: EncodingKey::from_ec_der(der.as_ref()),
        }
    }

    pub fn rs256(kid: &str) -> Self {
        Self {
            kid: kid.into(),
            algorithm: Algorithm::RS256,
            encoding: EncodingKey::from_rsa_der(include_bytes!(
                "../fixtures/rsa_key_for_tests.der"
            )),
        }
    }

    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.encoding, self.algorithm).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding).expect("signed")
    }
}

/// How the endpoint of the public keys (JWKS) responds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultMode {
    Good,
    Down,
    Slow,
    Garbage,
}

/// A request that the REST API has received.
pub struct ReceivedRequest {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

struct State {
    keys: Mutex<Vec<Key>>,
    mode: Mutex<FaultMode>,
    key_fetches: Mutex<usize>,
    /// Responses of the REST API: status, `Retry-After` and body. The next one comes last.
    responses: Mutex<Vec<(u16, Option<&'static str>, Value)>>,
    requests: Mutex<Vec<ReceivedRequest>>,
}

pub struct FakeSupabase {
    pub url: String,
    state: Arc<State>,
}

impl FakeSupabase {
    pub async fn spawn(keys: Vec<Key>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            keys: Mutex::new(keys),
            mode: Mutex::new(FaultMode::Good),
            key_fetches: Mutex::default(),
            responses: Mutex::default(),
            requests: Mutex::default(),
        });
        let data = web::Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/auth/v1/.well-known/jwks.json", web::get().to(jwks))
                .default_service(web::to(rest))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listening")
        .run();
        tokio::spawn(server);
        Self { url, state }
    }

    /// Settings of a server that belongs to this project.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("SUPABASE_URL", &self.url),
            ("SUPABASE_ANON_KEY", "canary-anon-key"),
            ("SUPABASE_SERVICE_ROLE_KEY", "canary-service-role-key"),
        ]
    }

    /// The claims of a valid token of this user.
    pub fn claims(&self, user: &str) -> Value {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        json!({
            "iss": format!("{}/auth/v1", self.url), "sub": user,
            "aud": "authenticated", "role": "authenticated",
            "iat": now, "exp": now + 3_600, "email": "", "is_anonymous": false,
        })
    }

    pub fn set_keys(&self, keys: Vec<Key>) {
        *lock(&self.state.keys) = keys;
    }

    pub fn set_mode(&self, mode: FaultMode) {
        *lock(&self.state.mode) = mode;
    }

    pub fn key_fetches(&self) -> usize {
        *lock(&self.state.key_fetches)
    }

    /// Queues a response of the REST API.
    pub fn queue_response(&self, status: u16, retry_after: Option<&'static str>, body: Value) {
        lock(&self.state.responses).insert(0, (status, retry_after, body));
    }

    /// Removes and returns the requests that the REST API has received.
    pub fn take_requests(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut lock(&self.state.requests))
    }
}

async fn jwks(state: web::Data<State>) -> HttpResponse {
    *lock(&state.key_fetches) += 1;
    let mode = *lock(&state.mode);
    match mode {
        FaultMode::Good => {
            let keys: Vec<Value> = lock(&state.keys).iter().map(Key::jwk).collect();
            HttpResponse::Ok().json(json!({ "keys": keys }))
        }
        FaultMode::Down => HttpResponse::InternalServerError().finish(),
        FaultMode::Slow => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            HttpResponse::Ok().finish()
        }
        FaultMode::Garbage => HttpResponse::Ok().body("<html>a gateway</html>"),
    }
}

async fn rest(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    lock(&state.requests).push(ReceivedRequest {
        path: format!("{} {}", request.method(), request.uri()),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    });
    let Some((status, retry_after, body)) = lock(&state.responses).pop() else {
        return HttpResponse::NotFound().finish();
    };
    let mut response =
        HttpResponse::build(actix_web::http::StatusCode::from_u16(status).expect("a status"));
    if (300..400).contains(&status) {
        response.insert_header(("Location", "/auth/v1/elsewhere"));
    }
    if let Some(retry_after) = retry_after {
        response.insert_header(("Retry-After", retry_after));
    }
    match body {
        Value::Null => response.finish(),
        body => response.json(body),
    }
}
