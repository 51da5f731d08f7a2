//! `postgres`: the private Postgres in the foreground, for psql, sqlx-cli and scripts.

use tokio::signal::unix::{SignalKind, signal};

use super::BoxError;
use crate::{embedded_postgres::Cluster, server::data_dir, settings::Settings};

pub async fn run(settings: &Settings) -> Result<(), BoxError> {
    let cluster = Cluster::start(&data_dir(settings)?).await?;
    // Alone on standard output, for $(…).
    println!("{}", cluster.url());
    eprintln!(
        "The private Postgres runs in {}. Stop with Ctrl-C.",
        cluster.folder().display()
    );
    let mut terminations = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminations.recv() => {}
    }
    Ok(cluster.stop()?)
}
