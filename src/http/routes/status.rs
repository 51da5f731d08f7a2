//! Status for the operator: database, providers, and the models' last days.

use actix_web::{HttpRequest, web};
use serde::Serialize;
use time::Date;
use utoipa::ToSchema;

use crate::http::{
    AppState,
    extract::caller::Caller,
    response::envelope::{Envelope, ErrorEnvelope, success},
    response::error::{ApiError, ApiResult},
    routes::{health::Readiness, resource},
};
use crate::{
    domain::Viewer,
    providers::{ModelStatus, model_statuses},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(resource("/api/status", "GET").route(web::get().to(show)));
}

/// Status of the server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// Version of this program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    database: DatabaseStatusResponse,
    coach: StageResponse,
    speech_to_text: StageResponse,
    text_to_speech: StageResponse,
    /// Models of OpenAI-compatible servers that are in use.
    models: Vec<ModelResponse>,
}

/// Whether the database can serve requests.
#[derive(Serialize, ToSchema)]
pub struct DatabaseStatusResponse {
    ready: bool,
    /// The code with which `/ready` fails, or by which it is degraded.
    #[schema(example = "DATABASE_UNAVAILABLE")]
    problem: Option<&'static str>,
}

/// A stage of a turn.
#[derive(Serialize, ToSchema)]
pub struct StageResponse {
    /// The provider and its model.
    #[schema(example = "openai (gpt-transcribe)")]
    provider: String,
    /// False: the server works without this stage, or with the scripted coach.
    available: bool,
}

/// A model of an OpenAI-compatible server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelResponse {
    #[schema(example = "gpt-transcribe")]
    model: String,
    /// Setting that names the model.
    #[schema(example = "KUKU_SPEECH_TO_TEXT__MODEL")]
    setting: String,
    /// The day on which the model ends; null if its server tells none.
    #[schema(value_type = Option<String>, format = Date, example = "2027-02-26")]
    shutdown_date: Option<String>,
    /// What to do, if that day is near.
    advice: Option<String>,
}

impl From<ModelStatus> for ModelResponse {
    fn from(status: ModelStatus) -> Self {
        Self {
            model: status.model.clone(),
            setting: status.variable.clone(),
            shutdown_date: status.shutdown_date.as_ref().map(Date::to_string),
            advice: status.upcoming_shutdown().map(|shutdown| shutdown.advice()),
        }
    }
}

/// Show the status to the operator: a caller with the service key or, without accounts, one on this
/// machine. The servers of the models are asked, 3 s at most.
#[utoipa::path(
    get, path = "/api/status", tag = "server",
    responses(
        (status = 200, body = Envelope<StatusResponse>),
        (status = 401, description = "TOKEN_NEEDED, BAD_TOKEN", body = ErrorEnvelope),
        (status = 403, description = "FORBIDDEN: not the operator", body = ErrorEnvelope),
    ),
)]
pub async fn show(caller: Caller, request: HttpRequest, state: web::Data<AppState>) -> ApiResult {
    match caller.viewer() {
        Viewer::Anonymous => return Err(ApiError::MissingToken),
        Viewer::Service if may_operate(&request, &state) => {}
        Viewer::Service | Viewer::User(_) => return Err(ApiError::Forbidden),
    }
    let readiness = Readiness::of(&state).await;
    let names = state.providers.names();
    let stage = |provider: String| StageResponse { available: provider != "none", provider };
    Ok(success(StatusResponse {
        version: env!("CARGO_PKG_VERSION"),
        database: DatabaseStatusResponse {
            ready: readiness.error.is_none(),
            problem: readiness.error.as_ref().map(ApiError::code).or(readiness.degraded),
        },
        coach: StageResponse {
            available: !names.coach.starts_with("scripted"),
            provider: names.coach,
        },
        speech_to_text: stage(names.speech_to_text),
        text_to_speech: stage(names.text_to_speech),
        models: model_statuses(&state.providers.models_in_use)
            .await
            .into_iter()
            .map(ModelResponse::from)
            .collect(),
    }))
}

/// Whether a caller who sees everything is the operator: one with the service key is, and without
/// accounts one on this machine.
pub(super) fn may_operate(request: &HttpRequest, state: &AppState) -> bool {
    state.auth.is_enabled() || state.rate_limits.client_key(request).is_none()
}
