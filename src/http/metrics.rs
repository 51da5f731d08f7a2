//! `/metrics`, on a listener of its own that the public does not reach.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;

use super::Services;
use crate::metrics;

/// Adds the route.
pub fn configure_metrics(handle: &PrometheusHandle, services: &Services, config: &mut web::ServiceConfig) {
    config
        .app_data(web::Data::new(handle.clone()))
        .app_data(web::Data::new(services.clone()))
        .route("/metrics", web::get().to(show));
}

async fn show(handle: web::Data<PrometheusHandle>, services: web::Data<Services>) -> HttpResponse {
    let (at_hand, running) = services.conversations.standing();
    metrics::standing(services.db.connections(), at_hand, running);
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(handle.render())
}
