//! JSON bodies.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web};
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Map, Value};

use super::{
    discard_body::discard,
    fields::{FIELD, FieldsDeserializer},
};
use crate::http::{AppState, body_limits::BodyLimits, response::error::ApiError};

/// A struct that is read from a JSON object, with the limit on the size of the body.
pub trait JsonBody: DeserializeOwned {
    /// Maximum size of the body.
    const MAX_BYTES: usize = 64 * 1024;
    /// Error for larger bodies.
    const TOO_LARGE: ApiError = ApiError::BodyTooLarge;
}

/// A JSON body that is not read yet: handlers check headers, rates and permits before.
pub struct Json<T> {
    request: HttpRequest,
    payload: web::Payload,
    body: PhantomData<T>,
}

impl<T: JsonBody> Json<T> {
    /// The body of `request`.
    pub fn new(request: HttpRequest, payload: web::Payload) -> Self {
        Self { request, payload, body: PhantomData }
    }

    /// Reads and parses the body. The text of an error does not repeat the body.
    pub async fn read(mut self) -> Result<T, ApiError> {
        let state = self.request.app_data::<web::Data<AppState>>().cloned();
        let limits = &state.ok_or(ApiError::Internal)?.body_limits;
        let object = limits.with_body_timeout(self.read_object(limits)).await?;
        T::deserialize(FieldsDeserializer(|_| Ok(object)))
            .map_err(|error| ApiError::MalformedRequest(error.to_string()))
    }

    async fn read_object(&mut self, limits: &BodyLimits) -> Result<Map<String, Value>, ApiError> {
        if !has_content_type(&self.request, "json") {
            discard(&mut self.payload, limits).await?;
            return Err(malformed("Send JSON, with Content-Type: application/json."));
        }
        let mut body = Vec::new();
        while let Some(chunk) = limits.next_chunk(self.payload.next()).await? {
            let chunk = chunk.map_err(|_| malformed("The body ended too early."))?;
            if body.len() + chunk.len() > T::MAX_BYTES {
                discard(&mut self.payload, limits).await?;
                return Err(T::TOO_LARGE);
            }
            body.extend_from_slice(&chunk);
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(malformed("The body must be a JSON object.")),
            Err(error) => Err(malformed(&format!(
                "The body is not valid JSON (line {}, column {}).",
                error.line(),
                error.column()
            ))),
        }
    }
}

impl<T: JsonBody> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload).into_inner();
        let body = payload.map(|payload| Self::new(request.clone(), payload));
        ready(body.map_err(|_| ApiError::Internal))
    }
}

/// Whether the content type of the request contains `kind`, in any case.
pub fn has_content_type(request: &HttpRequest, kind: &str) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains(kind))
}

/// Deserializes an optional text without NUL, which Postgres cannot store.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if !text.contains('\0') => Ok(Some(text)),
        _ => Err(D::Error::custom(format_args!("{FIELD} must be a text."))),
    }
}

/// Deserializes a text without NUL that must be present.
pub fn required_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer)?
        .ok_or_else(|| D::Error::custom(format_args!("The body needs a \"{FIELD}\".")))
}

fn malformed(text: &str) -> ApiError {
    ApiError::MalformedRequest(text.to_owned())
}
