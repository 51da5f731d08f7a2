//! Ratings: columns of the sessions table that only an ended session has.

use std::slice;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, Lease, RepositoryError};
use crate::database::{
    Database, DatabaseError,
    batch::{BatchQuery, in_request_order, lock_timeout},
};
use crate::domain::{Feedback, Rating, SessionId, Viewer};

/// A rating to store.
pub(super) struct RateSession {
    viewer: Viewer,
    session_id: SessionId,
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
            session_id: id.clone(),
            rating,
            feedback: feedback.cloned(),
            request_lease: request_lease.map(Lease::id),
        };
        let queue = &self.batches.rate_session;
        Ok(queue.execute(&self.database, query).await?)
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
                && others
                    .any(|(other, rated)| other.session_id == request.session_id && rated.is_some())
            {
                let alone = Self::save(database, slice::from_ref(request)).await?;
                rated[index] = alone.into_iter().next().flatten();
            }
        }
        Ok(rated)
    }
}

impl RateSession {
    /// Stores the ratings in one statement; `None` for each that was not stored.
    async fn save(
        database: &Database,
        requests: &[Self],
    ) -> Result<Vec<Option<OffsetDateTime>>, DatabaseError> {
        let all = requests.iter();
        let ids: Vec<&str> = all.clone().map(|one| one.session_id.as_str()).collect();
        let stars: Vec<i32> = all.clone().map(|one| one.rating.stars()).collect();
        let feedback: Vec<Option<&str>> =
            all.clone().map(|one| one.feedback.as_ref().map(Feedback::as_str)).collect();
        let bypass_ownership: Vec<bool> = all.clone().map(|one| one.viewer.is_service()).collect();
        let users: Vec<Option<Uuid>> = all.clone().map(|one| one.viewer.user_id()).collect();
        let leases: Vec<Option<Uuid>> = all.map(|one| one.request_lease).collect();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT * FROM unnest(
                            (SELECT $1::text[]), (SELECT $2::integer[]), (SELECT $3::text[]),
                            (SELECT $4::boolean[]), (SELECT $5::uuid[]), (SELECT $6::uuid[])
                        ) WITH ORDINALITY AS input (
                            session_id, rating, feedback, bypass_ownership, user_id, request_lease,
                            number
                        )
                        -- Always true. Lowers the planner's row estimate, which otherwise picks a
                        -- sequential scan of `sessions`.
                        WHERE number > 0 AND set_config('lock_timeout', $7, TRUE) <> ''
                        -- One lock order for all servers, which prevents deadlocks.
                        ORDER BY session_id
                    ), lease AS (
                        -- With or without a response: an earlier attempt may have been committed.
                        -- LATERAL: one index scan per request, also while the table is small.
                        SELECT existing.claim
                        FROM input
                        CROSS JOIN LATERAL (
                            SELECT claim FROM public.idempotency_keys
                            WHERE claim = input.request_lease
                            FOR UPDATE
                        ) AS existing
                    ), session AS (
                        UPDATE public.sessions AS s
                        SET rating = input.rating, feedback = input.feedback, updated_at = now()
                        FROM input
                        WHERE s.session_id = input.session_id AND s.status = 'ended'
                          AND (
                            input.bypass_ownership OR s.user_id IS NULL
                            OR s.user_id = input.user_id
                          )
                          AND (
                            input.request_lease IS NULL
                            OR input.request_lease IN (SELECT claim FROM lease)
                          )
                        RETURNING input.number, input.request_lease, s.updated_at
                    ), stored_response AS (
                        UPDATE public.idempotency_keys AS existing
                        SET answer = jsonb_build_object('ratedAt', session.updated_at),
                            claimed_until = now()
                        FROM session
                        WHERE existing.claim = session.request_lease
                    )
                    SELECT number AS "number!", updated_at AS "updated_at!" FROM session
                    "#,
                        &ids as &[&str],
                        &stars,
                        &feedback as &[Option<&str>],
                        &bypass_ownership,
                        &users as &[Option<Uuid>],
                        &leases as &[Option<Uuid>],
                        lock_timeout(requests.len()),
                    )
                    .map(|row| (row.number, row.updated_at))
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}
