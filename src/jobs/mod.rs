//! Background jobs.

mod expired_sessions;
mod search_index;

pub use expired_sessions::sweep_old_sessions;
pub use search_index::keep_search_index_merged;
