//! Merging ended sessions into the memory of their user, one after another.
//!
//! A session is due while `memory_due` is set, it has ended and it has a user. All states are in
//! the database: a server that is killed loses a lease, and no session.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{DatabaseService, LEASE_DURATION, Lease, RepositoryError, accounts::share_user};
use crate::domain::{Memory, Message, MessageId, Sender};

/// Fewest users that are looked at for those who have accounts.
const MIN_PAGE_SIZE: i64 = 200;

/// Pause after the first merge that failed, in seconds; it doubles with each failure.
const RETRY_SECONDS: f64 = 5.0;
/// Longest pause between two tries.
const MAX_RETRY_SECONDS: f64 = 3_600.0;
/// How long a merge is tried again with the model.
const GIVE_UP_SECONDS: f64 = 24.0 * 3_600.0;

/// Longest beginning of a message that a merge reads, in characters.
const MAX_MESSAGE_CHARACTERS: i32 = 2_000;

/// The oldest session that is due, and the memory that it is merged into.
pub struct DueSession {
    /// Primary key.
    pub(crate) id: Uuid,
    /// Closing summary.
    pub(crate) summary: String,
    pub(crate) ended_at: OffsetDateTime,
    pub(crate) memory: Memory,
    /// Whether merges have failed for a day, this session's among them.
    pub(crate) has_failed_for_a_day: bool,
}

/// A user with sessions that are due.
struct UserInTurn {
    id: Uuid,
    /// Whether the memory is on.
    remembers: bool,
}

/// What a merge changes.
pub enum Merge {
    /// The session is in the memory from now on.
    Merged {
        /// The memory with it.
        memory: Memory,
        /// Whether the model has failed, and this is by rule.
        after_failures: bool,
    },
    /// The session is done, and the memory stays.
    Unchanged,
}

/// The statement that lists users with sessions that are due; `$join` follows the table.
macro_rules! query_due_users {
    ($join:literal, $condition:literal, $($parameter:expr),+) => {
        sqlx::query_as!(
            UserInTurn,
            r#"
            SELECT s.user_id AS "id!", COALESCE(m.enabled, TRUE) AS "remembers!"
            FROM public.sessions AS s
            "#
                + $join
                + r#"
            LEFT JOIN public.memories AS m ON m.user_id = s.user_id
            WHERE s.memory_due AND s.status = 'ended' AND s.user_id IS NOT NULL
              AND (m.merge_lease IS NULL OR m.merge_lease_until < now())
              AND (m.merge_retry_at IS NULL OR m.merge_retry_at <= now())
            "#
                + $condition
                + r#"
            GROUP BY s.user_id, COALESCE(m.enabled, TRUE)
            ORDER BY min(s.ended_at)
            LIMIT $1
            "#,
            $($parameter),+
        )
    };
}

impl DatabaseService {
    /// Leases for at most `limit` users with sessions that are due, those who wait longest first.
    /// Users whose merge is in progress, or is put off, are left out. Forgets sessions that ended
    /// on a server of an earlier version while the memory was off.
    pub async fn acquire_memory_leases(&self, limit: usize) -> Result<Vec<Lease>, RepositoryError> {
        let users = self.users_with_due_sessions(limit).await?;
        let forgetful: Vec<Uuid> =
            users.iter().filter(|user| !user.remembers).map(|user| user.id).collect();
        if !forgetful.is_empty() {
            self.forget_due_sessions(&forgetful).await?;
        }
        let mut leases = Vec::new();
        for user in users.iter().filter(|user| user.remembers) {
            match self.acquire_memory_lease(user.id).await {
                Ok(lease) => leases.extend(lease),
                Err(error) if leases.is_empty() => return Err(error),
                Err(error) => {
                    // The next run tries the others again.
                    tracing::warn!(%error, "the lease of a memory could not be acquired");
                    break;
                }
            }
        }
        Ok(leases)
    }

    /// A lease for the memory of `user`; `None` if another server was first, or if the account is
    /// gone.
    async fn acquire_memory_lease(&self, user: Uuid) -> Result<Option<Lease>, RepositoryError> {
        let id = Lease::new_id();
        let is_distributed = self.is_distributed().await?;
        let acquire = async |connection: &mut sqlx::PgConnection| {
            if is_distributed && !share_user(connection, user).await? {
                return Ok(false);
            }
            let insert = sqlx::query!(
                r#"
                INSERT INTO public.memories AS m (user_id, merge_lease, merge_lease_until)
                VALUES ($1, $2, now() + make_interval(secs => $3))
                ON CONFLICT (user_id) DO UPDATE
                SET merge_lease = EXCLUDED.merge_lease,
                    merge_lease_until = EXCLUDED.merge_lease_until
                -- The same conditions as for the list. Distributed tables allow no now() here.
                WHERE m.enabled
                  AND (
                    m.merge_lease IS NULL
                    OR EXCLUDED.merge_lease_until - m.merge_lease_until > make_interval(secs => $3)
                  )
                  AND (
                    m.merge_retry_at IS NULL
                    OR EXCLUDED.merge_lease_until - m.merge_retry_at >= make_interval(secs => $3)
                  )
                "#,
                user,
                id,
                LEASE_DURATION.as_secs_f64(),
            );
            Ok(insert.execute(connection).await?.rows_affected() == 1)
        };
        let acquired = self.database.with_transaction(acquire).await;
        match acquired.map_err(RepositoryError::from) {
            Ok(is_acquired) => Ok(is_acquired.then_some(Lease::Memory(user, id))),
            // An account was deleted at the same moment. The next run finds it gone.
            Err(RepositoryError::UserNotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// At most `limit` users with sessions that are due, those who wait longest first.
    async fn users_with_due_sessions(
        &self,
        limit: usize,
    ) -> Result<Vec<UserInTurn>, RepositoryError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let is_distributed = self.is_distributed().await?;
        let list = async |connection: &mut sqlx::PgConnection| match is_distributed {
            true => due_users_with_account(connection, limit).await,
            // A restore may lack accounts, whose sessions would come first for ever.
            false => {
                query_due_users!("JOIN auth.users AS u ON u.id = s.user_id", "", limit)
                    .fetch_all(connection)
                    .await
            }
        };
        Ok(self.database.with_connection(list).await?)
    }

    /// Forgets the sessions of `users` that are due, if their memory is still off.
    async fn forget_due_sessions(&self, users: &[Uuid]) -> Result<(), RepositoryError> {
        let forget = sqlx::query!(
            r#"
            UPDATE public.sessions AS s SET memory_due = FALSE
            FROM public.memories AS m
            WHERE s.user_id = ANY($1) AND m.user_id = s.user_id AND NOT m.enabled
              AND s.memory_due AND s.status = 'ended'
            "#,
            users,
        );
        self.database.with_connection(async |connection| forget.execute(connection).await).await?;
        Ok(())
    }

    /// The session of `user` that ended first of those that are due; `None` if there is none, or if
    /// the lease was lost.
    pub async fn next_due_session(
        &self,
        user: Uuid,
        lease: &Lease,
    ) -> Result<Option<DueSession>, RepositoryError> {
        let read = async |connection: &mut sqlx::PgConnection| {
            sqlx::query!(
                r#"
                SELECT s.id, COALESCE(s.summary, '') AS "summary!", s.ended_at AS "ended_at!",
                    m.own_text, m.merged_text, m.last_plan,
                    -- Both: the failures may be those of a session that was deleted since.
                    m.merge_failures > 0
                    AND m.merge_failing_since < now() - make_interval(secs => $3)
                    AND s.ended_at < now() - make_interval(secs => $3)
                        AS has_failed_for_a_day
                FROM public.memories AS m
                JOIN public.sessions AS s ON s.user_id = m.user_id
                WHERE m.user_id = $1 AND m.merge_lease = $2 AND m.enabled
                  AND s.memory_due AND s.status = 'ended' AND s.user_id IS NOT NULL
                ORDER BY s.ended_at, s.id
                LIMIT 1
                "#,
                user,
                lease.id(),
                GIVE_UP_SECONDS,
            )
            .fetch_optional(connection)
            .await
        };
        let row = self.database.retry_idempotent(|pool| pool.with_connection(read)).await?;
        Ok(row.map(|row| DueSession {
            id: row.id,
            summary: row.summary,
            ended_at: row.ended_at,
            memory: Memory {
                own_text: row.own_text,
                merged_text: row.merged_text,
                last_plan: row.last_plan,
            },
            has_failed_for_a_day: row.has_failed_for_a_day.unwrap_or_default(),
        }))
    }

    /// The last messages of a session, in order; of long ones the beginning.
    pub async fn list_last_messages(
        &self,
        session: Uuid,
        limit: i64,
    ) -> Result<Vec<Message>, RepositoryError> {
        let read = async |connection: &mut sqlx::PgConnection| {
            sqlx::query_as!(
                Message,
                r#"
                SELECT message_id AS "id: MessageId", sender AS "sender: Sender",
                    left(text_content, $3) AS "text!", created_at AS "created_at!"
                FROM public.messages
                WHERE session_id = $1
                ORDER BY position DESC
                LIMIT $2
                "#,
                session,
                limit,
                MAX_MESSAGE_CHARACTERS,
            )
            .fetch_all(connection)
            .await
        };
        let mut messages: Vec<Message> =
            self.database.retry_idempotent(|pool| pool.with_connection(read)).await?;
        messages.reverse();
        Ok(messages)
    }

    /// Stores a merge: the memory, and that the session is not due any more. False, with nothing
    /// changed, if the lease was lost, as when the person has changed the memory or turned it off
    /// meanwhile, or if the session was deleted.
    pub async fn save_merge(
        &self,
        user: Uuid,
        lease: &Lease,
        session: Uuid,
        merge: &Merge,
    ) -> Result<bool, RepositoryError> {
        let (memory, after_failures) = match merge {
            Merge::Merged { memory, after_failures } => (Some(memory), *after_failures),
            Merge::Unchanged => (None, false),
        };
        let save = async |connection: &mut sqlx::PgConnection| {
            sqlx::query!(
                r#"
                WITH memory AS (
                    -- Distributed tables allow no now() in CASE.
                    SELECT user_id, now() AS now FROM public.memories
                    WHERE user_id = $1 AND merge_lease = $2 AND enabled
                    FOR UPDATE
                ), session AS (
                    UPDATE public.sessions AS s SET memory_due = FALSE
                    FROM memory
                    WHERE s.id = $3 AND s.user_id = memory.user_id
                      AND s.memory_due AND s.status = 'ended'
                    RETURNING s.user_id, memory.now
                )
                UPDATE public.memories AS m
                SET merged_text = COALESCE($4, m.merged_text),
                    last_plan = COALESCE($5, m.last_plan),
                    sessions = m.sessions + CASE WHEN $4 IS NULL THEN 0 ELSE 1 END,
                    updated_at = CASE WHEN $4 IS NULL THEN m.updated_at ELSE session.now END,
                    merge_failures = 0, merge_retry_at = NULL,
                    merge_failing_since = CASE WHEN $6 THEN m.merge_failing_since END
                FROM session
                WHERE m.user_id = session.user_id
                "#,
                user,
                lease.id(),
                session,
                memory.map(|memory| memory.merged_text.as_str()),
                memory.map(|memory| memory.last_plan.as_str()),
                after_failures,
            )
            .execute(connection)
            .await
        };
        let saved = if self.is_distributed().await? {
            let save = async |connection: &mut sqlx::PgConnection| {
                // As other changes of a memory do first, which would deadlock: it locks the
                // row and, in Citus, the whole table.
                let lock = sqlx::query!(
                    "UPDATE public.memories SET merge_lease = merge_lease WHERE user_id = $1",
                    user,
                );
                lock.execute(&mut *connection).await?;
                save(connection).await
            };
            self.database.retry_idempotent(|pool| pool.with_transaction(save)).await?
        } else {
            self.database.retry_idempotent(|pool| pool.with_connection(save)).await?
        };
        Ok(saved.rows_affected() == 1)
    }

    /// Counts a merge that failed, and releases the lease. The next one is due after 5 s, 10 s, and
    /// so on, up to an hour.
    pub async fn postpone_merge(&self, user: Uuid, lease: &Lease) -> Result<(), RepositoryError> {
        let update = sqlx::query!(
            r#"
            UPDATE public.memories
            SET merge_failures = merge_failures + 1,
                merge_failing_since = COALESCE(merge_failing_since, input.now),
                -- not a time plus an interval, which depends on the time zone, of a column
                merge_retry_at = to_timestamp(
                    extract(epoch FROM now())::double precision
                    + least($3 * power(2, least(merge_failures, 20)), $4)
                ),
                merge_lease = NULL, merge_lease_until = NULL
            -- Distributed tables allow no now() in COALESCE.
            FROM (SELECT now() AS now) AS input
            WHERE user_id = $1 AND merge_lease = $2
            "#,
            user,
            lease.id(),
            RETRY_SECONDS,
            MAX_RETRY_SECONDS,
        );
        self.database.with_connection(async |connection| update.execute(connection).await).await?;
        Ok(())
    }
}

/// At most `limit` users with sessions that are due, of distributed tables, which cannot be joined
/// with accounts. An account that was deleted by hand leaves its sessions behind, which would come
/// first for ever.
async fn due_users_with_account(
    connection: &mut sqlx::PgConnection,
    limit: i64,
) -> Result<Vec<UserInTurn>, sqlx::Error> {
    let page_size = limit.max(MIN_PAGE_SIZE);
    let (mut users, mut gone) = (Vec::new(), Vec::new());
    loop {
        let page = query_due_users!("", "AND s.user_id <> ALL($2)", page_size, &gone[..]);
        let page = page.fetch_all(&mut *connection).await?;
        let ids: Vec<Uuid> = page.iter().map(|user| user.id).collect();
        let accounts = sqlx::query_scalar!("SELECT id FROM auth.users WHERE id = ANY($1)", &ids);
        let accounts = accounts.fetch_all(&mut *connection).await?;
        let is_last = ids.len() < usize::try_from(page_size).unwrap_or(usize::MAX);
        gone.extend(ids.into_iter().filter(|id| !accounts.contains(id)));
        users.extend(page.into_iter().filter(|user| accounts.contains(&user.id)));
        if is_last || !users.is_empty() {
            users.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(users);
        }
    }
}
