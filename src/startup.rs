//! From settings to a running server, and from there to a clean stop.

use std::{
    any::Any,
    fmt::Write as _,
    fs::{self, DirBuilder},
    io::{self, Write as _},
    net::{SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, rt::net::TcpStream};
use secrecy::{ExposeSecret, SecretString};
use socket2::SockRef;
use sqlx::postgres::PgConnectOptions;
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};
use tracing_actix_web::TracingLogger;

use crate::{
    accounts::{LocalAccounts, SharedAccounts, SupabaseAccounts},
    auth::{Auth, LocalKey},
    http::{self, Limits, RequestLog, Services},
    metrics,
    private_postgres::{Cluster, PrivatePostgresError},
    providers::{About, MissingKey, Providers},
    repository::{ConnectError, DatabaseService, connect, options_for},
    services::{AudioStoreError, Conversations, ReplyAudio, Requests, Uploads, sweep_old_sessions, sweep_uploads},
    settings::{AuthMode, Settings},
};

/// Longest wait for the head of a request.
const REQUEST_HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// How often measurements are put into their buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Why the server does not start, or ended badly. Texts are for the person who starts it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {source}. Set HOST or PORT (KUKU_METRICS__ADDRESS for metrics) to another address"
    )]
    Listen {
        /// What was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A folder for data cannot be made.
    #[error("cannot make {path}: {source}. Set KUKU_DATA_DIR to a folder that can be written")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A provider cannot work as it is set up.
    #[error(transparent)]
    Provider(#[from] MissingKey),
    /// The place for reply audio cannot be used.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The private Postgres does not start.
    #[error(transparent)]
    PrivatePostgres(#[from] PrivatePostgresError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] ConnectError),
    /// The HTTP server failed while it ran.
    #[error("the HTTP server failed: {0}")]
    Http(#[from] io::Error),
}

/// Where the database is: what the settings name, or a private Postgres that was started for it.
pub struct Database {
    /// How to connect.
    pub options: PgConnectOptions,
    cluster: Option<Cluster>,
}

impl Database {
    /// By `DATABASE_URL`; without one the private Postgres is started.
    ///
    /// # Errors
    /// [`StartError`]; nothing is connected to yet but the private Postgres.
    pub async fn find(settings: &Settings) -> Result<Self, StartError> {
        Ok(match &settings.database.url {
            Some(url) => Self {
                options: options_for(
                    url.expose_secret(),
                    settings.database.ca_file.as_ref(),
                    settings.database.allow_plaintext,
                )?,
                cluster: None,
            },
            None => {
                let cluster = Cluster::start(&data_folder(settings)?).await?;
                Self {
                    options: cluster.options(),
                    cluster: Some(cluster),
                }
            }
        })
    }

    /// Whether it is a private Postgres.
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// Stops the private Postgres, if it is one.
    ///
    /// # Errors
    /// If it does not stop.
    pub fn stop(self) -> Result<(), Box<dyn std::error::Error>> {
        match self.cluster {
            Some(cluster) => Ok(cluster.stop()?),
            None => Ok(()),
        }
    }
}

/// reqwest is built without a TLS provider of its own; sqlx brings ring, so that is it. To be called before any client is made.
pub fn use_ring() {
    // An error says that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The data folder, made if it is not there.
///
/// # Errors
/// [`StartError::Folder`]
pub fn data_folder(settings: &Settings) -> Result<PathBuf, StartError> {
    // Others may pass through it (the private Postgres may run as somebody else), not into what was said.
    make_folder(&settings.data_dir, 0o755)
}

/// The place for reply audio.
///
/// # Errors
/// [`StartError`]
pub fn reply_audio(settings: &Settings) -> Result<ReplyAudio, StartError> {
    let retention = Duration::from_secs(settings.audio_retention_seconds);
    Ok(match &settings.audio_store {
        Some(address) => ReplyAudio::at(address, retention)?,
        None => {
            let folder = make_folder(&data_folder(settings)?.join("audio"), 0o700)?;
            ReplyAudio::in_folder(&folder, retention)?
        }
    })
}

/// A server that is ready to run, with its database connected and migrated.
pub struct Application {
    server: Server,
    address: SocketAddr,
    services: Services,
    database: String,
    cluster: Option<Cluster>,
    sweepers: Vec<JoinHandle<()>>,
    patience: Duration,
}

impl Application {
    /// Listens, starts the private Postgres if no other is set, connects, migrates and sets up the providers.
    ///
    /// # Errors
    /// [`StartError`]; whatever was started by then is stopped again.
    pub async fn build(settings: &Settings) -> Result<Self, StartError> {
        use_ring();
        let wanted = SocketAddr::new(settings.host, settings.port);
        let listen_error = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let data_dir = data_folder(settings)?;
        let uploads_dir = make_folder(&data_dir.join("uploads"), 0o700)?;

        let providers = Providers::new(settings, &uploads_dir)?;
        let Database { options, cluster } = Database::find(settings).await?;
        let database = match &cluster {
            Some(cluster) => format!(
                "private Postgres in {} (psql \"{}\")",
                cluster.folder().display(),
                cluster.url()
            ),
            None => format!("Postgres at {}:{}", options.get_host(), options.get_port()),
        };
        let db = DatabaseService::new(connect(options, &settings.database).await?, &settings.database);

        let audio = reply_audio(settings)?;
        let requests = Requests::new(db.clone(), Duration::from_secs(settings.idempotency_hours * 3_600));
        let conversations = Conversations::new(
            db.clone(),
            requests.clone(),
            &providers,
            audio.clone(),
            settings,
            Handle::current(),
        );
        let idle = Duration::from_secs(settings.idle_hours * 3_600);
        let limits = Arc::new(Limits::new(&settings.limits, &settings.auth));
        let mut sweepers = vec![
            tokio::spawn(Arc::clone(&limits).forget()),
            tokio::spawn(audio.clone().sweep()),
            tokio::spawn(sweep_uploads(uploads_dir.clone())),
            tokio::spawn(requests.clone().sweep()),
            tokio::spawn(conversations.clone().sweep_idle(idle)),
        ];
        if settings.retention_days > 0 {
            let keep = Duration::from_secs(settings.retention_days * 24 * 3_600);
            sweepers.push(tokio::spawn(sweep_old_sessions(db.clone(), keep)));
        }
        let (auth, accounts) = who_is_who(settings, &db, &data_dir)?;
        let services = Services {
            accounts,
            auth,
            db,
            requests,
            conversations,
            audio,
            uploads: Uploads::new(uploads_dir),
            about: providers.about,
            limits,
            max_upload_bytes: settings.max_upload_mib * 1024 * 1024,
            stopping: Arc::default(),
        };
        if let Some(wanted) = settings.metrics.address {
            sweepers.push(tokio::spawn(serve_metrics(wanted, &services)?));
        }
        Ok(Self {
            server: http_server(listener, settings, &services).map_err(listen_error)?,
            address,
            services,
            database,
            cluster,
            sweepers,
            patience: Duration::from_secs(settings.shutdown_seconds),
        })
    }

    /// Where it listens; the port is the real one also where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A few lines for the person who started it: where things are, who speaks, what is missing for real speech.
    pub fn introduction(&self) -> String {
        let About {
            speech_to_text,
            coach,
            text_to_speech,
        } = &self.services.about;
        let base = format!("http://{}", self.address);
        let mut text = format!(
            "Kuku Coach is ready.\n  API             {base}/api\n  Docs            {base}/docs\n  Data            {}\n  \
             Reply audio     {}\n  Speech to text  {speech_to_text}\n  Coach           {coach}\n  Text to speech  {text_to_speech}",
            self.database,
            self.services.audio.address(),
        );
        if [speech_to_text, text_to_speech].iter().any(|name| *name == "none") || coach.starts_with("scripted") {
            let _ = write!(
                text,
                "\nFor real speech set OPENAI_API_KEY (or see \"Providers\" in README.md). Typed messages work as it is."
            );
        }
        text.push_str("\nStop with Ctrl-C.");
        text
    }

    /// Serves until `stop` is done, then lets running turns finish, closes the database and stops the private Postgres.
    ///
    /// A second signal, `hurry`, ends the waiting for running turns.
    ///
    /// # Errors
    /// [`StartError`] if serving failed, or the private Postgres did not stop.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        let handle = self.server.handle();
        let mut serving = tokio::spawn(self.server);
        let served = tokio::select! {
            served = &mut serving => served.map_err(io::Error::other).flatten(),
            () = stop => {
                self.services.stopping.store(true, Ordering::Release);
                self.sweepers.iter().for_each(JoinHandle::abort);
                tracing::info!("stopping: running turns are finished first");
                let drained = async {
                    handle.stop(true).await;
                    self.services.conversations.finish().await;
                };
                tokio::select! {
                    result = timeout(self.patience, drained) => if result.is_err() {
                        tracing::warn!("gave up waiting for running turns");
                    },
                    () = hurry => tracing::warn!("stopping at once"),
                }
                Ok(())
            }
        };
        if timeout(Duration::from_secs(5), self.services.db.close()).await.is_err() {
            tracing::warn!("gave up waiting for database connections");
        }
        if let Some(cluster) = self.cluster {
            cluster.stop()?;
        }
        Ok(served?)
    }
}

/// Who knows callers, and who keeps their accounts: the Supabase project, or this database.
fn who_is_who(
    settings: &Settings,
    db: &DatabaseService,
    data_dir: &Path,
) -> Result<(Arc<Auth>, Option<SharedAccounts>), StartError> {
    if settings.auth_mode() == AuthMode::Off {
        tracing::warn!("callers are not told apart: whoever knows a session's id may use it, and search sees all");
        return Ok((Arc::new(Auth::new(settings, None)), None));
    }
    if let Some(base) = settings.supabase.auth_url() {
        let accounts: Option<SharedAccounts> = match settings.supabase.anon_key.clone() {
            Some(key) => Some(Arc::new(SupabaseAccounts::new(
                base, key, settings.auth.forward_address,
            ))),
            None => {
                tracing::warn!("SUPABASE_ANON_KEY is not set: tokens are verified, but nobody can sign in here");
                None
            }
        };
        return Ok((Arc::new(Auth::new(settings, None)), accounts));
    }
    let secret = match &settings.supabase.jwt_secret {
        Some(secret) => secret.clone(),
        None => kept_secret(&data_dir.join("jwt-secret"))?,
    };
    let accounts = LocalAccounts::new(db.clone(), LocalKey::new(secret.clone()));
    Ok((Arc::new(Auth::new(settings, Some(secret))), Some(Arc::new(accounts))))
}

/// The secret in `file`, made at the first start, whole or not at all. Several servers need the same one:
/// SUPABASE_JWT_SECRET.
fn kept_secret(file: &Path) -> Result<SecretString, StartError> {
    let failed = |source| StartError::Folder {
        path: file.to_owned(),
        source,
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    // Only its owner may read a temporary file.
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    write!(fresh, "{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>()).map_err(failed)?;
    match fresh.persist_noclobber(file) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error.error)),
    }
    Ok(fs::read_to_string(file).map_err(failed)?.into())
}

fn http_server(listener: TcpListener, settings: &Settings, services: &Services) -> io::Result<Server> {
    let services = services.clone();
    let origins = settings.allowed_origins.clone();
    let pause = Duration::from_secs(settings.limits.body_pause_seconds);
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(http::admit))
            .wrap(http::cors(&origins))
            .wrap(from_fn(http::identify))
            .wrap(TracingLogger::<RequestLog>::new())
            .configure(|config| http::configure(&services, config))
    })
    .on_connect(move |connection, _| cut_slow_readers(connection, pause))
    .client_request_timeout(REQUEST_HEAD_PATIENCE)
    .shutdown_timeout(settings.shutdown_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// Serves `/metrics` until it is dropped.
fn serve_metrics(address: SocketAddr, services: &Services) -> Result<impl Future<Output = ()> + use<>, StartError> {
    let listen_error = |source| StartError::Listen { address, source };
    let handle = metrics::install().map_err(|error| listen_error(io::Error::other(error)))?;
    let (rendering, services) = (handle.clone(), services.clone());
    let server =
        HttpServer::new(move || App::new().configure(|config| http::configure_metrics(&rendering, &services, config)))
            .workers(1)
            .disable_signals()
            .bind(address)
            .map_err(listen_error)?
            .run();
    Ok(async move {
        let upkeep = async {
            // Measurements wait to be put into their buckets.
            let mut ticks = tokio::time::interval(METRICS_UPKEEP);
            loop {
                ticks.tick().await;
                handle.run_upkeep();
            }
        };
        tokio::select! {
            result = server => if let Err(error) = result {
                tracing::error!(%error, "metrics are not served any more");
            },
            () = upkeep => {}
        }
    })
}

/// Closes a connection whose client takes nothing of its answer for as long as `pause`. actix has no time-out for writing;
/// the kernel has.
fn cut_slow_readers(connection: &dyn Any, pause: Duration) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else {
        return;
    };
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(pause)) {
        tracing::warn!(%error, "no time-out for a slow reader");
    }
}

/// Makes the folder if it is not there, and returns its absolute path.
fn make_folder(path: &Path, mode: u32) -> Result<PathBuf, StartError> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .and_then(|()| path.canonicalize())
        .map_err(|source| StartError::Folder {
            path: path.to_owned(),
            source,
        })
}
