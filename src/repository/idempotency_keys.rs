//! Idempotency keys: the lease of a request that is being carried out, and its stored response.
//!
//! Each row has the key of a session: the one that the request belongs to, or the one that it
//! begins, whose id is derived from the idempotency key for that purpose.

use std::{borrow::Cow, time::Duration};

use serde_json::Value;
use uuid::Uuid;

use super::{DatabaseService, LEASE_DURATION, Lease, RepositoryError, SessionKey};
use crate::domain::{IdempotencyKey, IdempotentRequest, SessionId};

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

/// What separates equal idempotency keys.
pub enum Origin<'a> {
    /// A request to a session.
    Session(&'a SessionId),
    /// The beginning of a session by a user, or by an anonymous caller.
    Beginning {
        /// The user.
        user: Option<Uuid>,
        /// The number of sessions that the key has begun before, and that are gone.
        counter: u32,
    },
}

/// The columns that identify a row.
struct Row<'a> {
    session: SessionKey,
    route: &'a str,
    /// The id of a session, that of a user, or empty; the last two with `#` and the counter, unless
    /// that is 0.
    scope: Cow<'a, str>,
    key: &'a str,
}

/// A row that exists already.
struct ExistingKey {
    session_id: Uuid,
    claim: Uuid,
    request_hash: Vec<u8>,
    answer: Option<Value>,
    is_claimed: bool,
}

impl ExistingKey {
    fn state(self, request: &IdempotentRequest) -> KeyState {
        if self.request_hash != request.fingerprint.as_bytes() {
            KeyState::KeyReused
        } else if self.is_claimed {
            // Or the response is stored, and its audio still being made.
            KeyState::InProgress
        } else {
            self.answer.map_or(KeyState::InProgress, KeyState::Completed)
        }
    }
}

impl DatabaseService {
    /// Acquires the lease of an idempotency key for `route` and `origin`. A key that was last used
    /// more than `retention` ago counts as new.
    pub async fn acquire_idempotency_key(
        &self,
        route: &str,
        origin: &Origin<'_>,
        request: &IdempotentRequest,
        retention: Duration,
    ) -> Result<KeyState, RepositoryError> {
        let row = self.row(route, origin, &request.key).await?;
        // The second time if a server of an earlier version has left the key behind.
        for _ in 0..2 {
            let lease = Lease::new_id();
            if self.insert_key(&row, request, retention, lease).await? {
                return Ok(KeyState::Acquired(Lease::IdempotencyKey(row.session, lease)));
            }
            match self.find_key(&row).await? {
                // Acquired by an earlier attempt whose result was lost.
                Some(existing) if existing.claim == lease => {
                    return Ok(KeyState::Acquired(Lease::IdempotencyKey(row.session, lease)));
                }
                Some(existing) => return Ok(existing.state(request)),
                None => {}
            }
            match self.find_misplaced_key(&row).await? {
                Some(existing) if existing.answer.is_some() || existing.is_claimed => {
                    return Ok(existing.state(request));
                }
                Some(abandoned) => {
                    self.delete_abandoned_key(&row, abandoned.session_id).await?;
                }
                // Released between the statements.
                None => return Ok(KeyState::InProgress),
            }
        }
        Ok(KeyState::InProgress)
    }

    /// The id of the session that is begun with an idempotency key.
    pub async fn id_of_beginning(
        &self,
        user: Option<Uuid>,
        counter: u32,
        key: &IdempotencyKey,
    ) -> Result<SessionId, RepositoryError> {
        Ok(SessionId::derived(self.session_id_secret().await?, user, key, counter))
    }

    /// Makes `response` the stored response of the first row of a beginning, and keeps it for as
    /// long as a new one: the sessions that the key has begun before are gone.
    pub async fn redirect_beginning(
        &self,
        route: &str,
        user: Option<Uuid>,
        key: &IdempotencyKey,
        response: &Value,
    ) -> Result<(), RepositoryError> {
        let row = self.row(route, &Origin::Beginning { user, counter: 0 }, key).await?;
        let update = sqlx::query!(
            r#"
            UPDATE public.idempotency_keys
            SET answer = $5, claimed_until = now(), created_at = now()
            WHERE session_id = $1 AND route = $2 AND scope = $3 AND key = $4
            "#,
            row.session.uuid(),
            row.route,
            &row.scope,
            row.key,
            response,
        );
        let database = self.database_of(row.session.uuid()).await?;
        database.with_connection(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn row<'a>(
        &self,
        route: &'a str,
        origin: &Origin<'a>,
        key: &'a IdempotencyKey,
    ) -> Result<Row<'a>, RepositoryError> {
        let key_text = key.as_str();
        Ok(match *origin {
            Origin::Session(id) => {
                let session = self.session_key(id).await?;
                Row { session, route, scope: id.as_str().into(), key: key_text }
            }
            Origin::Beginning { user, counter } => {
                let id = self.id_of_beginning(user, counter, key).await?;
                let user = user.map(|user| user.to_string()).unwrap_or_default();
                let scope = if counter == 0 { user } else { format!("{user}#{counter}") };
                let session = self.session_key(&id).await?;
                Row { session, route, scope: scope.into(), key: key_text }
            }
        })
    }

    /// Inserts the key with a lease, or takes over an existing key whose lease has expired.
    async fn insert_key(
        &self,
        row: &Row<'_>,
        request: &IdempotentRequest,
        retention: Duration,
        lease: Uuid,
    ) -> Result<bool, RepositoryError> {
        if self.is_distributed().await? {
            return self.insert_key_on_its_node(row, request, retention, lease).await;
        }
        let acquired = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    // Not by ON CONFLICT DO UPDATE, which would name the columns of a constraint.
                    sqlx::query_scalar!(
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT now() AS now,
                            set_config('synchronous_commit', 'off', TRUE) AS synchronous_commit
                    ), inserted AS (
                        INSERT INTO public.idempotency_keys
                            (session_id, route, scope, key, request_hash, claim, claimed_until,
                            created_at)
                        SELECT $1::uuid, $2::text, $3::text, $4::text, $5::bytea, $6::uuid,
                            now + make_interval(secs => $7), now
                        FROM input
                        -- always true
                        WHERE synchronous_commit <> ''
                        ON CONFLICT DO NOTHING
                        RETURNING claim
                    ), taken_over AS (
                        UPDATE public.idempotency_keys AS existing
                        SET request_hash = $5, claim = $6, answer = NULL, created_at = input.now,
                            claimed_until = input.now + make_interval(secs => $7)
                        FROM input
                        WHERE existing.session_id = $1 AND existing.route = $2
                          AND existing.scope = $3 AND existing.key = $4
                          AND (
                            -- the server that held the lease stopped
                            existing.answer IS NULL AND existing.claimed_until < input.now
                            AND existing.request_hash = $5
                            -- retention is over
                            OR existing.created_at < input.now - make_interval(secs => $8)
                          )
                        RETURNING existing.claim
                    )
                    SELECT claim AS "claim!" FROM inserted
                    UNION ALL
                    SELECT claim FROM taken_over
                    "#,
                        row.session.uuid(),
                        row.route,
                        &row.scope,
                        row.key,
                        request.fingerprint.as_bytes(),
                        lease,
                        LEASE_DURATION.as_secs_f64(),
                        retention.as_secs_f64(),
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(acquired.is_some())
    }

    /// [`Self::insert_key`] on distributed tables.
    async fn insert_key_on_its_node(
        &self,
        row: &Row<'_>,
        request: &IdempotentRequest,
        retention: Duration,
        lease: Uuid,
    ) -> Result<bool, RepositoryError> {
        let database = self.database_of(row.session.uuid()).await?;
        let acquired = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        r#"
                        SELECT public.acquire_idempotency_key($1, $2, $3, $4, $5, $6, $7, $8)
                            AS "acquired!"
                        "#,
                        row.session.uuid(),
                        row.route,
                        &row.scope,
                        row.key,
                        request.fingerprint.as_bytes(),
                        lease,
                        LEASE_DURATION.as_secs_f64(),
                        retention.as_secs_f64(),
                    )
                    .fetch_one(connection)
                    .await
                })
            })
            .await?;
        Ok(acquired)
    }

    async fn find_key(&self, row: &Row<'_>) -> Result<Option<ExistingKey>, RepositoryError> {
        let database = self.database_of(row.session.uuid()).await?;
        let found = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        ExistingKey,
                        r#"
                    SELECT session_id, claim, request_hash, answer,
                        claimed_until > now() AS "is_claimed!"
                    FROM public.idempotency_keys
                    WHERE session_id = $1 AND route = $2 AND scope = $3 AND key = $4
                    "#,
                        row.session.uuid(),
                        row.route,
                        &row.scope,
                        row.key,
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(found)
    }

    /// The same key with another session: a server of an earlier version does not derive the ids of
    /// the sessions that it begins. It does not run on distributed tables.
    async fn find_misplaced_key(
        &self,
        row: &Row<'_>,
    ) -> Result<Option<ExistingKey>, RepositoryError> {
        if self.is_distributed().await? {
            return Ok(None);
        }
        let found = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        ExistingKey,
                        r#"
                    SELECT session_id, claim, request_hash, answer,
                        claimed_until > now() AS "is_claimed!"
                    FROM public.idempotency_keys
                    WHERE route = $1 AND scope = $2 AND key = $3
                    "#,
                        row.route,
                        &row.scope,
                        row.key,
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(found)
    }

    /// Deletes a key without a response whose lease has expired.
    async fn delete_abandoned_key(
        &self,
        row: &Row<'_>,
        session: Uuid,
    ) -> Result<(), RepositoryError> {
        let delete = sqlx::query!(
            r#"
            DELETE FROM public.idempotency_keys
            WHERE session_id = $1 AND route = $2 AND scope = $3 AND key = $4
              AND answer IS NULL AND claimed_until < now()
            "#,
            session,
            row.route,
            &row.scope,
            row.key,
        );
        let database = self.database_of(session).await?;
        database.with_connection(async |connection| delete.execute(connection).await).await?;
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
