//! Ratings: columns of the sessions table that only an ended session has.

use std::slice;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, Lease, RepositoryError};
use crate::database::batch::{BatchQuery, BatchQueue, in_request_order};
use crate::domain::{Feedback, Rating, SessionId, Viewer};

/// A rating to store.
pub(super) struct RateSession {
    viewer: Viewer,
    id: SessionId,
    rating: Rating,
    feedback: Option<Feedback>,
}

impl DatabaseService {
    /// Stores a rating for a session that has ended, in place of an earlier one, and returns when.
    ///
    /// `None` if there is no such session of the viewer's, it is still active, or the request's claim was lost: nothing is
    /// changed then. The answer that is kept for the request is `{"ratedAt": …}`: the rest is in the request.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn rate_session(
        &self,
        viewer: Viewer,
        id: &SessionId,
        rating: Rating,
        feedback: Option<&Feedback>,
        request: Option<&Lease>,
    ) -> Result<Option<OffsetDateTime>, RepositoryError> {
        let Some(request) = request else {
            let rate = RateSession {
                viewer,
                id: id.clone(),
                rating,
                feedback: feedback.cloned(),
            };
            return self.batched(rate).await;
        };
        let update = || {
            sqlx::query_scalar!(
                r#"
                WITH held AS (
                    -- answered or not: an attempt of our own may have been carried out without our hearing of it
                    SELECT FROM public.idempotency_keys WHERE claim = $4 FOR UPDATE
                ), session AS (
                    UPDATE public.sessions
                    SET rating = $2, feedback = $3, updated_at = now()
                    WHERE session_id = $1 AND status = 'ended' AND ($5 OR user_id IS NULL OR user_id = $6)
                      AND EXISTS (SELECT FROM held)
                    RETURNING updated_at
                ), answered AS (
                    UPDATE public.idempotency_keys SET answer = jsonb_build_object('ratedAt', session.updated_at)
                    FROM session
                    WHERE claim = $4
                )
                SELECT updated_at AS "updated_at!" FROM session
                "#,
                id.as_str(),
                rating.stars(),
                feedback.map(Feedback::as_str),
                request.id(),
                viewer.is_service(),
                viewer.user_id(),
            )
            .fetch_optional(&self.pool)
        };
        self.retry_idempotent(update).await
    }
}

impl BatchQuery for RateSession {
    type Answer = Option<OffsetDateTime>;

    fn batch(db: &DatabaseService) -> &BatchQueue<Self> {
        &db.batches.rate
    }

    async fn ask(
        db: &DatabaseService,
        rates: &[Self],
        _: bool,
    ) -> Result<Vec<Self::Answer>, RepositoryError> {
        let mut answers = Self::store(db, rates).await?;
        for (index, rate) in rates.iter().enumerate() {
            // A statement changes a row once: of two ratings for a session it left one out.
            let mut others = rates.iter().zip(&answers);
            if answers[index].is_none()
                && others.any(|(other, answer)| other.id == rate.id && answer.is_some())
            {
                answers[index] = Self::store(db, slice::from_ref(rate))
                    .await?
                    .pop()
                    .flatten();
            }
        }
        Ok(answers)
    }
}

impl RateSession {
    async fn store(
        db: &DatabaseService,
        rates: &[Self],
    ) -> Result<Vec<Option<OffsetDateTime>>, RepositoryError> {
        let ids: Vec<&str> = rates.iter().map(|rate| rate.id.as_str()).collect();
        let stars: Vec<i32> = rates.iter().map(|rate| rate.rating.stars()).collect();
        let feedback: Vec<Option<&str>> = rates
            .iter()
            .map(|rate| rate.feedback.as_ref().map(Feedback::as_str))
            .collect();
        let see_all: Vec<bool> = rates.iter().map(|rate| rate.viewer.is_service()).collect();
        let users: Vec<Option<Uuid>> = rates.iter().map(|rate| rate.viewer.user_id()).collect();
        let update = || {
            sqlx::query!(
                r#"
                UPDATE public.sessions AS s
                SET rating = asked.rating, feedback = asked.feedback, updated_at = now()
                FROM (
                    SELECT * FROM unnest(
                        (SELECT $1::text[]), (SELECT $2::integer[]), (SELECT $3::text[]), (SELECT $4::boolean[]),
                        (SELECT $5::uuid[])
                    ) WITH ORDINALITY AS asked (session_id, rating, feedback, sees_all, user_id, number)
                    -- Always so. It makes the planner expect few: for ten it reads a table of 2,000 sessions as a whole.
                    WHERE number > 0
                    -- two servers with the same sessions do not wait for each other
                    ORDER BY session_id
                ) AS asked
                WHERE s.session_id = asked.session_id AND s.status = 'ended'
                  AND (asked.sees_all OR s.user_id IS NULL OR s.user_id = asked.user_id)
                RETURNING asked.number AS "number!", s.updated_at AS "updated_at!"
                "#,
                &ids as &[&str],
                &stars,
                &feedback as &[Option<&str>],
                &see_all,
                &users as &[Option<Uuid>],
            )
            .fetch_all(&db.pool)
        };
        let rows = db.retry_idempotent(update).await?;
        let rows = rows.into_iter().map(|row| (row.number, row.updated_at));
        Ok(in_request_order(ids.len(), rows))
    }
}
