//! What every request passes through.

pub(super) mod cors;
pub(super) mod rate_limit;
pub(super) mod request_log;
