//! Watch of the schema: whether a restore, or a person, has removed an object that requests need.

use std::sync::{Arc, Mutex, PoisonError};

use crate::repository::{DatabaseService, RepositoryError};

/// The result of the last check of the schema; a cheap clone.
#[derive(Clone)]
pub struct SchemaWatch {
    db: DatabaseService,
    users_sign_in: bool,
    missing: Arc<Mutex<Vec<String>>>,
}

impl SchemaWatch {
    /// A watch without a check so far. `users_sign_in` adds what only reads on behalf of users
    /// need.
    pub fn new(db: DatabaseService, users_sign_in: bool) -> Self {
        Self { db, users_sign_in, missing: Arc::default() }
    }

    /// Checks the schema, and logs a change. Without this program's migrations, or with those of a
    /// newer one, the schema is another, and counts as complete.
    pub async fn check(&self) -> Result<(), RepositoryError> {
        let found = match self.db.has_exactly_our_migrations().await? {
            true => self.db.missing_schema_objects(self.users_sign_in).await?,
            false => Vec::new(),
        };
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if *missing == found {
            return Ok(());
        }
        match found.as_slice() {
            [] => tracing::info!("the schema is complete again"),
            found => tracing::error!(
                missing = found.join("; "),
                "the schema is damaged; see Backup and restore in docs/operations.md"
            ),
        }
        *missing = found;
        Ok(())
    }

    /// Whether an object was missing at the last check.
    pub fn is_damaged(&self) -> bool {
        !self.missing.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
