//! Extractors: what a handler takes from a request.

pub(super) mod caller;
pub(super) mod cursor;
pub(super) mod json_body;
pub(super) mod query_params;
pub(super) mod recording;
