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
    pub user_message_id: MessageId,
    /// What the person said.
    pub user_text: String,
    /// How long ago the person said it, in seconds.
    pub seconds_since_spoken: f64,
    /// Id of the coach's line.
    pub ai_message_id: MessageId,
    /// What the coach answers; the closing summary if the turn ends the session.
    pub ai_text: String,
    /// State of the wrap-up rules after the turn.
    #[serde(flatten)]
    pub wrap_up: WrapUp,
    /// Whether the turn ends the session, with `ai_text` as its summary.
    pub ends_session: bool,
    /// The claim under which the turn was made; given back with it.
    pub turn_lease: Uuid,
    /// The claim of the request that the turn answers, if that had an idempotency key.
    pub request_lease: Option<Uuid>,
    /// What is needed to give that the same answer again.
    pub stored_response: Option<Value>,
}

/// When the two lines of a stored turn were said, by the database's clock.
#[derive(Clone, Copy)]
pub struct SavedTurn {
    /// Time of the person's line.
    pub user_created_at: OffsetDateTime,
    /// Time of the coach's line.
    pub ai_created_at: OffsetDateTime,
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
        let ids = (turn.user_message_id.clone(), turn.ai_message_id.clone());
        let saved = self.batched(turn).await?;
        match saved.value {
            // Overtaken by somebody else's turn, or by an attempt of our own that was committed as it seemed to fail.
            None if saved.retried => self.find_saved_turn(&ids.0, &ids.1).await,
            outcome => Ok(outcome),
        }
    }

    /// The times of a turn that is stored; `None` if it is not.
    async fn find_saved_turn(
        &self,
        user_message_id: &MessageId,
        ai_message_id: &MessageId,
    ) -> Result<Option<SavedTurn>, RepositoryError> {
        self.retry_idempotent(|| {
            sqlx::query_as!(
                SavedTurn,
                r#"
                SELECT
                    max(created_at) FILTER (WHERE sender = 'user') AS "user_created_at!",
                    max(created_at) FILTER (WHERE sender = 'ai') AS "ai_created_at!"
                FROM public.messages
                WHERE message_id IN ($1, $2)
                HAVING count(*) = 2
                "#,
                user_message_id.as_str(),
                ai_message_id.as_str(),
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
                WITH input AS MATERIALIZED (
                    SELECT input.*, number
                    FROM unnest((SELECT $1::jsonb[])) WITH ORDINALITY AS one (turn, number)
                    CROSS JOIN LATERAL jsonb_to_record(turn) AS input (
                        session_id text, message_count integer, user_message_id text, user_text text, seconds_since_spoken double precision,
                        ai_message_id text, ai_text text, awaiting_confirmation boolean, cooldown integer, extension_minutes integer,
                        skip_progress_check boolean, coach_replies integer, turns_since_offer integer, ends_session boolean, turn_lease uuid,
                        request_lease uuid, stored_response jsonb
                    )
                    -- Always so. It makes the planner expect few: for ten it reads a table of 2,000 sessions as a whole.
                    WHERE number > 0
                    -- two servers with the same sessions do not wait for each other
                    ORDER BY session_id
                ), lease AS (
                    SELECT claim FROM public.idempotency_keys
                    WHERE claim IN (SELECT request_lease FROM input) AND answer IS NULL
                    FOR UPDATE
                ), session AS (
                    UPDATE public.sessions AS s
                    SET message_count = s.message_count + 2,
                        updated_at = now(),
                        awaiting_wrap_up_confirmation = input.awaiting_confirmation,
                        wrap_up_cooldown = input.cooldown,
                        time_extension_minutes = input.extension_minutes,
                        ignore_content_wrap_up = input.skip_progress_check,
                        coach_rounds = input.coach_replies,
                        turns_since_question = input.turns_since_offer,
                        turn_claim = NULLIF(s.turn_claim, input.turn_lease),
                        status = CASE WHEN input.ends_session THEN 'ended' ELSE s.status END,
                        summary = CASE WHEN input.ends_session THEN input.ai_text ELSE s.summary END,
                        ended_at = CASE WHEN input.ends_session THEN now() ELSE s.ended_at END,
                        duration_seconds = CASE
                            WHEN input.ends_session THEN floor(extract(epoch FROM now() - s.created_at))::integer
                            ELSE s.duration_seconds
                        END
                    FROM input
                    WHERE s.session_id = input.session_id AND s.status = 'active' AND s.message_count = input.message_count
                      AND (input.request_lease IS NULL OR input.request_lease IN (SELECT claim FROM lease))
                    RETURNING s.id, s.message_count, input.number, input.request_lease, input.stored_response, input.user_message_id, input.user_text,
                        input.ai_message_id, input.ai_text,
                        greatest(s.created_at, now() - make_interval(secs => input.seconds_since_spoken)) AS said_at
                ), stored_response AS (
                    UPDATE public.idempotency_keys AS known SET answer = session.stored_response
                    FROM session
                    WHERE known.claim = session.request_lease
                ), new_messages AS (
                    INSERT INTO public.messages (session_id, message_id, sender, text_content, created_at, position)
                    SELECT session.id, line.message_id, line.sender, line.text_content, line.created_at, line.position
                    FROM session
                    CROSS JOIN LATERAL (VALUES
                        (user_message_id, 'user', user_text, said_at, message_count - 1),
                        (ai_message_id, 'ai', ai_text, now(), message_count)
                    ) AS line (message_id, sender, text_content, created_at, position)
                )
                SELECT number AS "number!", said_at AS "user_created_at!", now() AS "ai_created_at!" FROM session
                "#,
                &rows,
            )
            .fetch_all(&db.pool)
        };
        let saved = match turns {
            [_] => db.save_with_retry(save).await?,
            // Whatever keeps one of them from being saved must not keep the others: they repeat it one by one.
            _ => Retried {
                value: db.with_timeout(save()).await?,
                retried: false,
            },
        };
        let rows = saved.value.into_iter().map(|row| {
            (
                row.number,
                SavedTurn {
                    user_created_at: row.user_created_at,
                    ai_created_at: row.ai_created_at,
                },
            )
        });
        let outcomes = in_request_order(turns.len(), rows).into_iter();
        let repeated = saved.retried || again;
        Ok(outcomes
            .map(|outcome| Retried {
                value: outcome,
                retried: repeated,
            })
            .collect())
    }
}
