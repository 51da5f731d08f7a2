//! Database of the settings, or an embedded Postgres.

use std::{error::Error, fmt, path::PathBuf};

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use super::{StartError, data_dir};
use crate::{
    database::{connect_options, target},
    embedded_postgres::{Cluster, EmbeddedPostgresError},
    settings::Settings,
};

/// Address of the database, and the embedded Postgres if one was started.
pub struct DatabaseSource {
    /// Connection options.
    pub options: PgConnectOptions,
    pub(super) cluster: Option<Cluster>,
    /// The folder of the embedded Postgres; `None` for another database.
    folder: Option<PathBuf>,
}

impl DatabaseSource {
    /// Uses `DATABASE_URL`, or starts the embedded Postgres; does not connect yet.
    pub async fn resolve(settings: &Settings) -> Result<Self, StartError> {
        let Some(url) = &settings.database.url else {
            if !settings.database.embedded {
                return Err(StartError::NoDatabase);
            }
            return Ok(Self::of_cluster(Cluster::start(&data_dir(settings)?).await?));
        };
        let options = connect_options(
            url.expose_secret(),
            settings.database.ca_file.as_ref(),
            settings.database.allow_plaintext,
        )?;
        Ok(Self { options, cluster: None, folder: None })
    }

    /// The same for a command, which shares the embedded Postgres of a running server.
    pub async fn resolve_or_share(settings: &Settings) -> Result<Self, StartError> {
        match Self::resolve(settings).await {
            Err(StartError::EmbeddedPostgres(EmbeddedPostgresError::InUse { folder, .. })) => {
                let options = Cluster::options_of_running(&folder)?;
                Ok(Self { options, cluster: None, folder: Some(folder) })
            }
            result => result,
        }
    }

    fn of_cluster(cluster: Cluster) -> Self {
        let folder = Some(cluster.folder().to_owned());
        Self { options: cluster.options(), cluster: Some(cluster), folder }
    }

    /// Whether it is the embedded Postgres.
    pub fn is_embedded(&self) -> bool {
        self.folder.is_some()
    }

    /// Stops the embedded Postgres, if one was started.
    pub fn stop(self) -> Result<(), Box<dyn Error>> {
        match self.cluster {
            Some(cluster) => Ok(cluster.stop()?),
            None => Ok(()),
        }
    }
}

/// Host and port or socket, or folder and address of the embedded Postgres; no credentials.
impl fmt::Display for DatabaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cluster {
            Some(cluster) => {
                let folder = cluster.folder().display();
                write!(f, "embedded Postgres in {folder} (psql \"{}\")", cluster.url())
            }
            None => write!(f, "Postgres at {}", target(&self.options)),
        }
    }
}
