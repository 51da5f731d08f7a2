//! Where things are: the database, the data folder, reply audio, and who knows callers.

use std::{
    fs::{self, DirBuilder},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::StartError;
use crate::{
    accounts::{LocalAccounts, SharedAccounts, SupabaseAccounts},
    auth::{Authenticator, LocalKey},
    database::connect_options,
    embedded_postgres::Cluster,
    repository::DatabaseService,
    settings::{AuthMode, Settings},
    storage::AudioStore,
};

/// Where the database is: what the settings name, or a private Postgres that was started for it.
pub struct Database {
    /// How to connect.
    pub options: PgConnectOptions,
    /// The private Postgres, if it is one.
    pub(super) cluster: Option<Cluster>,
}

impl Database {
    /// By `DATABASE_URL`; without one the private Postgres is started.
    ///
    /// # Errors
    /// [`StartError`]; nothing is connected to yet but the private Postgres.
    pub async fn resolve(settings: &Settings) -> Result<Self, StartError> {
        Ok(match &settings.database.url {
            Some(url) => Self {
                options: connect_options(
                    url.expose_secret(),
                    settings.database.ca_file.as_ref(),
                    settings.database.allow_plaintext,
                )?,
                cluster: None,
            },
            None => {
                let cluster = Cluster::start(&data_dir(settings)?).await?;
                Self {
                    options: cluster.options(),
                    cluster: Some(cluster),
                }
            }
        })
    }

    /// Whether it is a private Postgres.
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// Stops the private Postgres, if it is one.
    ///
    /// # Errors
    /// If it does not stop.
    pub fn stop(self) -> Result<(), Box<dyn std::error::Error>> {
        match self.cluster {
            Some(cluster) => Ok(cluster.stop()?),
            None => Ok(()),
        }
    }
}

/// The data folder, made if it is not there.
///
/// # Errors
/// [`StartError::Folder`]
pub fn data_dir(settings: &Settings) -> Result<PathBuf, StartError> {
    // Others may pass through it (the private Postgres may run as somebody else), not into what was said.
    create_dir(&settings.data_dir, 0o755)
}

/// The place for reply audio.
///
/// # Errors
/// [`StartError`]
pub fn reply_audio(settings: &Settings) -> Result<AudioStore, StartError> {
    let retention = Duration::from_secs(settings.audio_retention_seconds);
    Ok(match &settings.audio_store {
        Some(address) => AudioStore::from_url(address, retention)?,
        None => {
            let folder = create_dir(&data_dir(settings)?.join("audio"), 0o700)?;
            AudioStore::local(&folder, retention)?
        }
    })
}

/// Who knows callers, and who keeps their accounts: the Supabase project, or this database.
pub(super) fn build_auth(
    settings: &Settings,
    db: &DatabaseService,
    data_dir: &Path,
) -> Result<(Arc<Authenticator>, Option<SharedAccounts>), StartError> {
    if settings.auth_mode() == AuthMode::Off {
        tracing::warn!(
            "callers are not told apart: whoever knows a session's id may use it, and search sees all"
        );
        return Ok((Arc::new(Authenticator::new(settings, None)), None));
    }
    if let Some(base) = settings.supabase.auth_url() {
        let accounts: Option<SharedAccounts> = match settings.supabase.anon_key.clone() {
            Some(key) => Some(Arc::new(SupabaseAccounts::new(
                base,
                key,
                settings.auth.forward_client_ip,
            ))),
            None => {
                tracing::warn!(
                    "SUPABASE_ANON_KEY is not set: tokens are verified, but nobody can sign in here"
                );
                None
            }
        };
        return Ok((Arc::new(Authenticator::new(settings, None)), accounts));
    }
    let secret = match &settings.supabase.jwt_secret {
        Some(secret) => secret.clone(),
        None => load_or_create_jwt_secret(&data_dir.join("jwt-secret"))?,
    };
    let accounts = LocalAccounts::new(db.clone(), LocalKey::new(secret.clone()));
    Ok((
        Arc::new(Authenticator::new(settings, Some(secret))),
        Some(Arc::new(accounts)),
    ))
}

/// The secret in `file`, made at the first start, whole or not at all. Several servers need the same one:
/// SUPABASE_JWT_SECRET.
fn load_or_create_jwt_secret(file: &Path) -> Result<SecretString, StartError> {
    let failed = |source| StartError::Folder {
        path: file.to_owned(),
        source,
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    // Only its owner may read a temporary file.
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    write!(
        fresh,
        "{:032x}{:032x}",
        rand::random::<u128>(),
        rand::random::<u128>()
    )
    .map_err(failed)?;
    match fresh.persist_noclobber(file) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error.error)),
    }
    Ok(fs::read_to_string(file).map_err(failed)?.into())
}

/// Makes the folder if it is not there, and returns its absolute path.
pub(super) fn create_dir(path: &Path, mode: u32) -> Result<PathBuf, StartError> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .and_then(|()| path.canonicalize())
        .map_err(|source| StartError::Folder {
            path: path.to_owned(),
            source,
        })
}
