//! A Postgres of our own, so that `cargo run` and `cargo test` need no set-up.
//!
//! One cluster in one folder, reached by a unix socket that only its owner may open, with fsync on: what was
//! acknowledged survives a power cut. The binaries are those that are installed, else downloaded ones. Postgres
//! refuses to run as root, so root starts it as an unprivileged user who owns the cluster's folder.

mod binaries;
mod cluster;
mod unix_user;

pub use binaries::Binaries;
pub use cluster::Cluster;
pub use unix_user::UnixUser;

/// Why there is no private Postgres, in words for who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// Another server of ours holds the folder.
    #[error(
        "another Kuku Coach server{0} is running on the data folder {1}. Stop it, or set KUKU_DATA_DIR to another \
         folder, or DATABASE_URL to a shared database"
    )]
    InUse(String, String),
    /// No binaries, and the download failed.
    #[error(
        "no Postgres {wanted} found on this machine (looked at pg_config, PATH and the usual folders), and downloading \
         it failed: {reason}. Install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install \
         postgresql-server; macOS: brew install postgresql@17), or set DATABASE_URL"
    )]
    NotInstalled {
        /// Which version was looked for.
        wanted: String,
        /// Why it could not be downloaded.
        reason: String,
    },
    /// We are root and there is nobody to run Postgres as.
    #[error(
        "Postgres does not run as root, and there is neither a user `postgres` nor a user `nobody` to run it as"
    )]
    NoUnprivilegedUser,
    /// One of its programs failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which program.
        program: &'static str,
        /// The end of what it printed.
        output: String,
    },
    /// A file or folder could not be made or read.
    #[error("{what} {path}: {source}")]
    File {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl EmbeddedPostgresError {
    fn file(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { what, path, source }
    }
}
