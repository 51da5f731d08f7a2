//! Sessions in lists and exports, as clients get them.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::repository::SessionSummary;

/// A session in a list, without its messages.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionSummaryResponse {
    session_id: String,
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

impl SessionSummaryResponse {
    /// Public id of the session.
    pub fn session_id(&self) -> &str {
        &self.session_id
    }
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
