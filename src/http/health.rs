//! Is it there, and what is it.

use actix_web::{HttpResponse, Responder, web};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{Services, error::only};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/")
                .route(web::get().to(about))
                .default_service(only("GET")),
        )
        .service(
            web::resource("/health")
                .route(web::get().to(health))
                .default_service(only("GET")),
        );
}

/// That the server is there.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
}

/// What this server is, and who listens, coaches and speaks on it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
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

/// The server is up. It says nothing about the database.
#[utoipa::path(get, path = "/health", tag = "server", responses((status = 200, body = Health)))]
pub async fn health() -> impl Responder {
    HttpResponse::Ok().json(Health {
        status: "healthy",
        timestamp: OffsetDateTime::now_utc(),
    })
}

/// What this server is.
#[utoipa::path(get, path = "/", tag = "server", responses((status = 200, body = Welcome)))]
pub async fn about(services: web::Data<Services>) -> impl Responder {
    let about = services.about.clone();
    HttpResponse::Ok().json(Welcome {
        message: "Kuku Coach API",
        // Of the API, which the frontend was built for; not of this program.
        version: "1.0.0",
        docs: "/docs",
        health: "/health",
        coach: about.coach,
        speech_to_text: about.speech_to_text,
        text_to_speech: about.text_to_speech,
    })
}
