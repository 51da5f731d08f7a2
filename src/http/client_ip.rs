//! IP address of a client, as seen by this server or reported by trusted proxies.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Header in which proxies report the client's address.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Headers that proxies add, and programs on this machine do not.
const PROXY_HEADERS: [&str; 4] = [X_FORWARDED_FOR, "forwarded", "via", "x-real-ip"];

/// Proxies whose `X-Forwarded-For` header is trusted.
#[derive(Clone)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Address of the client: the peer's, or the one that trusted proxies report. `None` if the
    /// peer's address is unknown.
    pub fn client_ip(&self, request: &HttpRequest) -> Option<IpAddr> {
        // A client may have begun the header with any bytes, and the proxy appended an address.
        let forwarded: Vec<_> = request
            .headers()
            .get_all(X_FORWARDED_FOR)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        Some(self.resolve_client_ip(request.peer_addr()?.ip(), &forwarded))
    }

    /// Address of a peer whose `X-Forwarded-For` is ignored, because it is not a trusted proxy.
    pub fn unnamed_proxy(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        let is_unnamed = request.headers().contains_key(X_FORWARDED_FOR) && !self.contains(peer);
        is_unnamed.then_some(peer)
    }

    /// Follows the chain of proxies from the nearest one, as far as each hop is trusted and parses.
    fn resolve_client_ip(&self, peer: IpAddr, forwarded: &[impl AsRef<str>]) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut chain = forwarded.iter().flat_map(|header| header.as_ref().split(',')).rev();
        while self.contains(client) {
            match chain.next().and_then(|hop| parse_hop(hop.trim())) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Whether a proxy forwarded this request, as far as its headers tell.
pub fn is_forwarded(request: &HttpRequest) -> bool {
    PROXY_HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

/// An address as proxies write it: `ip`, `ip:port`, `[ip]` or `[ip]:port`, an IPv6 one perhaps with
/// a zone.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let (address, port) = match (text.strip_prefix('['), text.matches(':').count()) {
        (Some(rest), _) => rest.split_once(']')?,
        (None, 1) => text.split_at(text.find(':')?),
        (None, _) => (text, ""),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return None;
    }
    address.split('%').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "198.51.100.1";
    const PEER: &str = "203.0.113.7";

    #[test]
    fn client_ip_is_peer_or_reported_by_trusted_proxy() {
        for (name, trusted, peer, forwarded, expected) in [
            ("direct", &[][..], PEER, &[][..], PEER),
            ("untrusted header", &[], PEER, &[CLIENT], PEER),
            ("mapped IPv4", &[], "::ffff:203.0.113.7", &[], PEER),
            ("one proxy", &["127.0.0.1/32"], "127.0.0.1", &[CLIENT], CLIENT),
            ("no header", &["127.0.0.1/32"], "127.0.0.1", &[], "127.0.0.1"),
            (
                "two proxies",
                &["127.0.0.1/32", "10.0.0.0/8"],
                "127.0.0.1",
                &["198.51.100.1, 10.1.2.3"],
                CLIENT,
            ),
            ("forged first hop", &["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1, 198.51.100.1"], CLIENT),
            ("garbage", &["10.0.0.0/8"], "10.0.0.1", &["x"], "10.0.0.1"),
            ("garbage behind one hop", &["10.0.0.0/8"], "10.0.0.1", &["x, 10.0.0.2"], "10.0.0.2"),
            ("port", &["10.0.0.0/8"], "10.0.0.1", &["198.51.100.1:80,10.0.0.2:8080"], CLIENT),
            ("two headers", &["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1", CLIENT], CLIENT),
        ] {
            let networks = trusted.iter().map(|n| n.parse().expect("a network"));
            let proxies = TrustedProxies(networks.collect());
            let client = proxies.resolve_client_ip(peer.parse().expect("an address"), forwarded);
            assert_eq!(client.to_string(), expected, "{name}");
        }
    }
}
