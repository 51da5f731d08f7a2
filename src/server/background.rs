//! The list of all background jobs of the server.

use std::{convert::Infallible, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{spawn, task::JoinHandle};

use crate::{
    http::AppState,
    jobs::{
        clean_up_every, delete_empty_sessions, delete_expired_sessions, delete_unused_logins,
        derive_session_keys, every, index_by_language,
    },
    metrics::CleanupKind,
    providers::{ModelInUse, upcoming_shutdowns},
    settings::Settings,
    telemetry::report_dropped_log_lines,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const METRICS_UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Starts every job of the server but [`watch_models`] and [`metrics_upkeep`]. Aborting a task ends
/// its job.
pub(super) fn start_jobs(state: &AppState, settings: &Settings) -> Vec<JoinHandle<()>> {
    let audio_interval = MINUTE
        .min(Duration::from_secs(settings.audio_retention_seconds))
        .max(Duration::from_secs(1));
    let session_idle = Duration::from_secs(settings.session_idle_hours * 3_600);
    let retention = Duration::from_secs(settings.retention_days * 24 * 3_600);
    let mut jobs = vec![
        spawn(every(SECOND, "log refusals", Arc::clone(&state.refusals), |refusals| async move {
            refusals.log_counted();
            report_dropped_log_lines();
            Ok::<(), Infallible>(())
        })),
        spawn(every(
            MINUTE,
            "evict stale rate limits",
            Arc::clone(&state.rate_limits),
            |rate_limits| async move {
                rate_limits.evict_stale();
                Ok::<(), Infallible>(())
            },
        )),
        spawn(every(MINUTE, "check the schema", state.schema.clone(), |schema| async move {
            schema.check().await
        })),
        spawn(every(MINUTE, "check the database", state.db.clone(), |db| async move {
            // Logs and measures what it finds.
            db.readiness().await;
            Ok::<(), Infallible>(())
        })),
        spawn(every(MINUTE, "find moved shards", state.db.clone(), |db| async move {
            db.refresh_shard_map().await
        })),
        spawn(clean_up_every(
            audio_interval,
            "delete expired audio",
            CleanupKind::Audio,
            state.audio.clone(),
            |audio| async move { audio.delete_expired().await },
        )),
        spawn(clean_up_every(
            MINUTE,
            "delete stale uploads",
            CleanupKind::Uploads,
            state.uploads.clone(),
            |uploads| async move { uploads.delete_stale().await },
        )),
        spawn(clean_up_every(
            HOUR,
            "delete expired idempotency keys",
            CleanupKind::StoredAnswers,
            state.idempotency.clone(),
            |idempotency| async move { idempotency.delete_expired().await },
        )),
        spawn(clean_up_every(
            10 * MINUTE,
            "end idle sessions",
            CleanupKind::IdleSessions,
            state.conversations.clone(),
            move |conversations| async move { conversations.end_idle(session_idle).await },
        )),
        spawn(every(MINUTE, "derive session keys", state.db.clone(), |db| async move {
            derive_session_keys(&db).await
        })),
        spawn(every(MINUTE, "index by language", state.db.clone(), |db| async move {
            index_by_language(&db).await
        })),
        spawn(every(HOUR, "delete empty sessions", state.db.clone(), |db| async move {
            delete_empty_sessions(&db).await
        })),
    ];
    if state.memories.is_enabled() {
        let memories = state.memories.clone();
        jobs.push(spawn(every(SECOND, "merge memories", memories, |memories| async move {
            memories.start_merges().await
        })));
    }
    // In a Supabase project, accounts and their tokens are Supabase's.
    if settings.has_local_accounts() {
        jobs.push(spawn(every(HOUR, "delete unused logins", state.db.clone(), |db| async move {
            delete_unused_logins(&db).await
        })));
    }
    if settings.retention_days > 0 {
        jobs.push(spawn(every(
            HOUR,
            "delete expired sessions",
            state.db.clone(),
            move |db| async move { delete_expired_sessions(&db, retention).await },
        )));
    }
    jobs
}

/// Warns once a day of models that are about to end. The servers are asked in the background: some
/// cannot be reached, and no start waits for them.
pub(super) fn watch_models(models: Vec<ModelInUse>) -> JoinHandle<()> {
    spawn(every(DAY, "check the models", models.into(), |models: Arc<[ModelInUse]>| async move {
        for shutdown in upcoming_shutdowns(&models).await {
            tracing::warn!("{shutdown}. {}", shutdown.advice());
        }
        Ok::<(), Infallible>(())
    }))
}

/// Moves measurements into the histogram buckets of `/metrics`, while metrics are served.
pub(super) async fn metrics_upkeep(handle: PrometheusHandle) {
    every(METRICS_UPKEEP_INTERVAL, "metrics upkeep", handle, |handle| async move {
        handle.run_upkeep();
        Ok::<(), Infallible>(())
    })
    .await;
}
