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

use std::{io, path::Path};

pub use binaries::Binaries;
pub use cluster::Cluster;
use unix_user::UnixUser;

/// Why the embedded Postgres cannot run; texts are for the person who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// Another server holds the folder's lock. Fields: the process, if known, and the folder.
    #[error(
        "another Kuku Coach server{0} is running on the data folder {1}. Stop it, or set \
         KUKU_DATA_DIR to another folder, or DATABASE_URL to a shared database"
    )]
    InUse(String, String),
    /// No binaries are installed, and the download failed.
    #[error(
        "no Postgres {wanted} found on this machine (searched pg_config, PATH and the usual \
         folders), and the download failed: {reason}. Install it (Debian, Ubuntu: apt-get install \
         postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@17), \
         or set DATABASE_URL"
    )]
    NotInstalled {
        /// Version that was searched for.
        wanted: String,
        /// Why the download failed.
        reason: String,
    },
    /// The process is root, and no unprivileged user exists to run Postgres as.
    #[error(
        "Postgres does not run as root, and there is neither a user `postgres` nor a user \
         `nobody` to run it as"
    )]
    NoUnprivilegedUser,
    /// A program of Postgres failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Name of the program.
        program: &'static str,
        /// End of its output.
        output: String,
    },
    /// An operation on a file or folder failed.
    #[error("{what} {path}: {source}")]
    File {
        /// The operation, such as "cannot create".
        what: &'static str,
        /// File or folder.
        path: String,
        /// Error of the operating system.
        source: io::Error,
    },
}

impl EmbeddedPostgresError {
    fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { what, path, source }
    }
}
