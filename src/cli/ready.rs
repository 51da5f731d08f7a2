//! `ready`: what a container's health check asks, without a program for it in the image.

use std::{net::Ipv4Addr, time::Duration};

use super::BoxError;
use crate::settings::Settings;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn run(settings: &Settings) -> Result<(), BoxError> {
    // A server that listens everywhere listens here.
    let host = match settings.host {
        host if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        host => host,
    };
    let url = format!(
        "http://{}/ready",
        std::net::SocketAddr::new(host, settings.port)
    );
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()?;
    let response = client
        .get(&url)
        .send()
        .await
        .map_err(|_| format!("no answer from {url}"))?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("{url} answers {status}").into()),
    }
}
