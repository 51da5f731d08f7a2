//! Models that are about to end: the day, as far as the server says it, and the replacement.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde::Deserialize;
use time::{Date, OffsetDateTime, macros::format_description};
use tokio::time::timeout;

use super::{client::OpenAiClient, client::parse_json, client::read_body, models::Models};

/// How long before its end a model is reported.
const NOTICE: time::Duration = time::Duration::days(60);
/// Longest wait for a server: most compatible servers do not have this route.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Replacements that OpenAI names, by the beginning of a model's name.
const REPLACEMENTS: &[(&str, &str)] = &[
    ("gpt-4o-mini-transcribe", "gpt-transcribe"),
    ("gpt-4o-transcribe", "gpt-transcribe"),
    ("whisper-1", "gpt-transcribe"),
    ("gpt-4o-mini-tts", "gpt-realtime-2.1-mini"),
    ("tts-1", "gpt-realtime-2.1-mini"),
    ("gpt-4o-mini", "gpt-6-luna"),
];

/// A model that a stage uses, and its server.
#[derive(Clone)]
pub struct ModelInUse {
    client: Arc<OpenAiClient>,
    models: Arc<Models>,
}

/// A model that is about to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelShutdown {
    model: String,
    date: Date,
    /// Variable of the setting that names the model.
    variable: String,
}

#[derive(Deserialize)]
struct ModelInfo {
    shutdown_date: Option<String>,
}

impl ModelInUse {
    pub(super) fn new(client: &Arc<OpenAiClient>, models: &Arc<Models>) -> Self {
        Self { client: Arc::clone(client), models: Arc::clone(models) }
    }

    /// The end of the model, if its server tells one that is near.
    async fn shutdown(&self) -> Option<ModelShutdown> {
        let model = self.models.current().to_owned();
        let date = timeout(TIMEOUT, self.shutdown_date(&model)).await.ok()??;
        let is_near = date <= OffsetDateTime::now_utc().date().saturating_add(NOTICE);
        let variable = self.models.variable().to_owned();
        is_near.then_some(ModelShutdown { model, date, variable })
    }

    /// `None` as well if the server cannot be reached, or does not have this route: then calls of
    /// the model tell more.
    async fn shutdown_date(&self, model: &str) -> Option<Date> {
        let response = self.client.get(&format!("/models/{model}")).await.ok()?;
        let response = response.error_for_status().ok()?;
        let info: ModelInfo = parse_json(&read_body(response).await.ok()?).ok()?;
        let date = info.shutdown_date?;
        Date::parse(date.get(..10)?, format_description!("[year]-[month]-[day]")).ok()
    }
}

impl ModelShutdown {
    /// What to do.
    pub fn advice(&self) -> String {
        let Self { model, variable, .. } = self;
        let replacement = REPLACEMENTS.iter().find(|(name, _)| model.starts_with(name));
        match replacement {
            Some((_, replacement)) => format!("Set {variable}={replacement}."),
            None => format!("Set {variable} to another model."),
        }
    }
}

impl fmt::Display for ModelShutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model {} ends on {}", self.model, self.date)
    }
}

/// The models in use that end within 60 days, as their servers say; within a few seconds.
pub async fn upcoming_shutdowns(models: &[ModelInUse]) -> Vec<ModelShutdown> {
    join_all(models.iter().map(ModelInUse::shutdown)).await.into_iter().flatten().collect()
}
