//! One file of handlers for each group of routes.

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
