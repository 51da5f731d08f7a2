//! Errors of a start, for the person who runs the server.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use crate::{
    database::ConnectError, embedded_postgres::EmbeddedPostgresError, providers::MissingApiKey,
    storage::AudioStoreError,
};

/// Why the server did not start, or failed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Other machines could reach the server, and authentication is off.
    #[error(
        "HOST is {0}, which other machines can reach, and authentication is off: set SUPABASE_URL, \
         or KUKU_AUTH__MODE=optional for local accounts, or KUKU_AUTH__ALLOW_UNAUTHENTICATED=true \
         to allow it"
    )]
    Exposed(IpAddr),
    /// The address is in use, or does not belong to this machine.
    #[error(
        "cannot listen on {0}: {1}. Set HOST or PORT (KUKU_METRICS__ADDRESS for metrics) to \
         another address"
    )]
    Listen(SocketAddr, #[source] io::Error),
    /// A data folder cannot be created.
    #[error("cannot create {0}: {1}. Set KUKU_DATA_DIR to a writable folder")]
    Folder(PathBuf, #[source] io::Error),
    /// There is no address of a database, and the embedded one is turned off.
    #[error(
        "DATABASE_URL is not set, and KUKU_DATABASE__EMBEDDED is false, as in the container image: \
         set DATABASE_URL. A database in the container would be lost with it"
    )]
    NoDatabase,
    /// The file of the local accounts' secret was cut off.
    #[error(
        "the secret of local accounts in {0} is too short. Restore the file, or delete it: another \
         secret is created, and clients have to refresh their tokens"
    )]
    ShortSecret(PathBuf),
    /// A provider lacks its API key.
    #[error(transparent)]
    Provider(#[from] MissingApiKey),
    /// The audio store cannot be used.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The embedded Postgres did not start or stop.
    #[error(transparent)]
    EmbeddedPostgres(#[from] EmbeddedPostgresError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] ConnectError),
    /// The HTTP server failed while running.
    #[error("the HTTP server failed: {0}")]
    Http(#[from] io::Error),
}
