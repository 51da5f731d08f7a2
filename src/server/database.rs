//! Database of the settings, or an embedded Postgres.

use std::{error::Error, fmt};

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use super::{StartError, data_dir};
use crate::{database::connect_options, embedded_postgres::Cluster, settings::Settings};

/// Address of the database, and the embedded Postgres if one was started.
pub struct DatabaseSource {
    /// Connection options.
    pub options: PgConnectOptions,
    pub(super) cluster: Option<Cluster>,
}

impl DatabaseSource {
    /// Uses `DATABASE_URL`, or starts the embedded Postgres; does not connect yet.
    pub async fn resolve(settings: &Settings) -> Result<Self, StartError> {
        let Some(url) = &settings.database.url else {
            let cluster = Cluster::start(&data_dir(settings)?).await?;
            return Ok(Self { options: cluster.options(), cluster: Some(cluster) });
        };
        let options = connect_options(
            url.expose_secret(),
            settings.database.ca_file.as_ref(),
            settings.database.allow_plaintext,
        )?;
        Ok(Self { options, cluster: None })
    }

    /// Whether it is the embedded Postgres.
    pub fn is_embedded(&self) -> bool {
        self.cluster.is_some()
    }

    /// Stops the embedded Postgres, if one was started.
    pub fn stop(self) -> Result<(), Box<dyn Error>> {
        match self.cluster {
            Some(cluster) => Ok(cluster.stop()?),
            None => Ok(()),
        }
    }
}

/// Host and port, or folder and address of the embedded Postgres; no credentials.
impl fmt::Display for DatabaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cluster {
            Some(cluster) => {
                let folder = cluster.folder().display();
                write!(f, "embedded Postgres in {folder} (psql \"{}\")", cluster.url())
            }
            None => {
                let (host, port) = (self.options.get_host(), self.options.get_port());
                write!(f, "Postgres at {host}:{port}")
            }
        }
    }
}
