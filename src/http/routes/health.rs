//! Health, readiness and server information.

use std::sync::atomic::Ordering;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::header::{Accept, Header, HeaderValue, LOCATION, Quality, VARY},
    web,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    response::envelope::ErrorEnvelope,
    response::error::{ApiError, ApiResult},
    routes::resource,
};
use crate::repository::NotReady;

pub fn routes(config: &mut web::ServiceConfig) {
    let get_and_head = |path| resource(path, "GET, HEAD");
    config
        .service(get_and_head("/").route(web::get().to(info)).route(web::head().to(info)))
        .service(get_and_head("/health").route(web::get().to(health)).route(web::head().to(health)))
        .service(get_and_head("/ready").route(web::get().to(ready)).route(web::head().to(ready)));
}

/// Health of the server.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
}

/// Readiness of the server.
#[derive(Serialize, ToSchema)]
pub struct Ready {
    #[schema(example = "ready")]
    status: &'static str,
    /// `DATABASE_READ_ONLY` while reads work and writes fail; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    degraded: Option<&'static str>,
}

/// Server information: API version and providers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    #[schema(example = "Kuku Coach API")]
    message: &'static str,
    #[schema(example = "1.0.0")]
    version: &'static str,
    #[schema(example = "/docs")]
    docs: &'static str,
    #[schema(example = "/health")]
    health: &'static str,
    #[schema(example = "scripted (offline: fixed questions, no model)")]
    coach: String,
    #[schema(example = "none")]
    speech_to_text: String,
    #[schema(example = "none")]
    text_to_speech: String,
}

/// Report that the process is running. `/ready` reports whether it can serve requests.
#[utoipa::path(get, path = "/health", tag = "server", responses((status = 200, body = Health)))]
pub async fn health() -> impl Responder {
    HttpResponse::Ok().json(Health { status: "healthy", timestamp: OffsetDateTime::now_utc() })
}

/// Report whether the server can serve requests: the database is reachable, all migrations are
/// applied, and the server is not shutting down.
#[utoipa::path(
    get, path = "/ready", tag = "server",
    responses(
        (status = 200, body = Ready),
        (status = 503, body = ErrorEnvelope,
            description = "DATABASE_UNAVAILABLE, MIGRATIONS_BEHIND, SCHEMA_DAMAGED or \
                SHUTTING_DOWN"),
    ),
)]
pub async fn ready(state: web::Data<AppState>) -> ApiResult {
    if state.shutting_down.load(Ordering::Acquire) {
        return Err(ApiError::ShuttingDown);
    }
    let Readiness { error, degraded } = Readiness::of(&state).await;
    match error {
        Some(error) => Err(error),
        None => Ok(HttpResponse::Ok().json(Ready { status: "ready", degraded })),
    }
}

/// Whether the database can serve requests.
pub struct Readiness {
    /// Why it cannot.
    pub error: Option<ApiError>,
    /// What does not work although it can.
    pub degraded: Option<&'static str>,
}

impl Readiness {
    /// The present readiness.
    pub async fn of(state: &AppState) -> Self {
        let error = match state.db.readiness().await {
            None if state.schema.is_damaged() => Some(ApiError::SchemaDamaged),
            None => None,
            Some(NotReady::Unreachable) => Some(ApiError::DatabaseUnavailable),
            Some(NotReady::PendingMigrations) => Some(ApiError::PendingMigrations),
        };
        // Not 503: a balancer would take every server out, and reads with them.
        let is_read_only = error.is_none() && state.db.is_read_only();
        Self { error, degraded: is_read_only.then_some("DATABASE_READ_ONLY") }
    }
}

/// Show API version and providers. A browser, which prefers HTML, is sent to the page.
#[utoipa::path(
    get, path = "/", tag = "server",
    responses(
        (status = 200, body = ServerInfo),
        (status = 303, description = "To `/app/`, if `Accept` prefers `text/html`"),
    ),
)]
pub async fn info(request: HttpRequest, state: web::Data<AppState>) -> impl Responder {
    let mut response = match state.web_app && prefers_html(&request) {
        true => HttpResponse::SeeOther().insert_header((LOCATION, "/app/")).finish(),
        false => server_info(&state),
    };
    if state.web_app {
        response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    }
    response
}

/// Whether the caller asks for HTML by name, and for JSON less or not at all. Programs that accept
/// anything get JSON.
fn prefers_html(request: &HttpRequest) -> bool {
    let Ok(Accept(items)) = Accept::parse(request) else {
        return false;
    };
    let quality = |name: &str| {
        let named = items.iter().filter(|item| item.item.essence_str() == name);
        named.map(|item| item.quality).max().unwrap_or(Quality::ZERO)
    };
    quality("text/html") > quality("application/json")
}

fn server_info(state: &AppState) -> HttpResponse {
    let providers = state.providers.names();
    HttpResponse::Ok().json(ServerInfo {
        message: "Kuku Coach API",
        // Version of the API, not of this program.
        version: "1.0.0",
        docs: "/docs",
        health: "/health",
        coach: providers.coach,
        speech_to_text: providers.speech_to_text,
        text_to_speech: providers.text_to_speech,
    })
}
