//! What a person can do: hold a conversation, end it, rate it.
//!
//! One use case, one function. Services call the repository and the providers; HTTP is not known here.

mod conversation;
mod leases;
mod ratings;
mod sessions;

pub use conversation::{
    ConversationError, Conversations, Timing, TurnEvent, TurnInput, TurnPermit, TurnResult,
};
pub use leases::{IdempotencyError, IdempotencyService};
pub use ratings::{RatingError, rate};
pub use sessions::create_session;
