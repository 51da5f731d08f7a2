//! Anonymous accounts that nobody uses any more.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};

impl DatabaseService {
    /// Deletes the anonymous accounts without sessions that were not used for 30 days, in
    /// transactions for at most `limit` accounts, and returns their number. Accounts of a Supabase
    /// project are never deleted.
    pub async fn delete_unused_accounts(&self, limit: i64) -> Result<u64, RepositoryError> {
        let (mut deleted, mut after) = (0, Uuid::nil());
        loop {
            // Without locks first: most accounts have sessions.
            let list = async |connection: &mut PgConnection| {
                let unused = list_unused_accounts(connection, after, limit).await?;
                Ok((without_sessions(connection, &unused).await?, unused.last().copied()))
            };
            let (unused, last) = self.database.with_connection(list).await?;
            let delete = async |connection: &mut PgConnection| {
                let locked = lock_unused_accounts(connection, &unused).await?;
                // Again, and none gets a session any more: that needs a lock of the account.
                let unused = without_sessions(connection, &locked).await?;
                delete_accounts(connection, &unused).await
            };
            if !unused.is_empty() {
                deleted += self.database.with_transaction(delete).await?;
            }
            match last {
                Some(last) => after = last,
                None => return Ok(deleted),
            }
        }
    }
}

/// The statement that lists anonymous accounts that were not used for 30 days.
macro_rules! query_unused_accounts {
    ($condition:literal, $end:literal, $($parameter:expr),+) => {
        sqlx::query_scalar!(
            r#"
            SELECT u.id FROM auth.users AS u
            WHERE u.is_anonymous
              AND COALESCE(u.last_sign_in_at, u.created_at) < now() - interval '30 days'
              -- each use of a login stores a token
              AND NOT EXISTS (
                SELECT FROM public.refresh_tokens AS t
                WHERE t.user_id = u.id AND t.created_at > now() - interval '30 days'
              )
              -- the mark of the schema that the migrations create
              AND obj_description(to_regnamespace('auth'), 'pg_namespace')
                = 'kuku-coach: stands in for the auth schema of Supabase'
              AND "# + $condition + " ORDER BY u.id " + $end,
            $($parameter),+
        )
    };
}

/// At most `limit` unused accounts, by id, after the id `after`.
async fn list_unused_accounts(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    query_unused_accounts!("u.id > $1", "LIMIT $2", after, limit).fetch_all(connection).await
}

/// Locks those of the accounts `users` that are still unused, and that nobody else has locked.
async fn lock_unused_accounts(
    connection: &mut PgConnection,
    users: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    query_unused_accounts!("u.id = ANY($1)", "FOR UPDATE SKIP LOCKED", users)
        .fetch_all(connection)
        .await
}

/// Those of `users` that have no session. In a statement of its own, since accounts and distributed
/// tables cannot be joined.
async fn without_sessions(
    connection: &mut PgConnection,
    users: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let owners = sqlx::query_scalar!(
        r#"SELECT DISTINCT user_id AS "user_id!" FROM public.sessions WHERE user_id = ANY($1)"#,
        users,
    );
    let owners = owners.fetch_all(connection).await?;
    Ok(users.iter().filter(|user| !owners.contains(user)).copied().collect())
}

/// Deletes the accounts `users`, which are locked, with their memories.
async fn delete_accounts(
    connection: &mut PgConnection,
    users: &[Uuid],
) -> Result<u64, sqlx::Error> {
    if users.is_empty() {
        return Ok(0);
    }
    // On distributed tables no foreign key does.
    let memories = sqlx::query!("DELETE FROM public.memories WHERE user_id = ANY($1)", users);
    memories.execute(&mut *connection).await?;
    let delete = sqlx::query!("DELETE FROM auth.users WHERE id = ANY($1)", users);
    Ok(delete.execute(connection).await?.rows_affected())
}
