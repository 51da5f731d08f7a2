//! Middleware of every request.

pub(super) mod admission;
pub(super) mod cors;
pub(super) mod error_language;
pub(super) mod rate_limit;
pub(super) mod refusal_log;
pub(super) mod request_log;
pub(super) mod web_access;
