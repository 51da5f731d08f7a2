//! Turns: both lines of an exchange and all that changes with them, stored in one statement or not at all.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};
use crate::database::{
    Retried,
    batch::{BatchQuery, BatchQueue, in_request_order},
};
use crate::domain::{MessageId, SessionId, WrapUp};

/// One exchange, to be stored whole or not at all. The statement reads its fields, and those of the wrap-up state, by their names.
#[derive(Serialize)]
pub struct NewTurn {
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
    pub async fn save_turn(&self, turn: NewTurn) -> Result<Option<SavedTurn>, RepositoryError> {
        let ids = (turn.user_id.clone(), turn.ai_id.clone());
        let saved = self.batched(turn).await?;
        match saved.outcome {
            // Overtaken by somebody else's turn, or by an attempt of our own that was committed as it seemed to fail.
            None if saved.repeated => self.find_saved_turn(&ids.0, &ids.1).await,
            outcome => Ok(outcome),
        }
    }

    /// The times of a turn that is stored; `None` if it is not.
    async fn find_saved_turn(
        &self,
        user_id: &MessageId,
        ai_id: &MessageId,
    ) -> Result<Option<SavedTurn>, RepositoryError> {
        self.retry_idempotent(|| {
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
}

impl BatchQuery for NewTurn {
    type Answer = Retried<Option<SavedTurn>>;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.save
    }

    async fn ask(
        db: &DatabaseService,
        turns: &[Self],
        again: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let as_json = |turn| {
            serde_json::to_value(turn)
                .map_err(|error| RepositoryError::Unexpected(error.to_string()))
        };
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
            [_] => db.save_with_retry(save).await?,
            // Whatever keeps one of them from being saved must not keep the others: they repeat it one by one.
            _ => Retried {
                outcome: db.with_timeout(save()).await?,
                repeated: false,
            },
        };
        db.new_lines.add(2 * saved.outcome.len());
        let rows = saved.outcome.into_iter().map(|row| {
            (
                row.number,
                SavedTurn {
                    user_at: row.user_at,
                    ai_at: row.ai_at,
                },
            )
        });
        let outcomes = in_request_order(turns.len(), rows).into_iter();
        let repeated = saved.repeated || again;
        Ok(outcomes
            .map(|outcome| Retried { outcome, repeated })
            .collect())
    }
}
