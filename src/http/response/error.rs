//! API errors: status, code and text of every error response, defined here only.
//!
//! The deployed frontend reads the body of a 200 response only. Errors that a user can fix
//! therefore have status 200 and `success: false`; protocol errors have a real status.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};

use crate::{accounts::AccountErrorCode, http::response::envelope::error_body};

/// `Retry-After` of temporary errors, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Result of a handler.
pub type ApiResult = Result<HttpResponse, ApiError>;

/// Error of an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// With status 200 on the deployed frontend's routes, 404 on all others.
    #[error("Session not found")]
    SessionNotFound(StatusCode),
    #[error("Session is not active")]
    SessionNotActive,
    #[error("Invalid audio format. Please use MP3, WAV, or WebM format.")]
    InvalidAudioFormat,
    #[error("Could not transcribe audio. Please try again.")]
    NotTranscribable,
    #[error("Your recording is too large. Please keep it under {0} MB.")]
    RecordingTooLarge(u64),
    #[error("Your message is too long. Please say it in shorter parts.")]
    TextTooLong,
    #[error(
        "This server cannot listen yet: no speech to text is set up. Its operator can set \
         OPENAI_API_KEY, or KUKU_SPEECH_TO_TEXT__PROVIDER. Typed messages work."
    )]
    SpeechToTextNotConfigured,
    #[error("I could not listen just now. Please try again in a moment.")]
    SpeechToTextUnavailable,
    #[error("The coach cannot be reached just now. Please try again in a moment.")]
    CoachUnavailable,
    /// The coach fails, and the recording goes with the next turn.
    #[error("I heard you, but I cannot answer just now. Say \"go on\" in a moment.")]
    RecordingUnanswered,
    #[error("I would rather not go into that. What else is on your mind?")]
    CoachDeclined,
    #[error("Your last message is still being answered. Please wait a moment.")]
    SessionBusy,
    #[error("Rating must be between 1 and 5")]
    RatingOutOfRange,
    #[error("Can only rate completed sessions")]
    SessionNotEnded,
    /// Invalid request; the text names the reason.
    #[error("{0}")]
    MalformedRequest(String),
    #[error(
        "The Idempotency-Key must be one header of 1 to 255 printable characters; without a user's \
         token, of at least 16, since the key gives access to the response."
    )]
    BadIdempotencyKey,
    #[error("This Idempotency-Key was used for another request.")]
    IdempotencyKeyReused,
    #[error("The request with this Idempotency-Key is still being carried out.")]
    IdempotencyKeyInUse,
    /// Over a rate limit, with the seconds until the next request is allowed.
    #[error("Too many requests. Please try again in {0} s.")]
    TooManyRequests(u64),
    #[error("The server is busy. Please try again in a moment.")]
    Overloaded,
    #[error("The request came too slowly.")]
    RequestTimeout,
    #[error("Please sign in.")]
    MissingToken,
    #[error("This sign-in is not valid any more. Please sign in again.")]
    BadToken,
    #[error("Sign-ins cannot be checked just now. Please try again in a moment.")]
    JwksUnavailable,
    #[error("These are not yours.")]
    Forbidden,
    #[error("This server keeps no accounts.")]
    AccountsDisabled,
    #[error("Accounts cannot be reached just now. Please try again in a moment.")]
    AccountsUnavailable,
    /// Sign-up, login or account change refused.
    #[error("{}", .0.text)]
    AccountRefused(AccountErrorCode),
    #[error("The body is too large.")]
    BodyTooLarge,
    #[error("The head of the request is too large.")]
    HeadersTooLarge,
    /// Invalid query string; the text names the reason.
    #[error("{0}")]
    BadQuery(String),
    #[error("There is no such address here. See /docs.")]
    UnknownRoute,
    #[error("This audio is gone; replies can be heard for a limited time.")]
    AudioNotFound,
    #[error("The audio cannot be fetched just now. Please try again in a moment.")]
    AudioStoreUnavailable,
    /// Path that exists for other methods, which are listed.
    #[error("This address takes {0} only.")]
    MethodNotAllowed(&'static str),
    #[error("The service is not available just now. Please try again in a moment.")]
    DatabaseUnavailable,
    #[error("The database's migrations are not those of this server.")]
    PendingMigrations,
    #[error("The database lacks a part of its schema.")]
    SchemaDamaged,
    #[error("The server is about to stop. Please try again in a moment.")]
    ShuttingDown,
    #[error("Something went wrong on our side.")]
    Internal,
}

impl ApiError {
    /// Stable error code, for programs.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::SessionNotFound(status) => (*status, "SESSION_NOT_FOUND"),
            Self::SessionNotActive => (StatusCode::OK, "SESSION_NOT_ACTIVE"),
            Self::InvalidAudioFormat => (StatusCode::OK, "INVALID_AUDIO_FORMAT"),
            Self::NotTranscribable => (StatusCode::OK, "NOT_TRANSCRIBABLE"),
            Self::RecordingTooLarge(_) => (StatusCode::OK, "RECORDING_TOO_LARGE"),
            Self::TextTooLong => (StatusCode::OK, "TEXT_TOO_LONG"),
            Self::SpeechToTextNotConfigured => (StatusCode::OK, "SPEECH_TO_TEXT_NOT_CONFIGURED"),
            Self::SpeechToTextUnavailable => (StatusCode::OK, "SPEECH_TO_TEXT_UNAVAILABLE"),
            Self::CoachUnavailable | Self::RecordingUnanswered => {
                (StatusCode::OK, "COACH_UNAVAILABLE")
            }
            Self::CoachDeclined => (StatusCode::OK, "COACH_DECLINED"),
            Self::SessionBusy => (StatusCode::OK, "SESSION_BUSY"),
            Self::RatingOutOfRange => (StatusCode::OK, "RATING_OUT_OF_RANGE"),
            Self::SessionNotEnded => (StatusCode::OK, "SESSION_NOT_ENDED"),
            Self::MalformedRequest(_) => (StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED_REQUEST"),
            Self::BadIdempotencyKey => (StatusCode::BAD_REQUEST, "BAD_IDEMPOTENCY_KEY"),
            Self::IdempotencyKeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED")
            }
            Self::IdempotencyKeyInUse => (StatusCode::CONFLICT, "IDEMPOTENCY_KEY_IN_USE"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT"),
            Self::MissingToken => (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED"),
            Self::BadToken => (StatusCode::UNAUTHORIZED, "BAD_TOKEN"),
            Self::JwksUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Self::AccountsDisabled => (StatusCode::NOT_FOUND, "NO_ACCOUNTS"),
            Self::AccountsUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "ACCOUNTS_UNAVAILABLE"),
            Self::AccountRefused(refusal) => {
                let status = StatusCode::from_u16(refusal.status);
                (status.unwrap_or(StatusCode::BAD_REQUEST), refusal.code)
            }
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::HeadersTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "HEAD_TOO_LARGE")
            }
            Self::BadQuery(_) => (StatusCode::BAD_REQUEST, "BAD_QUERY"),
            Self::UnknownRoute => (StatusCode::NOT_FOUND, "UNKNOWN_ROUTE"),
            Self::AudioNotFound => (StatusCode::NOT_FOUND, "AUDIO_NOT_FOUND"),
            Self::AudioStoreUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "AUDIO_STORE_UNAVAILABLE")
            }
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::DatabaseUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "DATABASE_UNAVAILABLE"),
            Self::PendingMigrations => (StatusCode::SERVICE_UNAVAILABLE, "MIGRATIONS_BEHIND"),
            Self::SchemaDamaged => (StatusCode::SERVICE_UNAVAILABLE, "SCHEMA_DAMAGED"),
            Self::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "SHUTTING_DOWN"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status_and_code().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code) = self.status_and_code();
        let mut response = HttpResponse::build(status).json(error_body(code, self.to_string()));
        let (header, value) = match self {
            Self::MethodNotAllowed(methods) => (ALLOW, HeaderValue::from_static(methods)),
            Self::MissingToken => (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Self::BadToken => {
                (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
            }
            Self::TooManyRequests(seconds) => (RETRY_AFTER, (*seconds).into()),
            Self::IdempotencyKeyInUse => (RETRY_AFTER, RETRY_AFTER_SECONDS.into()),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                (RETRY_AFTER, RETRY_AFTER_SECONDS.into())
            }
            _ => return response,
        };
        response.headers_mut().insert(header, value);
        response
    }
}

/// Handler of unknown routes.
pub async fn not_found(_: HttpRequest) -> ApiResult {
    Err(ApiError::UnknownRoute)
}
