//! Cluster: started or taken over, restarted when it dies, and stopped with its server.

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::{
    Binaries, Result, UnixUser,
    folder::{create_cluster_folder, create_socket_folder, lock, socket_folder},
    postmaster::{Postmaster, connect_options},
};

/// A running embedded Postgres. [`Cluster::stop`] stops it, and so does dropping this value.
pub struct Cluster {
    postmaster: Arc<Postmaster>,
    watcher: JoinHandle<()>,
    stopped: bool,
    /// Lock of the folder, held as long as this server uses it.
    _lock: File,
}

impl Cluster {
    /// Starts the cluster below `data_dir`, an absolute path; the first start creates it. A cluster
    /// that another server left running is taken over.
    ///
    /// Where root's unprivileged user cannot access `data_dir`, the cluster is below /var/lib.
    pub async fn start(data_dir: &Path) -> Result<Self> {
        Self::start_with(data_dir, None).await
    }

    /// The same with the programs in `folder_of_programs` instead of the newest installed ones.
    pub async fn start_with(data_dir: &Path, folder_of_programs: Option<&Path>) -> Result<Self> {
        let user = UnixUser::for_this_process()?;
        let folder = create_cluster_folder(data_dir, user)?;
        let lock = lock(&folder)?;
        let existing_major = fs::read_to_string(folder.join("data/PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let binaries = match folder_of_programs.and_then(Binaries::in_folder) {
            Some(binaries) => binaries,
            None => Binaries::find(existing_major, &folder.join("binaries")).await?,
        };
        let socket = create_socket_folder(&folder, user)?;
        let postmaster = Arc::new(Postmaster::new(folder, socket, binaries, user));
        if existing_major.is_none() {
            postmaster.init_data()?;
        }
        postmaster.ensure_running().await?;
        let watched = Arc::clone(&postmaster);
        let watcher = tokio::spawn(async move { watched.watch().await });
        Ok(Self { postmaster, watcher, stopped: false, _lock: lock })
    }

    /// Options to connect to the cluster in `folder`, which another process runs.
    pub fn options_of_running(folder: &Path) -> Result<PgConnectOptions> {
        Ok(connect_options(&socket_folder(folder)?))
    }

    /// Options to connect to its database `postgres`.
    pub fn options(&self) -> PgConnectOptions {
        connect_options(&self.postmaster.socket)
    }

    /// The same as a URL, for psql, sqlx-cli and others.
    pub fn url(&self) -> String {
        let socket = self.postmaster.socket.display();
        format!("postgres:///postgres?host={socket}&user=postgres")
    }

    /// The folder of the cluster.
    pub fn folder(&self) -> &Path {
        &self.postmaster.folder
    }

    /// Stops Postgres, within a minute: connections are cut, committed data is on disk.
    pub fn stop(mut self) -> Result<()> {
        self.shut_down()
    }

    fn shut_down(&mut self) -> Result<()> {
        self.stopped = true;
        self.watcher.abort();
        self.postmaster.stop()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.stopped
            && let Err(error) = self.shut_down()
        {
            tracing::error!(%error, "the embedded Postgres did not stop");
        }
    }
}
