//! Rate limits: requests and login attempts per client address, turns per session.
//!
//! The defaults are far above what a family behind one address needs. Requests from this machine
//! are not limited, unless a proxy forwards them. Clients of a proxy that is not trusted share the
//! limits of its address. Checks over the limit return [`ApiError::TooManyRequests`].

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Once,
    time::Duration,
};

use actix_web::HttpRequest;
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};

use crate::{
    domain::SessionId,
    http::{
        client_ip::{TrustedProxies, is_forwarded},
        response::error::ApiError,
    },
    settings::{AuthSettings, LimitSettings},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Rate limits of one server; `None` stands for no limit.
pub struct RateLimits {
    requests: Option<DefaultKeyedRateLimiter<IpAddr>>,
    turns: Option<DefaultKeyedRateLimiter<String>>,
    logins: Option<DefaultKeyedRateLimiter<IpAddr>>,
    sessions: Option<DefaultKeyedRateLimiter<IpAddr>>,
    trusted_proxies: TrustedProxies,
    unnamed_proxy_warning: Once,
}

impl RateLimits {
    /// Limits with full counters.
    pub fn new(settings: &LimitSettings, auth: &AuthSettings) -> Self {
        let quota = |per_minute| NonZeroU32::new(per_minute).map(Quota::per_minute);
        Self {
            requests: quota(settings.requests_per_minute).map(DefaultKeyedRateLimiter::keyed),
            turns: quota(settings.turns_per_minute).map(DefaultKeyedRateLimiter::keyed),
            logins: quota(auth.login_attempts_per_minute).map(DefaultKeyedRateLimiter::keyed),
            sessions: per_day(settings.sessions_per_day).map(DefaultKeyedRateLimiter::keyed),
            trusted_proxies: TrustedProxies(settings.trusted_proxies.clone()),
            unnamed_proxy_warning: Once::new(),
        }
    }

    /// Counts a request of a client.
    pub fn check_request(&self, request: &HttpRequest) -> Result<(), ApiError> {
        self.warn_of_unnamed_proxy(request);
        check(self.requests.as_ref(), self.client_key(request))
    }

    /// Counts a turn of a session.
    pub fn check_turn(&self, request: &HttpRequest, id: &SessionId) -> Result<(), ApiError> {
        let key = self.client_key(request).map(|_| id.as_str().to_owned());
        check(self.turns.as_ref(), key)
    }

    /// Counts a session that a client begins.
    pub fn check_session(&self, request: &HttpRequest) -> Result<(), ApiError> {
        check(self.sessions.as_ref(), self.client_key(request))
    }

    /// Counts a sign-up, login or refresh of a client.
    pub fn check_login(&self, request: &HttpRequest) -> Result<(), ApiError> {
        check(self.logins.as_ref(), self.client_key(request))
    }

    /// Address of the client: the peer's, or the one that trusted proxies report.
    pub fn client_ip(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.trusted_proxies.client_ip(request)
    }

    /// Evicts counters that are full again.
    pub fn evict_stale(&self) {
        for limiter in [&self.requests, &self.logins, &self.sessions].into_iter().flatten() {
            limiter.retain_recent();
        }
        if let Some(turns) = &self.turns {
            turns.retain_recent();
        }
    }

    /// Key under which a client is counted; `None` for clients on this machine. A proxy on this
    /// machine is none: who it forwards for may be anybody, whatever the header says.
    pub fn client_key(&self, request: &HttpRequest) -> Option<IpAddr> {
        let client = self.client_ip(request)?;
        let is_local = client.is_loopback() && !is_forwarded(request);
        (!is_local).then(|| network_of(client))
    }

    /// Warns once: behind a proxy that is not named, all clients share one limit.
    fn warn_of_unnamed_proxy(&self, request: &HttpRequest) {
        if self.unnamed_proxy_warning.is_completed() {
            return;
        }
        if let Some(proxy) = self.trusted_proxies.unnamed_proxy(request) {
            self.unnamed_proxy_warning.call_once(|| {
                tracing::warn!(
                    %proxy,
                    "X-Forwarded-For is ignored: KUKU_LIMITS__TRUSTED_PROXIES does not name its \
                     sender. If that is a proxy, all its clients share the limits of one address"
                );
            });
        }
    }
}

/// What is counted as one client: an IPv4 address, or the /64 network that IPv6 customers usually
/// own.
pub(super) fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// `count` at once, and again in the course of a day; `None` for 0.
fn per_day(count: u32) -> Option<Quota> {
    let count = NonZeroU32::new(count)?;
    Some(Quota::with_period(DAY / count.get())?.allow_burst(count))
}

fn check<K: Hash + Eq + Clone>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: Option<K>,
) -> Result<(), ApiError> {
    let (Some(limiter), Some(key)) = (limiter, key) else {
        return Ok(());
    };
    limiter.check_key(&key).map_err(|not_until| {
        let wait = not_until.wait_time_from(limiter.clock().now());
        ApiError::TooManyRequests(wait.as_secs() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_is_an_address_or_an_ipv6_network() {
        for (client, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "127.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            // As a listener on [::] sees IPv4 clients.
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            let network = network_of(client.parse().expect("an address"));
            assert_eq!(network.to_string(), expected, "{client}");
        }
    }
}
