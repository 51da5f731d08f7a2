//! Folders of a cluster: created, restricted to their owner, and locked against a second server.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{EmbeddedPostgresError, Result, UnixUser, file_error, postmaster::PORT};

/// Longest path of a unix socket on all systems (macOS: 104 bytes with the final zero).
const MAX_SOCKET_PATH_BYTES: usize = 103;

/// Creates the cluster's folder, which `user` owns and nobody else may enter.
///
/// Where `user` cannot access `data_dir`, the folder is below /var/lib.
pub fn create_cluster_folder(data_dir: &Path, user: UnixUser) -> Result<PathBuf> {
    let folder = if user.can_access(data_dir) {
        data_dir.join("postgres")
    } else {
        PathBuf::from("/var/lib/kuku-coach").join(folder_id(data_dir)?)
    };
    fs::create_dir_all(&folder).map_err(file_error("cannot create", &folder))?;
    restrict_to_owner(&folder, user)?;
    Ok(folder)
}

/// The socket's folder: beside the data, or, if that path is too long for a unix socket, in the
/// temporary folder.
pub fn socket_folder(folder: &Path) -> Result<PathBuf> {
    let beside = folder.join("socket");
    let path_bytes = beside.join(format!(".s.PGSQL.{PORT}")).as_os_str().len();
    if path_bytes <= MAX_SOCKET_PATH_BYTES {
        return Ok(beside);
    }
    Ok(std::env::temp_dir().join(format!("kuku-{}", folder_id(folder)?)))
}

/// Creates [`socket_folder`].
pub fn create_socket_folder(folder: &Path, user: UnixUser) -> Result<PathBuf> {
    let socket = socket_folder(folder)?;
    match DirBuilder::new().mode(0o700).create(&socket) {
        Ok(()) => restrict_to_owner(&socket, user)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            check_owner(&socket, folder, error)?;
        }
        Err(error) => return Err(file_error("cannot create", &socket)(error)),
    }
    Ok(socket)
}

/// Locks `folder` for this process. The operating system releases the lock even on `kill -9`.
pub fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("server.lock");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(file_error("cannot open", &path))?;
    match file.try_lock() {
        Ok(()) => {
            let written = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| write!(file, "{}", std::process::id()));
            written.map_err(file_error("cannot write", &path))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            // The process id is optional: the error is useful without it.
            let process = match file.read_to_string(&mut pid) {
                Ok(1..) => format!(" (process {})", pid.trim()),
                _ => String::new(),
            };
            Err(EmbeddedPostgresError::InUse { process, folder: folder.to_owned() })
        }
        Err(TryLockError::Error(error)) => Err(file_error("cannot lock", &path)(error)),
    }
}

/// Device and inode: a short name that is unique on this machine.
fn folder_id(folder: &Path) -> Result<String> {
    let metadata = fs::metadata(folder).map_err(file_error("cannot access", folder))?;
    Ok(format!("{:x}-{:x}", metadata.dev(), metadata.ino()))
}

/// Rejects a socket folder of another user, who could intercept connections in a shared temporary
/// folder.
fn check_owner(socket: &Path, folder: &Path, exists: io::Error) -> Result<()> {
    let found = fs::symlink_metadata(socket).map_err(file_error("cannot access", socket))?;
    let owner = fs::metadata(folder).map_err(file_error("cannot access", folder))?.uid();
    if found.is_dir() && found.uid() == owner {
        return Ok(());
    }
    Err(file_error("another user owns", socket)(exists))
}

fn restrict_to_owner(folder: &Path, user: UnixUser) -> Result<()> {
    user.chown(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
        .map_err(file_error("cannot restrict to its owner", folder))
}
