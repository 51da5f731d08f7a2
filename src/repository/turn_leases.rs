//! Leases for turns: one turn at a time in a session.

use uuid::Uuid;

use super::{
    DatabaseService, LEASE_DURATION, Lease, RepositoryError, SessionKey,
    distribution::{NodeQuery, OnNode, in_lock_order},
    sessions::{SessionRow, query_function_of_sessions},
};
use crate::database::{
    Database, DatabaseError,
    batch::{BatchQuery, in_request_order, lock_timeout},
};
use crate::domain::{Memory, Session, SessionId, Status, UnansweredRecordings, Viewer};

/// A lease to acquire.
pub(super) struct AcquireTurnLease {
    viewer: Viewer,
    session: SessionKey,
    lease_id: Uuid,
}

impl DatabaseService {
    /// Acquires the lease for a turn in an active session, and returns it with the session's
    /// state; `None` if the viewer may see no such session or another server holds the lease.
    pub async fn acquire_turn_lease(
        &self,
        viewer: Viewer,
        id: &SessionId,
    ) -> Result<Option<(Lease, Session)>, RepositoryError> {
        let session = self.session_key(id).await?;
        let query = AcquireTurnLease { viewer, session, lease_id: Lease::new_id() };
        let lease = Lease::Turn(session, query.lease_id);
        let queue = &self.batches.acquire_lease;
        let session = self.execute(query, queue, |node| &node.acquire_lease).await?;
        Ok(session.map(|session| (lease, session)))
    }
}

impl BatchQuery for AcquireTurnLease {
    type Output = Option<Session>;
    type Context = Database;

    async fn execute(
        database: &Database,
        requests: &[Self],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let keys: Vec<Uuid> = requests.iter().map(|request| request.session.uuid()).collect();
        let leases: Vec<Uuid> = requests.iter().map(|request| request.lease_id).collect();
        let viewers = requests.iter().map(|request| request.viewer);
        let bypass_ownership: Vec<bool> = viewers.clone().map(Viewer::is_service).collect();
        let users: Vec<Option<Uuid>> = viewers.map(Viewer::user_id).collect();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        SessionRow,
                        r#"
                    WITH input AS MATERIALIZED (
                        SELECT input.*, now() AS now,
                            set_config('lock_timeout', $6, TRUE) AS lock_timeout,
                            set_config('synchronous_commit', 'off', TRUE) AS synchronous_commit
                        FROM unnest(
                            (SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $4::boolean[]),
                            (SELECT $5::uuid[])
                        ) WITH ORDINALITY AS input (id, lease, bypass_ownership, user_id, number)
                        -- Always true. Lowers the planner's row estimate, which otherwise picks a
                        -- sequential scan of `sessions`.
                        WHERE number > 0
                        -- One lock order for all servers, which prevents deadlocks.
                        ORDER BY id
                    )
                    UPDATE public.sessions AS s
                    SET turn_claim = input.lease,
                        turn_claimed_until = input.now + make_interval(secs => $3)
                    FROM input
                    WHERE s.id = input.id AND s.status = 'active'
                      AND (
                        s.turn_claim IS NULL OR s.turn_claimed_until < input.now
                        -- acquired by an earlier attempt whose result was lost
                        OR s.turn_claim = input.lease
                      )
                      -- A turn may have waited while the session was claimed.
                      AND (
                        input.bypass_ownership OR s.user_id IS NULL OR s.user_id = input.user_id
                      )
                      -- always true
                      AND input.lock_timeout <> '' AND input.synchronous_commit <> ''
                    RETURNING input.number AS "number!", s.session_id AS "session_id: SessionId",
                        status AS "status: Status", created_at AS "created_at!",
                        updated_at AS "updated_at!",
                        extract(epoch FROM turn_claimed_until - created_at)::double precision - $3
                            AS "age_seconds!",
                        message_count AS "message_count!", summary, duration_seconds, rating,
                        feedback, awaiting_wrap_up_confirmation, wrap_up_cooldown,
                        time_extension_minutes, ignore_content_wrap_up, coach_rounds,
                        turns_since_question, running_summary, summarized_messages,
                        language, language_is_guess,
                        unanswered_recordings AS "unanswered_recordings!: UnansweredRecordings",
                        TRUE AS "remembers!",
                        (
                            SELECT jsonb_object(
                                ARRAY['own_text', 'merged_text', 'last_plan'],
                                ARRAY[m.own_text, m.merged_text, m.last_plan]
                            )
                            FROM public.memories AS m
                            WHERE m.user_id = s.user_id AND m.enabled AND m.updated_at IS NOT NULL
                        ) AS "memory: Memory"
                    "#,
                        &keys,
                        &leases,
                        LEASE_DURATION.as_secs_f64(),
                        &bypass_ownership,
                        &users as &[Option<Uuid>],
                        lock_timeout(requests.len()),
                    )
                    .map(|row| (row.number, Session::from(row)))
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}

impl NodeQuery for AcquireTurnLease {
    fn session(&self) -> Uuid {
        self.session.uuid()
    }

    async fn execute_on_node(
        database: &Database,
        requests: &[OnNode<Self>],
        _is_retry: bool,
    ) -> Result<Vec<Self::Output>, DatabaseError> {
        let (numbers, requests): (Vec<i64>, Vec<&Self>) =
            in_lock_order(requests).into_iter().unzip();
        let keys: Vec<Uuid> = requests.iter().map(|request| request.session.uuid()).collect();
        let leases: Vec<Uuid> = requests.iter().map(|request| request.lease_id).collect();
        let viewers = requests.iter().map(|request| request.viewer);
        let bypass_ownership: Vec<bool> = viewers.clone().map(Viewer::is_service).collect();
        let users: Vec<Option<Uuid>> = viewers.map(Viewer::user_id).collect();
        let rows = database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    query_function_of_sessions!(
                        "acquire_turn_leases($1, $2, $3, $4, $5, $6, $7, $8)",
                        "TRUE",
                        "memory",
                        keys[0],
                        &numbers,
                        &keys,
                        &leases,
                        &bypass_ownership,
                        &users as &[Option<Uuid>],
                        LEASE_DURATION.as_secs_f64(),
                        lock_timeout(requests.len())
                    )
                    .map(|row| (row.number, Session::from(row)))
                    .fetch_all(connection)
                    .await
                })
            })
            .await?;
        Ok(in_request_order(requests.len(), rows))
    }
}
