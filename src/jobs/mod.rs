//! Background jobs.

mod expired_sessions;
mod search_index;

pub use expired_sessions::delete_expired_sessions;
pub use search_index::merge_search_index;
