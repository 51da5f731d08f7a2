//! JSON envelope, errors, messages and event streams.

pub(super) mod envelope;
pub(super) mod error;
pub(super) mod message;
pub(super) mod sse;
