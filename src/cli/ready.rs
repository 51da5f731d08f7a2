//! `ready`: health check of a container whose image has no HTTP client.

use std::{net::Ipv4Addr, time::Duration};

use super::BoxError;
use crate::settings::Settings;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(settings: &Settings) -> Result<(), BoxError> {
    // A server that listens on all addresses listens on this one.
    let host = match settings.host {
        host if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        host => host,
    };
    let url = format!("http://{}/ready", std::net::SocketAddr::new(host, settings.port));
    let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build()?;
    let response = client.get(&url).send().await.map_err(|_| format!("no response from {url}"))?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("{url} responded {status}").into()),
    }
}
