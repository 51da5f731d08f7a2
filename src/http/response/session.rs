//! Sessions, as clients get them.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    domain::{LanguageTag, Session},
    repository::SessionSummary,
};

/// A session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionResponse {
    #[schema(example = "session-5f0c6c1f0b8e4f0c9a3d2e1f00112233")]
    session_id: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// `active` or `ended`.
    #[schema(example = "active")]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Stored messages of the user and the coach.
    message_count: i32,
    /// Replies until the coach may offer to wrap up again.
    wrap_up_cooldown: i32,
    /// Minutes beyond the first 30.
    time_extension_minutes: i32,
    /// Whether the user has declined to wrap up.
    ignore_content_wrap_up: bool,
    /// Whether the coach has offered to wrap up and expects a confirmation.
    awaiting_wrap_up_confirmation: bool,
    /// 1 to 5, once rated.
    rating: Option<i32>,
    feedback: Option<String>,
    /// BCP 47 primary subtag of the language that is spoken; null until known.
    #[schema(value_type = Option<String>, example = "en")]
    language: Option<LanguageTag>,
    /// Whether the session belongs to a user whose memory is on.
    remembers: bool,
}

/// A session in a list, without its messages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionSummaryResponse {
    pub session_id: String,
    /// `active` or `ended`.
    status: String,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String)]
    updated_at: OffsetDateTime,
    message_count: i32,
    /// Closing summary, once ended.
    summary: Option<String>,
    /// Whole seconds from creation to end, once ended.
    duration_seconds: Option<i32>,
    /// 1 to 5, once rated.
    rating: Option<i32>,
    feedback: Option<String>,
}

impl From<SessionSummary> for SessionSummaryResponse {
    fn from(session: SessionSummary) -> Self {
        Self {
            session_id: session.session_id,
            status: session.status,
            created_at: session.created_at,
            updated_at: session.updated_at,
            message_count: session.message_count,
            summary: session.summary,
            duration_seconds: session.duration_seconds,
            rating: session.rating,
            feedback: session.feedback,
        }
    }
}

impl SessionResponse {
    /// The response of a server that may have memories turned off.
    pub fn new(session: Session, uses_memories: bool) -> Self {
        Self {
            session_id: session.id.as_str().to_owned(),
            created_at: session.created_at,
            status: session.status.as_str(),
            updated_at: session.updated_at,
            message_count: session.message_count,
            wrap_up_cooldown: session.wrap_up.cooldown,
            time_extension_minutes: session.wrap_up.extension_minutes,
            ignore_content_wrap_up: session.wrap_up.skip_progress_check,
            awaiting_wrap_up_confirmation: session.wrap_up.awaiting_confirmation,
            rating: session.rating,
            feedback: session.feedback,
            language: session.language.tag,
            remembers: session.remembers && uses_memories,
        }
    }
}
