//! Limit of open files, which connections share with everything else.

use nix::{
    errno::Errno,
    sys::resource::{Resource, getrlimit, setrlimit},
};

/// Raises the limit of this process as far as the system allows, and returns it. Systems start
/// programs with a low one, often 1,024, for the sake of old programs that call `select`.
///
/// # Errors
/// The system's, if the limit cannot be read. A limit that cannot be raised stays as it is.
pub fn raise_open_file_limit() -> Result<u64, Errno> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= hard {
        return Ok(soft);
    }
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => Ok(hard),
        Err(error) => {
            tracing::warn!(%error, soft, hard, "the limit of open files was not raised");
            Ok(soft)
        }
    }
}

/// Connections of clients that may be open at a time: half of the limit. The other half is for
/// Postgres, uploads, audio and providers: a client with many connections must not take it.
pub fn max_connections(open_files: u64) -> usize {
    usize::try_from(open_files / 2).unwrap_or(usize::MAX)
}
