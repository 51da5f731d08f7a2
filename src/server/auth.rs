//! Authenticator and account provider: a Supabase project, or accounts in our own database.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;

use super::StartError;
use crate::{
    accounts::{LocalAccounts, SharedAccounts, SupabaseAccounts},
    auth::{Authenticator, LocalKey},
    repository::DatabaseService,
    settings::{AuthMode, MIN_JWT_SECRET_BYTES, Settings},
};

type Auth = (Arc<Authenticator>, Option<SharedAccounts>);

/// Authenticator and accounts of the settings; without authentication there are no accounts.
pub(super) fn build_auth(
    settings: &Settings,
    db: &DatabaseService,
    data_dir: &Path,
) -> Result<Auth, StartError> {
    if settings.auth_mode() == AuthMode::Off {
        tracing::warn!(
            "authentication is off: a session id gives access to its session, and search covers \
             all sessions"
        );
        return Ok((Arc::new(Authenticator::new(settings, None)), None));
    }
    match settings.supabase.auth_url() {
        Some(url) => Ok(supabase_auth(settings, url)),
        None => local_auth(settings, db, data_dir),
    }
}

/// Where accounts are kept, for the start-up text. Names the file of the local accounts' secret.
pub(super) fn describe(settings: &Settings, data_dir: &Path) -> String {
    if settings.auth_mode() == AuthMode::Off {
        return "off: search covers all sessions, and any id opens its session".into();
    }
    let secret = match &settings.supabase.jwt_secret {
        Some(_) => "SUPABASE_JWT_SECRET".to_owned(),
        None => jwt_secret_file(data_dir).display().to_string(),
    };
    match &settings.supabase.url {
        Some(url) => format!("Supabase at {url}"),
        None => format!("in the database (secret: {secret})"),
    }
}

fn jwt_secret_file(data_dir: &Path) -> PathBuf {
    data_dir.join("jwt-secret")
}

fn supabase_auth(settings: &Settings, url: String) -> Auth {
    let accounts = settings.supabase.anon_key.clone().map(|key| {
        let forward_client_ip = settings.auth.forward_client_ip;
        Arc::new(SupabaseAccounts::new(url, key, forward_client_ip)) as SharedAccounts
    });
    if accounts.is_none() {
        tracing::warn!(
            "SUPABASE_PUBLISHABLE_KEY is not set: tokens are verified, but this server offers no \
             login"
        );
    }
    (Arc::new(Authenticator::new(settings, None)), accounts)
}

fn local_auth(
    settings: &Settings,
    db: &DatabaseService,
    data_dir: &Path,
) -> Result<Auth, StartError> {
    let secret = match &settings.supabase.jwt_secret {
        Some(secret) => secret.clone(),
        None => load_or_create_jwt_secret(&jwt_secret_file(data_dir))?,
    };
    let key = LocalKey::new(secret.clone(), settings.token_issuer());
    let accounts = LocalAccounts::new(db.clone(), key);
    let authenticator = Authenticator::new(settings, Some(secret));
    Ok((Arc::new(authenticator), Some(Arc::new(accounts))))
}

/// JWT secret in `file`, which is created atomically at the first start.
///
/// Several servers need a shared secret: SUPABASE_JWT_SECRET.
fn load_or_create_jwt_secret(file: &Path) -> Result<SecretString, StartError> {
    let folder_error = |error| StartError::Folder(file.to_owned(), error);
    let folder = file.parent().unwrap_or(Path::new("."));
    // Temporary files are readable by their owner only.
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(folder_error)?;
    let (high, low) = (rand::random::<u128>(), rand::random::<u128>());
    write!(temporary, "{high:032x}{low:032x}").map_err(folder_error)?;
    match temporary.persist_noclobber(file) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(folder_error(error.error)),
    }
    let secret = fs::read_to_string(file).map_err(folder_error)?;
    if secret.len() < MIN_JWT_SECRET_BYTES {
        return Err(StartError::ShortSecret(file.to_owned()));
    }
    Ok(secret.into())
}
