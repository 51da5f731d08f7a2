//! Accounts without Supabase: `auth.users` of the stand-in that the migrations make, and refresh tokens.

use serde_json::Value;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError};

/// An account to store, or what changes of one.
pub struct NewAccount<'a> {
    /// In lower case; `None` for an anonymous account, or to leave it.
    pub email: Option<&'a str>,
    /// `None` if nobody can sign in, or to leave it.
    pub password_hash: Option<&'a str>,
    /// An object; merged into what is there.
    pub data: Value,
}

/// An account as stored.
pub struct StoredAccount {
    /// The user.
    pub id: Uuid,
    /// In lower case.
    pub email: Option<String>,
    /// To compare passwords with.
    pub password_hash: Option<String>,
    /// Whether nobody can sign in again.
    pub is_anonymous: bool,
    /// An object.
    pub data: Option<Value>,
}

/// What came of a refresh token.
pub enum RefreshOutcome {
    /// It was good; the login goes on.
    Rotated(Uuid, StoredAccount),
    /// It had been used before: the login is ended, since somebody else may have it.
    Reused,
    /// It is none, or its time is over.
    Invalid,
}

impl DatabaseService {
    /// Stores an account; `None` if the address is taken.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn create_account(
        &self,
        new: &NewAccount<'_>,
    ) -> Result<Option<StoredAccount>, RepositoryError> {
        let insert = sqlx::query_as!(
            StoredAccount,
            r#"
            INSERT INTO auth.users (email, encrypted_password, raw_user_meta_data, is_anonymous, last_sign_in_at)
            VALUES ($1, $2, $3, $1::text IS NULL, now())
            ON CONFLICT (email) DO NOTHING
            RETURNING id, email, encrypted_password AS password_hash, is_anonymous, raw_user_meta_data AS data
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

    /// The account with that address.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn find_account(
        &self,
        email: &str,
    ) -> Result<Option<StoredAccount>, RepositoryError> {
        Ok(self.database.retry_idempotent(|pool| { pool.with_connection(async |connection| {
            sqlx::query_as!(
                StoredAccount,
                r#"
                SELECT id, email, encrypted_password AS password_hash, is_anonymous, raw_user_meta_data AS data
                FROM auth.users
                WHERE email = $1
                "#,
                email,
            )
            .fetch_optional(connection).await
        }) })
        .await?)
    }

    /// The account of that user.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn get_account(&self, user: Uuid) -> Result<Option<StoredAccount>, RepositoryError> {
        Ok(self.database.retry_idempotent(|pool| { pool.with_connection(async |connection| {
            sqlx::query_as!(
                StoredAccount,
                r#"
                SELECT id, email, encrypted_password AS password_hash, is_anonymous, raw_user_meta_data AS data
                FROM auth.users
                WHERE id = $1
                "#,
                user,
            )
            .fetch_optional(connection).await
        }) })
        .await?)
    }

    /// Changes an account; `None` if it is gone, or the address is taken.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
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
            RETURNING id, email, encrypted_password AS password_hash, is_anonymous, raw_user_meta_data AS data
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

    /// Stores the first refresh token of a login.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn begin_login(
        &self,
        user: Uuid,
        login: Uuid,
        token_hash: &[u8],
    ) -> Result<(), RepositoryError> {
        let insert = sqlx::query!(
            r#"
            WITH seen AS (
                UPDATE auth.users SET last_sign_in_at = now() WHERE id = $3
            )
            INSERT INTO public.refresh_tokens (token_hash, family, user_id) VALUES ($1, $2, $3)
            "#,
            token_hash,
            login,
            user,
        );
        self.database
            .with_connection(async |connection| insert.execute(connection).await)
            .await?;
        Ok(())
    }

    /// Uses a refresh token up, and stores the next one of its login.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn refresh_login(
        &self,
        token_hash: &[u8],
        next_hash: &[u8],
    ) -> Result<RefreshOutcome, RepositoryError> {
        let refresh = sqlx::query!(
            r#"
            WITH used AS (
                UPDATE public.refresh_tokens SET used_at = now()
                WHERE token_hash = $1 AND used_at IS NULL AND created_at > now() - interval '30 days'
                RETURNING family, user_id
            ), next AS (
                INSERT INTO public.refresh_tokens (token_hash, family, user_id)
                SELECT $2, family, user_id FROM used
            )
            SELECT used.family, u.id, u.email, u.encrypted_password, u.is_anonymous, u.raw_user_meta_data
            FROM used
            JOIN auth.users AS u ON u.id = used.user_id
            "#,
            token_hash,
            next_hash,
        );
        if let Some(row) = self
            .database
            .with_connection(async |connection| refresh.fetch_optional(connection).await)
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
        let end = sqlx::query!(
            r#"
            DELETE FROM public.refresh_tokens
            WHERE family = (SELECT family FROM public.refresh_tokens WHERE token_hash = $1 AND used_at IS NOT NULL)
            "#,
            token_hash,
        );
        let ended = self
            .database
            .with_connection(async |connection| end.execute(connection).await)
            .await?
            .rows_affected();
        Ok(if ended > 0 {
            RefreshOutcome::Reused
        } else {
            RefreshOutcome::Invalid
        })
    }

    /// Ends all logins of a user.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] if Postgres cannot be reached in time.
    pub async fn end_logins(&self, user: Uuid) -> Result<(), RepositoryError> {
        let delete = sqlx::query!("DELETE FROM public.refresh_tokens WHERE user_id = $1", user);
        self.database
            .with_connection(async |connection| delete.execute(connection).await)
            .await?;
        Ok(())
    }
}
