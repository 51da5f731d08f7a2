//! Metrics server: `/metrics` on a listener of its own.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer};
use metrics_exporter_prometheus::PrometheusHandle;

use super::StartError;
use crate::{
    http::{self, AppState},
    metrics,
};

/// Interval at which recorded values are moved into their histogram buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Binds the listener of `/metrics`; the future serves it until it is dropped.
pub(super) fn serve_metrics(
    address: SocketAddr,
    state: &AppState,
) -> Result<impl Future<Output = ()> + use<>, StartError> {
    let listen_error = |source| StartError::Listen { address, source };
    let handle = metrics::install().map_err(|error| listen_error(io::Error::other(error)))?;
    let (renderer, state) = (handle.clone(), state.clone());
    let server = HttpServer::new(move || {
        App::new().configure(|config| http::configure_metrics(&renderer, &state, config))
    })
    .workers(1)
    .disable_signals()
    .bind(address)
    .map_err(listen_error)?
    .run();
    Ok(async move {
        tokio::select! {
            result = server => if let Err(error) = result {
                tracing::error!(%error, "metrics server failed");
            },
            () = run_upkeep(&handle) => {}
        }
    })
}

async fn run_upkeep(handle: &PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}
