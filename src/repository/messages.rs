//! The messages table: adding lines, in turns of two or one by one, and reading a conversation.

use std::time::Duration;

use time::OffsetDateTime;

use super::{
    AnsweredRequest, Claim, DatabaseService, RepositoryError,
    batch::{Batch, Batched},
};
use crate::domain::{Message, MessageId, Sender, SessionId, Viewer, WrapUp};

/// One exchange, to be stored whole or not at all.
pub struct Turn<'a> {
    /// Lines that the session had when this turn was made; it is stored only if that is still so.
    pub message_count: i32,
    /// Id of the person's line.
    pub user_id: &'a MessageId,
    /// What the person said.
    pub user_text: &'a str,
    /// How long ago the person said it.
    pub said_ago: Duration,
    /// Id of the coach's line.
    pub ai_id: &'a MessageId,
    /// What the coach answers; the closing summary if the turn ends the session.
    pub ai_text: &'a str,
    /// State of the wrap-up rules after the turn.
    pub wrap_up: WrapUp,
    /// Whether the turn ends the session, with `ai_text` as its summary.
    pub ends_session: bool,
    /// The claim under which the turn was made; given back with it.
    pub claim: &'a Claim,
    /// The request that the turn answers, if that had an idempotency key.
    pub request: Option<AnsweredRequest<'a>>,
}

/// When the two lines of a stored turn were said, by the database's clock.
pub struct SavedTurn {
    /// Time of the person's line.
    pub user_at: OffsetDateTime,
    /// Time of the coach's line.
    pub ai_at: OffsetDateTime,
}

/// A part of a conversation.
pub struct ConversationPage {
    /// In the order they were spoken.
    pub lines: Vec<Message>,
    /// Position of the last of them, for the page behind it.
    pub last_position: i32,
}

/// A part of a conversation to read.
pub(super) struct Read {
    viewer: Viewer,
    id: SessionId,
    after: i32,
    limit: i64,
}

struct MessageRow {
    message_id: String,
    sender: String,
    text_content: String,
    created_at: OffsetDateTime,
}

impl TryFrom<MessageRow> for Message {
    type Error = RepositoryError;

    fn try_from(row: MessageRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: MessageId::parse(&row.message_id).ok_or_else(|| RepositoryError::corrupt("messages.message_id"))?,
            sender: Sender::parse(&row.sender).ok_or_else(|| RepositoryError::corrupt("messages.sender"))?,
            text: row.text_content,
            created_at: row.created_at,
        })
    }
}

impl DatabaseService {
    /// Stores a turn: both lines, the count, the wrap-up state and, if it closes, the end, in one statement. While the
    /// database is away it tries again, up to the time for saving, and never stores a turn twice.
    ///
    /// `None`, with nothing stored, if the session is gone or has ended, or if somebody else has added a turn since
    /// `turn.message_count` was read: two writers wait for each other on the session's row, and the second finds
    /// another count there. So it is if the request's claim was lost.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn save_turn(&self, id: &SessionId, turn: &Turn<'_>) -> Result<Option<SavedTurn>, RepositoryError> {
        let request = turn.request.as_ref();
        let saved = self
            .persist(|| {
                sqlx::query_as!(
                    SavedTurn,
                    r#"
            WITH held AS (
                SELECT FROM public.idempotency_keys WHERE claim = $16 AND answer IS NULL FOR UPDATE
            ), session AS (
                UPDATE public.sessions
                SET message_count = message_count + 2,
                    updated_at = now(),
                    awaiting_wrap_up_confirmation = $3,
                    wrap_up_cooldown = $4,
                    time_extension_minutes = $5,
                    ignore_content_wrap_up = $6,
                    coach_rounds = $7,
                    turns_since_question = $8,
                    turn_claim = NULLIF(turn_claim, $15),
                    status = CASE WHEN $9 THEN 'ended' ELSE status END,
                    summary = CASE WHEN $9 THEN $14 ELSE summary END,
                    ended_at = CASE WHEN $9 THEN now() ELSE ended_at END,
                    duration_seconds = CASE
                        WHEN $9 THEN floor(extract(epoch FROM now() - created_at))::integer
                        ELSE duration_seconds
                    END
                WHERE session_id = $1 AND status = 'active' AND message_count = $2
                  AND ($16::uuid IS NULL OR EXISTS (SELECT FROM held))
                RETURNING id, message_count, greatest(created_at, now() - make_interval(secs => $12)) AS said_at
            ), answered AS (
                UPDATE public.idempotency_keys SET answer = $17 FROM session WHERE claim = $16
            ), lines AS (
                INSERT INTO public.messages (session_id, message_id, sender, text_content, created_at, position)
                SELECT id, $10::text, 'user', $11::text, said_at, message_count - 1 FROM session
                UNION ALL
                SELECT id, $13::text, 'ai', $14::text, now(), message_count FROM session
                RETURNING sender, created_at
            )
            SELECT
                max(created_at) FILTER (WHERE sender = 'user') AS "user_at!",
                max(created_at) FILTER (WHERE sender = 'ai') AS "ai_at!"
            FROM lines
            HAVING count(*) = 2
            "#,
                    id.as_str(),
                    turn.message_count,
                    turn.wrap_up.awaiting,
                    turn.wrap_up.cooldown,
                    turn.wrap_up.extension_minutes,
                    turn.wrap_up.ignore_content,
                    turn.wrap_up.rounds,
                    turn.wrap_up.turns,
                    turn.ends_session,
                    turn.user_id.as_str(),
                    turn.user_text,
                    turn.said_ago.as_secs_f64(),
                    turn.ai_id.as_str(),
                    turn.ai_text,
                    turn.claim.id(),
                    request.map(|request| request.claim.id()),
                    request.map(|request| &request.answer),
                )
                .fetch_optional(&self.pool)
            })
            .await?;
        match saved.outcome {
            // Overtaken by somebody else's turn, or by an attempt of our own that was committed as it seemed to fail.
            None if saved.repeated => self.find_turn(turn).await,
            outcome => Ok(outcome),
        }
    }

    /// The times of a turn that is stored; `None` if it is not.
    async fn find_turn(&self, turn: &Turn<'_>) -> Result<Option<SavedTurn>, RepositoryError> {
        self.repeatable(|| {
            sqlx::query_as!(
                SavedTurn,
                r#"
                SELECT
                    max(created_at) FILTER (WHERE sender = 'user') AS "user_at!",
                    max(created_at) FILTER (WHERE sender = 'ai') AS "ai_at!"
                FROM public.messages
                WHERE message_id IN ($1, $2)
                HAVING count(*) = 2
                "#,
                turn.user_id.as_str(),
                turn.ai_id.as_str(),
            )
            .fetch_optional(&self.pool)
        })
        .await
    }

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
        self.within(insert.fetch_optional(&self.pool)).await
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
        Ok(all.map(|page| page.lines))
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
        self.batched(Read {
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
    pub async fn age_of_line(&self, viewer: Viewer, id: &MessageId) -> Result<Option<Duration>, RepositoryError> {
        let seconds = self
            .repeatable(|| {
                // As the backend: the line's id stands for its session's, and tells nothing else.
                sqlx::query_scalar!(
                    r#"
                    SELECT extract(epoch FROM now() - m.created_at)::double precision AS "age!"
                    FROM public.messages AS m
                    JOIN public.sessions AS s ON s.id = m.session_id
                    WHERE m.message_id = $1 AND ($2 OR s.user_id IS NULL OR s.user_id = $3)
                    "#,
                    id.as_str(),
                    viewer.sees_all(),
                    viewer.user_id(),
                )
                .fetch_optional(&self.pool)
            })
            .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }
}

impl Batched for Read {
    type Answer = Option<ConversationPage>;

    fn batch(db: &DatabaseService) -> &Batch<Self> {
        &db.batches.read
    }

    /// A user's reads are made as that user.
    fn goes_alone(&self) -> bool {
        self.viewer.user_id().is_some()
    }

    async fn ask(db: &DatabaseService, reads: &[Self]) -> Result<Vec<Self::Answer>, RepositoryError> {
        let Self { viewer, id, .. } = &reads[0];
        let ids: Vec<&str> = reads.iter().map(|read| read.id.as_str()).collect();
        let afters: Vec<i32> = reads.iter().map(|read| read.after).collect();
        let limits: Vec<i64> = reads.iter().map(|read| read.limit).collect();
        let see_all: Vec<bool> = reads.iter().map(|read| read.viewer.sees_all()).collect();
        let read = || async {
            let mut reading = db.pool.reading(*viewer, Some(id)).await?;
            sqlx::query!(
                r#"
                -- A session without lines comes as one row of NULLs, a missing one as no row.
                SELECT asked.number AS "number!", m.message_id AS "message_id?", m.sender AS "sender?",
                    m.text_content AS "text_content?", m.created_at AS "created_at?", m.position AS "position?"
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
                    SELECT * FROM public.messages AS m
                    WHERE m.session_id = session.id AND m.position > asked.after
                    -- position, not created_at: the two lines of a turn may share a microsecond
                    ORDER BY m.position
                    LIMIT asked.wanted
                ) AS m ON TRUE
                ORDER BY asked.number, m.position
                "#,
                &ids as &[&str],
                &afters,
                &limits,
                &see_all,
                viewer.user_id(),
            )
            .fetch_all(&mut reading)
            .await
        };
        let rows = db.repeatable(read).await?;
        let mut pages: Vec<Self::Answer> = reads.iter().map(|_| None).collect();
        for row in rows {
            let place = usize::try_from(row.number - 1).unwrap_or(usize::MAX);
            let (Some(page), Some(read)) = (pages.get_mut(place), reads.get(place)) else {
                continue;
            };
            let page = page.get_or_insert_with(|| ConversationPage {
                lines: Vec::new(),
                last_position: read.after,
            });
            if let (Some(message_id), Some(sender), Some(text_content), Some(created_at), Some(position)) = (
                row.message_id, row.sender, row.text_content, row.created_at, row.position,
            ) {
                page.last_position = position;
                page.lines.push(Message::try_from(MessageRow {
                    message_id,
                    sender,
                    text_content,
                    created_at,
                })?);
            }
        }
        Ok(pages)
    }
}
