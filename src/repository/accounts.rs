//! Accounts without Supabase: refresh tokens, and `auth.users`, which the migrations create.

use serde_json::Value;
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

/// Outcome of using a refresh token.
pub enum RefreshOutcome {
    /// The token was valid and has been replaced; its family and account.
    Rotated(Uuid, StoredAccount),
    /// The token had been used before and may be stolen: its family is revoked.
    Reused,
    /// The token is unknown or expired.
    Invalid,
}

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

    /// The account with this e-mail address.
    pub async fn find_account(
        &self,
        email: &str,
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
                        WHERE email = $1
                        "#,
                        email,
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

    /// Changes an account; `None` if it is gone, or the e-mail address is taken.
    pub async fn update_account(
        &self,
        user: Uuid,
        changes: &NewAccount<'_>,
    ) -> Result<Option<StoredAccount>, RepositoryError> {
        let update = sqlx::query_as!(
            StoredAccount,
            r#"
            UPDATE auth.users
            SET email = COALESCE($2, email),
                encrypted_password = COALESCE($3, encrypted_password),
                raw_user_meta_data = COALESCE(raw_user_meta_data, '{}') || $4,
                is_anonymous = is_anonymous AND $2::text IS NULL,
                updated_at = now()
            WHERE id = $1
            RETURNING id, email, encrypted_password AS password_hash, is_anonymous,
                raw_user_meta_data AS data
            "#,
            user,
            changes.email,
            changes.password_hash,
            changes.data,
        );
        let updated = self
            .database
            .with_connection(async |connection| update.fetch_optional(connection).await)
            .await;
        match updated.map_err(RepositoryError::from) {
            Err(RepositoryError::EmailTaken) => Ok(None),
            result => result,
        }
    }

    /// Stores the first refresh token of a token family, at sign-in.
    pub async fn insert_refresh_token(
        &self,
        user: Uuid,
        token_family: Uuid,
        token_hash: &[u8],
    ) -> Result<(), RepositoryError> {
        let insert = sqlx::query!(
            r#"
            WITH sign_in AS (
                UPDATE auth.users SET last_sign_in_at = now() WHERE id = $3
            )
            INSERT INTO public.refresh_tokens (token_hash, family, user_id) VALUES ($1, $2, $3)
            "#,
            token_hash,
            token_family,
            user,
        );
        self.database.with_connection(async |connection| insert.execute(connection).await).await?;
        Ok(())
    }

    /// Marks a refresh token as used, and stores the next one of its family.
    pub async fn rotate_refresh_token(
        &self,
        token_hash: &[u8],
        next_hash: &[u8],
    ) -> Result<RefreshOutcome, RepositoryError> {
        let rotate = sqlx::query!(
            r#"
            WITH used AS (
                UPDATE public.refresh_tokens SET used_at = now()
                WHERE token_hash = $1 AND used_at IS NULL
                  AND created_at > now() - interval '30 days'
                RETURNING family, user_id
            ), next AS (
                INSERT INTO public.refresh_tokens (token_hash, family, user_id)
                SELECT $2, family, user_id FROM used
            )
            SELECT used.family, u.id, u.email, u.encrypted_password, u.is_anonymous,
                u.raw_user_meta_data
            FROM used
            JOIN auth.users AS u ON u.id = used.user_id
            "#,
            token_hash,
            next_hash,
        );
        if let Some(row) = self
            .database
            .with_connection(async |connection| rotate.fetch_optional(connection).await)
            .await?
        {
            return Ok(RefreshOutcome::Rotated(
                row.family,
                StoredAccount {
                    id: row.id,
                    email: row.email,
                    password_hash: row.encrypted_password,
                    is_anonymous: row.is_anonymous,
                    data: row.raw_user_meta_data,
                },
            ));
        }
        let revoke = sqlx::query!(
            r#"
            DELETE FROM public.refresh_tokens
            WHERE family = (
                SELECT family FROM public.refresh_tokens
                WHERE token_hash = $1 AND used_at IS NOT NULL
            )
            "#,
            token_hash,
        );
        let revoked = self
            .database
            .with_connection(async |connection| revoke.execute(connection).await)
            .await?
            .rows_affected();
        Ok(if revoked > 0 { RefreshOutcome::Reused } else { RefreshOutcome::Invalid })
    }

    /// Deletes all refresh tokens of a user.
    pub async fn revoke_refresh_tokens(&self, user: Uuid) -> Result<(), RepositoryError> {
        let delete = sqlx::query!("DELETE FROM public.refresh_tokens WHERE user_id = $1", user);
        self.database.with_connection(async |connection| delete.execute(connection).await).await?;
        Ok(())
    }
}
