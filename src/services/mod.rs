//! Use cases, one function each. They call the repository, storage and providers, never actix.
//! [`RepositoryError::Unavailable`](crate::repository::RepositoryError) means that Postgres cannot
//! be reached in time.

pub mod audio;
mod conversation;
pub mod history;
mod idempotency;
mod lease;
mod memories;
mod ratings;
mod schema_watch;
pub mod sessions;
pub mod users;

pub use conversation::{
    ConversationError, Conversations, Timing, TurnEvent, TurnInput, TurnPermit, TurnResult,
};
pub use idempotency::{IdempotencyError, IdempotencyService};
pub use memories::Memories;
pub use ratings::{RatingError, rate};
pub use schema_watch::SchemaWatch;
