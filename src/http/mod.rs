//! REST API: routes, extractors, middleware and responses.
//!
//! docs/contract.md lists what the deployed frontend relies on.

mod body_limits;
mod client_ip;
mod extract;
mod middleware;
mod response;
mod routes;
mod upload_limits;

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use actix_web::web::{self, ServiceConfig};

use crate::{
    accounts::SharedAccounts,
    auth::Authenticator,
    providers::Providers,
    repository::DatabaseService,
    services::{Conversations, IdempotencyService, Memories, SchemaWatch},
    settings::WebAccess,
    shares::KeyedLocks,
    storage::{AudioStore, Uploads},
};

pub use body_limits::BodyLimits;
pub use middleware::{
    admission::admission,
    cors::cors,
    error_language::error_language,
    rate_limit::RateLimits,
    refusal_log::RefusalLog,
    request_log::{RequestLog, response_headers},
    web_access::web_access,
};
use response::error::not_found;
use routes::{
    accounts, audio, docs, health, memories, messages, ratings, search, sessions, status, users,
    web_app,
};
pub use routes::{docs::openapi, metrics::configure_metrics, search::Searcher};
pub use upload_limits::UploadLimits;

/// State of handlers; clones are cheap.
#[derive(Clone)]
pub struct AppState {
    /// Authenticates requests.
    pub auth: Arc<Authenticator>,
    /// Account provider; `None` without accounts.
    pub accounts: Option<SharedAccounts>,
    /// Repository.
    pub db: DatabaseService,
    /// Whether the schema is complete.
    pub schema: SchemaWatch,
    /// Requests with an idempotency key.
    pub idempotency: IdempotencyService,
    /// Turns and ends of sessions.
    pub conversations: Conversations,
    /// Memories of users.
    pub memories: Memories,
    /// Audio of the coach's replies.
    pub audio: AudioStore,
    /// Uploads in progress.
    pub uploads: Uploads,
    /// Longest wait for the audio of a stored reply; zero unless responses precede their audio.
    pub audio_wait_timeout: Duration,
    /// Providers, for their names.
    pub providers: Providers,
    /// Whether `/app/` serves the page.
    pub web_app: bool,
    /// Web pages and host names that are served.
    pub web_access: Arc<WebAccess>,
    /// Rate limits.
    pub rate_limits: Arc<RateLimits>,
    /// Log of refused requests.
    pub refusals: Arc<RefusalLog>,
    /// Time-outs of bodies.
    pub body_limits: BodyLimits,
    /// Permits of uploads.
    pub upload_limits: UploadLimits,
    /// Searches in progress: one of a user and of an address at a time.
    pub searches: Arc<KeyedLocks<Searcher>>,
    /// Reads of pages of long responses in progress: one for a client at a time.
    pub page_reads: Arc<KeyedLocks<IpAddr>>,
    /// Maximum size of a recording.
    pub max_upload_bytes: u64,
    /// Whether the server is shutting down.
    pub shutting_down: Arc<AtomicBool>,
}

/// Adds all routes.
pub fn configure(state: &AppState, config: &mut ServiceConfig) {
    config
        .app_data(web::Data::new(state.clone()))
        // Matched in order: the busiest routes come first.
        .configure(messages::routes)
        .configure(sessions::routes)
        .configure(health::routes)
        .configure(users::routes)
        .configure(memories::routes)
        .configure(accounts::routes)
        .configure(ratings::routes)
        .configure(search::routes)
        .configure(docs::routes)
        .configure(audio::routes)
        .configure(status::routes)
        .configure(|config| web_app::routes(state.web_app, config))
        .default_service(web::to(not_found));
}
