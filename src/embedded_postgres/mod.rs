//! Embedded Postgres: `cargo run` and `cargo test` need no database set up beforehand.
//!
//! One cluster in one folder, reached by a unix socket that only its owner may open. fsync is on:
//! committed data survives a power cut. Installed binaries are preferred over a download. Postgres
//! refuses to run as root, so root starts it as an unprivileged user who owns the folder.

mod binaries;
mod cluster;
mod folder;
mod postmaster;
mod unix_user;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use binaries::Binaries;
pub use cluster::Cluster;
use unix_user::UnixUser;

/// Why the embedded Postgres cannot run; texts are for the person who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// Another server, or a command, holds the folder's lock.
    #[error(
        "another Kuku Coach server{process} is running on the data folder {folder}. Stop it, or \
         set KUKU_DATA_DIR to another folder, or DATABASE_URL to a shared database",
        folder = folder.display()
    )]
    InUse {
        /// The process in brackets, if it is known.
        process: String,
        /// The folder of the cluster.
        folder: PathBuf,
    },
    /// No binaries are installed. Fields: the wanted version, and why its download failed.
    #[error(
        "no Postgres {0} found on this machine (searched pg_config, PATH and the usual folders), \
         and the download failed: {1}. Install it (Debian, Ubuntu: apt-get install postgresql; \
         Fedora: dnf install postgresql-server; macOS: brew install postgresql@17), or set \
         DATABASE_URL"
    )]
    NotInstalled(String, String),
    /// The process is root, and no unprivileged user exists to run Postgres as.
    #[error(
        "Postgres does not run as root, and there is neither a user `postgres` nor a user \
         `nobody` to run it as"
    )]
    NoUnprivilegedUser,
    /// A program of Postgres failed. Fields: its name, and the end of its output.
    #[error("{0} failed: {1}")]
    Failed(&'static str, String),
    /// An operation on a file or folder failed. Fields: the operation ("cannot create"), its path.
    #[error("{0} {1}: {2}")]
    File(&'static str, String, #[source] io::Error),
}

type Result<T> = std::result::Result<T, EmbeddedPostgresError>;

fn file_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedPostgresError {
    let path = path.display().to_string();
    move |source| EmbeddedPostgresError::File(what, path, source)
}
