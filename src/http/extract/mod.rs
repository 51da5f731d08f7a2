//! Extractors: parts of a request that handlers take as parsed values.

pub(super) mod caller;
pub(super) mod cursor;
pub(super) mod discard_body;
pub(super) mod fields;
mod form_part;
pub(super) mod idempotency_key;
pub(super) mod json;
pub(super) mod query_params;
pub(super) mod recording;
pub(super) mod requested_language;
pub(super) mod session_id;
