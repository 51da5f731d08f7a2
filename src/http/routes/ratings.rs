//! Ratings of sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::Caller,
    extract::idempotency_key::idempotency_key,
    extract::json::{Json, JsonBody},
    extract::session_id::SessionIdPath,
    response::envelope::{ApiResponse, ErrorEnvelope, success, success_or_replay},
    response::error::{ApiError, ApiResult},
    routes::resource,
};
use crate::{
    domain::{Feedback, Fingerprint, IdempotentRequest, InvalidRating, Rating},
    services::rate,
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/sessions/{session_id}/rating", "GET, POST")
                .route(web::get().to(show))
                .route(web::post().to(create)),
        )
        // The integration plan's path.
        .service(resource("/api/sessions/{session_id}/rate", "POST").route(web::post().to(create)));
}

/// A rating to store.
#[derive(Deserialize, ToSchema)]
pub struct CreateRatingRequest {
    /// 1 to 5.
    #[serde(deserialize_with = "rating")]
    #[schema(value_type = i32, minimum = 1, maximum = 5, example = 5)]
    rating: Result<Rating, InvalidRating>,
    /// At most 10,000 characters.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    feedback: Value,
}

impl JsonBody for CreateRatingRequest {
    /// Feedback of the greatest length with every character escaped, in 12 bytes at most.
    const MAX_BYTES: usize = 12 * Feedback::MAX_CHARACTERS + 1_000;
    const TOO_LARGE: ApiError = ApiError::TextTooLong;
}

/// Never fails: a rating out of range has a status of its own, which [`parse_rating`] knows.
fn rating<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Result<Rating, InvalidRating>, D::Error> {
    Ok(Rating::try_from(&Value::deserialize(deserializer)?))
}

/// A stored rating.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRatingResponse {
    session_id: String,
    rating: i32,
    feedback: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
}

/// The rating of a session, if it has one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingResponse {
    session_id: String,
    rating: Option<i32>,
    feedback: Option<String>,
    has_rating: bool,
}

/// Rate a session that has ended. A second rating replaces the first, with its feedback.
#[utoipa::path(
    post, path = "/api/sessions/{session_id}/rating", tag = "ratings",
    params(SessionIdPath),
    request_body = CreateRatingRequest,
    responses(
        (status = 200, body = ApiResponse<CreateRatingResponse>,
            description = "The rating, or RATING_OUT_OF_RANGE, SESSION_NOT_FOUND, \
                SESSION_NOT_ENDED"),
        (status = 422, body = ErrorEnvelope,
            description = "No JSON, or the rating is no whole number"),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn create(
    caller: Caller,
    id: SessionIdPath,
    request: HttpRequest,
    body: Json<CreateRatingRequest>,
    state: web::Data<AppState>,
) -> ApiResult {
    let key = idempotency_key(&request, caller.viewer())?;
    let body = body.read().await?;
    let rating = parse_rating(body.rating)?;
    let feedback = parse_feedback(body.feedback)?;
    let id = id.parse()?;
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
    let response = CreateRatingResponse {
        session_id: id.as_str().to_owned(),
        rating: rating.stars(),
        feedback: feedback.map(|feedback| feedback.as_str().to_owned()),
        timestamp,
    };
    Ok(success_or_replay(response, replayed))
}

fn parse_rating(rating: Result<Rating, InvalidRating>) -> Result<Rating, ApiError> {
    rating.map_err(|error| match error {
        InvalidRating::NotAWholeNumber => {
            ApiError::MalformedRequest("The rating must be a whole number from 1 to 5.".into())
        }
        InvalidRating::OutOfRange => ApiError::RatingOutOfRange,
    })
}

fn parse_feedback(feedback: Value) -> Result<Option<Feedback>, ApiError> {
    match feedback {
        Value::Null => Ok(None),
        Value::String(text) => Feedback::parse(text).map(Some).ok_or_else(|| {
            ApiError::MalformedRequest(format!(
                "The feedback must have at most {} characters, and no NUL among them.",
                Feedback::MAX_CHARACTERS
            ))
        }),
        _ => Err(ApiError::MalformedRequest("The feedback must be a text.".into())),
    }
}

/// Show the rating of a session, whether it has ended or not.
#[utoipa::path(
    get, path = "/api/sessions/{session_id}/rating", tag = "ratings",
    params(SessionIdPath),
    responses(
        (status = 200, body = ApiResponse<RatingResponse>,
            description = "The rating, or SESSION_NOT_FOUND"),
        (status = 503, description = "DATABASE_UNAVAILABLE", body = ErrorEnvelope),
    ),
)]
pub async fn show(caller: Caller, id: SessionIdPath, state: web::Data<AppState>) -> ApiResult {
    let session = state.db.get_session(caller.viewer(), &id.parse()?).await?;
    let session = session.ok_or(ApiError::SessionNotFound(StatusCode::OK))?;
    Ok(success(RatingResponse {
        session_id: session.id.as_str().to_owned(),
        rating: session.rating,
        feedback: session.feedback,
        has_rating: session.rating.is_some(),
    }))
}
