//! Server: from settings to running listeners, and to a clean stop.

mod auth;
mod background;
mod banner;
mod bounded_read_stream;
mod data_dir;
mod database;
mod error;
mod http10;
mod http_server;
mod metrics_server;
mod open_files;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::dev::Server;
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};

use crate::{
    database::connect,
    embedded_postgres::Cluster,
    http::{AppState, BodyLimits, RateLimits, UploadLimits},
    providers::Providers,
    repository::DatabaseService,
    services::{Conversations, IdempotencyService, Memories, SchemaWatch},
    settings::{AuthMode, Settings},
    storage::Uploads,
};

use background::{start_jobs, watch_models};
use data_dir::create_dir;
pub use data_dir::{audio_store, data_dir};
pub use database::DatabaseSource;
pub use error::StartError;
pub use open_files::{max_connections, raise_open_file_limit};

/// Longest wait for database connections at a stop.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes ring the TLS provider of the process: reqwest is built without one. To be called before
/// any HTTP client is created.
pub fn install_crypto_provider() {
    // Fails only if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A server that is ready to run: listening, with its database connected and migrated.
pub struct Application {
    server: Server,
    address: SocketAddr,
    state: AppState,
    database: String,
    accounts: String,
    not_ready: Option<&'static str>,
    cluster: Option<Cluster>,
    background_tasks: Vec<JoinHandle<()>>,
    shutdown_timeout: Duration,
}

impl Application {
    /// Listens, starts the embedded Postgres unless another database is set, connects, migrates and
    /// creates the providers.
    ///
    /// # Errors
    /// [`StartError`]; an embedded Postgres is stopped again.
    pub async fn build(settings: &Settings) -> Result<Self, StartError> {
        install_crypto_provider();
        // Not a check of the settings: other commands listen nowhere.
        if settings.is_exposed() {
            return Err(StartError::Exposed(settings.host));
        }
        let open_files = raise_open_file_limit().map_err(io::Error::from)?;
        let requested = SocketAddr::new(settings.host, settings.port);
        let listen_error = |error| StartError::Listen(requested, error);
        let listener = http_server::listen(requested).map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let data_dir = data_dir(settings)?;
        let uploads_dir = create_dir(&data_dir.join("uploads"), 0o700)?;
        let providers = Providers::new(settings, &uploads_dir)?;
        let source = DatabaseSource::resolve(settings).await?;
        let database = source.to_string();
        let DatabaseSource { options, cluster, .. } = source;
        let pool = connect(options, &settings.database).await?;
        let db = DatabaseService::new(pool, &settings.database)?;
        let models_in_use = providers.models_in_use.clone();
        let state = build_state(settings, db, providers, &data_dir, uploads_dir)?;
        if let Err(error) = state.schema.check().await {
            tracing::warn!(%error, "the schema could not be checked");
        }
        if let Err(error) = state.db.check_for_underived_keys().await {
            tracing::warn!(%error, "the keys of sessions could not be checked");
        }
        let not_ready = banner::why_not_ready(&state).await;
        let mut background_tasks = start_jobs(&state, settings);
        background_tasks.push(watch_models(models_in_use));
        if let Some(address) = settings.metrics.address {
            let metrics = metrics_server::serve_metrics(address, &state)?;
            background_tasks.push(tokio::spawn(metrics));
        }
        Ok(Self {
            server: http_server::http_server(
                listener,
                settings,
                &state,
                max_connections(open_files),
            )
            .map_err(listen_error)?,
            address,
            state,
            database,
            accounts: auth::describe(settings, &data_dir),
            not_ready,
            cluster,
            background_tasks,
            shutdown_timeout: Duration::from_secs(settings.shutdown_seconds),
        })
    }

    /// Address of the API, with the real port where the settings have port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready, then finishes running turns, closes the database and stops the
    /// embedded Postgres.
    ///
    /// `force_shutdown` ends the wait for running turns.
    ///
    /// # Errors
    /// [`StartError`] if serving failed, or the embedded Postgres did not stop.
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
                self.background_tasks.iter().for_each(JoinHandle::abort);
                tracing::info!("stopping: waiting for running turns");
                let drained = async {
                    handle.stop(true).await;
                    self.state.conversations.drain().await;
                    self.state.memories.drain().await;
                };
                tokio::select! {
                    result = timeout(self.shutdown_timeout, drained) => if result.is_err() {
                        tracing::warn!("running turns were aborted: shutdown time-out");
                    },
                    () = force_shutdown => tracing::warn!("running turns were aborted: forced"),
                }
                Ok(())
            }
        };
        if timeout(CLOSE_TIMEOUT, self.state.db.close()).await.is_err() {
            tracing::warn!("database connections were not closed in time");
        }
        if let Some(cluster) = self.cluster {
            cluster.stop()?;
        }
        Ok(served?)
    }
}

/// Creates the services that handlers use.
fn build_state(
    settings: &Settings,
    db: DatabaseService,
    providers: Providers,
    data_dir: &Path,
    uploads_dir: PathBuf,
) -> Result<AppState, StartError> {
    let audio = audio_store(settings)?;
    let idempotency = IdempotencyService::new(
        db.clone(),
        Duration::from_secs(settings.idempotency_retention_hours * 3_600),
    );
    let conversations = Conversations::new(
        db.clone(),
        idempotency.clone(),
        &providers,
        audio.clone(),
        settings,
        Handle::current(),
    );
    let memories = Memories::new(db.clone(), &providers, settings);
    let (auth, accounts) = auth::build_auth(settings, &db, data_dir)?;
    let audio_wait_timeout = match settings.respond_before_audio {
        true => Duration::from_secs(settings.text_to_speech.timeout_seconds),
        false => Duration::ZERO,
    };
    Ok(AppState {
        schema: SchemaWatch::new(db.clone(), settings.auth_mode() != AuthMode::Off),
        accounts,
        auth,
        db,
        idempotency,
        conversations,
        memories,
        audio,
        uploads: Uploads::new(uploads_dir, settings.limits.min_free_disk_mib * 1024 * 1024),
        audio_wait_timeout,
        providers,
        web_app: settings.web_app,
        web_access: Arc::new(settings.web_access()),
        rate_limits: Arc::new(RateLimits::new(&settings.limits, &settings.auth)),
        refusals: Arc::default(),
        body_limits: BodyLimits::new(&settings.limits),
        upload_limits: UploadLimits::new(&settings.limits),
        searches: Arc::default(),
        page_reads: Arc::default(),
        max_upload_bytes: settings.max_upload_mib * 1024 * 1024,
        shutting_down: Arc::default(),
    })
}
