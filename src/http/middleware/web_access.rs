//! Refusal of requests that foreign web pages cause, while callers are not authenticated.
//!
//! A browser names the page's origin in requests across origins, and in all but GET and HEAD. It
//! always names the host it was told to ask. Programs such as curl send no `Origin`, and HTTP/1.0
//! clients no `Host`.

use std::net::IpAddr;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    http::{
        header::{HOST, HeaderValue, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    web,
};

use crate::{
    http::{AppState, response::error::ApiError},
    settings::WebAccess,
};

/// Middleware that answers requests of foreign pages with 403, before anything is done.
pub async fn web_access(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<AppState>>();
    let checked = state.map_or(Ok(()), |state| {
        let refuse = |error| {
            // What is refused here does not reach the limit of requests.
            state.rate_limits.check_request(request.request()).and(Err(error))
        };
        state.web_access.check(request.head()).or_else(refuse)
    });
    match checked {
        Err(error) => Ok(request.error_response(error)),
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

impl WebAccess {
    /// Checks all hosts and origins of a request: an absolute URI names a host as well.
    fn check(&self, request: &RequestHead) -> Result<(), ApiError> {
        if let Some(allowed) = &self.hosts {
            let uri = request.uri.authority().map(|authority| host_name(authority.as_str()));
            let headers = request.headers.get_all(HOST).map(header_host);
            let is_allowed = |host: Option<String>| {
                host.is_some_and(|host| is_this_machine(&host) || allowed.contains(&host))
            };
            if !uri.into_iter().chain(headers).all(is_allowed) {
                return Err(ApiError::HostNotAllowed);
            }
        }
        let mut origins = request.headers.get_all(ORIGIN);
        if self.refuses_other_origins && !origins.all(|origin| self.allows(origin, request)) {
            return Err(ApiError::OriginNotAllowed);
        }
        Ok(())
    }

    /// Whether pages of this origin may make this request.
    pub(super) fn allows(&self, origin: &HeaderValue, request: &RequestHead) -> bool {
        let Some(allowed) = &self.origins else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        if allowed.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        let Some(page) = page.filter(|_| self.refuses_other_origins).and_then(host_name) else {
            return false;
        };
        // The port is not compared: nginx leaves it out of `$host`.
        let own = request.headers.get(HOST).and_then(header_host);
        is_this_machine(&page) || own == Some(page)
    }
}

fn header_host(value: &HeaderValue) -> Option<String> {
    host_name(value.to_str().ok()?)
}

/// Host of `host` or `host:port`, in lower case and without the dot of the DNS root; `None` if the
/// text is something else.
fn host_name(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    // Also refuses a user name, which would be before the host.
    let port = text.strip_prefix(host)?;
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return None;
    }
    Some(host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase())
}

/// Whether browsers take this host for this machine: loopback addresses, and the names that
/// RFC 6761 reserves for them.
fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
