//! The messages table: reading a conversation, and adding a line outside of any turn.

use std::time::Duration;

use time::OffsetDateTime;

use super::{DatabaseService, RepositoryError};
use crate::database::batch::{BatchQuery, BatchQueue};
use crate::domain::{Message, MessageId, Sender, SessionId, Viewer};

/// A part of a conversation.
pub struct ConversationPage {
    /// In the order they were spoken.
    pub messages: Vec<Message>,
    /// Position of the last of them, for the page behind it.
    pub last_position: i32,
}

/// A part of a conversation to read.
pub(super) struct GetMessages {
    viewer: Viewer,
    id: SessionId,
    after: i32,
    limit: i64,
}

impl DatabaseService {
    /// Appends one line to an active session, outside of any turn, and returns when it was said.
    ///
    /// `None`, with nothing stored, if there is no such session or it has ended.
    ///
    /// # Errors
    /// [`RepositoryError::Unexpected`] if the message id is taken; [`RepositoryError::Unavailable`] if Postgres cannot
    /// be reached in time.
    pub async fn save_message(
        &self,
        id: &SessionId,
        message_id: &MessageId,
        sender: Sender,
        text: &str,
    ) -> Result<Option<OffsetDateTime>, RepositoryError> {
        let insert = sqlx::query_scalar!(
            r#"
            WITH session AS (
                UPDATE public.sessions
                SET message_count = message_count + 1, updated_at = now()
                WHERE session_id = $1 AND status = 'active'
                RETURNING id, message_count
            )
            INSERT INTO public.messages (session_id, message_id, sender, text_content, position)
            SELECT id, $2::text, $3::text, $4::text, message_count FROM session
            RETURNING created_at AS "created_at!"
            "#,
            id.as_str(),
            message_id.as_str(),
            sender.as_str(),
            text,
        );
        self.with_timeout(insert.fetch_optional(&self.pool)).await
    }

    /// The whole conversation in the order it was spoken; empty if nothing was said yet, `None` if there is no
    /// such session that is the viewer's to see.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn get_conversation_history(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<Vec<Message>>, RepositoryError> {
        let all = self.get_conversation_page(viewer, id, 0, i64::MAX).await?;
        Ok(all.map(|page| page.messages))
    }

    /// At most `limit` lines behind the one at position `after` (from 1; 0 for the beginning), in the order they were
    /// spoken; `None` if there is no such session that is the viewer's to see.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn get_conversation_page(
        &self,
        viewer: Viewer,
        id: &SessionId,
        after: i32,
        limit: i64,
    ) -> Result<Option<ConversationPage>, RepositoryError> {
        let id = id.clone();
        self.batched(GetMessages {
            viewer,
            id,
            after,
            limit,
        })
        .await
    }

    /// How old the line is, if its session is the viewer's to see; `None` if not, or if there is no such line.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn message_age(
        &self,
        viewer: Viewer,
        id: &MessageId,
    ) -> Result<Option<Duration>, RepositoryError> {
        let seconds = self
            .retry_idempotent(|| {
                // As the backend: the line's id stands for its session's, and tells nothing else.
                sqlx::query_scalar!(
                    r#"
                    SELECT extract(epoch FROM now() - m.created_at)::double precision AS "age!"
                    FROM public.messages AS m
                    JOIN public.sessions AS s ON s.id = m.session_id
                    WHERE m.message_id = $1 AND ($2 OR s.user_id IS NULL OR s.user_id = $3)
                    "#,
                    id.as_str(),
                    viewer.is_service(),
                    viewer.user_id(),
                )
                .fetch_optional(&self.pool)
            })
            .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }
}

impl BatchQuery for GetMessages {
    type Answer = Option<ConversationPage>;
    const LOCKS: bool = false;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.read
    }

    /// A user's reads are made as that user.
    fn goes_alone(&self) -> bool {
        self.viewer.user_id().is_some()
    }

    async fn ask(
        db: &DatabaseService,
        reads: &[Self],
        _: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let Self { viewer, id, .. } = &reads[0];
        let ids: Vec<&str> = reads.iter().map(|read| read.id.as_str()).collect();
        let afters: Vec<i32> = reads.iter().map(|read| read.after).collect();
        let limits: Vec<i64> = reads.iter().map(|read| read.limit).collect();
        let see_all: Vec<bool> = reads.iter().map(|read| read.viewer.is_service()).collect();
        let read = || async {
            let mut reading = db.pool.acquire_as(*viewer, Some(id)).await?;
            let query = sqlx::query!(
                r#"
                -- A session without lines comes as one row of NULLs, a missing one as no row.
                SELECT asked.number AS "number!", m.message_id AS "message_id?: MessageId",
                    m.sender AS "sender?: Sender", m.text_content AS "text_content?", m.created_at AS "created_at?",
                    m.position AS "position?"
                -- in selects, so that the plan for any number of them does not look dearer than one for each number
                FROM unnest((SELECT $1::text[]), (SELECT $2::integer[]), (SELECT $3::bigint[]), (SELECT $4::boolean[]))
                    WITH ORDINALITY AS asked (session_id, after, wanted, sees_all, number)
                CROSS JOIN LATERAL (
                    SELECT s.id
                    FROM public.sessions AS s
                    WHERE s.session_id = asked.session_id AND (asked.sees_all OR s.user_id IS NULL OR s.user_id = $5)
                    -- one by one, by the id
                    OFFSET 0
                ) AS session
                LEFT JOIN LATERAL (
                    SELECT m.message_id, m.sender, m.text_content, m.created_at, m.position
                    FROM public.messages AS m
                    WHERE m.session_id = session.id AND m.position > asked.after
                    -- position, not created_at: the two lines of a turn may share a microsecond
                    ORDER BY m.position
                    LIMIT asked.wanted
                ) AS m ON TRUE
                "#,
                &ids as &[&str],
                &afters,
                &limits,
                &see_all,
                viewer.user_id(),
            );
            // Past the connection's own executor, which gathers all rows once more: 2 of 70 us.
            reading
                .run(async |connection| query.fetch_all(connection).await)
                .await
        };
        let mut rows = db.retry_idempotent(read).await?;
        // As they are found, which Postgres does not promise; it would sort them again, at a fifth of its time for a history.
        rows.sort_by_key(|row| (row.number, row.position));
        let mut pages: Vec<Self::Answer> = reads.iter().map(|_| None).collect();
        for row in rows {
            let place = usize::try_from(row.number - 1).unwrap_or(usize::MAX);
            let (Some(page), Some(read)) = (pages.get_mut(place), reads.get(place)) else {
                continue;
            };
            let page = page.get_or_insert_with(|| ConversationPage {
                messages: Vec::new(),
                last_position: read.after,
            });
            if let (Some(id), Some(sender), Some(text), Some(created_at), Some(position)) = (
                row.message_id, row.sender, row.text_content, row.created_at, row.position,
            ) {
                page.last_position = position;
                page.messages.push(Message {
                    id,
                    sender,
                    text,
                    created_at,
                });
            }
        }
        Ok(pages)
    }
}
