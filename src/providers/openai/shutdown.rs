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

/// A model that a stage uses, as its server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// Name of the model.
    pub model: String,
    /// Variable of the setting that names the model.
    pub variable: String,
    /// The day on which the model ends, if its server tells one.
    pub shutdown_date: Option<Date>,
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

    async fn status(&self) -> ModelStatus {
        let model = self.models.current().to_owned();
        let shutdown_date = timeout(TIMEOUT, self.shutdown_date(&model)).await.ok().flatten();
        ModelStatus { model, variable: self.models.variable().to_owned(), shutdown_date }
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

impl ModelStatus {
    /// The end of the model, if it is near.
    pub fn upcoming_shutdown(self) -> Option<ModelShutdown> {
        let Self { model, variable, shutdown_date } = self;
        let date = shutdown_date?;
        let is_near = date <= OffsetDateTime::now_utc().date().saturating_add(NOTICE);
        is_near.then_some(ModelShutdown { model, date, variable })
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

/// The models in use, as their servers describe them; within a few seconds.
pub async fn model_statuses(models: &[ModelInUse]) -> Vec<ModelStatus> {
    join_all(models.iter().map(ModelInUse::status)).await
}

/// The models in use that end within 60 days, as their servers say; within a few seconds.
pub async fn upcoming_shutdowns(models: &[ModelInUse]) -> Vec<ModelShutdown> {
    let statuses = model_statuses(models).await;
    statuses.into_iter().filter_map(ModelStatus::upcoming_shutdown).collect()
}
