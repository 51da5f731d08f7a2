//! Who Postgres runs as: we ourselves, or somebody unprivileged if we are root.

use std::{
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{Uid, User};

use super::EmbeddedPostgresError;

/// The user whose rights Postgres gets.
#[derive(Debug, Clone, Copy)]
pub struct UnixUser {
    /// `None`: the user that we are.
    unprivileged: Option<(u32, u32)>,
}

impl UnixUser {
    /// Ourselves, or, if we are root, the user `postgres` (made by most packages), else `nobody`.
    ///
    /// # Errors
    /// [`EmbeddedPostgresError::NoUnprivilegedUser`] if we are root and neither exists.
    pub fn for_this_process() -> Result<Self, EmbeddedPostgresError> {
        if !Uid::effective().is_root() {
            return Ok(Self { unprivileged: None });
        }
        let user = ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .ok_or(EmbeddedPostgresError::NoUnprivilegedUser)?;
        Ok(Self {
            unprivileged: Some((user.uid.as_raw(), user.gid.as_raw())),
        })
    }

    /// A command that runs with this account's rights, in a folder that it may enter, without standard input.
    pub fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null());
        if let Some((uid, gid)) = self.unprivileged {
            // std drops root's supplementary groups with it.
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives `path` to this account.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn own(self, path: &Path) -> Result<(), EmbeddedPostgresError> {
        match self.unprivileged {
            Some((uid, gid)) => chown(path, Some(uid), Some(gid))
                .map_err(EmbeddedPostgresError::file("cannot give away", path)),
            None => Ok(()),
        }
    }

    /// Whether this account can enter `folder`. Root's home, for one, is closed to others, and so is all below it.
    pub fn can_enter(self, folder: &Path) -> bool {
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
