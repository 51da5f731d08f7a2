//! Postmaster process of a cluster: initdb, start, supervision, stop.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Output},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tokio::time::sleep;

use super::{Binaries, EmbeddedPostgresError, Result, UnixUser, file_error};

/// Port, which only names the socket: nothing listens on TCP.
pub const PORT: u16 = 5432;
/// Longest wait for a live process to accept connections: crash recovery may replay a long log.
const START_TIMEOUT: Duration = Duration::from_secs(300);
/// Longest wait for the children of a killed postmaster to leave the shared memory.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(15);
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

pub struct Postmaster {
    pub folder: PathBuf,
    pub socket: PathBuf,
    binaries: Binaries,
    user: UnixUser,
    /// The process, to be reaped; `None` if another server started it.
    child: Mutex<Option<Child>>,
}

impl Postmaster {
    pub fn new(folder: PathBuf, socket: PathBuf, binaries: Binaries, user: UnixUser) -> Self {
        Self { folder, socket, binaries, user, child: Mutex::new(None) }
    }

    /// Runs initdb in a temporary folder and renames it: an interrupted start leaves no incomplete
    /// cluster.
    pub fn init_data(&self) -> Result<()> {
        let fresh = self.folder.join("data.new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(file_error("cannot remove", &fresh))?;
        }
        let mut result = Ok(());
        for locale in locale_options(self.binaries.major()) {
            let output = self
                .user
                .command(&self.binaries.program("initdb"))
                .arg("-D")
                .arg(&fresh)
                // Authentication is not needed: only the owner may enter the socket's folder.
                .args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"])
                .args(*locale)
                .output();
            // A failed initdb removes its folder.
            result = check_output("initdb", output);
            if result.is_ok() {
                break;
            }
        }
        result?;
        let data = self.data();
        fs::rename(&fresh, &data).map_err(file_error("cannot create", &data))
    }

    /// Returns once the cluster accepts connections; starts it if no process runs.
    pub async fn ensure_running(&self) -> Result<()> {
        let started = Instant::now();
        let mut spawned = false;
        loop {
            if self.is_reachable().await {
                return Ok(());
            }
            if self.is_running() {
                // It starts, recovers or stops: this server's process, or one left by another.
                if started.elapsed() > START_TIMEOUT {
                    return Err(self.failure());
                }
                sleep(Duration::from_millis(20)).await;
                continue;
            }
            if spawned {
                let log = self.log_tail();
                let orphans = log.contains("still in use") || log.contains("lock file");
                if !orphans || started.elapsed() > ORPHAN_TIMEOUT {
                    return Err(self.failure());
                }
                sleep(Duration::from_millis(200)).await;
            }
            self.spawn()?;
            spawned = true;
        }
    }

    /// Restarts Postgres whenever it has died. Never returns.
    pub async fn watch(&self) {
        loop {
            sleep(WATCH_INTERVAL).await;
            if self.is_running() {
                continue;
            }
            tracing::warn!("the embedded Postgres has died; restarting it");
            match self.ensure_running().await {
                Ok(()) => tracing::info!("the embedded Postgres runs again"),
                Err(error) => tracing::error!(%error, "the embedded Postgres does not start"),
            }
        }
    }

    pub fn stop(&self) -> Result<()> {
        if !self.is_running() {
            return Ok(());
        }
        let output = self
            .user
            .command(&self.binaries.program("pg_ctl"))
            .arg("-D")
            .arg(self.data())
            .args(["stop", "-m", "fast", "-w", "-t", "60"])
            .output();
        check_output("pg_ctl", output)?;
        if let Some(mut child) = self.child().take() {
            child.wait().map_err(file_error("cannot wait for postgres in", &self.folder))?;
        }
        if !self.socket.starts_with(&self.folder) {
            fs::remove_dir(&self.socket).map_err(file_error("cannot remove", &self.socket))?;
        }
        Ok(())
    }

    async fn is_reachable(&self) -> bool {
        match connect_options(&self.socket).connect().await {
            Ok(connection) => connection.close().await.is_ok(),
            Err(_) => false,
        }
    }

    fn is_running(&self) -> bool {
        let mut child = self.child();
        if let Some(own) = child.as_mut() {
            if matches!(own.try_wait(), Ok(None)) {
                return true;
            }
            *child = None;
        }
        let pid = fs::read_to_string(self.data().join("postmaster.pid"))
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse().ok());
        // EPERM: the postmaster has ended, and a process of another user has its number.
        pid.is_some_and(|pid| {
            !matches!(kill(Pid::from_raw(pid), None), Err(Errno::ESRCH | Errno::EPERM))
        })
    }

    fn spawn(&self) -> Result<()> {
        let path = self.log_file();
        let cannot_write = || file_error("cannot write", &path);
        let log = File::create(&path).map_err(cannot_write())?;
        let errors = log.try_clone().map_err(cannot_write())?;
        let socket = self.socket.display().to_string().replace('"', "\"\"");
        let program = self.binaries.program("postgres");
        let child = self
            .user
            .command(&program)
            .arg("-D")
            .arg(self.data())
            .args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c"])
            .arg(format!("unix_socket_directories=\"{socket}\""))
            .args(["-c", &format!("port={PORT}"), "-c", "fsync=on"])
            // The log must hold neither SQL parameters nor rows: they hold conversations.
            .args(["-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse"])
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(file_error("cannot run", &program))?;
        *self.child() = Some(child);
        Ok(())
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    fn failure(&self) -> EmbeddedPostgresError {
        EmbeddedPostgresError::Failed("postgres", self.log_tail())
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

/// Options to connect to the database `postgres` of the cluster with this socket folder.
pub fn connect_options(socket: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(PORT)
        .username("postgres")
        .database("postgres")
        .application_name("kuku-coach")
}

/// Locales of a new cluster, best first; the last one exists everywhere. Rows are sorted by code
/// point in all of them. `C.UTF-8` knows the letters of all languages, which full-text search needs
/// to split words from punctuation: up to Postgres 17 that of the C library, then the builtin one.
fn locale_options(major: u32) -> &'static [&'static [&'static str]] {
    const BUILTIN: &[&str] = &["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const BUILTIN_AND_LIBC: &[&str] =
        &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8"];
    const LIBC: &[&str] = &["--lc-ctype=C.UTF-8"];
    match major {
        ..17 => &[LIBC, &[]],
        17.. => &[BUILTIN_AND_LIBC, BUILTIN, &[]],
    }
}

fn check_output(program: &'static str, output: io::Result<Output>) -> Result<()> {
    let output = output.map_err(file_error("cannot run", Path::new(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(EmbeddedPostgresError::Failed(program, errors.trim().to_owned()))
}
