//! One log line a request, and a request id on it, on every line in between and on the answer.
//!
//! The address is logged as its route (`/api/sessions/{session_id}`), never as it came: a session's id opens the
//! conversation, and a search holds what was said.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{metrics, telemetry};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Builds the span of a request, and logs its end.
pub struct RequestLog;

/// When a request came, and for which route. Looking for the route costs as much as finding it does, so that is done once.
struct Arrived {
    at: Instant,
    route: String,
}

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let at = Instant::now();
        let route = request.match_pattern().unwrap_or_else(|| "unknown".into());
        let id = request
            .extensions()
            .get::<RequestId>()
            .map(RequestId::to_string)
            .unwrap_or_default();
        let method = request.method();
        let span = if telemetry::is_tracing() {
            let name = format!("{} {route}", method_of(method));
            tracing::info_span!("request", id, %method, route, otel.name = name, otel.kind = "server")
        } else {
            tracing::info_span!("request", id, %method, route)
        };
        request.extensions_mut().insert(Arrived { at, route });
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => {
                let request = response.request();
                let Some(Arrived { at, route }) = request.extensions_mut().remove() else {
                    return;
                };
                let (status, took) = (response.status().as_u16(), at.elapsed());
                tracing::info!(status, duration_ms = took.as_millis(), "answered");
                if telemetry::is_tracing() {
                    span.set_attribute("http.response.status_code", i64::from(status));
                }
                metrics::answered(route, method_of(request.method()), status, took);
            }
            Err(error) => tracing::warn!(
                status = error.as_response_error().status_code().as_u16(),
                "answered"
            ),
        }
    }
}

/// Methods that have a meaning here; a label is never what a client makes up.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Puts the request id on the answer, and keeps caches away from conversations.
pub async fn response_headers<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(RequestId::to_string);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if let Some(value) = id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert(REQUEST_ID, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(
        actix_web::http::header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Ok(response)
}
