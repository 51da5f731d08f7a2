//! Ratings: columns of the sessions table that only an ended session has.

use std::slice;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, Lease, RepositoryError, SessionKey};
use crate::database::{
    Database, DatabaseError,
    batch::{BatchQuery, in_request_order, lock_timeout},
};
use crate::domain::{Feedback, Rating, SessionId, Viewer};

/// A rating to store.
pub(super) struct RateSession {
    viewer: Viewer,
    session: SessionKey,
    rating: Rating,
    feedback: Option<Feedback>,
    /// The lease of the request, if it has an idempotency key.
    request_lease: Option<Uuid>,
}

impl DatabaseService {
    /// Stores the rating of an ended session, replacing an earlier one, and returns its time.
    ///
    /// `None`, with nothing changed, if the viewer may read no such session, the session is active,
    /// or `request_lease` was lost. The response stored for that request is `{"ratedAt": …}`.
    pub async fn rate_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        rating: Rating,
        feedback: Option<&Feedback>,
        request_lease: Option<&Lease>,
    ) -> Result<Option<OffsetDateTime>, RepositoryError> {
        let query = RateSession {
            viewer,
            session: self.session_key(id).await?,
            rating,
            feedback: feedback.cloned(),
            request_lease: request_lease.map(Lease::id),
        };
        Ok(match self.is_distributed().await? {
            true => query.execute_alone(&self.database_of(query.session.uuid()).await?).await?,
            false => self.batches.rate_session.execute(&self.database, query).await?,
        })
    }
}

impl BatchQuery for RateSession {
    type Output = Option<OffsetDateTime>;
    type Context = Database;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let mut rated = Self::save(database, requests).await?;
        for (index, request) in requests.iter().enumerate() {
            // A statement updates a row once, and skips further ratings of the same session.
            let mut others = requests.iter().zip(&rated);
            if rated[index].is_none()
                && others.any(|(other, rated)| other.session == request.session && rated.is_some())
            {
                let alone = Self::save(database, slice::from_ref(request)).await?;
                rated[index] = alone.into_iter().next().flatten();
            }
        }
        Ok(rated)
    }
}

impl RateSession {
    /// [`BatchQuery::execute`] for one session of distributed tables.
    async fn execute_alone(
        &self,
        database: &Database,
    ) -> Result<<Self as BatchQuery>::Output, DatabaseError> {
        database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        "SELECT public.rate_session($1, $2, $3, $4, $5, $6)",
                        self.session.uuid(),
                        self.rating.stars(),
                        self.feedback.as_ref().map(Feedback::as_str),
                        self.viewer.is_service(),
                        self.viewer.user_id(),
                        self.request_lease,
                    )
                    .fetch_one(connection)
                    .await
                })
            })
            .await
    }
}

impl RateSession {
    /// Stores the ratings in one statement; `None` for each that was not stored.
    async fn save(
        database: &Database,
        requests: &[Self],
    ) -> Result<Vec<Option<OffsetDateTime>>, DatabaseError> {
        let has_lease = requests.iter().any(|one| one.request_lease.is_some());
        let input = Input::new(requests);
        let rows = if has_lease {
            input.save_with_responses(database).await?
        } else {
            input.save(database).await?
        };
        Ok(in_request_order(requests.len(), rows))
    }
}

/// The ratings of a statement, as its parameters.
struct Input<'a> {
    keys: Vec<Uuid>,
    stars: Vec<i32>,
    feedback: Vec<Option<&'a str>>,
    bypass_ownership: Vec<bool>,
    users: Vec<Option<Uuid>>,
    leases: Vec<Option<Uuid>>,
}

impl<'a> Input<'a> {
    fn new(requests: &'a [RateSession]) -> Self {
        let all = requests.iter();
        Self {
            keys: all.clone().map(|one| one.session.uuid()).collect(),
            stars: all.clone().map(|one| one.rating.stars()).collect(),
            feedback: all.clone().map(|one| one.feedback.as_ref().map(Feedback::as_str)).collect(),
            bypass_ownership: all.clone().map(|one| one.viewer.is_service()).collect(),
            users: all.clone().map(|one| one.viewer.user_id()).collect(),
            leases: all.map(|one| one.request_lease).collect(),
        }
    }

    /// Stores ratings of requests without an idempotency key, which is most of them: 1.2 times the
    /// rate of [`Self::save_with_responses`] (docs/benchmarks.md). Returns numbers from 1 and
    /// times.
    async fn save(&self, database: &Database) -> Result<Vec<(i64, OffsetDateTime)>, DatabaseError> {
        database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT input.*, now() AS now,
                            set_config('lock_timeout', $6, TRUE) AS lock_timeout
                        FROM unnest(
                            (SELECT $1::uuid[]), (SELECT $2::integer[]), (SELECT $3::text[]),
                            (SELECT $4::boolean[]), (SELECT $5::uuid[])
                        ) WITH ORDINALITY AS input (
                            id, rating, feedback, bypass_ownership, user_id, number
                        )
                        -- Always true. Lowers the planner's row estimate, which otherwise picks a
                        -- sequential scan of `sessions`.
                        WHERE number > 0
                        -- One lock order for all servers, which prevents deadlocks.
                        ORDER BY id
                    )
                    UPDATE public.sessions AS s
                    SET rating = input.rating, feedback = input.feedback, updated_at = input.now
                    FROM input
                    WHERE s.id = input.id AND s.status = 'ended' AND input.lock_timeout <> ''
                      AND (
                        input.bypass_ownership OR s.user_id IS NULL OR s.user_id = input.user_id
                      )
                    RETURNING input.number AS "number!", s.updated_at AS "rated_at!"
                    "#,
                        &self.keys,
                        &self.stars,
                        &self.feedback as &[Option<&str>],
                        &self.bypass_ownership,
                        &self.users as &[Option<Uuid>],
                        lock_timeout(self.keys.len()),
                    )
                    .map(|row| (row.number, row.rated_at))
                    .fetch_all(connection)
                    .await
                })
            })
            .await
    }

    /// Stores ratings, and the responses of those requests that have an idempotency key. Returns
    /// numbers from 1 and times.
    async fn save_with_responses(
        &self,
        database: &Database,
    ) -> Result<Vec<(i64, OffsetDateTime)>, DatabaseError> {
        database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT input.*, now() AS now,
                            set_config('lock_timeout', $7, TRUE) AS lock_timeout
                        FROM unnest(
                            (SELECT $1::uuid[]), (SELECT $2::integer[]), (SELECT $3::text[]),
                            (SELECT $4::boolean[]), (SELECT $5::uuid[]), (SELECT $6::uuid[])
                        ) WITH ORDINALITY AS input (
                            id, rating, feedback, bypass_ownership, user_id, request_lease, number
                        )
                        -- Always true. Lowers the planner's row estimate, which otherwise picks a
                        -- sequential scan of `sessions`.
                        WHERE number > 0
                        -- One lock order for all servers, which prevents deadlocks.
                        ORDER BY id
                    ), lease AS (
                        -- With or without a response: an earlier attempt may have been committed.
                        -- LATERAL: one index scan per request, also while the table is small.
                        SELECT existing.claim
                        FROM input
                        CROSS JOIN LATERAL (
                            SELECT claim FROM public.idempotency_keys
                            WHERE session_id = input.id AND claim = input.request_lease
                            FOR UPDATE
                        ) AS existing
                    ), session AS (
                        UPDATE public.sessions AS s
                        SET rating = input.rating, feedback = input.feedback,
                            updated_at = input.now
                        FROM input
                        WHERE s.id = input.id AND s.status = 'ended' AND input.lock_timeout <> ''
                          AND (
                            input.bypass_ownership OR s.user_id IS NULL
                            OR s.user_id = input.user_id
                          )
                          AND (
                            input.request_lease IS NULL
                            OR input.request_lease IN (SELECT claim FROM lease)
                          )
                        RETURNING input.id, input.number, input.request_lease, s.updated_at
                    ), stored_response AS (
                        UPDATE public.idempotency_keys AS existing
                        SET answer = jsonb_build_object('ratedAt', session.updated_at),
                            claimed_until = now()
                        FROM session
                        WHERE existing.session_id = session.id
                          AND existing.claim = session.request_lease
                    )
                    SELECT number AS "number!", updated_at AS "updated_at!" FROM session
                    "#,
                        &self.keys,
                        &self.stars,
                        &self.feedback as &[Option<&str>],
                        &self.bypass_ownership,
                        &self.users as &[Option<Uuid>],
                        &self.leases as &[Option<Uuid>],
                        lock_timeout(self.keys.len()),
                    )
                    .map(|row| (row.number, row.updated_at))
                    .fetch_all(connection)
                    .await
                })
            })
            .await
    }
}
