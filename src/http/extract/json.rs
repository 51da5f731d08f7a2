//! JSON bodies.

use std::{
    borrow::Cow,
    fmt,
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web};
use futures_util::StreamExt;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Error, Map, Value, error::Category, value::RawValue};

use super::{
    discard_body::discard,
    fields::{FIELD, FieldsDeserializer},
};
use crate::http::{
    AppState,
    body_limits::{BodyLimits, LargeBody},
    response::error::ApiError,
};

/// Longest array or object that is parsed. Longer ones are in no valid body.
const MAX_NESTED_BYTES: usize = 64 * 1024;

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
        let state = state.ok_or(ApiError::Internal)?;
        let reading = self.read_bytes(&state);
        let (body, _large) = state.body_limits.with_json_timeout(reading).await?;
        T::deserialize(FieldsDeserializer(|names| parse_fields(&body, names)))
            .map_err(|error| ApiError::MalformedRequest(error.to_string()))
    }

    /// Discards the body of a request that is refused, so that the response reaches a client that
    /// is still sending; returns `error`, or that the body came too slowly.
    pub async fn refuse(mut self, error: ApiError, limits: &BodyLimits) -> ApiError {
        let discarded = limits.with_json_timeout(discard(&mut self.payload, limits)).await;
        discarded.err().unwrap_or(error)
    }

    /// The body, and its place among the large ones if it is large.
    async fn read_bytes(
        &mut self,
        state: &AppState,
    ) -> Result<(Vec<u8>, Option<LargeBody>), ApiError> {
        let limits = &state.body_limits;
        if !has_content_type(&self.request, "json") {
            discard(&mut self.payload, limits).await?;
            return Err(malformed("Send JSON, with Content-Type: application/json."));
        }
        let (mut body, mut large) = (Vec::new(), None);
        while let Some(chunk) = limits.next_chunk(self.payload.next()).await? {
            let chunk = chunk.map_err(|_| malformed("The body ended too early."))?;
            if body.len() + chunk.len() > T::MAX_BYTES {
                discard(&mut self.payload, limits).await?;
                return Err(T::TOO_LARGE);
            }
            if large.is_none() && body.len() + chunk.len() > LargeBody::MIN_BYTES {
                match limits.start_large(state.rate_limits.client_key(&self.request)) {
                    Ok(admitted) => large = Some(admitted),
                    Err(error) => {
                        drop(body);
                        discard(&mut self.payload, limits).await?;
                        return Err(error);
                    }
                }
            }
            body.extend_from_slice(&chunk);
        }
        Ok((body, large))
    }
}

/// The values of the fields `names` in a JSON object. All others are skipped without being stored,
/// so that the time for a body depends on its length alone.
fn parse_fields(body: &[u8], names: &[&'static str]) -> Result<Map<String, Value>, Error> {
    let invalid = |line, column| {
        Error::custom(format_args!("The body is not valid JSON (line {line}, column {column})."))
    };
    let KnownFields(fields) = {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let fields = KnownFieldsSeed(names).deserialize(&mut deserializer);
        fields.and_then(|fields| deserializer.end().map(|()| fields)).map_err(
            |error| match error.classify() {
                Category::Data => Error::custom("The body must be a JSON object."),
                _ => invalid(error.line(), error.column()),
            },
        )?
    };
    let value = |(name, raw): (&str, &RawValue)| {
        let raw = raw.get();
        if raw.starts_with(['[', '{']) && raw.len() > MAX_NESTED_BYTES {
            return Ok((name.to_owned(), Value::Array(Vec::new())));
        }
        // A fault that only shows here, such as half a surrogate pair.
        let value = serde_json::from_str(raw).map_err(|error| {
            let before = raw.as_ptr().addr() - body.as_ptr().addr();
            let mut lines = body[..before].split(|byte| *byte == b'\n');
            let start_of_line = lines.next_back().map_or(0, <[u8]>::len);
            let is_first_line = error.line() == 1;
            let column = error.column() + if is_first_line { start_of_line } else { 0 };
            invalid(lines.count() + error.line(), column)
        })?;
        Ok((name.to_owned(), value))
    };
    fields.into_iter().map(value).collect()
}

/// The fields of a JSON object that have one of these names, not yet parsed.
struct KnownFieldsSeed<'a>(&'a [&'static str]);

struct KnownFields<'de>(Vec<(&'static str, &'de RawValue)>);

impl<'de> DeserializeSeed<'de> for KnownFieldsSeed<'_> {
    type Value = KnownFields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for KnownFieldsSeed<'_> {
    type Value = KnownFields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<(&'static str, &RawValue)> = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            match self.0.iter().find(|known| **known == name) {
                Some(known) => {
                    fields.retain(|(earlier, _)| earlier != known);
                    fields.push((known, map.next_value()?));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(KnownFields(fields))
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
