//! Full-text search over what was said in all sessions.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};

/// One line that matches a search.
pub struct Hit {
    /// Public id of the line.
    pub message_id: String,
    /// Public id of its session.
    pub session_id: String,
    /// When it was said.
    pub created_at: OffsetDateTime,
    /// `user` or `ai`.
    pub sender: String,
    /// The whole line.
    pub text: String,
}

impl DatabaseService {
    /// The lines that match all words of `query` (English stems, stop words ignored), best first, newer before older
    /// among equals; of `user_id`'s sessions alone if one is given. Empty if nothing matches.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached, or needs longer than the statement time-out.
    pub async fn search_messages_global(
        &self,
        query: &str,
        user_id: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Hit>, RepositoryError> {
        self.repeatable(|| {
            sqlx::query_as!(
                Hit,
                r#"
            SELECT m.message_id, s.session_id, m.created_at AS "created_at!", m.sender, m.text_content AS text
            FROM public.messages AS m
            JOIN public.sessions AS s ON s.id = m.session_id
            CROSS JOIN plainto_tsquery('english', $1) AS wanted
            WHERE to_tsvector('english', m.text_content) @@ wanted
              AND ($2::uuid IS NULL OR s.user_id = $2)
            ORDER BY ts_rank_cd(to_tsvector('english', m.text_content), wanted) DESC, m.created_at DESC, m.id
            LIMIT $3
            "#,
                query,
                user_id,
                limit,
            )
            .fetch_all(&self.pool)
        })
        .await
    }
}
