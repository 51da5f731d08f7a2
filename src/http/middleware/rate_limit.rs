//! Bounds on what clients may ask for: so many requests a minute, so many uploads at once, and no dawdling.
//!
//! The rates are far above what a family behind one address does with the coach. Callers on this machine have none,
//! unless a trusted proxy speaks for somebody else.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};
use ipnet::IpNet;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{interval, timeout},
};

use crate::http::{AppState, response::error::ApiError};
use crate::{
    domain::SessionId,
    settings::{AuthSettings, LimitSettings},
};

/// How often counters that are full again are forgotten.
const FORGET_INTERVAL: Duration = Duration::from_secs(60);
/// A whole body may take so many times the longest pause.
const BODY_PAUSES: u32 = 15;
/// Largest head of a request: a token has up to 2 kB.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// The bounds of one server.
pub struct RateLimits {
    /// `None`: no limit.
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    sessions: Option<DefaultKeyedRateLimiter<String>>,
    attempts: Option<DefaultKeyedRateLimiter<IpAddr>>,
    trusted_proxies: Vec<IpNet>,
    uploads: Arc<Semaphore>,
    body_pause: Duration,
}

impl RateLimits {
    /// With full counters.
    pub fn new(settings: &LimitSettings, auth: &AuthSettings) -> Self {
        let quota = |per_minute| NonZeroU32::new(per_minute).map(Quota::per_minute);
        Self {
            addresses: quota(settings.requests_per_minute).map(DefaultKeyedRateLimiter::keyed),
            sessions: quota(settings.turns_per_minute).map(DefaultKeyedRateLimiter::keyed),
            attempts: quota(auth.login_attempts_per_minute).map(DefaultKeyedRateLimiter::keyed),
            trusted_proxies: settings.trusted_proxies.clone(),
            uploads: Arc::new(Semaphore::new(settings.concurrent_uploads)),
            body_pause: Duration::from_secs(settings.body_idle_timeout_seconds),
        }
    }

    /// Counts a turn of a session.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] beyond the rate.
    pub fn turn(&self, request: &HttpRequest, id: &SessionId) -> Result<(), ApiError> {
        match (&self.sessions, self.caller_of(request)) {
            (Some(sessions), Some(_)) => wait_of(sessions, &id.as_str().to_owned()),
            _ => Ok(()),
        }
    }

    /// Counts a try to sign up or in.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] beyond the rate.
    pub fn attempt(&self, request: &HttpRequest) -> Result<(), ApiError> {
        match (&self.attempts, self.caller_of(request)) {
            (Some(attempts), Some(caller)) => wait_of(attempts, &caller),
            _ => Ok(()),
        }
    }

    fn request(&self, request: &HttpRequest) -> Result<(), ApiError> {
        match (&self.addresses, self.caller_of(request)) {
            (Some(addresses), Some(caller)) => wait_of(addresses, &caller),
            _ => Ok(()),
        }
    }

    /// A place for an upload, for as long as the value lives.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] if all are taken.
    pub fn upload(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.uploads)
            .try_acquire_owned()
            .map_err(|_| ApiError::Overloaded)
    }

    /// Waits for the next piece of a body, no longer than the longest pause.
    ///
    /// # Errors
    /// [`ApiError::RequestTimeout`]
    pub async fn piece<T>(&self, next: impl Future<Output = T>) -> Result<T, ApiError> {
        timeout(self.body_pause, next)
            .await
            .map_err(|_| ApiError::RequestTimeout)
    }

    /// Waits for a whole body.
    ///
    /// # Errors
    /// [`ApiError::RequestTimeout`]
    pub async fn whole<T>(
        &self,
        body: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        timeout(self.body_pause * BODY_PAUSES, body)
            .await
            .unwrap_or(Err(ApiError::RequestTimeout))
    }

    /// Forgets counters that nobody needs; never returns.
    pub async fn forget(self: Arc<Self>) {
        let mut ticks = interval(FORGET_INTERVAL);
        loop {
            ticks.tick().await;
            if let Some(addresses) = &self.addresses {
                addresses.retain_recent();
            }
            if let Some(sessions) = &self.sessions {
                sessions.retain_recent();
            }
            if let Some(attempts) = &self.attempts {
                attempts.retain_recent();
            }
        }
    }

    /// The caller's address: the peer's, or the one that trusted proxies name.
    pub fn address_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let forwarded: Vec<&str> = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .collect();
        Some(self.caller(request.peer_addr()?.ip(), &forwarded))
    }

    /// Under which address a caller is counted; `None` for those on this machine.
    fn caller_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let caller = self.address_of(request)?;
        (!caller.is_loopback()).then_some(network_of(caller))
    }

    fn caller(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let trusted = |address: &IpAddr| {
            self.trusted_proxies
                .iter()
                .any(|network| network.contains(address))
        };
        let mut caller = peer.to_canonical();
        // From the nearest: each trusted proxy speaks for the one before it. What does not parse speaks for nobody.
        let mut chain = forwarded
            .iter()
            .flat_map(|header| header.split(','))
            .map(str::trim)
            .rev();
        while trusted(&caller) {
            match chain.next().map(str::parse::<IpAddr>) {
                Some(Ok(address)) => caller = address.to_canonical(),
                Some(Err(_)) | None => break,
            }
        }
        caller
    }
}

/// Lets a request in unless its caller sends too many, or the server is about to stop.
pub async fn admission(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<AppState>>();
    let admitted = state.map_or(Ok(()), |state| {
        let asks_how_it_is = matches!(request.path(), "/health" | "/ready");
        if state.shutting_down.load(Ordering::Acquire) && !asks_how_it_is {
            return Err(ApiError::ShuttingDown);
        }
        let head: usize = request
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        if head > MAX_HEAD_BYTES {
            return Err(ApiError::HeadersTooLarge);
        }
        state.rate_limits.request(request.request())
    });
    match admitted {
        Err(error) => Ok(request.error_response(error)),
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

/// One IPv6 customer has a whole /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

fn wait_of<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), ApiError> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(limiter.clock().now());
        ApiError::TooManyRequests(wait.as_secs() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn caller(trusted: &str, peer: &str, forwarded: &[&str]) -> Option<String> {
        let environment = [(
            "KUKU_LIMITS__TRUSTED_PROXIES".to_owned(),
            trusted.to_owned(),
        )];
        let settings = Settings::from_environment(environment.into()).expect("settings");
        let limits = RateLimits::new(&settings.limits, &settings.auth);
        let caller = limits.caller(peer.parse().expect("an address"), forwarded);
        (!caller.is_loopback()).then(|| network_of(caller).to_string())
    }

    #[test]
    fn the_caller_is_the_peer_or_whom_trusted_proxies_name() {
        for (name, trusted, peer, forwarded, expected) in [
            ("a peer", "", "203.0.113.7", &[][..], Some("203.0.113.7")),
            (
                "a liar",
                "",
                "203.0.113.7",
                &["198.51.100.1"],
                Some("203.0.113.7"),
            ),
            ("this machine", "", "127.0.0.1", &["198.51.100.1"], None),
            ("this machine by IPv6", "", "::1", &[], None),
            ("mapped", "", "::ffff:203.0.113.7", &[], Some("203.0.113.7")),
            (
                "a proxy",
                "127.0.0.1",
                "127.0.0.1",
                &["198.51.100.1"],
                Some("198.51.100.1"),
            ),
            (
                "a proxy that names nobody",
                "127.0.0.1",
                "127.0.0.1",
                &[],
                None,
            ),
            (
                "two proxies",
                "127.0.0.1,10.0.0.0/8",
                "127.0.0.1",
                &["198.51.100.1, 10.1.2.3"],
                Some("198.51.100.1"),
            ),
            (
                "a liar before a proxy",
                "10.0.0.0/8",
                "10.0.0.1",
                &["1.1.1.1, 198.51.100.1"],
                Some("198.51.100.1"),
            ),
            (
                "garbage",
                "10.0.0.0/8",
                "10.0.0.1",
                &["x"],
                Some("10.0.0.1"),
            ),
            (
                "several headers",
                "10.0.0.0/8",
                "10.0.0.1",
                &["1.1.1.1", "198.51.100.1"],
                Some("198.51.100.1"),
            ),
            (
                "a /64",
                "",
                "2001:db8:1:2:3:4:5:6",
                &[],
                Some("2001:db8:1:2::"),
            ),
        ] {
            assert_eq!(
                caller(trusted, peer, forwarded).as_deref(),
                expected,
                "{name}"
            );
        }
    }
}
