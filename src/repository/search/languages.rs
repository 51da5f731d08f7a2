//! Languages of the search: which ones a query is asked in, and the index of older messages.
//!
//! Messages are indexed in English, and in the language of their session by a trigger. A job makes
//! up for messages from before that language was known.

use sqlx::Connection as _;
use uuid::Uuid;

use crate::{
    database::PooledConnection,
    domain::{LanguageTag, MessageSearch, SessionId, SessionLanguage},
    repository::{DatabaseService, RepositoryError},
};

/// A session whose messages are not indexed by its language yet.
pub struct UnindexedSession {
    /// Primary key.
    id: Uuid,
    /// Public id.
    pub session_id: SessionId,
    /// What is known of its language.
    pub language: SessionLanguage,
}

impl DatabaseService {
    /// At most `limit` sessions whose messages are not indexed by their language, oldest first.
    /// Those whose language is only guessed follow an hour after their last turn.
    pub async fn list_unindexed_sessions(
        &self,
        limit: i64,
    ) -> Result<Vec<UnindexedSession>, RepositoryError> {
        let list = sqlx::query!(
            r#"
            SELECT id, session_id, language, language_is_guess
            FROM public.sessions
            WHERE (search_language IS NULL OR search_language <> language)
              AND (
                (language IS NOT NULL AND NOT language_is_guess)
                OR updated_at < now() - interval '1 hour'
              )
            ORDER BY created_at
            LIMIT $1
            "#,
            limit,
        );
        let rows = list.map(|row| {
            let language = SessionLanguage {
                tag: row.language.as_deref().and_then(LanguageTag::parse),
                is_guess: row.language_is_guess,
            };
            let session_id = SessionId::parse(&row.session_id)?;
            Some(UnindexedSession { id: row.id, session_id, language })
        });
        let rows = self
            .database
            .with_connection(async |connection| rows.fetch_all(connection).await)
            .await?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Stores what was found of the session's language, indexes its messages by it, and marks the
    /// session. False, and nothing done, if a turn has changed the language meanwhile.
    pub async fn index_by_language(
        &self,
        session: &UnindexedSession,
        found: SessionLanguage,
    ) -> Result<bool, RepositoryError> {
        let language = found.tag.as_ref().map(LanguageTag::as_str);
        let index = sqlx::query!(
            r#"
            WITH previous AS (
                SELECT search_language
                FROM public.sessions
                WHERE id = $1 AND language IS NOT DISTINCT FROM $4
                FOR UPDATE
            )
            UPDATE public.sessions AS s
            SET language = $2, language_is_guess = $3, search_language = COALESCE($2, 'und')
            FROM previous
            WHERE s.id = $1
            RETURNING public.search_config(s.language) IS NOT NULL
                OR public.search_config(previous.search_language) IS NOT NULL AS "has_stems!"
            "#,
            session.id,
            language,
            found.is_guess,
            session.language.tag.as_ref().map(LanguageTag::as_str),
        );
        // Their session's row is locked, so that no turn comes between.
        let write = sqlx::query!(
            r#"
            UPDATE public.messages
            SET text_search = public.language_search_vector(text_content, $2)
            WHERE session_id = $1
            "#,
            session.id,
            language,
        );
        // The messages of a long session may take longer.
        let wait = sqlx::query!("SELECT set_config('statement_timeout', '0', TRUE)");
        let mut connection = self.database.primary().acquire().await?;
        let mut transaction = connection.begin().await?;
        wait.fetch_one(&mut *transaction).await?;
        let indexed = index.fetch_optional(&mut *transaction).await?;
        if indexed.as_ref().is_some_and(|row| row.has_stems) {
            write.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(indexed.is_some())
    }
}

/// The languages with stems that occur in any session.
pub(super) async fn occurring_languages(
    connection: &mut PooledConnection,
) -> Result<Vec<String>, sqlx::Error> {
    let occurring = sqlx::query_scalar!(
        r#"
        SELECT wanted AS "wanted!"
        FROM unnest(ARRAY['de', 'fr', 'es', 'pt', 'it', 'ru']) AS wanted
        -- By its order, each is one look into the index.
        WHERE wanted = (
            SELECT s.language FROM public.sessions AS s
            WHERE s.language >= wanted
            ORDER BY s.language
            LIMIT 1
        )
        "#
    );
    connection.with_connection(async |c| occurring.fetch_all(c).await).await
}

/// The languages with stems of the user's sessions, of the session, or of all sessions, as `search`
/// says. Reads all of these sessions.
pub(super) async fn languages_of_sessions(
    connection: &mut PooledConnection,
    search: &MessageSearch,
) -> Result<Vec<String>, sqlx::Error> {
    let spoken = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT language AS "language!"
        FROM public.sessions
        WHERE ($1::uuid IS NULL OR user_id = $1) AND ($2::text IS NULL OR session_id = $2)
          AND language IN ('de', 'fr', 'es', 'pt', 'it', 'ru')
        "#,
        search.user_id,
        search.session_id.as_ref().map(SessionId::as_str),
    );
    connection.with_connection(async |c| spoken.fetch_all(c).await).await
}
