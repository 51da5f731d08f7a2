//! Accounts without Supabase, in `auth.users`, which the migrations create.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};

/// An account to store, or changes of an account.
pub struct NewAccount<'a> {
    /// In lower case; `None` for an anonymous account, or for no change.
    pub email: Option<&'a str>,
    /// `None` for an account without a password, or for no change.
    pub password_hash: Option<&'a str>,
    /// JSON object; merged into the stored one.
    pub data: Value,
}

/// A stored account.
pub struct StoredAccount {
    /// User id.
    pub id: Uuid,
    /// In lower case.
    pub email: Option<String>,
    /// Argon2 hash.
    pub password_hash: Option<String>,
    /// Whether the account has no credentials to sign in with.
    pub is_anonymous: bool,
    /// JSON object.
    pub data: Option<Value>,
}

/// Outcome of changing an account.
pub enum UpdateOutcome {
    /// The changed account.
    Updated(StoredAccount),
    /// There is no such account.
    NotFound,
    /// The e-mail address belongs to another account.
    EmailTaken,
    /// The merged data would exceed 64 kB.
    DataTooLarge,
}

/// Largest data of an account, as JSON text.
pub const MAX_DATA_BYTES: i32 = 64 * 1024;

impl DatabaseService {
    /// Stores an account; `None` if the e-mail address is taken.
    pub async fn create_account(
        &self,
        new: &NewAccount<'_>,
    ) -> Result<Option<StoredAccount>, RepositoryError> {
        let insert = sqlx::query_as!(
            StoredAccount,
            r#"
            INSERT INTO auth.users
                (email, encrypted_password, raw_user_meta_data, is_anonymous, last_sign_in_at)
            VALUES ($1, $2, $3, $1::text IS NULL, now())
            ON CONFLICT (email) DO NOTHING
            RETURNING id, email, encrypted_password AS password_hash, is_anonymous,
                raw_user_meta_data AS data
            "#,
            new.email,
            new.password_hash,
            new.data,
        );
        Ok(self
            .database
            .with_connection(async |connection| insert.fetch_optional(connection).await)
            .await?)
    }

    /// The account with this e-mail address. `as_typed` finds accounts that were stored before
    /// addresses were normalised.
    pub async fn find_account(
        &self,
        email: &str,
        as_typed: &str,
    ) -> Result<Option<StoredAccount>, RepositoryError> {
        Ok(self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        StoredAccount,
                        r#"
                        SELECT id, email, encrypted_password AS password_hash, is_anonymous,
                            raw_user_meta_data AS data
                        FROM auth.users
                        WHERE email IN ($1, $2)
                        ORDER BY email = $1 DESC
                        LIMIT 1
                        "#,
                        email,
                        as_typed,
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?)
    }

    /// The account of this user.
    pub async fn get_account(&self, user: Uuid) -> Result<Option<StoredAccount>, RepositoryError> {
        Ok(self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_as!(
                        StoredAccount,
                        r#"
                        SELECT id, email, encrypted_password AS password_hash, is_anonymous,
                            raw_user_meta_data AS data
                        FROM auth.users
                        WHERE id = $1
                        "#,
                        user,
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?)
    }

    /// Changes an account. A new password ends all logins of the account but `current_login`.
    pub async fn update_account(
        &self,
        user: Uuid,
        changes: &NewAccount<'_>,
        current_login: Option<Uuid>,
    ) -> Result<UpdateOutcome, RepositoryError> {
        let update = async |connection: &mut PgConnection| {
            if lock_user(connection, user).await?.is_none() {
                return Ok(UpdateOutcome::NotFound);
            }
            let Some(account) = write_changes(connection, user, changes).await? else {
                return Ok(UpdateOutcome::DataTooLarge);
            };
            if changes.password_hash.is_some() {
                end_other_logins(connection, user, current_login).await?;
            }
            Ok(UpdateOutcome::Updated(account))
        };
        match self.database.with_transaction(update).await.map_err(RepositoryError::from) {
            Err(RepositoryError::EmailTaken) => Ok(UpdateOutcome::EmailTaken),
            result => result,
        }
    }
}

/// Locks a user's row so that the account is not deleted meanwhile; false if there is none. For
/// distributed tables, which have no foreign key to accounts: an erasure waits for the transaction,
/// or the transaction finds no account.
pub(super) async fn share_user(
    connection: &mut PgConnection,
    user: Uuid,
) -> Result<bool, sqlx::Error> {
    let lock = sqlx::query!("SELECT id FROM auth.users WHERE id = $1 FOR KEY SHARE", user);
    Ok(lock.fetch_optional(connection).await?.is_some())
}

/// Locks a user's row until the end of the transaction; `None` without such a user. Whoever issues
/// or revokes refresh tokens of the user holds this lock, so that none is issued beside a
/// revocation.
///
/// Statements that depend on it must come after it: a statement sees rows as of its start.
pub(super) async fn lock_user(
    connection: &mut PgConnection,
    user: Uuid,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("SELECT id FROM auth.users WHERE id = $1 FOR NO KEY UPDATE", user)
        .fetch_optional(connection)
        .await
}

/// `None`, with nothing changed, if the merged data would be too large.
async fn write_changes(
    connection: &mut PgConnection,
    user: Uuid,
    changes: &NewAccount<'_>,
) -> Result<Option<StoredAccount>, sqlx::Error> {
    sqlx::query_as!(
        StoredAccount,
        r#"
        UPDATE auth.users
        SET email = COALESCE($2, email),
            encrypted_password = COALESCE($3, encrypted_password),
            raw_user_meta_data = COALESCE(raw_user_meta_data, '{}') || $4,
            is_anonymous = is_anonymous AND $2::text IS NULL,
            updated_at = now()
        WHERE id = $1
          AND (
            $4 = '{}'::jsonb
            OR octet_length((COALESCE(raw_user_meta_data, '{}') || $4)::text) <= $5
          )
        RETURNING id, email, encrypted_password AS password_hash, is_anonymous,
            raw_user_meta_data AS data
        "#,
        user,
        changes.email,
        changes.password_hash,
        changes.data,
        MAX_DATA_BYTES,
    )
    .fetch_optional(connection)
    .await
}

async fn end_other_logins(
    connection: &mut PgConnection,
    user: Uuid,
    current_login: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM public.refresh_tokens WHERE user_id = $1 AND family IS DISTINCT FROM $2",
        user,
        current_login,
    )
    .execute(connection)
    .await?;
    Ok(())
}
