//! What listens: the API, and apart from it `/metrics`.

use std::{
    future::ready,
    io,
    net::{SocketAddr, TcpListener},
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use actix_http::{HttpService, Protocol, error::DispatchError};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App, Error, HttpServer,
    dev::{AppConfig, Server},
    middleware::from_fn,
    rt::net::TcpStream,
};
use socket2::{Domain, SockRef, Socket, Type};
use tracing_actix_web::TracingLogger;

use super::{StartError, bounded_read_stream::BoundedReadStream};
use crate::{
    http::{self, AppState, RequestLog},
    metrics,
    settings::Settings,
};

/// Longest wait for the head of a request.
const REQUEST_HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for a client to close its connection, as [`HttpServer`]'s.
const DISCONNECT_PATIENCE: Duration = Duration::from_secs(1);
/// PoolStatus that may wait to be accepted, as far as the system allows: a whole audience may come at once after a break. Those of
/// the standard library are 128.
const CONNECTIONS_WAITING: i32 = 4_096;
/// How often measurements are put into their buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Listens on `address`.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restarted server gets its port back at once.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(CONNECTIONS_WAITING)?;
    Ok(socket.into())
}

/// The API on `listener`.
pub(super) fn http_server(
    listener: TcpListener,
    settings: &Settings,
    state: &AppState,
) -> io::Result<Server> {
    let state = state.clone();
    let workers = available_parallelism().map_or(1, NonZero::get);
    let divided = Arc::new(Mutex::new(state.db.divide(workers)));
    let origins = settings.allowed_origins.clone();
    let pause = Duration::from_secs(settings.limits.body_idle_timeout_seconds);
    let server = Server::build()
        .workers(workers)
        .shutdown_timeout(settings.shutdown_seconds)
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    // What `HttpServer` puts together, with a stream of our own.
    let server = server.listen("api", listener, move || {
        // Called by each worker on its thread.
        let own = divided.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let state = AppState {
            // One that is started in the place of another has the shared connections.
            db: own.unwrap_or_else(|| state.db.clone()),
            ..state.clone()
        };
        let app = App::new()
            .wrap(from_fn(http::admission))
            .wrap(http::cors(&origins))
            .wrap(from_fn(http::response_headers))
            .wrap(TracingLogger::<RequestLog>::new())
            .configure(|config| http::configure(&state, config))
            .into_factory()
            .map_err(|error: Error| error.error_response());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .client_request_timeout(REQUEST_HEAD_PATIENCE)
            .client_disconnect_timeout(DISCONNECT_PATIENCE)
            // Hidden from actix-http's documentation, not from others: connections at rest would hold a stop up for as long as they are
            // kept alive.
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            prepare(&stream, pause);
            let peer = stream.peer_addr().ok();
            ready(Ok::<_, DispatchError>((
                BoundedReadStream::new(stream),
                Protocol::Http1,
                peer,
            )))
        })
        .and_then(http)
    })?;
    Ok(server.run())
}

/// Serves `/metrics` until it is dropped.
pub(super) fn serve_metrics(
    address: SocketAddr,
    state: &AppState,
) -> Result<impl Future<Output = ()> + use<>, StartError> {
    let listen_error = |source| StartError::Listen { address, source };
    let handle = metrics::install().map_err(|error| listen_error(io::Error::other(error)))?;
    let (rendering, services) = (handle.clone(), state.clone());
    let server = HttpServer::new(move || {
        App::new().configure(|config| http::configure_metrics(&rendering, &services, config))
    })
    .workers(1)
    .disable_signals()
    .bind(address)
    .map_err(listen_error)?
    .run();
    Ok(async move {
        let upkeep = async {
            // Measurements wait to be put into their buckets.
            let mut ticks = tokio::time::interval(METRICS_UPKEEP);
            loop {
                ticks.tick().await;
                handle.run_upkeep();
            }
        };
        tokio::select! {
            result = server => if let Err(error) = result {
                tracing::error!(%error, "metrics are not served any more");
            },
            () = upkeep => {}
        }
    })
}

/// Sends what is written at once, and closes a connection whose client takes nothing of its answer for as long as `pause`: actix has no
/// time-out for writing; the kernel has.
fn prepare(stream: &TcpStream, pause: Duration) {
    let socket = SockRef::from(stream);
    let prepared = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(pause)));
    if let Err(error) = prepared {
        tracing::warn!(%error, "a connection goes without its options");
    }
}
