//! REST in and out: routes, extractors, the envelope. `contract.md` is what the deployed frontend relies on.

mod extract;
mod middleware;
mod response;
mod routes;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use actix_web::web::{self, ServiceConfig};

use crate::{
    accounts::SharedAccounts,
    auth::Authenticator,
    providers::ProviderNames,
    repository::DatabaseService,
    services::{Conversations, IdempotencyService},
    storage::{AudioStore, Uploads},
};

pub use middleware::{
    cors::cors,
    rate_limit::{RateLimits, admission},
    request_log::{RequestLog, response_headers},
};
use response::error::not_found;
use routes::{accounts, audio, docs, health, messages, ratings, search, sessions, users};
pub use routes::{docs::openapi, metrics::configure_metrics};

/// Everything that handlers need; cheap clones.
#[derive(Clone)]
pub struct AppState {
    /// Knows callers by their tokens.
    pub auth: Arc<Authenticator>,
    /// Who keeps the accounts; `None` where there are none.
    pub accounts: Option<SharedAccounts>,
    /// The repository.
    pub db: DatabaseService,
    /// Requests with an idempotency key.
    pub idempotency: IdempotencyService,
    /// Turns and endings.
    pub conversations: Conversations,
    /// The coach's spoken answers.
    pub audio: AudioStore,
    /// Uploads in progress.
    pub uploads: Uploads,
    /// How long after its line a speech may come; zero where no answer goes out before its sound.
    pub audio_wait_timeout: Duration,
    /// Who listens, coaches and speaks.
    pub provider_names: ProviderNames,
    /// Bounds on what clients may ask for.
    pub rate_limits: Arc<RateLimits>,
    /// Largest recording, in bytes.
    pub max_upload_bytes: u64,
    /// Whether the server is about to stop.
    pub shutting_down: Arc<AtomicBool>,
}

/// Adds all routes.
pub fn configure(state: &AppState, config: &mut ServiceConfig) {
    config
        .app_data(web::Data::new(state.clone()))
        // Tried one after another: first what is asked for most.
        .configure(messages::routes)
        .configure(sessions::routes)
        .configure(health::routes)
        .configure(users::routes)
        .configure(accounts::routes)
        .configure(ratings::routes)
        .configure(search::routes)
        .configure(docs::routes)
        .configure(audio::routes)
        .default_service(web::to(not_found));
}
