//! One cluster in one folder: made, started or taken over, kept running, and stopped with its server.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Output},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use tokio::{task::JoinHandle, time::sleep};

use super::{Binaries, EmbeddedPostgresError, UnixUser};

/// Name of the socket's port; nothing listens on TCP.
const PORT: u16 = 5432;
/// Longest path of a unix socket that all systems take (macOS: 104 bytes with the final zero).
const LONGEST_SOCKET_PATH: usize = 103;
/// Recovery after a crash may replay much; a process that is alive gets this long to open for connections.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// After `kill -9` of the postmaster its children need a moment to notice and leave the shared memory.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(15);
/// How often the running postmaster is looked after.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// A running private Postgres. It is stopped by [`Cluster::stop`], and at the latest when this value is dropped.
pub struct Cluster {
    inner: Arc<Inner>,
    watcher: JoinHandle<()>,
    stopped: bool,
    /// Held as long as this server uses the folder; the system lets go of it even on `kill -9`.
    _lock: File,
}

struct Inner {
    folder: PathBuf,
    socket: PathBuf,
    binaries: Binaries,
    account: UnixUser,
    /// The postmaster if it is our child, to be reaped; none if it was taken over.
    child: Mutex<Option<Child>>,
}

impl Cluster {
    /// Starts the cluster below `data_dir`, an absolute path, making it on the first run, or takes over one that was left running.
    ///
    /// As root, where the unprivileged user may not enter `data_dir`, the cluster lives below /var/lib instead.
    ///
    /// # Errors
    /// [`EmbeddedPostgresError::InUse`] if another server of ours uses it, and whatever else prevents the start.
    pub async fn start(data_dir: &Path) -> Result<Self, EmbeddedPostgresError> {
        let account = UnixUser::for_this_process()?;
        let folder = prepare_folder(data_dir, account)?;
        let lock = lock(&folder)?;
        let major = fs::read_to_string(folder.join("data/PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let binaries = Binaries::find(major, &folder.join("binaries")).await?;
        let inner = Arc::new(Inner {
            socket: socket_folder(&folder, account)?,
            folder,
            binaries,
            account,
            child: Mutex::new(None),
        });
        if major.is_none() {
            inner.initialise()?;
        }
        inner.ensure_running().await?;
        let watched = Arc::clone(&inner);
        let watcher = tokio::spawn(async move { watched.watch().await });
        Ok(Self {
            inner,
            watcher,
            stopped: false,
            _lock: lock,
        })
    }

    /// How to connect to its database `postgres`.
    pub fn options(&self) -> PgConnectOptions {
        self.inner.options()
    }

    /// The same as an address for psql, sqlx-cli and the like.
    pub fn url(&self) -> String {
        format!(
            "postgres:///postgres?host={}&user=postgres",
            self.inner.socket.display()
        )
    }

    /// Where the cluster lives.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Stops Postgres: connections are cut, everything committed is on disk.
    ///
    /// # Errors
    /// [`EmbeddedPostgresError::Failed`] if it does not stop within a minute.
    pub fn stop(mut self) -> Result<(), EmbeddedPostgresError> {
        self.halt()
    }

    fn halt(&mut self) -> Result<(), EmbeddedPostgresError> {
        self.stopped = true;
        self.watcher.abort();
        self.inner.stop()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.stopped
            && let Err(error) = self.halt()
        {
            tracing::error!(%error, "the private Postgres did not stop");
        }
    }
}

impl Inner {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(PORT)
            .username("postgres")
            .database("postgres")
            .application_name("kuku-coach")
    }

    /// Makes the cluster beside its place and moves it there: a start that was cut short leaves no half cluster.
    fn initialise(&self) -> Result<(), EmbeddedPostgresError> {
        let fresh = self.folder.join("data.new");
        if fresh.exists() {
            fs::remove_dir_all(&fresh)
                .map_err(EmbeddedPostgresError::file("cannot remove", &fresh))?;
        }
        let output = self
            .account
            .command(&self.binaries.program("initdb"))
            .arg("-D")
            .arg(&fresh)
            // Trust: the socket's folder is closed to everyone but its owner.
            .args([
                "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale",
            ])
            .output();
        check("initdb", output)?;
        let data = self.data();
        fs::rename(&fresh, &data).map_err(EmbeddedPostgresError::file("cannot make", &data))
    }

    async fn ensure_running(&self) -> Result<(), EmbeddedPostgresError> {
        let started = Instant::now();
        let mut spawned = false;
        loop {
            if self.is_reachable().await {
                return Ok(());
            }
            if self.is_running() {
                // It starts, recovers, or stops: ours, or one that another server left behind.
                if started.elapsed() > START_PATIENCE {
                    return Err(self.failed());
                }
                sleep(Duration::from_millis(20)).await;
                continue;
            }
            if spawned {
                let log = self.log_tail();
                let orphans = log.contains("still in use") || log.contains("lock file");
                if !orphans || started.elapsed() > ORPHAN_TIMEOUT {
                    return Err(self.failed());
                }
                sleep(Duration::from_millis(200)).await;
            }
            self.spawn()?;
            spawned = true;
        }
    }

    async fn is_reachable(&self) -> bool {
        match self.options().connect().await {
            Ok(connection) => connection.close().await.is_ok(),
            Err(_) => false,
        }
    }

    fn is_running(&self) -> bool {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = child.as_mut() {
            if matches!(ours.try_wait(), Ok(None)) {
                return true;
            }
            *child = None;
        }
        let pid = fs::read_to_string(self.data().join("postmaster.pid"))
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse().ok());
        // EPERM: somebody else's process got the number of a postmaster that is long gone.
        pid.is_some_and(|pid| {
            !matches!(
                kill(Pid::from_raw(pid), None),
                Err(Errno::ESRCH | Errno::EPERM)
            )
        })
    }

    fn spawn(&self) -> Result<(), EmbeddedPostgresError> {
        let path = self.log_file();
        let log =
            File::create(&path).map_err(EmbeddedPostgresError::file("cannot write", &path))?;
        let errors = log
            .try_clone()
            .map_err(EmbeddedPostgresError::file("cannot write", &path))?;
        let sockets = format!(
            "\"{}\"",
            self.socket.display().to_string().replace('"', "\"\"")
        );
        let child = self
            .account
            .command(&self.binaries.program("postgres"))
            .arg("-D")
            .arg(self.data())
            .args([
                "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c",
            ])
            .arg(format!("unix_socket_directories={sockets}"))
            .args(["-c", &format!("port={PORT}"), "-c", "fsync=on"])
            // Neither statements nor rows in the log: they hold what people said.
            .args([
                "-c",
                "log_min_error_statement=panic",
                "-c",
                "log_error_verbosity=terse",
            ])
            .stdout(log)
            .stderr(errors)
            // Out of the terminal's reach: on Ctrl-C running turns are still to be saved.
            .process_group(0)
            .spawn()
            .map_err(EmbeddedPostgresError::file(
                "cannot run",
                &self.binaries.program("postgres"),
            ))?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }

    /// Starts Postgres again whenever it has died; only a stop ends this.
    async fn watch(&self) {
        loop {
            sleep(WATCH_INTERVAL).await;
            if self.is_running() {
                continue;
            }
            tracing::warn!("the private Postgres has died; starting it again");
            match self.ensure_running().await {
                Ok(()) => tracing::info!("the private Postgres is back"),
                Err(error) => tracing::error!(%error, "the private Postgres does not start"),
            }
        }
    }

    fn stop(&self) -> Result<(), EmbeddedPostgresError> {
        if !self.is_running() {
            return Ok(());
        }
        let output = self
            .account
            .command(&self.binaries.program("pg_ctl"))
            .arg("-D")
            .arg(self.data())
            .args(["stop", "-m", "fast", "-w", "-t", "60"])
            .output();
        check("pg_ctl", output)?;
        if let Some(mut child) = self
            .child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            child.wait().map_err(EmbeddedPostgresError::file(
                "cannot wait for postgres in", &self.folder,
            ))?;
        }
        if !self.socket.starts_with(&self.folder) {
            fs::remove_dir(&self.socket)
                .map_err(EmbeddedPostgresError::file("cannot remove", &self.socket))?;
        }
        Ok(())
    }

    fn failed(&self) -> EmbeddedPostgresError {
        EmbeddedPostgresError::Failed {
            program: "postgres",
            output: self.log_tail(),
        }
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

/// The folder of the cluster, which the account owns and nobody else may enter.
fn prepare_folder(data_dir: &Path, account: UnixUser) -> Result<PathBuf, EmbeddedPostgresError> {
    let mut folder = data_dir.join("postgres");
    if !account.can_enter(data_dir) {
        let place = fs::metadata(data_dir)
            .map_err(EmbeddedPostgresError::file("cannot enter", data_dir))?;
        folder = PathBuf::from(format!(
            "/var/lib/kuku-coach/{:x}-{:x}",
            place.dev(),
            place.ino()
        ));
    }
    fs::create_dir_all(&folder).map_err(EmbeddedPostgresError::file("cannot make", &folder))?;
    close(&folder, account)?;
    Ok(folder)
}

/// Unix sockets have short names: a deep folder gets its socket in the temporary folder.
fn socket_folder(folder: &Path, account: UnixUser) -> Result<PathBuf, EmbeddedPostgresError> {
    let beside = folder.join("socket");
    let socket = if beside.join(format!(".s.PGSQL.{PORT}")).as_os_str().len() <= LONGEST_SOCKET_PATH
    {
        beside
    } else {
        let place =
            fs::metadata(folder).map_err(EmbeddedPostgresError::file("cannot enter", folder))?;
        std::env::temp_dir().join(format!("kuku-{:x}-{:x}", place.dev(), place.ino()))
    };
    match DirBuilder::new().mode(0o700).create(&socket) {
        Ok(()) => close(&socket, account)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            // In a shared temporary folder somebody else may have made it, to read along.
            let found = fs::symlink_metadata(&socket)
                .map_err(EmbeddedPostgresError::file("cannot enter", &socket))?;
            let owner = fs::metadata(folder)
                .map_err(EmbeddedPostgresError::file("cannot enter", folder))?
                .uid();
            if !found.is_dir() || found.uid() != owner {
                return Err(EmbeddedPostgresError::File {
                    what: "does not belong to us:",
                    path: socket.display().to_string(),
                    source: error,
                });
            }
        }
        Err(error) => return Err(EmbeddedPostgresError::file("cannot make", &socket)(error)),
    }
    Ok(socket)
}

fn close(folder: &Path, account: UnixUser) -> Result<(), EmbeddedPostgresError> {
    account.own(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(EmbeddedPostgresError::file(
        "cannot close to others", folder,
    ))
}

fn lock(folder: &Path) -> Result<File, EmbeddedPostgresError> {
    let path = folder.join("server.lock");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(EmbeddedPostgresError::file("cannot open", &path))?;
    match file.try_lock() {
        Ok(()) => {
            let written = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| write!(file, "{}", std::process::id()));
            written.map_err(EmbeddedPostgresError::file("cannot write", &path))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only to be helpful: without the number the message still says what to do.
            let holder = match file.read_to_string(&mut holder) {
                Ok(1..) => format!(" (process {})", holder.trim()),
                _ => String::new(),
            };
            Err(EmbeddedPostgresError::InUse(
                holder,
                folder.display().to_string(),
            ))
        }
        Err(TryLockError::Error(error)) => {
            Err(EmbeddedPostgresError::file("cannot lock", &path)(error))
        }
    }
}

fn check(
    program: &'static str,
    output: std::io::Result<Output>,
) -> Result<(), EmbeddedPostgresError> {
    let output = output.map_err(EmbeddedPostgresError::file(
        "cannot run",
        Path::new(program),
    ))?;
    if output.status.success() {
        return Ok(());
    }
    Err(EmbeddedPostgresError::Failed {
        program,
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
