//! The messages table: adding lines, in turns of two or one by one, and reading a conversation.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError,
    batch::{Batch, Batched, in_order},
    patience::Persisted,
};
use crate::domain::{Message, MessageId, Sender, SessionId, Viewer, WrapUp};

/// One exchange, to be stored whole or not at all. The statement reads its fields, and those of the wrap-up state, by their names.
#[derive(Serialize)]
pub struct Turn {
    /// The session.
    pub session_id: SessionId,
    /// Lines that the session had when this turn was made; it is stored only if that is still so.
    pub message_count: i32,
    /// Id of the person's line.
    pub user_id: MessageId,
    /// What the person said.
    pub user_text: String,
    /// How long ago the person said it, in seconds.
    pub said_ago: f64,
    /// Id of the coach's line.
    pub ai_id: MessageId,
    /// What the coach answers; the closing summary if the turn ends the session.
    pub ai_text: String,
    /// State of the wrap-up rules after the turn.
    #[serde(flatten)]
    pub wrap_up: WrapUp,
    /// Whether the turn ends the session, with `ai_text` as its summary.
    pub ends_session: bool,
    /// The claim under which the turn was made; given back with it.
    pub claim: Uuid,
    /// The claim of the request that the turn answers, if that had an idempotency key.
    pub request: Option<Uuid>,
    /// What is needed to give that the same answer again.
    pub answer: Option<Value>,
}

/// When the two lines of a stored turn were said, by the database's clock.
#[derive(Clone, Copy)]
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
            id: MessageId::parse(row.message_id).ok_or_else(|| RepositoryError::corrupt("messages.message_id"))?,
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
    pub async fn save_turn(&self, turn: Turn) -> Result<Option<SavedTurn>, RepositoryError> {
        let ids = (turn.user_id.clone(), turn.ai_id.clone());
        let saved = self.batched(turn).await?;
        match saved.outcome {
            // Overtaken by somebody else's turn, or by an attempt of our own that was committed as it seemed to fail.
            None if saved.repeated => self.find_turn(&ids.0, &ids.1).await,
            outcome => Ok(outcome),
        }
    }

    /// The times of a turn that is stored; `None` if it is not.
    async fn find_turn(&self, user_id: &MessageId, ai_id: &MessageId) -> Result<Option<SavedTurn>, RepositoryError> {
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
                user_id.as_str(),
                ai_id.as_str(),
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

impl Batched for Turn {
    type Answer = Persisted<Option<SavedTurn>>;

    fn batch(db: &DatabaseService) -> &Batch<Self> {
        &db.batches.save
    }

    async fn ask(db: &DatabaseService, turns: &[Self], again: bool) -> Result<Vec<Self::Answer>, RepositoryError> {
        let as_json = |turn| serde_json::to_value(turn).map_err(|error| RepositoryError::Unexpected(error.to_string()));
        let rows: Vec<Value> = turns.iter().map(as_json).collect::<Result<_, _>>()?;
        let save = || {
            sqlx::query!(
                r#"
                WITH asked AS MATERIALIZED (
                    SELECT asked.*, number
                    FROM unnest((SELECT $1::jsonb[])) WITH ORDINALITY AS one (turn, number)
                    CROSS JOIN LATERAL jsonb_to_record(turn) AS asked (
                        session_id text, message_count integer, user_id text, user_text text, said_ago double precision,
                        ai_id text, ai_text text, awaiting boolean, cooldown integer, extension_minutes integer,
                        ignore_content boolean, rounds integer, turns integer, ends_session boolean, claim uuid,
                        request uuid, answer jsonb
                    )
                    -- Always so. It makes the planner expect few: for ten it reads a table of 2,000 sessions as a whole.
                    WHERE number > 0
                    -- two servers with the same sessions do not wait for each other
                    ORDER BY session_id
                ), held AS (
                    SELECT claim FROM public.idempotency_keys
                    WHERE claim IN (SELECT request FROM asked) AND answer IS NULL
                    FOR UPDATE
                ), session AS (
                    UPDATE public.sessions AS s
                    SET message_count = s.message_count + 2,
                        updated_at = now(),
                        awaiting_wrap_up_confirmation = asked.awaiting,
                        wrap_up_cooldown = asked.cooldown,
                        time_extension_minutes = asked.extension_minutes,
                        ignore_content_wrap_up = asked.ignore_content,
                        coach_rounds = asked.rounds,
                        turns_since_question = asked.turns,
                        turn_claim = NULLIF(s.turn_claim, asked.claim),
                        status = CASE WHEN asked.ends_session THEN 'ended' ELSE s.status END,
                        summary = CASE WHEN asked.ends_session THEN asked.ai_text ELSE s.summary END,
                        ended_at = CASE WHEN asked.ends_session THEN now() ELSE s.ended_at END,
                        duration_seconds = CASE
                            WHEN asked.ends_session THEN floor(extract(epoch FROM now() - s.created_at))::integer
                            ELSE s.duration_seconds
                        END
                    FROM asked
                    WHERE s.session_id = asked.session_id AND s.status = 'active' AND s.message_count = asked.message_count
                      AND (asked.request IS NULL OR asked.request IN (SELECT claim FROM held))
                    RETURNING s.id, s.message_count, asked.number, asked.request, asked.answer, asked.user_id, asked.user_text,
                        asked.ai_id, asked.ai_text,
                        greatest(s.created_at, now() - make_interval(secs => asked.said_ago)) AS said_at
                ), answered AS (
                    UPDATE public.idempotency_keys AS known SET answer = session.answer
                    FROM session
                    WHERE known.claim = session.request
                ), lines AS (
                    INSERT INTO public.messages (session_id, message_id, sender, text_content, created_at, position)
                    SELECT session.id, line.message_id, line.sender, line.text_content, line.created_at, line.position
                    FROM session
                    CROSS JOIN LATERAL (VALUES
                        (user_id, 'user', user_text, said_at, message_count - 1),
                        (ai_id, 'ai', ai_text, now(), message_count)
                    ) AS line (message_id, sender, text_content, created_at, position)
                )
                SELECT number AS "number!", said_at AS "user_at!", now() AS "ai_at!" FROM session
                "#,
                &rows,
            )
            .fetch_all(&db.pool)
        };
        let saved = match turns {
            [_] => db.persist(save).await?,
            // Whatever keeps one of them from being saved must not keep the others: they repeat it one by one.
            _ => Persisted {
                outcome: db.within(save()).await?,
                repeated: false,
            },
        };
        let rows = saved.outcome.into_iter().map(|row| {
            (
                row.number,
                SavedTurn {
                    user_at: row.user_at,
                    ai_at: row.ai_at,
                },
            )
        });
        let outcomes = in_order(turns.len(), rows).into_iter();
        let repeated = saved.repeated || again;
        Ok(outcomes.map(|outcome| Persisted { outcome, repeated }).collect())
    }
}

impl Batched for Read {
    type Answer = Option<ConversationPage>;
    const LOCKS: bool = false;

    fn batch(db: &DatabaseService) -> &Batch<Self> {
        &db.batches.read
    }

    /// A user's reads are made as that user.
    fn goes_alone(&self) -> bool {
        self.viewer.user_id().is_some()
    }

    async fn ask(db: &DatabaseService, reads: &[Self], _: bool) -> Result<Vec<Self::Answer>, RepositoryError> {
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
