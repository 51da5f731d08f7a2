//! Stars and feedback for a session.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::json_body::{self as body, SessionIdPath},
    response::envelope::{ApiResponse, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, method_not_allowed},
};
use crate::{
    domain::{Feedback, Fingerprint, IdempotentRequest, InvalidRating, Rating},
    services::rate,
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/sessions/{session_id}/rating")
                .route(web::get().to(show))
                .route(web::post().to(create))
                .default_service(method_not_allowed("GET, POST")),
        )
        // The integration plan's name for the same.
        .service(
            web::resource("/api/sessions/{session_id}/rate")
                .route(web::post().to(create))
                .default_service(method_not_allowed("POST")),
        );
}

/// A rating to store.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "documents the body, which is read field by field for clear errors"
)]
pub struct CreateRating {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    rating: i32,
    /// At most 10,000 characters.
    #[schema(max_length = 10_000)]
    feedback: Option<String>,
}

/// A rating that was stored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoredRating {
    session_id: String,
    rating: i32,
    feedback: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
}

/// The rating of a session, if it has one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingData {
    session_id: String,
    rating: Option<i32>,
    feedback: Option<String>,
    has_rating: bool,
}

/// Rate a session that has ended; a second rating replaces the first, feedback included. Also at `/rate`.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/rating", tag = "ratings",
    params(("session_id" = String, Path)),
    request_body = CreateRating,
    responses(
        (
            status = 200,
            description = "The rating, or RATING_OUT_OF_RANGE, SESSION_NOT_FOUND, SESSION_NOT_ENDED",
            body = ApiResponse<StoredRating>
        ),
        (status = 422, description = "No JSON, or the rating is no whole number", body = ErrorEnvelope),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn create(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    mut payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let key = body::idempotency_key(&request)?;
    let mut object = body::json_object(&request, &mut payload, &state.body_limits).await?;
    let rating = Rating::try_from(object.get("rating").unwrap_or(&Value::Null)).map_err(
        |error| match error {
            InvalidRating::NotAWholeNumber => {
                ApiError::MalformedRequest("The rating must be a whole number from 1 to 5.".into())
            }
            InvalidRating::OutOfRange => ApiError::RatingOutOfRange,
        },
    )?;
    let feedback = match object.remove("feedback") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Feedback::parse(text).ok_or_else(|| {
            ApiError::MalformedRequest(format!(
                "The feedback must have at most {} characters, and no NUL among them.",
                Feedback::MAX_CHARACTERS
            ))
        })?),
        Some(_) => {
            return Err(ApiError::MalformedRequest(
                "The feedback must be a text.".into(),
            ));
        }
    };
    let id = id.session()?;
    let idempotency = key.map(|key| {
        let feedback = feedback.as_ref().map(Feedback::as_str);
        IdempotentRequest {
            key,
            fingerprint: Fingerprint::of(json!([rating.stars(), feedback]).to_string()),
        }
    });
    let (timestamp, replayed) = rate(
        &state.db,
        &state.idempotency,
        caller.viewer(),
        &id,
        rating,
        feedback.as_ref(),
        idempotency.as_ref(),
    )
    .await?;
    let data = StoredRating {
        session_id: id.as_str().to_owned(),
        rating: rating.stars(),
        feedback: feedback.map(|feedback| feedback.as_str().to_owned()),
        timestamp,
    };
    Ok(success_or_replay(data, replayed))
}

/// The rating of a session, in any state.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}/rating", tag = "ratings",
    params(("session_id" = String, Path)),
    responses(
        (status = 200, description = "The rating, or SESSION_NOT_FOUND", body = ApiResponse<RatingData>),
        (status = 503, description = "The database is away", body = ErrorEnvelope),
    ),
)]
pub async fn show(
    caller: Caller,
    id: SessionIdPath,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let session = state
        .db
        .get_session(caller.viewer(), &id.session()?)
        .await?;
    let session = session.ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    Ok(success(RatingData {
        session_id: session.id.as_str().to_owned(),
        rating: session.rating,
        feedback: session.feedback,
        has_rating: session.rating.is_some(),
    }))
}
