//! From what went wrong to status, code and words. Nothing else knows them.
//!
//! The frontend reads the body of a 200 only, so what a person should read comes with 200 and `success: false`; real
//! statuses are for machines. Causes go to the log, once, here; never to the client.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};

use crate::http::response::envelope::failure;
use crate::{
    accounts::AccountErrorCode,
    repository::RepositoryError,
    services::{ConversationError, IdempotencyError, RatingError},
    storage::AudioError,
};

/// Seconds after which a client may try again.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Everything that an endpoint answers instead of success.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("Session not found")]
    SessionNotFound,
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
        "This server cannot listen yet: no speech to text is set up. Its operator can set OPENAI_API_KEY, or \
         KUKU_SPEECH_TO_TEXT__PROVIDER. Typed messages work."
    )]
    SpeechToTextNotConfigured,
    #[error("I could not listen just now. Please try again in a moment.")]
    SpeechToTextUnavailable,
    #[error("The coach cannot be reached just now. Please try again in a moment.")]
    CoachUnavailable,
    #[error("Your last message is still being answered. Please wait a moment.")]
    Busy,
    #[error("Rating must be between 1 and 5")]
    RatingOutOfRange,
    #[error("Can only rate completed sessions")]
    SessionNotEnded,
    /// The request cannot be understood; the text says why.
    #[error("{0}")]
    Malformed(String),
    #[error("The Idempotency-Key must be one header of 1 to 255 printable characters.")]
    BadIdempotencyKey,
    #[error("This Idempotency-Key was used for another request.")]
    IdempotencyKeyReused,
    #[error("The request with this Idempotency-Key is still being carried out.")]
    IdempotencyKeyInUse,
    /// Beyond a rate; the seconds until the next try.
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
    /// Signing up or in was refused.
    #[error("{}", .0.text)]
    AccountRefused(&'static AccountErrorCode),
    #[error("The body is too large.")]
    BodyTooLarge,
    #[error("The head of the request is too large.")]
    HeadersTooLarge,
    /// For machines: the frontend's own routes say it with 200.
    #[error("Session not found")]
    NoSuchSession,
    /// A search without a usable query.
    #[error("{0}")]
    BadQuery(String),
    #[error("There is no such address here. See /docs.")]
    UnknownRoute,
    #[error("This audio is gone; replies can be heard for a limited time.")]
    AudioNotFound,
    #[error("The audio cannot be fetched just now. Please try again in a moment.")]
    AudioUnavailable,
    /// The address exists, for these methods.
    #[error("This address takes {0} only.")]
    MethodNotAllowed(&'static str),
    #[error("The service is not available just now. Please try again in a moment.")]
    DatabaseUnavailable,
    #[error("The database's migrations are not those of this server.")]
    PendingMigrations,
    #[error("The server is about to stop. Please try again in a moment.")]
    ShuttingDown,
    #[error("Something went wrong on our side.")]
    Internal,
}

impl ApiError {
    /// For programs; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SessionNotFound => "SESSION_NOT_FOUND",
            Self::SessionNotActive => "SESSION_NOT_ACTIVE",
            Self::InvalidAudioFormat => "INVALID_AUDIO_FORMAT",
            Self::NotTranscribable => "NOT_TRANSCRIBABLE",
            Self::RecordingTooLarge(_) => "RECORDING_TOO_LARGE",
            Self::TextTooLong => "TEXT_TOO_LONG",
            Self::SpeechToTextNotConfigured => "SPEECH_TO_TEXT_NOT_CONFIGURED",
            Self::SpeechToTextUnavailable => "SPEECH_TO_TEXT_UNAVAILABLE",
            Self::CoachUnavailable => "COACH_UNAVAILABLE",
            Self::Busy => "SESSION_BUSY",
            Self::RatingOutOfRange => "RATING_OUT_OF_RANGE",
            Self::SessionNotEnded => "SESSION_NOT_ENDED",
            Self::Malformed(_) => "MALFORMED_REQUEST",
            Self::BadIdempotencyKey => "BAD_IDEMPOTENCY_KEY",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyKeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::TooManyRequests(_) => "TOO_MANY_REQUESTS",
            Self::Overloaded => "OVERLOADED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::MissingToken => "TOKEN_NEEDED",
            Self::BadToken => "BAD_TOKEN",
            Self::JwksUnavailable => "KEYS_UNAVAILABLE",
            Self::Forbidden => "FORBIDDEN",
            Self::AccountsDisabled => "NO_ACCOUNTS",
            Self::AccountsUnavailable => "ACCOUNTS_UNAVAILABLE",
            Self::AccountRefused(refusal) => refusal.code,
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::HeadersTooLarge => "HEAD_TOO_LARGE",
            Self::NoSuchSession => "SESSION_NOT_FOUND",
            Self::BadQuery(_) => "BAD_QUERY",
            Self::UnknownRoute => "UNKNOWN_ROUTE",
            Self::AudioNotFound => "AUDIO_NOT_FOUND",
            Self::AudioUnavailable => "AUDIO_STORE_UNAVAILABLE",
            Self::MethodNotAllowed(_) => "METHOD_NOT_ALLOWED",
            Self::DatabaseUnavailable => "DATABASE_UNAVAILABLE",
            Self::PendingMigrations => "MIGRATIONS_BEHIND",
            Self::ShuttingDown => "SHUTTING_DOWN",
            Self::Internal => "INTERNAL",
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SessionNotFound
            | Self::SessionNotActive
            | Self::InvalidAudioFormat
            | Self::NotTranscribable
            | Self::RecordingTooLarge(_)
            | Self::TextTooLong
            | Self::SpeechToTextNotConfigured
            | Self::SpeechToTextUnavailable
            | Self::CoachUnavailable
            | Self::Busy
            | Self::RatingOutOfRange
            | Self::SessionNotEnded => StatusCode::OK,
            Self::BadQuery(_) | Self::BadIdempotencyKey => StatusCode::BAD_REQUEST,
            Self::MissingToken | Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::AccountRefused(refusal) => {
                StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::IdempotencyKeyInUse => StatusCode::CONFLICT,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownRoute
            | Self::AudioNotFound
            | Self::NoSuchSession
            | Self::AccountsDisabled => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::DatabaseUnavailable
            | Self::AudioUnavailable
            | Self::JwksUnavailable
            | Self::AccountsUnavailable
            | Self::PendingMigrations
            | Self::ShuttingDown
            | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = failure(self.status_code(), self.code(), self.to_string());
        match self {
            Self::MethodNotAllowed(methods) => {
                response.headers_mut().insert(
                    ALLOW,
                    actix_web::http::header::HeaderValue::from_static(methods),
                );
            }
            Self::MissingToken => challenge(&mut response, "Bearer"),
            Self::BadToken => challenge(&mut response, "Bearer error=\"invalid_token\""),
            Self::TooManyRequests(seconds) => {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, (*seconds).into());
            }
            Self::DatabaseUnavailable
            | Self::AudioUnavailable
            | Self::JwksUnavailable
            | Self::AccountsUnavailable
            | Self::PendingMigrations
            | Self::ShuttingDown
            | Self::Overloaded
            | Self::IdempotencyKeyInUse => {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            _ => {}
        }
        response
    }
}

fn challenge(response: &mut HttpResponse, how: &'static str) {
    let how = actix_web::http::header::HeaderValue::from_static(how);
    response.headers_mut().insert(WWW_AUTHENTICATE, how);
}

impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(_) => {
                tracing::warn!(%error, "request failed");
                Self::DatabaseUnavailable
            }
            RepositoryError::UserNotFound => Self::BadToken,
            RepositoryError::EmailTaken | RepositoryError::Unexpected(_) => {
                tracing::error!(%error, "request failed");
                Self::Internal
            }
        }
    }
}

impl From<AudioError> for ApiError {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::NotFound | AudioError::NotModified => Self::AudioNotFound,
            AudioError::Failed(_) => {
                tracing::warn!(%error, "request failed");
                Self::AudioUnavailable
            }
        }
    }
}

impl From<IdempotencyError> for ApiError {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::InProgress => Self::IdempotencyKeyInUse,
            IdempotencyError::KeyReused => Self::IdempotencyKeyReused,
            IdempotencyError::Repository(error) => error.into(),
        }
    }
}

impl From<ConversationError> for ApiError {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotFound => Self::SessionNotFound,
            ConversationError::NotActive => Self::SessionNotActive,
            ConversationError::NotTranscribable => Self::NotTranscribable,
            ConversationError::SpeechToTextNotConfigured => Self::SpeechToTextNotConfigured,
            ConversationError::SpeechToText(_) => {
                tracing::warn!(%error, "turn failed");
                Self::SpeechToTextUnavailable
            }
            ConversationError::Coach(_) => {
                tracing::warn!(%error, "turn failed");
                Self::CoachUnavailable
            }
            ConversationError::Busy => Self::Busy,
            ConversationError::Overloaded => Self::Overloaded,
            ConversationError::Idempotency(error) => error.into(),
            ConversationError::Repository(error) => error.into(),
            ConversationError::TaskFailed(_) => {
                tracing::error!(%error, "turn failed");
                Self::Internal
            }
        }
    }
}

impl From<RatingError> for ApiError {
    fn from(error: RatingError) -> Self {
        match error {
            RatingError::NotFound => Self::SessionNotFound,
            RatingError::NotEnded => Self::SessionNotEnded,
            RatingError::Request(error) => error.into(),
            RatingError::Repository(error) => error.into(),
        }
    }
}

/// The answer for addresses that do not exist.
pub async fn not_found(_: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::UnknownRoute)
}

/// A route for all methods that a resource does not take.
pub fn method_not_allowed(methods: &'static str) -> actix_web::Route {
    actix_web::web::to(move || async move {
        Err::<HttpResponse, _>(ApiError::MethodNotAllowed(methods))
    })
}
