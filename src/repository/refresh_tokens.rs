//! Refresh tokens of local accounts.
//!
//! A token is used once, and replaced by the next one of its family, which is one login. All tokens
//! of a user are issued and revoked under the lock of the user's row ([`lock_user`]): a revocation
//! misses no token that is issued at the same moment.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{DatabaseService, RepositoryError, StoredAccount, accounts::lock_user};

/// Outcome of using a refresh token.
pub enum RefreshOutcome {
    /// The valid token of the login after this use, as its place in the chain of successors; the
    /// family and the account.
    Valid(usize, Uuid, StoredAccount),
    /// The token was used more than 10 s ago and may be stolen: its family is revoked.
    Reused,
    /// The token is unknown or expired.
    Invalid,
}

/// A stored refresh token.
struct TokenRow {
    family: Uuid,
    is_used: bool,
    /// Used within the last 10 s, which is GoTrue's interval: two tabs may send the same token, and
    /// a client whose response was lost sends it again.
    is_reusable: bool,
    is_expired: bool,
}

impl DatabaseService {
    /// Stores the first refresh token of a token family, at sign-in; false, with nothing stored, if
    /// the account is gone or its password is not the one that was checked.
    pub async fn insert_refresh_token(
        &self,
        account: &StoredAccount,
        token_family: Uuid,
        token_hash: &[u8],
    ) -> Result<bool, RepositoryError> {
        let insert = sqlx::query!(
            r#"
            WITH sign_in AS (
                UPDATE auth.users SET last_sign_in_at = now()
                WHERE id = $3 AND encrypted_password IS NOT DISTINCT FROM $4
                RETURNING id
            )
            INSERT INTO public.refresh_tokens (token_hash, family, user_id)
            SELECT $1, $2, id FROM sign_in
            "#,
            token_hash,
            token_family,
            account.id,
            account.password_hash,
        );
        let inserted = self
            .database
            .with_connection(async |connection| insert.execute(connection).await)
            .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Uses a refresh token: marks it as used and stores the first of `successors`. If the token
    /// was used within the last 10 s, finds the valid one among its successors instead.
    pub async fn use_refresh_token(
        &self,
        token_hash: &[u8],
        successors: &[Vec<u8>],
    ) -> Result<RefreshOutcome, RepositoryError> {
        let refresh = async |connection: &mut PgConnection| match lock_account_of_token(
            connection, token_hash,
        )
        .await?
        {
            Some(account) => use_token(connection, account, token_hash, successors).await,
            None => Ok(RefreshOutcome::Invalid),
        };
        Ok(self.database.with_transaction(refresh).await?)
    }

    /// Deletes all refresh tokens of a user.
    pub async fn revoke_refresh_tokens(&self, user: Uuid) -> Result<(), RepositoryError> {
        let revoke = async |connection: &mut PgConnection| {
            lock_user(connection, user).await?;
            sqlx::query!("DELETE FROM public.refresh_tokens WHERE user_id = $1", user)
                .execute(connection)
                .await
        };
        self.database.with_transaction(revoke).await?;
        Ok(())
    }

    /// Deletes tokens that have expired or were used more than a day ago, at most `limit`, and
    /// returns their number. Until then a used token reveals its reuse.
    pub async fn delete_old_refresh_tokens(&self, limit: i64) -> Result<u64, RepositoryError> {
        let delete = sqlx::query!(
            r#"
            DELETE FROM public.refresh_tokens
            WHERE token_hash IN (
                SELECT token_hash FROM public.refresh_tokens
                WHERE created_at <= now() - interval '30 days'
                   OR used_at <= now() - interval '1 day'
                LIMIT $1
                -- skips tokens that another server is deleting
                FOR UPDATE SKIP LOCKED
            )
            "#,
            limit,
        );
        let deleted = self
            .database
            .with_connection(async |connection| delete.execute(connection).await)
            .await?;
        Ok(deleted.rows_affected())
    }
}

/// Locks the row of the token's user, as [`lock_user`] does, and returns the account.
async fn lock_account_of_token(
    connection: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<StoredAccount>, sqlx::Error> {
    sqlx::query_as!(
        StoredAccount,
        r#"
        SELECT id, email, encrypted_password AS password_hash, is_anonymous,
            raw_user_meta_data AS data
        FROM auth.users
        WHERE id = (SELECT user_id FROM public.refresh_tokens WHERE token_hash = $1)
        FOR NO KEY UPDATE
        "#,
        token_hash,
    )
    .fetch_optional(connection)
    .await
}

/// Uses a token whose user's row is locked.
async fn use_token(
    connection: &mut PgConnection,
    account: StoredAccount,
    token_hash: &[u8],
    successors: &[Vec<u8>],
) -> Result<RefreshOutcome, sqlx::Error> {
    // Clock time: the transaction may have waited for the lock.
    let token = sqlx::query_as!(
        TokenRow,
        r#"
        SELECT family, used_at IS NOT NULL AS "is_used!",
            COALESCE(used_at > clock_timestamp() - interval '10 seconds', FALSE) AS "is_reusable!",
            created_at <= clock_timestamp() - interval '30 days' AS "is_expired!"
        FROM public.refresh_tokens
        WHERE token_hash = $1
        "#,
        token_hash,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(token) = token else {
        return Ok(RefreshOutcome::Invalid);
    };
    if !token.is_used && token.is_expired {
        return Ok(RefreshOutcome::Invalid);
    }
    if !token.is_used {
        replace_token(connection, token_hash, successors).await?;
        return Ok(RefreshOutcome::Valid(0, token.family, account));
    }
    if token.is_reusable {
        let place = find_valid_token(connection, successors).await?;
        return Ok(place.map_or(RefreshOutcome::Invalid, |place| {
            RefreshOutcome::Valid(place, token.family, account)
        }));
    }
    sqlx::query!("DELETE FROM public.refresh_tokens WHERE family = $1", token.family)
        .execute(connection)
        .await?;
    Ok(RefreshOutcome::Reused)
}

async fn replace_token(
    connection: &mut PgConnection,
    token_hash: &[u8],
    successors: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        WITH used AS (
            UPDATE public.refresh_tokens SET used_at = clock_timestamp()
            WHERE token_hash = $1
            RETURNING family, user_id
        )
        INSERT INTO public.refresh_tokens (token_hash, family, user_id)
        SELECT $2, family, user_id FROM used
        "#,
        token_hash,
        successors.first(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The place of the token among `tokens` that is not used yet.
async fn find_valid_token(
    connection: &mut PgConnection,
    tokens: &[Vec<u8>],
) -> Result<Option<usize>, sqlx::Error> {
    let valid = sqlx::query_scalar!(
        r#"
        SELECT token_hash FROM public.refresh_tokens
        WHERE token_hash = ANY($1) AND used_at IS NULL
        "#,
        tokens,
    )
    .fetch_optional(connection)
    .await?;
    Ok(valid.and_then(|valid| tokens.iter().position(|token| *token == valid)))
}
