//! Handlers, one file for each resource.

pub(super) mod accounts;
pub(super) mod audio;
pub(super) mod docs;
pub(super) mod health;
pub(super) mod messages;
pub(super) mod metrics;
pub(super) mod ratings;
pub(super) mod search;
pub(super) mod sessions;
pub(super) mod users;
