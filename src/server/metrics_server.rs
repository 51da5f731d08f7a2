//! Metrics server: `/metrics` on a listener of its own.

use std::{io, net::SocketAddr};

use actix_web::{App, HttpServer};

use super::{StartError, background::metrics_upkeep};
use crate::{
    http::{self, AppState},
    metrics,
};

/// Binds the listener of `/metrics`; the future serves it until it is dropped.
pub(super) fn serve_metrics(
    address: SocketAddr,
    state: &AppState,
) -> Result<impl Future<Output = ()> + use<>, StartError> {
    let listen_error = |error| StartError::Listen(address, error);
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
            () = metrics_upkeep(handle) => {}
        }
    })
}
