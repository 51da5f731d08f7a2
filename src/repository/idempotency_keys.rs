//! Idempotency keys: the lease of a request that is being carried out, and its stored response.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::{DatabaseService, LEASE_DURATION, Lease, RepositoryError};
use crate::domain::{IdempotencyKey, IdempotentRequest};

/// The state of an idempotency key.
pub enum KeyState {
    /// New: the caller has the lease and carries out the request.
    Acquired(Lease),
    /// The request was carried out, with this stored response.
    Completed(Value),
    /// The request is being carried out.
    InProgress,
    /// The key was used for a request with another fingerprint.
    KeyReused,
}

impl DatabaseService {
    /// Acquires the lease of an idempotency key for `route` and `scope` (a session's id, a user's,
    /// or empty). A key that was last used more than `retention` ago counts as new.
    pub async fn acquire_idempotency_key(
        &self,
        route: &str,
        scope: &str,
        idempotency: &IdempotentRequest,
        retention: Duration,
    ) -> Result<KeyState, RepositoryError> {
        let lease = Lease::new_id();
        if self.insert_key(route, scope, idempotency, retention, lease).await? {
            return Ok(KeyState::Acquired(Lease::IdempotencyKey(lease)));
        }
        let existing = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                    SELECT request_hash, answer, claimed_until > now() AS "is_claimed!"
                    FROM public.idempotency_keys
                    WHERE route = $1 AND scope = $2 AND key = $3
                    "#,
                        route,
                        scope,
                        idempotency.key.as_str(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(match existing {
            Some(existing) if existing.request_hash != idempotency.fingerprint.as_bytes() => {
                KeyState::KeyReused
            }
            // The response is stored, and its audio still being made.
            Some(existing) if existing.is_claimed => KeyState::InProgress,
            Some(existing) => existing.answer.map_or(KeyState::InProgress, KeyState::Completed),
            // Released between the two statements.
            None => KeyState::InProgress,
        })
    }

    /// Inserts the key with a lease, or takes over an existing key whose lease has expired.
    async fn insert_key(
        &self,
        route: &str,
        scope: &str,
        idempotency: &IdempotentRequest,
        retention: Duration,
        lease: Uuid,
    ) -> Result<bool, RepositoryError> {
        let inserted = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        r#"
                    INSERT INTO public.idempotency_keys AS existing
                        (route, scope, key, request_hash, claim, claimed_until)
                    VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
                    ON CONFLICT (route, scope, key) DO UPDATE
                    SET request_hash = EXCLUDED.request_hash, claim = EXCLUDED.claim,
                        claimed_until = EXCLUDED.claimed_until, answer = NULL, created_at = now()
                    WHERE (
                        -- the server that held the lease stopped
                        existing.answer IS NULL AND existing.claimed_until < now()
                        AND existing.request_hash = EXCLUDED.request_hash
                    )
                       -- retention is over
                       OR existing.created_at < now() - make_interval(secs => $7)
                       -- acquired by an earlier attempt whose result was lost
                       OR existing.claim = EXCLUDED.claim
                    RETURNING set_config('synchronous_commit', 'off', true) AS "durability!"
                    "#,
                        route,
                        scope,
                        idempotency.key.as_str(),
                        idempotency.fingerprint.as_bytes(),
                        lease,
                        LEASE_DURATION.as_secs_f64(),
                        retention.as_secs_f64(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(inserted.is_some())
    }

    /// Deletes a key whose stored response is `response`, so that the request is carried out anew.
    /// Nothing happens if another request did so before.
    pub async fn delete_key(
        &self,
        route: &str,
        scope: &str,
        key: &IdempotencyKey,
        response: &Value,
    ) -> Result<(), RepositoryError> {
        let delete = sqlx::query!(
            r#"
            DELETE FROM public.idempotency_keys
            WHERE route = $1 AND scope = $2 AND key = $3 AND answer = $4
            "#,
            route,
            scope,
            key.as_str(),
            response,
        );
        self.database.with_connection(async |connection| delete.execute(connection).await).await?;
        Ok(())
    }

    /// Deletes keys that are older than `retention`, and returns their number.
    pub async fn delete_expired_keys(&self, retention: Duration) -> Result<u64, RepositoryError> {
        let delete = sqlx::query!(
            r#"
            DELETE FROM public.idempotency_keys
            WHERE created_at < now() - make_interval(secs => $1)
            "#,
            retention.as_secs_f64(),
        );
        let deleted = self
            .database
            .with_connection(async |connection| delete.execute(connection).await)
            .await?;
        Ok(deleted.rows_affected())
    }
}
