//! Creating sessions, in batches.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    database::{
        Database, DatabaseError,
        batch::{BatchQuery, in_request_order, lock_timeout},
    },
    domain::{LanguageTag, Session, SessionId, SessionLanguage, Viewer},
    repository::{DatabaseService, IdempotentResponse, RepositoryError, accounts::share_user},
};

/// A session to create.
pub(crate) struct CreateSession {
    session_id: SessionId,
    user_id: Option<Uuid>,
    language: SessionLanguage,
    /// The lease of the request, if it has an idempotency key.
    request_lease: Option<Uuid>,
    /// The response to store for that request.
    stored_response: Option<Value>,
}

/// What became of a session to create.
pub enum Creation {
    /// It is stored.
    Created(Box<Session>),
    /// Nothing was stored: the request's lease was lost.
    LeaseLost,
    /// Nothing was stored: a session has this id, from before the request's lease.
    IdTaken,
}

/// The same of a statement.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Created(Created),
    LeaseLost,
    IdTaken,
    UserNotFound,
}

/// What the database adds to a session that is created.
#[derive(Clone, Copy)]
pub(crate) struct Created {
    created_at: OffsetDateTime,
    /// Whether it belongs to a user whose memory is on.
    remembers: bool,
}

impl DatabaseService {
    /// Stores a new active session, the viewer's or an anonymous one. Without a request, `id` is
    /// random.
    /// [`RepositoryError::UserNotFound`] if the account does not exist any more.
    pub async fn create_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        language: SessionLanguage,
        request: Option<&IdempotentResponse<'_>>,
    ) -> Result<Creation, RepositoryError> {
        let query = CreateSession {
            session_id: id.clone(),
            user_id: viewer.user_id(),
            language,
            request_lease: request.map(|request| request.lease.id()),
            stored_response: request.map(|request| request.response.clone()),
        };
        let session =
            |created_at, remembers| Session::new(id.clone(), created_at, language, remembers);
        let outcome = match self.is_distributed().await? {
            // A user's account is locked on the coordinator.
            true if query.user_id.is_some() => query.execute_alone(&self.database).await?,
            true => query.execute_alone(&self.database_of(id.key()).await?).await?,
            false => self.batches.create_session.execute(&self.database, query).await?,
        };
        Ok(match outcome {
            Outcome::Created(Created { created_at, remembers }) => {
                Creation::Created(Box::new(session(created_at, remembers)))
            }
            Outcome::LeaseLost => Creation::LeaseLost,
            Outcome::IdTaken => Creation::IdTaken,
            Outcome::UserNotFound => return Err(RepositoryError::UserNotFound),
        })
    }
}

impl BatchQuery for CreateSession {
    type Output = Outcome;
    type Context = Database;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let has_lease = requests.iter().any(|one| one.request_lease.is_some());
        if has_lease {
            Self::save_with_responses(database, requests).await
        } else {
            Self::save(database, requests).await
        }
    }
}

impl CreateSession {
    /// [`BatchQuery::execute`] for one session of distributed tables.
    async fn execute_alone(
        &self,
        database: &Database,
    ) -> Result<<Self as BatchQuery>::Output, DatabaseError> {
        let create = async |connection: &mut PgConnection| self.call(connection).await;
        let Some(user) = self.user_id else {
            return database.retry_idempotent(|pool| pool.with_connection(create)).await;
        };
        let create =
            async |connection: &mut PgConnection| match share_user(connection, user).await? {
                true => create(connection).await,
                false => Ok(Outcome::UserNotFound),
            };
        database.retry_idempotent(|pool| pool.with_transaction(create)).await
    }
}

impl CreateSession {
    /// Stores one session of distributed tables.
    async fn call(&self, connection: &mut PgConnection) -> Result<Outcome, sqlx::Error> {
        let row = sqlx::query!(
            r#"
            SELECT created_at, remembers, lease_is_lost AS "lease_is_lost!"
            FROM public.create_session($1, $2, $3, $4, $5, $6, $7)
            "#,
            self.session_id.key(),
            self.session_id.as_str(),
            self.user_id,
            self.language(),
            self.language.is_guess,
            self.request_lease,
            self.stored_response,
        )
        .fetch_one(connection)
        .await?;
        Ok(match (row.created_at, row.remembers) {
            _ if row.lease_is_lost => Outcome::LeaseLost,
            (Some(created_at), Some(remembers)) => {
                Outcome::Created(Created { created_at, remembers })
            }
            _ => Outcome::IdTaken,
        })
    }

    fn language(&self) -> Option<&str> {
        self.language.tag.as_ref().map(LanguageTag::as_str)
    }

    /// Stores sessions of requests without an idempotency key, which is most of them: 1.3 times
    /// the rate of [`Self::save_with_responses`] (docs/benchmarks.md).
    async fn save(database: &Database, requests: &[Self]) -> Result<Vec<Outcome>, DatabaseError> {
        let all = requests.iter();
        let keys: Vec<Uuid> = all.clone().map(|one| one.session_id.key()).collect();
        let ids: Vec<&str> = all.clone().map(|one| one.session_id.as_str()).collect();
        let users: Vec<Option<Uuid>> = all.clone().map(|one| one.user_id).collect();
        let languages: Vec<Option<&str>> = all.clone().map(Self::language).collect();
        let guesses: Vec<bool> = all.map(|one| one.language.is_guess).collect();
        let rows: Vec<(String, Created)> = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT input.*, set_config('lock_timeout', $6, TRUE) AS lock_timeout
                        FROM unnest(
                            (SELECT $1::uuid[]), (SELECT $2::text[]), (SELECT $3::uuid[]),
                            (SELECT $4::text[]), (SELECT $5::boolean[])
                        ) AS input (id, session_id, user_id, language, is_guess)
                    )
                    -- The trigger indexes by a language that was chosen: the job has nothing to do.
                    INSERT INTO public.sessions AS s
                        (id, session_id, user_id, language, language_is_guess, search_language)
                    SELECT id, session_id, user_id, language, is_guess,
                        CASE WHEN NOT is_guess THEN language END
                    FROM input
                    -- always true
                    WHERE lock_timeout <> ''
                    -- stored by an earlier attempt whose result was lost
                    ON CONFLICT (id) DO UPDATE SET session_id = EXCLUDED.session_id
                    RETURNING session_id, created_at AS "created_at!",
                        s.user_id IS NOT NULL AND COALESCE((
                            SELECT m.enabled FROM public.memories AS m WHERE m.user_id = s.user_id
                        ), TRUE) AS "remembers!"
                    "#,
                        &keys,
                        &ids as &[&str],
                        &users as &[Option<Uuid>],
                        &languages as &[Option<&str>],
                        &guesses,
                        lock_timeout(requests.len()),
                    )
                    .map(|row| {
                        let (created_at, remembers) = (row.created_at, row.remembers);
                        (row.session_id, Created { created_at, remembers })
                    })
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        let outcome = |id: &SessionId| {
            let row = rows.iter().find(|(session_id, _)| session_id == id.as_str());
            row.map_or(Outcome::IdTaken, |(_, created)| Outcome::Created(*created))
        };
        Ok(requests.iter().map(|one| outcome(&one.session_id)).collect())
    }

    /// Stores sessions, and the responses of those requests that have an idempotency key.
    async fn save_with_responses(
        database: &Database,
        requests: &[Self],
    ) -> Result<Vec<Outcome>, DatabaseError> {
        let all = requests.iter();
        let keys: Vec<Uuid> = all.clone().map(|one| one.session_id.key()).collect();
        let ids: Vec<&str> = all.clone().map(|one| one.session_id.as_str()).collect();
        let users: Vec<Option<Uuid>> = all.clone().map(|one| one.user_id).collect();
        let languages: Vec<Option<&str>> = all.clone().map(Self::language).collect();
        let guesses: Vec<bool> = all.clone().map(|one| one.language.is_guess).collect();
        let leases: Vec<Option<Uuid>> = all.clone().map(|one| one.request_lease).collect();
        let responses: Vec<Option<&Value>> = all.map(|one| one.stored_response.as_ref()).collect();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT input.*, now() AS now,
                            set_config('lock_timeout', $8, TRUE) AS lock_timeout
                        FROM unnest(
                            (SELECT $1::uuid[]), (SELECT $2::text[]), (SELECT $3::uuid[]),
                            (SELECT $4::uuid[]), (SELECT $5::jsonb[]), (SELECT $6::text[]),
                            (SELECT $7::boolean[])
                        ) WITH ORDINALITY AS input (
                            id, session_id, user_id, request_lease, stored_response, language,
                            is_guess, number
                        )
                        -- Always true. Lowers the planner's row estimate, which otherwise picks a
                        -- sequential scan of idempotency_keys.
                        WHERE number > 0
                        -- One lock order for all servers, which prevents deadlocks.
                        ORDER BY id
                    ), lease AS (
                        -- With or without a response: an earlier attempt may have been committed.
                        -- LATERAL: one index scan per request, also while the table is small.
                        SELECT existing.*
                        FROM input
                        CROSS JOIN LATERAL (
                            SELECT session_id, claim, answer IS NOT NULL AS is_completed
                            FROM public.idempotency_keys
                            WHERE session_id = input.id AND claim = input.request_lease
                            FOR UPDATE
                        ) AS existing
                    ), session AS (
                        INSERT INTO public.sessions AS s
                            (id, session_id, user_id, language, language_is_guess, search_language)
                        SELECT id, session_id, user_id, language, is_guess,
                            CASE WHEN NOT is_guess THEN language END
                        FROM input
                        WHERE lock_timeout <> ''
                          AND (request_lease IS NULL OR request_lease IN (SELECT claim FROM lease))
                        -- Stored by an earlier attempt whose result was lost, or else before.
                        ON CONFLICT (id) DO UPDATE SET session_id = EXCLUDED.session_id
                        WHERE NOT EXISTS (
                            SELECT FROM lease
                            WHERE lease.session_id = EXCLUDED.id AND NOT lease.is_completed
                        )
                        RETURNING id, created_at,
                            s.user_id IS NOT NULL AND COALESCE((
                                SELECT m.enabled FROM public.memories AS m
                                WHERE m.user_id = s.user_id
                            ), TRUE) AS remembers
                    ), stored_response AS (
                        UPDATE public.idempotency_keys AS existing
                        SET answer = input.stored_response, claimed_until = input.now
                        FROM input
                        JOIN session ON session.id = input.id
                        WHERE existing.session_id = input.id
                          AND existing.claim = input.request_lease
                    )
                    SELECT input.number AS "number!", session.created_at AS "created_at?",
                        session.remembers AS "remembers?",
                        input.request_lease IS NOT NULL AND lease.claim IS NULL AS "lease_is_lost!"
                    FROM input
                    LEFT JOIN session ON session.id = input.id
                    LEFT JOIN lease ON lease.claim = input.request_lease
                    "#,
                        &keys,
                        &ids as &[&str],
                        &users as &[Option<Uuid>],
                        &leases as &[Option<Uuid>],
                        &responses as &[Option<&Value>],
                        &languages as &[Option<&str>],
                        &guesses,
                        lock_timeout(requests.len()),
                    )
                    .map(|row| {
                        let outcome = match (row.created_at, row.remembers) {
                            _ if row.lease_is_lost => Outcome::LeaseLost,
                            (Some(created_at), Some(remembers)) => {
                                Outcome::Created(Created { created_at, remembers })
                            }
                            _ => Outcome::IdTaken,
                        };
                        (row.number, outcome)
                    })
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        let outcomes = in_request_order(requests.len(), rows).into_iter();
        Ok(outcomes.map(|outcome| outcome.unwrap_or(Outcome::LeaseLost)).collect())
    }
}
