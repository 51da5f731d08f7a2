//! `/metrics`, on a separate listener that is not public.

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    http::AppState,
    metrics::{self, Gauges},
    telemetry,
};

/// Adds the route.
pub fn configure_metrics(
    handle: &PrometheusHandle,
    state: &AppState,
    config: &mut web::ServiceConfig,
) {
    config
        .app_data(web::Data::new(handle.clone()))
        .app_data(web::Data::new(state.clone()))
        .route("/metrics", web::get().to(show));
}

async fn show(handle: web::Data<PrometheusHandle>, state: web::Data<AppState>) -> HttpResponse {
    let (cached_sessions, turns_running) = state.conversations.stats();
    let connections = state.db.pool_status();
    metrics::record_gauges(&Gauges {
        connections_in_use: connections.in_use,
        connections_idle: connections.idle,
        pool_waiting: connections.waiting,
        cached_sessions,
        turns_running,
    });
    metrics::record_dropped_log_lines(telemetry::dropped_log_lines());
    metrics::record_process();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(handle.render())
}
