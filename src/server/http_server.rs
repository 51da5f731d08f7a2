//! HTTP server of the API: listener, workers and connection options.

use std::{
    future::ready,
    io,
    net::{SocketAddr, TcpListener},
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use actix_http::{
    HttpService, Protocol, Request,
    error::{DispatchError, ParseError},
};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, apply_fn_factory, fn_service,
    map_config,
};
use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{AppConfig, Server, ServiceResponse},
    middleware::from_fn,
    rt::net::TcpStream,
};
use socket2::{Domain, SockRef, Socket, Type};
use tracing_actix_web::TracingLogger;

use super::bounded_read_stream::BoundedReadStream;
use crate::{
    http::{self, AppState, RequestLog},
    settings::{AuthMode, Settings},
};

/// Longest wait for the headers of a request.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a client to close its connection; the default of actix-web's `HttpServer`.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections that may wait to be accepted, as far as the system allows: many clients can
/// reconnect at once. The standard library's backlog is 128.
const ACCEPT_BACKLOG: i32 = 4_096;
/// Most connections of a worker; the default of actix-server.
const MAX_WORKER_CONNECTIONS: usize = 25_600;

/// Listens on `address`.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Lets a restarted server bind its port while old connections are in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(ACCEPT_BACKLOG)?;
    Ok(socket.into())
}

/// Starts the API on `listener`. Beyond `max_connections`, clients wait to be accepted.
///
/// Assembles what `HttpServer` would, with [`BoundedReadStream`] as the stream.
pub(super) fn http_server(
    listener: TcpListener,
    settings: &Settings,
    state: &AppState,
    max_connections: usize,
) -> io::Result<Server> {
    let state = state.clone();
    let workers = available_parallelism().map_or(1, NonZero::get);
    let users_sign_in = settings.auth_mode() != AuthMode::Off;
    let worker_databases = state.db.split_for_workers(workers, users_sign_in);
    let worker_databases = Arc::new(Mutex::new(worker_databases));
    let idle_timeout = Duration::from_secs(settings.limits.body_idle_timeout_seconds);
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections((max_connections / workers).clamp(1, MAX_WORKER_CONNECTIONS))
        .shutdown_timeout(settings.shutdown_seconds)
        .disable_signals();
    let shutdown = server.graceful_shutdown_signal();
    // The closure runs once per worker, on its thread.
    let server = server.listen("api", listener, move || {
        let database = worker_databases.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let state = AppState {
            // A worker that replaces a crashed one uses the shared connections.
            db: database.unwrap_or_else(|| state.db.clone()),
            ..state.clone()
        };
        let shutdown = shutdown.clone();
        let http = HttpService::build()
            .client_request_timeout(HEADERS_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            // Undocumented in actix-http: without it, idle keep-alive connections delay a shutdown.
            .graceful_shutdown_signal(move || {
                let shutdown = shutdown.clone();
                async move { shutdown.notified().await }
            })
            .finish(map_config(app(&state), |()| AppConfig::default()));
        let refusals = Arc::clone(&state.refusals);
        let http = apply_fn_factory(http, move |(stream, protocol, peer), http| {
            let (refusals, serving) = (Arc::clone(&refusals), http.call((stream, protocol, peer)));
            async move {
                let served = serving.await;
                if let Some(reason) = served.as_ref().err().and_then(refusal_reason) {
                    refusals.record(peer.map(|peer: SocketAddr| peer.ip()), reason);
                }
                served
            }
        });
        fn_service(move |stream: TcpStream| {
            set_socket_options(&stream, idle_timeout);
            let peer = stream.peer_addr().ok();
            let stream = BoundedReadStream::new(stream);
            ready(Ok::<_, DispatchError>((stream, Protocol::Http1, peer)))
        })
        .and_then(http)
    })?;
    Ok(server.run())
}

/// Why actix has refused a request before any of our code saw it; `None` for other ends of a
/// connection.
fn refusal_reason(error: &DispatchError) -> Option<&'static str> {
    match error {
        DispatchError::Parse(ParseError::TooLarge) => Some("HEAD_TOO_LARGE"),
        DispatchError::Parse(_) => Some("INVALID_HTTP"),
        _ => None,
    }
}

/// Routes and middleware of the API.
fn app(
    state: &AppState,
) -> impl ServiceFactory<
    Request,
    Config = AppConfig,
    Response = ServiceResponse<impl MessageBody + use<>>,
    Error = HttpResponse,
    InitError = (),
> + use<> {
    App::new()
        .wrap(from_fn(http::error_language))
        .wrap(from_fn(http::admission))
        .wrap(http::cors(&state.web_access))
        .wrap(from_fn(http::web_access))
        .wrap(from_fn(http::response_headers))
        .wrap(TracingLogger::<RequestLog>::new())
        .configure(|config| http::configure(state, config))
        .into_factory()
        .map_err(|error: Error| error.error_response())
}

/// Disables Nagle's algorithm, and closes a connection whose client does not read its response for
/// `write_timeout`: actix has no time-out for writes, so the kernel's is used.
fn set_socket_options(stream: &TcpStream, write_timeout: Duration) {
    let socket = SockRef::from(stream);
    let result = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(write_timeout)));
    if let Err(error) = result {
        tracing::warn!(%error, "socket options could not be set");
    }
}
