//! Turns: both messages of a turn and all changes of its session, stored in one statement.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError, SessionKey,
    distribution::{NodeQuery, OnNode, in_lock_order},
};
use crate::database::{
    Database, DatabaseError, Retried,
    batch::{BatchQuery, in_request_order, lock_timeout},
};
use crate::domain::{LanguageTag, MessageId, SessionId, WrapUp};

/// A turn to store. The statement reads its fields, and those of the wrap-up state, by name.
#[derive(Serialize)]
pub struct NewTurn {
    #[serde(skip)]
    pub(crate) session_id: SessionId,
    /// The user on whose behalf the turn is stored, if there is one.
    pub(crate) user_id: Option<Uuid>,
    /// Whether the turn may be stored in any user's session.
    pub(crate) bypass_ownership: bool,
    /// The session's number of messages when the turn was made; it must still be the same.
    pub(crate) message_count: i32,
    /// The number of unanswered recordings when the turn was made; it must still be the same.
    pub(crate) unanswered_recordings: i32,
    /// Whether `user_text` begins with the unanswered recordings, which are kept no longer then.
    pub(crate) answers_recordings: bool,
    pub(crate) user_message_id: MessageId,
    pub(crate) user_text: String,
    pub(crate) seconds_since_spoken: f64,
    pub(crate) ai_message_id: MessageId,
    /// The coach's message; the closing summary if the turn ends the session.
    pub(crate) ai_text: String,
    /// The language that the person chose or speaks; `None` if that is not known.
    pub(crate) language: Option<LanguageTag>,
    /// State of the wrap-up rules after the turn.
    #[serde(flatten)]
    pub(crate) wrap_up: WrapUp,
    /// Whether the turn ends the session, with `ai_text` as its summary.
    pub(crate) ends_session: bool,
    /// Whether a session that ends is merged into the memory of its user, if that is on.
    pub(crate) is_remembered: bool,
    /// Id of the lease under which the turn was made, which is released with it.
    pub(crate) turn_lease: Uuid,
    /// Id of the request's lease, if the request has an idempotency key.
    pub(crate) request_lease: Option<Uuid>,
    pub(crate) stored_response: Option<Value>,
    /// Whether the response waits for audio. The request's lease is then kept until it is released,
    /// and no replay precedes the response.
    pub(crate) awaits_audio: bool,
}

/// The times of a stored turn, by the database's clock.
#[derive(Clone, Copy)]
pub struct SavedTurn {
    pub(crate) user_created_at: OffsetDateTime,
    pub(crate) ai_created_at: OffsetDateTime,
}

/// A turn with the key of its session.
#[derive(Serialize)]
pub(super) struct SaveTurn {
    id: Uuid,
    #[serde(flatten)]
    turn: NewTurn,
}

impl DatabaseService {
    /// Stores a turn: both messages, the message count, the wrap-up state and the session's end,
    /// in one statement. Retries while the database is unavailable, up to the save time-out, and
    /// never stores a turn twice.
    ///
    /// `None`, with nothing stored, if the viewer may see no such session, if it has ended, if the
    /// request's lease was lost, or if another turn was added or kept as unanswered since the
    /// counts of `turn` were read: concurrent writers lock the session's row, and the second one
    /// finds another count.
    ///
    /// Takes no longer than the save time-out. After [`RepositoryError::Unavailable`] the turn may
    /// be stored all the same, if the result of the last attempt was lost.
    pub async fn save_turn(&self, turn: NewTurn) -> Result<Option<SavedTurn>, RepositoryError> {
        let saving = timeout(self.database.save_timeout(), self.save_or_find_turn(turn));
        let late = |_| Err(RepositoryError::Unavailable("no result in time".into()));
        saving.await.unwrap_or_else(late)
    }

    async fn save_or_find_turn(&self, turn: NewTurn) -> Result<Option<SavedTurn>, RepositoryError> {
        let (user_id, ai_id) = (turn.user_message_id.clone(), turn.ai_message_id.clone());
        let session = self.session_key(&turn.session_id).await?;
        let turn = SaveTurn { id: session.uuid(), turn };
        let saved = self.execute(turn, &self.batches.save_turn, |node| &node.save_turn).await?;
        match saved.value {
            // Another turn was added, or an earlier attempt was committed although it failed here.
            None if saved.retried => self.find_saved_turn(session, &user_id, &ai_id).await,
            saved => Ok(saved),
        }
    }

    /// The times of a stored turn; `None` if it is not stored.
    async fn find_saved_turn(
        &self,
        session: SessionKey,
        user_message_id: &MessageId,
        ai_message_id: &MessageId,
    ) -> Result<Option<SavedTurn>, RepositoryError> {
        let database = self.database_of(session.uuid()).await?;
        let saved = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        SavedTurn,
                        r#"
                    SELECT
                        max(created_at) FILTER (WHERE sender = 'user') AS "user_created_at!",
                        max(created_at) FILTER (WHERE sender = 'ai') AS "ai_created_at!"
                    FROM public.messages
                    WHERE session_id = $1 AND message_id IN ($2, $3)
                    HAVING count(*) = 2
                    "#,
                        session.uuid(),
                        user_message_id.as_str(),
                        ai_message_id.as_str(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(saved)
    }
}

impl BatchQuery for SaveTurn {
    type Output = Retried<Option<SavedTurn>>;
    type Context = Database;

    async fn execute(
        database: &Database,
        turns: &[Self],
        is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        save(database, None, &as_json(turns)?, is_retry).await
    }
}

impl NodeQuery for SaveTurn {
    fn session(&self) -> Uuid {
        self.id
    }

    async fn execute_on_node(
        database: &Database,
        turns: &[OnNode<Self>],
        is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let (numbers, turns): (Vec<i64>, Vec<&Self>) = in_lock_order(turns).into_iter().unzip();
        let keys = turns.iter().map(|turn| turn.id).collect();
        let place = OnOneNode { numbers, keys };
        save(database, Some(&place), &as_json(turns)?, is_retry).await
    }
}

/// The numbers of turns, and the keys of their sessions, which are on one node of distributed
/// tables.
struct OnOneNode {
    numbers: Vec<i64>,
    keys: Vec<Uuid>,
}

fn as_json<'a>(turns: impl IntoIterator<Item = &'a SaveTurn>) -> Result<Vec<Value>, DatabaseError> {
    let turns = turns.into_iter().map(serde_json::to_value);
    Ok(turns.collect::<Result<_, _>>().map_err(|error| sqlx::Error::Encode(error.into()))?)
}

/// Saves turns, in ordinary tables without a `place`.
async fn save(
    database: &Database,
    place: Option<&OnOneNode>,
    turns: &[Value],
    is_retry: bool,
) -> Result<Vec<Retried<Option<SavedTurn>>>, DatabaseError> {
    let save = async |connection: &mut PgConnection| match place {
        Some(place) => call_save_turns(connection, place, turns).await,
        None => insert_turns(connection, turns).await,
    };
    let saved = if let [_] = turns {
        database.save_with_retry(|pool| pool.with_connection(save)).await?
    } else {
        // One turn may delay the others: a failed batch is retried turn by turn.
        let saved = database.with_timeout(database.primary().with_connection(save)).await?;
        Retried { value: saved, retried: false }
    };
    let retried = saved.retried || is_retry;
    let results = in_request_order(turns.len(), saved.value).into_iter();
    Ok(results.map(|value| Retried { value, retried }).collect())
}

/// [`insert_turns`] for sessions of distributed tables, on the node of the first one.
async fn call_save_turns(
    connection: &mut PgConnection,
    place: &OnOneNode,
    turns: &[Value],
) -> Result<Vec<(i64, SavedTurn)>, sqlx::Error> {
    sqlx::query!(
        r#"
        SELECT number AS "number!", user_created_at AS "user_created_at!",
            ai_created_at AS "ai_created_at!"
        FROM public.save_turns($1, $2, $3, $4, $5)
        "#,
        place.keys[0],
        &place.numbers,
        &place.keys,
        turns,
        lock_timeout(turns.len()),
    )
    .map(|row| {
        let (user_created_at, ai_created_at) = (row.user_created_at, row.ai_created_at);
        (row.number, SavedTurn { user_created_at, ai_created_at })
    })
    .fetch_all(connection)
    .await
}

async fn insert_turns(
    connection: &mut PgConnection,
    turns: &[Value],
) -> Result<Vec<(i64, SavedTurn)>, sqlx::Error> {
    sqlx::query!(
        r#"
        WITH input AS MATERIALIZED (
            SELECT input.*, number, now() AS now,
                now() - make_interval(secs => seconds_since_spoken) AS spoken_at,
                set_config('lock_timeout', $2, TRUE) AS lock_timeout
            FROM unnest((SELECT $1::jsonb[])) WITH ORDINALITY AS request (turn, number)
            CROSS JOIN LATERAL jsonb_to_record(turn) AS input (
                id uuid, message_count integer, user_message_id text, user_text text,
                seconds_since_spoken double precision, ai_message_id text, ai_text text,
                awaiting_confirmation boolean, cooldown integer, extension_minutes integer,
                skip_progress_check boolean, coach_replies integer, turns_since_offer integer,
                ends_session boolean, turn_lease uuid, request_lease uuid, stored_response jsonb,
                user_id uuid, bypass_ownership boolean, awaits_audio boolean,
                unanswered_recordings integer, answers_recordings boolean, language text,
                is_remembered boolean
            )
            -- Always true. Lowers the planner's row estimate, which otherwise picks a sequential
            -- scan of `sessions`.
            WHERE number > 0
            -- One lock order for all servers, which prevents deadlocks.
            ORDER BY id
        ), lease AS (
            -- LATERAL: one index scan per request, also while the table is small.
            SELECT existing.claim
            FROM input
            CROSS JOIN LATERAL (
                SELECT claim FROM public.idempotency_keys
                WHERE session_id = input.id AND claim = input.request_lease AND answer IS NULL
                FOR UPDATE
            ) AS existing
        ), session AS (
            UPDATE public.sessions AS s
            SET message_count = s.message_count + 2,
                updated_at = input.now,
                awaiting_wrap_up_confirmation = input.awaiting_confirmation,
                wrap_up_cooldown = input.cooldown,
                time_extension_minutes = input.extension_minutes,
                ignore_content_wrap_up = input.skip_progress_check,
                coach_rounds = input.coach_replies,
                turns_since_question = input.turns_since_offer,
                turn_claim = NULLIF(s.turn_claim, input.turn_lease),
                unanswered_recordings = CASE
                    WHEN input.answers_recordings OR input.ends_session THEN '[]'
                    ELSE s.unanswered_recordings
                END,
                language = COALESCE(input.language, s.language),
                language_is_guess = s.language_is_guess AND input.language IS NULL,
                status = CASE WHEN input.ends_session THEN 'ended' ELSE s.status END,
                summary = CASE WHEN input.ends_session THEN input.ai_text ELSE s.summary END,
                ended_at = CASE WHEN input.ends_session THEN input.now ELSE s.ended_at END,
                memory_due = CASE
                    WHEN input.ends_session
                    THEN input.is_remembered AND COALESCE((
                        SELECT m.enabled FROM public.memories AS m WHERE m.user_id = s.user_id
                    ), TRUE)
                    ELSE s.memory_due
                END,
                duration_seconds = CASE
                    WHEN input.ends_session
                    -- within the column's range, whatever was done to the clock
                    THEN least(
                        greatest(floor(extract(epoch FROM input.now - s.created_at)), 0), 2147483647
                    )::integer
                    ELSE s.duration_seconds
                END
            FROM input
            WHERE s.id = input.id AND s.status = 'active' AND input.lock_timeout <> ''
              AND s.message_count = input.message_count
              AND jsonb_array_length(s.unanswered_recordings) = input.unanswered_recordings
              AND (input.bypass_ownership OR s.user_id IS NULL OR s.user_id = input.user_id)
              AND (
                input.request_lease IS NULL OR input.request_lease IN (SELECT claim FROM lease)
              )
            RETURNING input.id, s.message_count, s.language, s.user_id, input.number, input.now,
                input.request_lease, input.stored_response, input.awaits_audio,
                input.user_message_id, input.user_text, input.ai_message_id, input.ai_text,
                greatest(s.created_at, input.spoken_at) AS spoken_at
        ), stored_response AS (
            UPDATE public.idempotency_keys AS existing
            SET answer = session.stored_response,
                claimed_until = CASE
                    WHEN session.awaits_audio THEN existing.claimed_until
                    ELSE session.now
                END
            FROM session
            WHERE existing.session_id = session.id AND existing.claim = session.request_lease
        ), new_messages AS (
            INSERT INTO public.messages
                (session_id, user_id, message_id, sender, text_content, created_at, position,
                text_search)
            SELECT session.id, session.user_id, message.message_id, message.sender,
                message.text_content, message.created_at, message.position,
                public.language_search_vector(message.text_content, session.language)
            FROM session
            CROSS JOIN LATERAL (VALUES
                (user_message_id, 'user', user_text, spoken_at, message_count - 1),
                (ai_message_id, 'ai', ai_text, now, message_count)
            ) AS message (message_id, sender, text_content, created_at, position)
        )
        SELECT number AS "number!", spoken_at AS "user_created_at!", now AS "ai_created_at!"
        FROM session
        "#,
        turns,
        lock_timeout(turns.len()),
    )
    .map(|row| {
        let (user_created_at, ai_created_at) = (row.user_created_at, row.ai_created_at);
        (row.number, SavedTurn { user_created_at, ai_created_at })
    })
    .fetch_all(connection)
    .await
}
