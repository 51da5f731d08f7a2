//! `/metrics`, on a listener of its own that the public does not reach.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::http::Services;
use crate::metrics::{self, Standing};

/// Adds the route.
pub fn configure_metrics(
    handle: &PrometheusHandle,
    services: &Services,
    config: &mut web::ServiceConfig,
) {
    config
        .app_data(web::Data::new(handle.clone()))
        .app_data(web::Data::new(services.clone()))
        .route("/metrics", web::get().to(show));
}

async fn show(handle: web::Data<PrometheusHandle>, services: web::Data<Services>) -> HttpResponse {
    let (sessions_at_hand, turns_running) = services.conversations.standing();
    let connections = services.db.connections();
    metrics::standing(&Standing {
        connections_in_use: connections.in_use,
        connections_idle: connections.idle,
        statements_waiting: connections.waiting,
        sessions_at_hand,
        turns_running,
    });
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(handle.render())
}
