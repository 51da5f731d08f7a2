//! The language that a client asks for a new session.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::ACCEPT_LANGUAGE, web};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};
use serde_json::Value;

use super::discard_body::discard;
use crate::{
    domain::{LanguageTag, SessionLanguage},
    http::{AppState, response::error::ApiError},
};

/// Longest body that is read; longer ones are ignored.
const MAX_BYTES: usize = 4 * 1024;

/// The language of the body `{"language": "de"}`, or else what the browser prefers. Any other body
/// is ignored, whatever its content type.
pub struct RequestedLanguage(pub SessionLanguage);

impl FromRequest for RequestedLanguage {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let preferred = SessionLanguage::guess(preferred_language(request));
        if matches!(payload, Payload::None) {
            return std::future::ready(Ok(Self(preferred))).boxed_local();
        }
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let body = web::Payload::from_request(request, payload).into_inner();
        async move {
            let limits = &state.ok_or(ApiError::Internal)?.body_limits;
            let mut body = body.map_err(|_| ApiError::Internal)?;
            let reading = async {
                let mut bytes = Vec::new();
                while let Some(Ok(chunk)) = limits.next_chunk(body.next()).await? {
                    if bytes.len() + chunk.len() > MAX_BYTES {
                        discard(&mut body, limits).await?;
                        return Ok(Vec::new());
                    }
                    bytes.extend_from_slice(&chunk);
                }
                Ok(bytes)
            };
            let bytes = limits.with_json_timeout(reading).await?;
            Ok(Self(chosen_language(&bytes).map_or(preferred, SessionLanguage::known)))
        }
        .boxed_local()
    }
}

/// The language that the browser prefers, if it says so.
pub fn preferred_language(request: &HttpRequest) -> Option<LanguageTag> {
    let header = request.headers().get(ACCEPT_LANGUAGE)?;
    LanguageTag::from_accept_language(header.to_str().ok()?)
}

fn chosen_language(body: &[u8]) -> Option<LanguageTag> {
    let body: Value = serde_json::from_slice(body).ok()?;
    LanguageTag::parse(body.get("language")?.as_str()?)
}
