//! `postgres`: runs the embedded Postgres in the foreground, for psql, sqlx-cli and scripts.

use tokio::signal::unix::{SignalKind, signal};

use super::{BoxError, output::print_line};
use crate::{embedded_postgres::Cluster, server::data_dir, settings::Settings};

pub async fn run(settings: &Settings) -> Result<(), BoxError> {
    let cluster = Cluster::start(&data_dir(settings)?).await?;
    // Nothing else goes to standard output: scripts read the URL from it.
    print_line(cluster.url())?;
    eprintln!("The embedded Postgres runs in {}. Stop with Ctrl-C.", cluster.folder().display());
    let mut terminations = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminations.recv() => {}
    }
    Ok(cluster.stop()?)
}
