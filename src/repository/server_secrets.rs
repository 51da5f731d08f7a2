//! Secrets that the servers of a database share.

use tokio::sync::OnceCell;

use super::{DatabaseService, RepositoryError};
use crate::domain::SessionIdSecret;

/// Name of the secret from which ids of sessions are derived.
const SESSION_IDS: &str = "session ids";

/// A secret that is read once.
pub(super) type CachedSecret = OnceCell<SessionIdSecret>;

impl DatabaseService {
    /// The secret from which ids of sessions are derived. The first server that needs it creates
    /// it.
    pub(super) async fn session_id_secret(&self) -> Result<&SessionIdSecret, RepositoryError> {
        self.shared
            .session_id_secret
            .get_or_try_init(|| self.read_or_create_secret(SESSION_IDS))
            .await
    }

    async fn read_or_create_secret(&self, name: &str) -> Result<SessionIdSecret, RepositoryError> {
        let found = match self.read_secret(name).await? {
            Some(found) => Some(found),
            None => {
                self.create_secret(name).await?;
                self.read_secret(name).await?
            }
        };
        let bytes = found.and_then(|secret| <[u8; 32]>::try_from(secret).ok());
        let bytes = bytes.ok_or_else(|| RepositoryError::Unexpected("no such secret".into()))?;
        Ok(SessionIdSecret::new(bytes))
    }

    async fn read_secret(&self, name: &str) -> Result<Option<Vec<u8>>, RepositoryError> {
        let secret = self
            .database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query_scalar!(
                        "SELECT secret FROM public.server_secrets WHERE name = $1",
                        name,
                    )
                    .fetch_optional(connection)
                    .await
                })
            })
            .await?;
        Ok(secret)
    }

    async fn create_secret(&self, name: &str) -> Result<(), RepositoryError> {
        let secret: [u8; 32] = rand::random();
        self.database
            .retry_idempotent(|pool| {
                pool.with_connection(async |connection| {
                    sqlx::query!(
                        r#"
                        INSERT INTO public.server_secrets (name, secret) VALUES ($1, $2)
                        -- another server was first
                        ON CONFLICT DO NOTHING
                        "#,
                        name,
                        &secret,
                    )
                    .execute(connection)
                    .await
                })
            })
            .await?;
        Ok(())
    }
}
