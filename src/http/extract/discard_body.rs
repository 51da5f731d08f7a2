//! Bodies that are read and discarded.

use std::future::ready;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};

use crate::http::{AppState, body_limits::BodyLimits, response::error::ApiError};

/// Most bytes that are read of a refused body. Browsers read a response only after they have sent
/// the whole body.
const MAX_DISCARDED_BYTES: u64 = 128 * 1024 * 1024;

/// A body without meaning. It is read because actix closes a connection with an unread body, and
/// the client's next request would fail.
pub struct DiscardBody;

impl FromRequest for DiscardBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if matches!(payload, Payload::None) {
            return ready(Ok(Self)).boxed_local();
        }
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let body = web::Payload::from_request(request, payload).into_inner();
        async move {
            let state = state.ok_or(ApiError::Internal)?;
            let mut body = body.map_err(|_| ApiError::Internal)?;
            discard(&mut body, &state.body_limits).await?;
            Ok(Self)
        }
        .boxed_local()
    }
}

/// Reads the rest of a body, so that the response reaches a client that is still sending.
pub async fn discard(payload: &mut web::Payload, limits: &BodyLimits) -> Result<(), ApiError> {
    let reading = async {
        let mut size = 0;
        while let Some(Ok(chunk)) = limits.next_chunk(payload.next()).await? {
            size += chunk.len() as u64;
            if size > MAX_DISCARDED_BYTES {
                break;
            }
        }
        Ok(())
    };
    limits.with_body_timeout(reading).await
}
