//! Leases: work that only one server does at a time, among all servers on the database.
//!
//! A lease lasts for [`LEASE_DURATION`] and is renewed while the work continues. A lease that is
//! not renewed belonged to a server that stopped. Losing a lease is safe: a turn is saved only if
//! no other turn was added since it was made, and a request with an idempotency key is carried out
//! only under its lease, as are merges into a memory.
//!
//! Acquiring a lease therefore does not wait for the disk (`synchronous_commit` is off for that
//! transaction). Whatever is saved under the lease is flushed, and follows it in the WAL.
//!
//! The columns of leases have older names: `turn_claim` and `turn_claimed_until` of `sessions`;
//! `claim`, `claimed_until` and `answer` (the stored response) of `idempotency_keys`. Those of
//! `memories` are `merge_lease` and `merge_lease_until`.

use std::time::Duration;

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError, SessionKey};
use crate::database::{Database, DatabaseError};

/// How long a lease lasts unless it is renewed.
pub const LEASE_DURATION: Duration = Duration::from_secs(6);

/// A lease, with its id.
#[derive(Debug, Clone)]
pub enum Lease {
    /// The turn in a session.
    Turn(SessionKey, Uuid),
    /// A request with an idempotency key, which belongs to a session.
    IdempotencyKey(SessionKey, Uuid),
    /// Merges into the memory of a user.
    Memory(Uuid, Uuid),
}

/// The response to a request with an idempotency key, to store with the request's effect.
pub struct IdempotentResponse<'a> {
    /// The lease under which the request is carried out.
    pub lease: &'a Lease,
    /// The data to build the same response again.
    pub response: Value,
}

impl Lease {
    /// A random id for a new lease.
    pub(super) fn new_id() -> Uuid {
        Uuid::from_u128(rand::random())
    }

    /// The lease's id.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Turn(_, id) | Self::IdempotencyKey(_, id) | Self::Memory(_, id) => *id,
        }
    }
}

impl DatabaseService {
    /// Extends a lease by another [`LEASE_DURATION`]; a lost lease stays lost.
    pub async fn renew_lease(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let seconds = LEASE_DURATION.as_secs_f64();
        let renew = async |connection: &mut PgConnection| match lease {
            Lease::Turn(session, id) => {
                sqlx::query!(
                    r#"
                    UPDATE public.sessions
                    SET turn_claimed_until = now() + make_interval(secs => $3)
                    WHERE id = $1 AND turn_claim = $2
                    "#,
                    session.uuid(),
                    id,
                    seconds,
                )
                .execute(connection)
                .await
            }
            Lease::IdempotencyKey(session, id) => {
                sqlx::query!(
                    r#"
                    UPDATE public.idempotency_keys
                    SET claimed_until = now() + make_interval(secs => $3)
                    WHERE session_id = $1 AND claim = $2
                      AND (answer IS NULL OR claimed_until > now())
                    "#,
                    session.uuid(),
                    id,
                    seconds,
                )
                .execute(connection)
                .await
            }
            Lease::Memory(user, id) => {
                sqlx::query!(
                    r#"
                    UPDATE public.memories
                    SET merge_lease_until = now() + make_interval(secs => $3)
                    WHERE user_id = $1 AND merge_lease = $2
                    "#,
                    user,
                    id,
                    seconds,
                )
                .execute(connection)
                .await
            }
        };
        let database = self.database_of_lease(lease).await?;
        database.retry_idempotent(|pool| pool.with_connection(renew)).await?;
        Ok(())
    }

    /// Releases a lease. A request without stored response may be carried out again then, and one
    /// with it is replayed. A lease that cannot be released expires.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), RepositoryError> {
        let release = async |connection: &mut PgConnection| match lease {
            Lease::Turn(session, id) => {
                sqlx::query!(
                    r#"
                    UPDATE public.sessions SET turn_claim = NULL, turn_claimed_until = NULL
                    WHERE id = $1 AND turn_claim = $2
                    "#,
                    session.uuid(),
                    id,
                )
                .execute(connection)
                .await
            }
            Lease::IdempotencyKey(session, id) => {
                // Statements of their own: a worker of distributed tables plans none with a CTE. In
                // this order: a save whose caller gave up may still run. The first one waits for
                // it, and the second one sees its response.
                let forgotten = sqlx::query!(
                    r#"
                    DELETE FROM public.idempotency_keys
                    WHERE session_id = $1 AND claim = $2 AND answer IS NULL
                    "#,
                    session.uuid(),
                    id,
                )
                .execute(&mut *connection)
                .await?;
                if forgotten.rows_affected() > 0 {
                    return Ok(forgotten);
                }
                sqlx::query!(
                    r#"
                    UPDATE public.idempotency_keys SET claimed_until = now()
                    WHERE session_id = $1 AND claim = $2
                      AND answer IS NOT NULL AND claimed_until > now()
                    "#,
                    session.uuid(),
                    id,
                )
                .execute(connection)
                .await
            }
            Lease::Memory(user, id) => {
                sqlx::query!(
                    r#"
                    UPDATE public.memories SET merge_lease = NULL, merge_lease_until = NULL
                    WHERE user_id = $1 AND merge_lease = $2
                    "#,
                    user,
                    id,
                )
                .execute(connection)
                .await
            }
        };
        let database = self.database_of_lease(lease).await?;
        database.retry_idempotent(|pool| pool.with_connection(release)).await?;
        Ok(())
    }

    async fn database_of_lease(&self, lease: &Lease) -> Result<Database, DatabaseError> {
        match lease {
            Lease::Turn(session, _) | Lease::IdempotencyKey(session, _) => {
                self.database_of(session.uuid()).await
            }
            Lease::Memory(..) => Ok(self.database.clone()),
        }
    }
}
