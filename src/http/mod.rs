//! REST in and out: routes, extractors, the envelope. `contract.md` is what the deployed frontend relies on.

mod accounts;
mod audio;
mod body;
mod caller;
mod cors;
mod cursor;
mod docs;
mod envelope;
mod error;
mod health;
mod limits;
mod lines;
mod messages;
mod metrics;
mod query;
mod ratings;
mod request_log;
mod search;
mod sessions;
mod turn_events;
mod upload;
mod users;

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
    services::{Conversations, ReplyAudio, Requests, Uploads},
};

pub use cors::cors;
pub use docs::openapi;
pub use limits::{Limits, admit};
pub use metrics::configure_metrics;
pub use request_log::{RequestLog, identify};

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
        .default_service(web::to(error::unknown_route));
}
