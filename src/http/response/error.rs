//! API errors: status, code and text of every error response, defined here only.
//!
//! The deployed frontend reads the body of a 200 response only. Errors that a user can fix
//! therefore have status 200 and `success: false`; protocol errors have a real status.

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};

use crate::{
    accounts::AccountErrorCode,
    domain::{Language, texts},
    http::response::envelope::error_body,
};

/// `Retry-After` of temporary errors, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Size of a recorded minute, as the deployed frontend records it (docs/contract.md).
const BYTES_PER_MINUTE: u64 = 1024 * 1024;

/// Result of a handler.
pub type ApiResult = Result<HttpResponse, ApiError>;

/// Error of an endpoint.
#[derive(Debug, Clone)]
pub enum ApiError {
    /// With status 200 on the deployed frontend's routes, 404 on all others.
    SessionNotFound(StatusCode),
    SessionNotActive,
    InvalidAudioFormat,
    NotTranscribable,
    /// Over this number of bytes.
    RecordingTooLarge(u64),
    TextTooLong,
    SessionFull,
    SpeechToTextNotConfigured,
    SpeechToTextUnavailable,
    CoachUnavailable,
    /// The coach fails, and the recording goes with the next turn.
    RecordingUnanswered,
    CoachDeclined,
    SessionBusy,
    RatingOutOfRange,
    SessionNotEnded,
    /// Invalid request; the text names the reason.
    MalformedRequest(String),
    BadIdempotencyKey,
    IdempotencyKeyReused,
    IdempotencyKeyInUse,
    /// Over a rate limit, with the seconds until the next request is allowed.
    TooManyRequests(u64),
    Overloaded,
    /// The disk has no space for an upload.
    DiskFull,
    RequestTimeout,
    MissingToken,
    BadToken,
    JwksUnavailable,
    Forbidden,
    /// Of the service key: there is no such account.
    UserNotFound,
    /// A web page that may not call this server.
    OriginNotAllowed,
    /// A host name under which this server does not answer.
    HostNotAllowed,
    AccountsDisabled,
    AccountsUnavailable,
    /// Sign-up, login or account change refused.
    AccountRefused(AccountErrorCode),
    BodyTooLarge,
    HeadersTooLarge,
    /// Invalid query string; the text names the reason.
    BadQuery(String),
    UnknownRoute,
    AudioNotFound,
    AudioStoreUnavailable,
    /// Path that exists for other methods, which are listed.
    MethodNotAllowed(&'static str),
    DatabaseUnavailable,
    PendingMigrations,
    SchemaDamaged,
    ShuttingDown,
    Internal,
    /// An error in the language of its reader.
    InLanguage(Box<ApiError>, Language),
}

impl ApiError {
    /// Stable error code, for programs.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    /// Whether a limit, a shutdown or the protection from foreign web pages refused the request. A
    /// client can cause many of these at little cost.
    pub fn is_refusal(&self) -> bool {
        self.status_and_code().0 == StatusCode::TOO_MANY_REQUESTS
            || matches!(
                self,
                Self::Overloaded
                    | Self::DiskFull
                    | Self::ShuttingDown
                    | Self::HeadersTooLarge
                    | Self::OriginNotAllowed
                    | Self::HostNotAllowed
            )
    }

    /// The text: in this language if the status is 200, since a person reads it then, and else in
    /// English.
    fn text(&self, language: Language) -> Cow<'static, str> {
        let texts = &texts(language).errors;
        Cow::Borrowed(match self {
            Self::SessionNotFound(_) => texts.session_not_found,
            Self::SessionNotActive => texts.session_not_active,
            Self::InvalidAudioFormat => texts.invalid_audio_format,
            Self::NotTranscribable => texts.not_transcribable,
            Self::RecordingTooLarge(bytes) => {
                let minutes = (bytes / BYTES_PER_MINUTE).max(1);
                return texts.recording_too_large(minutes).into();
            }
            Self::TextTooLong => texts.text_too_long,
            Self::SessionFull => texts.session_full,
            Self::SpeechToTextNotConfigured => texts.speech_to_text_not_configured,
            Self::SpeechToTextUnavailable => texts.speech_to_text_unavailable,
            Self::CoachUnavailable => texts.coach_unavailable,
            Self::RecordingUnanswered => texts.recording_unanswered,
            Self::CoachDeclined => texts.coach_declined,
            Self::SessionBusy => texts.session_busy,
            Self::RatingOutOfRange => texts.rating_out_of_range,
            Self::SessionNotEnded => texts.session_not_ended,
            Self::MalformedRequest(text) | Self::BadQuery(text) => return text.clone().into(),
            Self::BadIdempotencyKey => {
                "The Idempotency-Key must be one header of 1 to 255 printable characters; without \
                 a user's token, of at least 16, since the key gives access to the response."
            }
            Self::IdempotencyKeyReused => "This Idempotency-Key was used for another request.",
            Self::IdempotencyKeyInUse => {
                "The request with this Idempotency-Key is still being carried out."
            }
            Self::TooManyRequests(seconds) => {
                return format!("Too many requests. Please try again in {seconds} s.").into();
            }
            Self::Overloaded => "The server is busy. Please try again in a moment.",
            Self::DiskFull => "Recordings cannot be taken just now. Please try again later.",
            Self::RequestTimeout => "The request came too slowly.",
            Self::MissingToken => "Please sign in.",
            Self::BadToken => "This sign-in is not valid any more. Please sign in again.",
            Self::JwksUnavailable => {
                "Sign-ins cannot be checked just now. Please try again in a moment."
            }
            Self::Forbidden => "These are not yours.",
            Self::UserNotFound => "There is no such account.",
            Self::OriginNotAllowed => {
                "Web pages of this origin may not call this server. See KUKU_ALLOWED_ORIGINS."
            }
            Self::HostNotAllowed => {
                "This server does not answer under this host name. See KUKU_ALLOWED_HOSTS."
            }
            Self::AccountsDisabled => "This server keeps no accounts.",
            Self::AccountsUnavailable => {
                "Accounts cannot be reached just now. Please try again in a moment."
            }
            Self::AccountRefused(refusal) => return refusal.text.clone(),
            Self::BodyTooLarge => "The body is too large.",
            Self::HeadersTooLarge => "The head of the request is too large.",
            Self::UnknownRoute => "There is no such address here. See /docs.",
            Self::AudioNotFound => "This audio is gone; replies can be heard for a limited time.",
            Self::AudioStoreUnavailable => {
                "The audio cannot be fetched just now. Please try again in a moment."
            }
            Self::MethodNotAllowed(methods) => {
                return format!("This address takes {methods} only.").into();
            }
            Self::DatabaseUnavailable => {
                "The service is not available just now. Please try again in a moment."
            }
            Self::PendingMigrations => "The database's migrations are not those of this server.",
            Self::SchemaDamaged => "The database lacks a part of its schema.",
            Self::ShuttingDown => "The server is about to stop. Please try again in a moment.",
            Self::Internal => "Something went wrong on our side.",
            Self::InLanguage(error, language) => return error.text(*language),
        })
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InLanguage(error, _) => error.status_and_code(),
            Self::SessionNotFound(status) => (*status, "SESSION_NOT_FOUND"),
            Self::SessionNotActive => (StatusCode::OK, "SESSION_NOT_ACTIVE"),
            Self::InvalidAudioFormat => (StatusCode::OK, "INVALID_AUDIO_FORMAT"),
            Self::NotTranscribable => (StatusCode::OK, "NOT_TRANSCRIBABLE"),
            Self::RecordingTooLarge(_) => (StatusCode::OK, "RECORDING_TOO_LARGE"),
            Self::TextTooLong => (StatusCode::OK, "TEXT_TOO_LONG"),
            Self::SessionFull => (StatusCode::OK, "SESSION_FULL"),
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
            Self::DiskFull => (StatusCode::SERVICE_UNAVAILABLE, "DISK_FULL"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT"),
            Self::MissingToken => (StatusCode::UNAUTHORIZED, "TOKEN_NEEDED"),
            Self::BadToken => (StatusCode::UNAUTHORIZED, "BAD_TOKEN"),
            Self::JwksUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Self::UserNotFound => (StatusCode::NOT_FOUND, "USER_NOT_FOUND"),
            Self::OriginNotAllowed => (StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED"),
            Self::HostNotAllowed => (StatusCode::FORBIDDEN, "HOST_NOT_ALLOWED"),
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

impl std::error::Error for ApiError {}

/// In English, but for an error in the language of its reader.
impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Language::English))
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
