//! Request log: one line per request. Its request id is also on all other lines of the request, and
//! on the response.
//!
//! The log holds the route (`/api/sessions/{session_id}`), never the path or query string: a
//! session id gives access to the conversation, and a search query may quote it.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method, Version,
        header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::Next,
    web,
};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{
    http::{AppState, response::error::ApiError},
    metrics, telemetry,
};

/// Longest text of a client in the log, in bytes.
const MAX_LOGGED_BYTES: usize = 200;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Creates the span of a request, and logs its response.
pub struct RequestLog;

/// Start and route of a request. Matching the route pattern is expensive, so it is done once.
struct RequestStart {
    at: Instant,
    route: String,
}

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let at = Instant::now();
        let route = request.match_pattern().unwrap_or_else(|| "unknown".into());
        let id =
            request.extensions().get::<RequestId>().map(RequestId::to_string).unwrap_or_default();
        let method = request.method();
        let logged = tracing::field::display(bounded(method.as_str()));
        let span = if telemetry::is_tracing() {
            let (name, label) = (format!("{} {route}", method_label(method)), method_label(method));
            let span = tracing::info_span!(
                "request",
                id,
                method = logged,
                route,
                otel.name = name,
                otel.kind = "server"
            );
            // The names of OpenTelemetry, which log lines do not have.
            span.set_attribute("http.request.method", label);
            span.set_attribute("http.route", route.clone());
            span
        } else {
            tracing::info_span!("request", id, method = logged, route)
        };
        request.extensions_mut().insert(RequestStart { at, route });
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => {
                let request = response.request();
                let Some(RequestStart { at, route }) = request.extensions_mut().remove() else {
                    return;
                };
                let (status, took) = (response.status().as_u16(), at.elapsed());
                log_response(response, status, took);
                if telemetry::is_tracing() {
                    span.set_attribute("http.response.status_code", i64::from(status));
                }
                metrics::record_request(route, method_label(request.method()), status, took);
            }
            Err(error) => tracing::warn!(
                status = error.as_response_error().status_code().as_u16(),
                "request completed"
            ),
        }
    }
}

fn log_response<B>(response: &ServiceResponse<B>, status: u16, took: Duration) {
    let request = response.request();
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let code = error.map(ApiError::code);
    code.into_iter().for_each(metrics::record_error);
    match (error, request.app_data::<web::Data<AppState>>()) {
        (Some(error), Some(state)) if error.is_refusal() => {
            state.refusals.record(state.rate_limits.client_ip(request), error.code());
        }
        _ => tracing::info!(status, code, duration_ms = took.as_millis(), "request completed"),
    }
}

/// The start of a client's text: a method, for one, may have any length.
fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LOGGED_BYTES)]
}

/// Label of a method; unknown methods share one, so that clients cannot create labels.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Middleware that sets the request id, `Cache-Control: no-store` and `nosniff` on responses, and
/// sends none in chunks to clients of HTTP/1.0.
pub async fn response_headers<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = request.extensions().get::<RequestId>().map(RequestId::to_string);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if let Some(value) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(REQUEST_ID, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if response.request().version() == Version::HTTP_10 {
        avoid_chunks(&mut response);
    }
    Ok(response)
}

/// Ends a response of unknown length with its connection: HTTP/1.0 has no chunks, but actix sends
/// them.
fn avoid_chunks<B: MessageBody>(response: &mut ServiceResponse<B>) {
    if response.response().body().size() == BodySize::Stream {
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
}
