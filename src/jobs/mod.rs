//! Background jobs.

mod expired_sessions;

pub use expired_sessions::delete_expired_sessions;
