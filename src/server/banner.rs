//! Start-up text: addresses, database, accounts, providers, and what is missing.

use super::Application;
use crate::{http::AppState, providers::ProviderNames, repository::NotReady};

impl Application {
    /// Start-up text: whether the server is ready, what it uses, and a hint if speech is not set
    /// up.
    pub fn startup_banner(&self) -> String {
        let names = self.state.providers.names();
        let ProviderNames { speech_to_text, coach, text_to_speech } = &names;
        let readiness = match self.not_ready {
            None => "Kuku Coach is ready.".to_owned(),
            Some(reason) => format!("Kuku Coach runs, but is NOT READY: {reason}."),
        };
        let page = match self.state.web_app {
            true => format!("http://{}/app/", self.address),
            false => "off (KUKU_WEB_APP)".to_owned(),
        };
        format!(
            "{readiness}\n  \
             Page            {page}\n  \
             API             http://{address}/api\n  \
             Docs            http://{address}/docs\n  \
             Data            {}\n  \
             Accounts        {}\n  \
             Web pages       {}\n  \
             Reply audio     {}\n  \
             Speech to text  {speech_to_text}\n  \
             Coach           {coach}\n  \
             Text to speech  {text_to_speech}\n\
             {}Stop with Ctrl-C.",
            self.database,
            self.accounts,
            self.state.web_access,
            self.state.audio.address(),
            hint(&names),
            address = self.address,
        )
    }
}

/// What is not set up, as a line; empty if nothing is missing.
fn hint(names: &ProviderNames) -> String {
    let missing: Vec<&str> = [
        ("speech to text", names.speech_to_text == "none"),
        ("the coach's model", names.coach.starts_with("scripted")),
        ("text to speech", names.text_to_speech == "none"),
    ]
    .into_iter()
    .filter_map(|(stage, is_missing)| is_missing.then_some(stage))
    .collect();
    match missing.as_slice() {
        [] => String::new(),
        [_, _, _] => "For real speech set OPENAI_API_KEY (or see docs/configuration.md). \
                      Text messages work without it.\n"
            .to_owned(),
        _ => {
            format!("Not set up: {}. See Providers in docs/configuration.md.\n", missing.join(", "))
        }
    }
}

/// What keeps `/ready` from being 200, which is also logged; `None` if nothing does.
pub(super) async fn why_not_ready(state: &AppState) -> Option<&'static str> {
    let reason = match state.db.readiness().await {
        None if state.schema.is_damaged() => "the schema is damaged, see the log",
        None => return None,
        Some(NotReady::Unreachable) => "the database cannot be reached",
        Some(NotReady::PendingMigrations) => "migrations are pending, run kuku-coach migrate",
    };
    tracing::error!(reason, "the server is not ready");
    Some(reason)
}
