//! IP address of a client, as seen by this server or reported by trusted proxies.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Proxies whose `X-Forwarded-For` header is trusted.
#[derive(Clone)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Address of the client: the peer's, or the one that trusted proxies report. `None` if the
    /// peer's address is unknown.
    pub fn client_ip(&self, request: &HttpRequest) -> Option<IpAddr> {
        let forwarded: Vec<&str> = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .collect();
        Some(self.resolve_client_ip(request.peer_addr()?.ip(), &forwarded))
    }

    /// Follows the chain of proxies from the nearest one, as far as each hop is trusted and parses.
    fn resolve_client_ip(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut chain = forwarded.iter().flat_map(|header| header.split(',')).map(str::trim).rev();
        while self.0.iter().any(|network| network.contains(&client)) {
            match chain.next().map(str::parse::<IpAddr>) {
                Some(Ok(address)) => client = address.to_canonical(),
                Some(Err(_)) | None => break,
            }
        }
        client
    }
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
            ("two headers", &["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1", CLIENT], CLIENT),
        ] {
            let networks = trusted.iter().map(|n| n.parse().expect("a network"));
            let proxies = TrustedProxies(networks.collect());
            let client = proxies.resolve_client_ip(peer.parse().expect("an address"), forwarded);
            assert_eq!(client.to_string(), expected, "{name}");
        }
    }
}
