//! From settings to a running server, and from there to a clean stop.

mod bounded_read_stream;
mod data_dir;
mod http_server;

use std::{
    fmt::Write as _,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::dev::Server;
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};

use crate::{
    database::{ConnectError, connect},
    embedded_postgres::{Cluster, EmbeddedPostgresError},
    http::{AppState, BodyLimits, RateLimits},
    jobs::delete_expired_sessions,
    providers::{MissingApiKey, ProviderNames, Providers},
    repository::DatabaseService,
    services::{Conversations, IdempotencyService},
    settings::Settings,
    storage::{AudioStoreError, Uploads, delete_stale_uploads},
};

pub use data_dir::{Database, data_dir, reply_audio};
use data_dir::{build_auth, create_dir};
use http_server::{http_server, listen, serve_metrics};

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
    Provider(#[from] MissingApiKey),
    /// The place for reply audio cannot be used.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The private Postgres does not start.
    #[error(transparent)]
    EmbeddedPostgres(#[from] EmbeddedPostgresError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] ConnectError),
    /// The HTTP server failed while it ran.
    #[error("the HTTP server failed: {0}")]
    Http(#[from] io::Error),
}

/// reqwest is built without a TLS provider of its own; sqlx brings ring, so that is it. To be called before any client is made.
pub fn install_crypto_provider() {
    // An error says that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A server that is ready to run, with its database connected and migrated.
pub struct Application {
    server: Server,
    address: SocketAddr,
    state: AppState,
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
        install_crypto_provider();
        let wanted = SocketAddr::new(settings.host, settings.port);
        let listen_error = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = listen(wanted).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let data_dir = data_dir(settings)?;
        let uploads_dir = create_dir(&data_dir.join("uploads"), 0o700)?;

        let providers = Providers::new(settings, &uploads_dir)?;
        let Database { options, cluster } = Database::resolve(settings).await?;
        let database = match &cluster {
            Some(cluster) => format!(
                "private Postgres in {} (psql \"{}\")",
                cluster.folder().display(),
                cluster.url()
            ),
            None => format!("Postgres at {}:{}", options.get_host(), options.get_port()),
        };
        let db = DatabaseService::new(
            connect(options, &settings.database).await?,
            &settings.database,
        )?;

        let audio = reply_audio(settings)?;
        let requests = IdempotencyService::new(
            db.clone(),
            Duration::from_secs(settings.idempotency_retention_hours * 3_600),
        );
        let conversations = Conversations::new(
            db.clone(),
            requests.clone(),
            &providers,
            audio.clone(),
            settings,
            Handle::current(),
        );
        let idle = Duration::from_secs(settings.session_idle_hours * 3_600);
        let limits = Arc::new(RateLimits::new(&settings.limits, &settings.auth));
        let mut sweepers = vec![
            tokio::spawn(Arc::clone(&limits).evict_stale()),
            tokio::spawn(audio.clone().sweep()),
            tokio::spawn(delete_stale_uploads(uploads_dir.clone())),
            tokio::spawn(requests.clone().sweep()),
            tokio::spawn(conversations.clone().sweep_idle(idle)),
        ];
        if settings.retention_days > 0 {
            let keep = Duration::from_secs(settings.retention_days * 24 * 3_600);
            sweepers.push(tokio::spawn(delete_expired_sessions(db.clone(), keep)));
        }
        let (auth, accounts) = build_auth(settings, &db, &data_dir)?;
        let state = AppState {
            accounts,
            auth,
            db,
            idempotency: requests,
            conversations,
            audio,
            uploads: Uploads::new(uploads_dir),
            audio_wait_timeout: match settings.respond_before_audio {
                true => Duration::from_secs(settings.text_to_speech.timeout_seconds),
                false => Duration::ZERO,
            },
            provider_names: providers.provider_names,
            rate_limits: limits,
            body_limits: BodyLimits::new(&settings.limits),
            max_upload_bytes: settings.max_upload_mib * 1024 * 1024,
            shutting_down: Arc::default(),
        };
        if let Some(wanted) = settings.metrics.address {
            sweepers.push(tokio::spawn(serve_metrics(wanted, &state)?));
        }
        Ok(Self {
            server: http_server(listener, settings, &state).map_err(listen_error)?,
            address,
            state,
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
    pub fn startup_banner(&self) -> String {
        let ProviderNames {
            speech_to_text,
            coach,
            text_to_speech,
        } = &self.state.provider_names;
        let base = format!("http://{}", self.address);
        let mut text = format!(
            "Kuku Coach is ready.\n  API             {base}/api\n  Docs            {base}/docs\n  Data            {}\n  \
             Reply audio     {}\n  Speech to text  {speech_to_text}\n  Coach           {coach}\n  Text to speech  {text_to_speech}",
            self.database,
            self.state.audio.address(),
        );
        if [speech_to_text, text_to_speech]
            .iter()
            .any(|name| *name == "none")
            || coach.starts_with("scripted")
        {
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
    /// A second signal, `force_shutdown`, ends the waiting for running turns.
    ///
    /// # Errors
    /// [`StartError`] if serving failed, or the private Postgres did not stop.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()>,
        force_shutdown: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        let handle = self.server.handle();
        let mut serving = tokio::spawn(self.server);
        let served = tokio::select! {
            served = &mut serving => served.map_err(io::Error::other).flatten(),
            () = stop => {
                self.state.shutting_down.store(true, Ordering::Release);
                self.sweepers.iter().for_each(JoinHandle::abort);
                tracing::info!("stopping: running turns are finished first");
                let drained = async {
                    handle.stop(true).await;
                    self.state.conversations.drain().await;
                };
                tokio::select! {
                    result = timeout(self.patience, drained) => if result.is_err() {
                        tracing::warn!("gave up waiting for running turns");
                    },
                    () = force_shutdown => tracing::warn!("stopping at once"),
                }
                Ok(())
            }
        };
        if timeout(Duration::from_secs(5), self.state.db.close())
            .await
            .is_err()
        {
            tracing::warn!("gave up waiting for database connections");
        }
        if let Some(cluster) = self.cluster {
            cluster.stop()?;
        }
        Ok(served?)
    }
}
