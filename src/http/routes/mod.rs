//! Handlers, one file for each resource.

use actix_web::{HttpResponse, Resource, web};

use crate::http::response::error::ApiError;

pub(super) mod accounts;
pub(super) mod audio;
pub(super) mod docs;
pub(super) mod health;
pub(super) mod memories;
pub(super) mod messages;
pub(super) mod metrics;
pub(super) mod ratings;
pub(super) mod search;
pub(super) mod sessions;
pub(super) mod status;
pub(super) mod users;
pub(super) mod web_app;

/// A resource that answers other methods than the listed ones with status 405.
fn resource(path: &str, methods: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        Err::<HttpResponse, _>(ApiError::MethodNotAllowed(methods))
    }))
}
