//! Who is doing what, among all servers on the database: turns in progress, and requests with an idempotency key.
//!
//! A claim lasts for [`LEASE_DURATION`] and is renewed while its work goes on; one that is not renewed belonged to a server that
//! is gone. Losing a claim is safe: a turn is saved only if nobody else has added one since it was made, and a request
//! with a key is carried out only while its claim stands.
//!
//! So nobody waits for a claim to reach the disk (`synchronous_commit` off, for its own transaction): what is saved under it
//! waits, and is behind it in the log.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::{
    DatabaseService, RepositoryError,
    sessions::{SessionRow, sessions_in_request_order},
};
use crate::database::batch::{BatchQuery, BatchQueue};
use crate::domain::{IdempotentRequest, Session, SessionId, Status};

/// How long a claim stands without being renewed.
pub const LEASE_DURATION: Duration = Duration::from_secs(6);

/// Something that only one server does at a time.
#[derive(Debug, Clone)]
pub enum Lease {
    /// The turn in a session.
    Turn(SessionId, Uuid),
    /// A request with an idempotency key.
    IdempotencyKey(Uuid),
}

/// A request that is answered by what is about to be stored.
pub struct IdempotentResponse<'a> {
    /// The claim under which it is carried out.
    pub lease: &'a Lease,
    /// What is needed to give the same answer again.
    pub response: Value,
}

/// What is known of a request with an idempotency key.
pub enum KeyState {
    /// Nothing: it is ours to carry out.
    Acquired(Lease),
    /// It was carried out, with this answer.
    Completed(Value),
    /// It is being carried out.
    InProgress,
    /// The key was used for another request.
    KeyReused,
}

/// The turn in a session, to be claimed.
pub(super) struct AcquireTurnLease {
    id: SessionId,
    claim: Uuid,
}

impl Lease {
    /// The number under which it is held.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Turn(_, id) | Self::IdempotencyKey(id) => *id,
        }
    }
}

impl DatabaseService {
    /// Claims the turn in an active session, and tells how the session stands; `None` while somebody else has it, or if there is
    /// no such session.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn acquire_turn_lease(
        &self,
        id: &SessionId,
    ) -> Result<Option<(Lease, Session)>, RepositoryError> {
        let claim = Uuid::from_u128(rand::random());
        let session = self
            .batched(AcquireTurnLease {
                id: id.clone(),
                claim,
            })
            .await?;
        Ok(session.map(|session| (Lease::Turn(id.clone(), claim), session)))
    }

    /// Claims a request with an idempotency key, for `route` and `scope` (a session's id, a user's, or empty). A key that was last used more than
    /// `keep` ago is as good as new.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn acquire_idempotency_key(
        &self,
        route: &str,
        scope: &str,
        idempotency: &IdempotentRequest,
        keep: Duration,
    ) -> Result<KeyState, RepositoryError> {
        let claim = Uuid::from_u128(rand::random());
        let insert = || {
            sqlx::query_scalar!(
                r#"
                INSERT INTO public.idempotency_keys AS known
                    (route, scope, key, request_hash, claim, claimed_until)
                VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
                ON CONFLICT (route, scope, key) DO UPDATE
                SET request_hash = EXCLUDED.request_hash, claim = EXCLUDED.claim,
                    claimed_until = EXCLUDED.claimed_until, answer = NULL, created_at = now()
                WHERE (
                    -- its server is gone
                    known.answer IS NULL AND known.claimed_until < now()
                    AND known.request_hash = EXCLUDED.request_hash
                )
                   -- its time is over
                   OR known.created_at < now() - make_interval(secs => $7)
                   -- claimed by an attempt whose answer was lost
                   OR known.claim = EXCLUDED.claim
                RETURNING set_config('synchronous_commit', 'off', true) AS "durability!"
                "#,
                route,
                scope,
                idempotency.key.as_str(),
                idempotency.fingerprint.as_bytes(),
                claim,
                LEASE_DURATION.as_secs_f64(),
                keep.as_secs_f64(),
            )
            .fetch_optional(&self.pool)
        };
        if self.retry_idempotent(insert).await?.is_some() {
            return Ok(KeyState::Acquired(Lease::IdempotencyKey(claim)));
        }
        let known = self
            .retry_idempotent(|| {
                sqlx::query!(
                    r#"
                    SELECT request_hash, answer
                    FROM public.idempotency_keys
                    WHERE route = $1 AND scope = $2 AND key = $3
                    "#,
                    route,
                    scope,
                    idempotency.key.as_str(),
                )
                .fetch_optional(&self.pool)
            })
            .await?;
        Ok(match known {
            Some(known) if known.request_hash != idempotency.fingerprint.as_bytes() => {
                KeyState::KeyReused
            }
            Some(known) => known
                .answer
                .map_or(KeyState::InProgress, KeyState::Completed),
            // Given back between the two statements.
            None => KeyState::InProgress,
        })
    }

    /// Makes a claim stand for another [`LEASE_DURATION`]; one that is lost stays lost.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn renew_lease(&self, claim: &Lease) -> Result<(), RepositoryError> {
        let seconds = LEASE_DURATION.as_secs_f64();
        match claim {
            Lease::Turn(session, id) => {
                let update = sqlx::query!(
                    r#"
                    UPDATE public.sessions SET turn_claimed_until = now() + make_interval(secs => $3)
                    WHERE session_id = $1 AND turn_claim = $2
                    "#,
                    session.as_str(),
                    id,
                    seconds,
                );
                self.with_timeout(update.execute(&self.pool)).await?;
            }
            Lease::IdempotencyKey(id) => {
                let update = sqlx::query!(
                    r#"
                    UPDATE public.idempotency_keys SET claimed_until = now() + make_interval(secs => $2)
                    WHERE claim = $1 AND answer IS NULL
                    "#,
                    id,
                    seconds,
                );
                self.with_timeout(update.execute(&self.pool)).await?;
            }
        }
        Ok(())
    }

    /// Gives a claim back whose work was not done; nothing happens if it was done or lost.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time; the claim then lapses by itself.
    pub async fn release_lease(&self, claim: &Lease) -> Result<(), RepositoryError> {
        match claim {
            Lease::Turn(session, id) => {
                let update = sqlx::query!(
                    r#"
                    UPDATE public.sessions SET turn_claim = NULL, turn_claimed_until = NULL
                    WHERE session_id = $1 AND turn_claim = $2
                    "#,
                    session.as_str(),
                    id,
                );
                self.with_timeout(update.execute(&self.pool)).await?;
            }
            Lease::IdempotencyKey(id) => {
                let delete = sqlx::query!(
                    "DELETE FROM public.idempotency_keys WHERE claim = $1 AND answer IS NULL",
                    id,
                );
                self.with_timeout(delete.execute(&self.pool)).await?;
            }
        }
        Ok(())
    }

    /// Forgets requests older than `keep`, and returns how many.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn delete_expired_keys(&self, keep: Duration) -> Result<u64, RepositoryError> {
        let delete = sqlx::query!(
            "DELETE FROM public.idempotency_keys WHERE created_at < now() - make_interval(secs => $1)",
            keep.as_secs_f64(),
        );
        Ok(self
            .with_timeout(delete.execute(&self.pool))
            .await?
            .rows_affected())
    }
}

impl BatchQuery for AcquireTurnLease {
    type Answer = Option<Session>;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.claim
    }

    async fn ask(
        db: &DatabaseService,
        turns: &[Self],
        _: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let ids: Vec<&str> = turns.iter().map(|turn| turn.id.as_str()).collect();
        let claims: Vec<Uuid> = turns.iter().map(|turn| turn.claim).collect();
        let update = || {
            sqlx::query_as!(
                SessionRow,
                r#"
                UPDATE public.sessions AS s
                SET turn_claim = asked.claim, turn_claimed_until = now() + make_interval(secs => $3)
                FROM (
                    SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::uuid[]))
                        WITH ORDINALITY AS asked (session_id, claim, number)
                    -- Always so. It makes the planner expect few: for ten it reads a table of 2,000 sessions as a whole.
                    WHERE number > 0
                    -- two servers with the same sessions do not wait for each other
                    ORDER BY session_id
                ) AS asked
                WHERE s.session_id = asked.session_id AND s.status = 'active'
                  -- = asked.claim: claimed by an attempt whose answer was lost
                  AND (s.turn_claim IS NULL OR s.turn_claimed_until < now() OR s.turn_claim = asked.claim)
                  AND set_config('synchronous_commit', 'off', true) = 'off'
                RETURNING asked.number AS "number!", s.session_id AS "session_id: SessionId", status AS "status: Status",
                    created_at AS "created_at!", updated_at AS "updated_at!",
                    extract(epoch FROM now() - created_at)::double precision AS "age_seconds!",
                    message_count AS "message_count!", summary, duration_seconds, rating, feedback,
                    awaiting_wrap_up_confirmation, wrap_up_cooldown, time_extension_minutes, ignore_content_wrap_up,
                    coach_rounds, turns_since_question, running_summary, summarized_messages
                "#,
                &ids as &[&str],
                &claims,
                LEASE_DURATION.as_secs_f64(),
            )
            .fetch_all(&db.pool)
        };
        let rows = db.retry_idempotent(update).await?;
        sessions_in_request_order(ids.len(), rows)
    }
}
