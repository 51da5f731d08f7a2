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
    auth::Auth,
    providers::About,
    repository::DatabaseService,
    services::{Conversations, Requests},
    storage::{ReplyAudio, Uploads},
};

pub use middleware::{
    cors::cors,
    rate_limit::{Limits, admit},
    request_log::{RequestLog, identify},
};
use response::error::unknown_route;
use routes::{accounts, audio, docs, health, messages, ratings, search, sessions, users};
pub use routes::{docs::openapi, metrics::configure_metrics};

/// Everything that handlers need; cheap clones.
#[derive(Clone)]
pub struct Services {
    /// Knows callers by their tokens.
    pub auth: Arc<Auth>,
    /// Who keeps the accounts; `None` where there are none.
    pub accounts: Option<SharedAccounts>,
    /// The repository.
    pub db: DatabaseService,
    /// Requests with an idempotency key.
    pub requests: Requests,
    /// Turns and endings.
    pub conversations: Conversations,
    /// The coach's spoken answers.
    pub audio: ReplyAudio,
    /// Uploads in progress.
    pub uploads: Uploads,
    /// How long after its line a speech may come; zero where no answer goes out before its sound.
    pub speech_patience: Duration,
    /// Who listens, coaches and speaks.
    pub about: About,
    /// Bounds on what clients may ask for.
    pub limits: Arc<Limits>,
    /// Largest recording, in bytes.
    pub max_upload_bytes: u64,
    /// Whether the server is about to stop.
    pub stopping: Arc<AtomicBool>,
}

/// Adds all routes.
pub fn configure(services: &Services, config: &mut ServiceConfig) {
    config
        .app_data(web::Data::new(services.clone()))
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
        .default_service(web::to(unknown_route));
}
