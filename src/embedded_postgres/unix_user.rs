//! Unix user that runs Postgres: the user of this process, or an unprivileged one instead of root.

use std::{
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User};

use super::{EmbeddedPostgresError, Result, file_error};

/// User that runs Postgres and owns its files.
#[derive(Debug, Clone, Copy)]
pub struct UnixUser {
    /// User and group id. `None`: the user of this process.
    unprivileged: Option<(u32, u32)>,
}

impl UnixUser {
    /// The user of this process; instead of root `postgres` (created by most packages) or `nobody`.
    pub fn for_this_process() -> Result<Self> {
        if !Uid::effective().is_root() {
            return Ok(Self { unprivileged: None });
        }
        let user = ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .ok_or(EmbeddedPostgresError::NoUnprivilegedUser)?;
        Ok(Self { unprivileged: Some((user.uid.as_raw(), user.gid.as_raw())) })
    }

    /// A command that runs as this user in `/`, with an empty standard input.
    pub fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // A group of its own: Ctrl-C in a terminal reaches the server only, which then stops it.
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        if let Some((uid, gid)) = self.unprivileged {
            // std also drops root's supplementary groups.
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes this user the owner of `path`.
    pub fn chown(self, path: &Path) -> Result<()> {
        match self.unprivileged {
            Some((uid, gid)) => chown(path, Some(uid), Some(gid))
                .map_err(file_error("cannot change the owner of", path)),
            None => Ok(()),
        }
    }

    /// Whether this user can enter `folder`: root's home, for example, is closed to other users.
    pub fn can_access(self, folder: &Path) -> bool {
        self.unprivileged.is_none()
            || self
                .command(Path::new("/bin/sh"))
                .args(["-c", "cd \"$1\"", "sh"])
                .arg(folder)
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
    }
}
