//! Background jobs: the scheduler, and jobs that are more than one call of a service.
//!
//! `server/background.rs` lists all jobs.

use std::{fmt::Display, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    metrics::{self, CleanupKind},
    repository::{DatabaseService, RepositoryError},
};

/// Sessions that one statement deletes, so that none takes long.
const BATCH_SIZE: i64 = 200;

/// Runs `job` on a clone of `context`, at once and then once per `period`, until the future is
/// dropped. A run that takes longer than `period` delays the next one. Failures are logged and do
/// not end the schedule.
pub async fn every<C: Clone, F: Future<Output = Result<(), E>>, E: Display>(
    period: Duration,
    name: &'static str,
    context: C,
    job: impl Fn(C) -> F,
) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = job(context.clone()).await {
            tracing::warn!(job = name, %error, "background job failed");
        }
    }
}

/// [`every`] for a job that returns how many items it cleaned up. The items are counted in
/// `kuku_cleanup_total`.
pub async fn clean_up_every<C: Clone, F: Future<Output = Result<u64, E>>, E: Display>(
    period: Duration,
    name: &'static str,
    kind: CleanupKind,
    context: C,
    job: impl Fn(C) -> F,
) {
    let counted = |context| {
        let run = job(context);
        async move {
            let count = run.await?;
            if count > 0 {
                metrics::record_cleanup(kind, count);
                tracing::info!(job = name, count, "background job cleaned up");
            }
            Ok::<(), E>(())
        }
    };
    every(period, name, context, counted).await;
}

/// Deletes sessions that ended more than `retention` ago, with their messages, in batches.
pub async fn delete_expired_sessions(
    db: &DatabaseService,
    retention: Duration,
) -> Result<(), RepositoryError> {
    let mut deleted = 0;
    loop {
        let batch = db.delete_expired_sessions(retention, BATCH_SIZE).await?;
        metrics::record_cleanup(CleanupKind::OldSessions, batch);
        deleted += batch;
        if batch < BATCH_SIZE.unsigned_abs() {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(sessions = deleted, "expired sessions deleted");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[tokio::test]
    async fn job_runs_at_once_and_again_after_failures() {
        let (runs, mut counted) = unbounded_channel();
        let job = |()| {
            runs.send(()).ok();
            ready(Err("unavailable"))
        };
        let three_runs = async {
            for _ in 0..3 {
                counted.recv().await;
            }
        };
        tokio::select! {
            () = every(Duration::from_millis(1), "test", (), job) => unreachable!("endless"),
            () = three_runs => {}
        }
    }
}
