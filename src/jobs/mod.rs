//! Background jobs: the scheduler, and jobs that are more than one call of a service.
//!
//! `server/background.rs` lists all jobs.

use std::{fmt::Display, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::{
    domain::Viewer,
    metrics::{self, CleanupKind},
    repository::{DatabaseService, DeletedBatch, RepositoryError, UnindexedSession},
};

/// Rows that one statement deletes, so that none takes long.
const BATCH_SIZE: i64 = 200;

/// Pause between two batches of sessions that are indexed, and before a batch that was in use.
const PAUSE: Duration = Duration::from_millis(200);

/// How often rows in use are tried again.
const MAX_TRIES: u32 = 5;

/// Sessions whose keys are rewritten at a time. Their turns wait meanwhile.
const KEY_BATCH_SIZE: i64 = 4;

/// Age at which a session without messages is deleted.
const EMPTY_SESSION_AGE: Duration = Duration::from_secs(24 * 60 * 60);

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
    let batch = || db.delete_expired_sessions(retention, BATCH_SIZE);
    delete_batches(CleanupKind::OldSessions, batch).await
}

/// Deletes sessions in which nothing was said for a day, in batches.
pub async fn delete_empty_sessions(db: &DatabaseService) -> Result<(), RepositoryError> {
    let batch = || db.delete_empty_sessions(EMPTY_SESSION_AGE, BATCH_SIZE);
    delete_batches(CleanupKind::EmptySessions, batch).await
}

/// Deletes refresh tokens of local accounts that have expired or were used a day ago, and anonymous
/// accounts without sessions that were not used for 30 days, in batches.
pub async fn delete_unused_logins(db: &DatabaseService) -> Result<(), RepositoryError> {
    let tokens = async || db.delete_old_refresh_tokens(BATCH_SIZE).await.map(DeletedBatch::all);
    delete_batches(CleanupKind::RefreshTokens, tokens).await?;
    let accounts = async || db.delete_unused_accounts(BATCH_SIZE).await.map(DeletedBatch::all);
    delete_batches(CleanupKind::AnonymousAccounts, accounts).await
}

/// Runs `delete_batch`, which deletes at most [`BATCH_SIZE`] rows, until it finds fewer. Rows in
/// use are tried again a few times: the jobs of a server that starts hold some for a moment.
async fn delete_batches<F: Future<Output = Result<DeletedBatch, RepositoryError>>>(
    kind: CleanupKind,
    delete_batch: impl Fn() -> F,
) -> Result<(), RepositoryError> {
    let (mut deleted, mut tries) = (0, 0);
    loop {
        let batch = delete_batch().await?;
        metrics::record_cleanup(kind, batch.deleted);
        deleted += batch.deleted;
        if batch.deleted < batch.found && tries < MAX_TRIES {
            tries += 1;
            sleep(PAUSE).await;
        } else if batch.found < BATCH_SIZE.unsigned_abs() || batch.deleted == 0 {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(?kind, deleted, "rows deleted in batches");
    }
    Ok(())
}

/// Indexes messages by the language of their session, which was not known when they were stored, or
/// has changed. Sessions from before languages were stored get theirs from what was said in them.
pub async fn index_by_language(db: &DatabaseService) -> Result<(), RepositoryError> {
    let mut indexed = 0;
    loop {
        let sessions = db.list_unindexed_sessions(BATCH_SIZE).await?;
        let before = indexed;
        for session in &sessions {
            match index_session(db, session).await {
                Ok(is_indexed) => indexed += u64::from(is_indexed),
                Err(error @ RepositoryError::Unavailable(_)) => return Err(error),
                // It must not keep the others from being indexed.
                Err(error) => {
                    let session = session.session_id.short();
                    tracing::warn!(session, %error, "session not indexed by its language");
                }
            }
        }
        if indexed == before {
            break;
        }
        // Turns go first.
        sleep(PAUSE).await;
    }
    if indexed > 0 {
        tracing::info!(indexed, "sessions indexed by their language");
    }
    Ok(())
}

/// Whether the session was indexed; false if a turn came between.
async fn index_session(
    db: &DatabaseService,
    session: &UnindexedSession,
) -> Result<bool, RepositoryError> {
    let mut found = session.language;
    if found.certain().is_none() {
        let messages = db.get_conversation_history(Viewer::Service, &session.session_id);
        found = found.after_all(&messages.await?.unwrap_or_default());
    }
    db.index_by_language(session, found).await
}

/// Derives the keys of sessions from their public ids, where an earlier version has stored random
/// ones, in batches. Nothing is left to do after the first time.
pub async fn derive_session_keys(db: &DatabaseService) -> Result<(), RepositoryError> {
    let mut rewritten = 0;
    while db.check_for_underived_keys().await? {
        let started = Instant::now();
        let batch = db.derive_session_keys(KEY_BATCH_SIZE).await?;
        if batch == 0 {
            // All in use, or another server has them.
            break;
        }
        rewritten += batch;
        // Half of the time is left to the database.
        sleep(started.elapsed()).await;
    }
    if rewritten > 0 {
        tracing::info!(rewritten, "keys of sessions derived from their ids");
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
