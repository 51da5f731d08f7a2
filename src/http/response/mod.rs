//! Responses: JSON envelope, errors, messages, server-sent events.

pub(super) mod account;
pub(super) mod envelope;
pub(super) mod error;
mod error_conversions;
pub(super) mod error_language;
pub(super) mod history;
pub(super) mod message;
pub(super) mod pieces;
pub(super) mod session;
pub(super) mod sse;
