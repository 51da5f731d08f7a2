//! Checks of the providers: set-up, and on request one call each.

use tokio::sync::mpsc::unbounded_channel;

use super::Report;
use crate::{
    providers::{Prompt, ProviderNames, Providers},
    server::data_dir,
    settings::Settings,
};

const PROVIDER_ADVICE: &str = "Set OPENAI_API_KEY, or see Providers in docs/configuration.md.";

pub(super) async fn check(report: &mut Report, settings: &Settings, call_providers: bool) {
    let providers = data_dir(settings)
        .map_err(|error| error.to_string())
        .and_then(|folder| Providers::new(settings, &folder).map_err(|error| error.to_string()));
    let providers = match providers {
        Ok(providers) => providers,
        Err(error) => return report.fail("a provider cannot work with these settings", &error),
    };
    check_names(report, &providers.provider_names);
    if call_providers {
        call(report, &providers).await;
    }
}

fn check_names(report: &mut Report, names: &ProviderNames) {
    for (stage, name, effect) in [
        ("speech to text", &names.speech_to_text, "Recordings are refused; typed messages work."),
        ("text to speech", &names.text_to_speech, "Replies have no audio."),
    ] {
        match name.as_str() {
            "none" => report
                .warn(&format!("{stage}: no provider"), &format!("{effect} {PROVIDER_ADVICE}")),
            name => report.ok(&format!("{stage}: {name}")),
        }
    }
    if names.coach.starts_with("scripted") {
        report.warn("coach: scripted, fixed questions without a model", PROVIDER_ADVICE);
    } else {
        report.ok(&format!("coach: {}", names.coach));
    }
}

async fn call(report: &mut Report, providers: &Providers) {
    let prompt = Prompt { summary: "", messages: &[], user_text: "Hello.", reply_number: 1 };
    match providers.coach.reply(prompt).await {
        Ok(_) => report.ok("the coach replies"),
        Err(error) => report.fail(
            &format!("the coach does not reply: {error}"),
            "Check the key, the model and the base URL.",
        ),
    }
    if let Some(text_to_speech) = &providers.text_to_speech {
        let (chunks, _) = unbounded_channel();
        match text_to_speech.synthesize("Hi.", &chunks).await {
            Ok(_) => report.ok("text to speech works"),
            Err(error) => report.fail(
                &format!("text to speech does not work: {error}"),
                "Check the key, the model, the voice and the base URL.",
            ),
        }
    }
}
