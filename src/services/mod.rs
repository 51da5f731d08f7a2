//! What a person can do: hold a conversation, end it, rate it.
//!
//! One use case, one function. Services call the repository and the providers; HTTP is not known here.

mod claims;
mod conversation;
mod ratings;
mod reply_audio;
mod retention;
mod search_index;
mod sessions;
mod temporary_files;

pub use claims::{RequestError, Requests};
pub use conversation::{
    ConversationError, Conversations, Input, Place, Timing, TurnAnswer, TurnEvent,
};
pub use ratings::{RatingError, rate};
pub use reply_audio::{AudioError, AudioStoreError, ReplyAudio, id_of};
pub use retention::sweep_old_sessions;
pub use search_index::keep_search_index_merged;
pub use sessions::create_session;
pub use temporary_files::{Uploads, sweep_uploads};
