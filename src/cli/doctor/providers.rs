//! Checks of the providers: set-up, and on request one call each.

use std::{env, f32::consts::TAU, io::Write, path::Path};

use nix::unistd::{AccessFlags, access};
use tokio::sync::mpsc::unbounded_channel;

use super::{BoxError, Report};
use crate::{
    domain::{AudioFormat, Language, pcm16_mono, wav_header},
    providers::{Prompt, ProviderError, ProviderNames, Providers, upcoming_shutdowns},
    server::data_dir,
    settings::{Settings, SpeechProvider, TextToSpeechProvider},
};

const PROVIDER_ADVICE: &str = "Set OPENAI_API_KEY, or see Providers in docs/configuration.md.";

const CALL_ADVICE: &str =
    "Check the settings that the error names; docs/providers.md says what is understood.";

pub(super) async fn check(report: &mut Report, settings: &Settings, call_providers: bool) {
    let folder = match data_dir(settings) {
        Ok(folder) => folder,
        Err(error) => return report.fail("there is no data folder", &error.to_string()),
    };
    let providers = match Providers::new(settings, &folder) {
        Ok(providers) => providers,
        Err(error) => {
            return report.fail("a provider cannot work with these settings", &error.to_string());
        }
    };
    check_names(report, &providers.names());
    check_programs(report, settings);
    for shutdown in upcoming_shutdowns(&providers.models_in_use).await {
        report.warn(&shutdown.to_string(), &shutdown.advice());
    }
    if call_providers {
        call(report, &providers, &folder).await;
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

/// Looks for the programs of providers that are local programs.
fn check_programs(report: &mut Report, settings: &Settings) {
    let (listens, speaks) = (&settings.speech_to_text, &settings.text_to_speech);
    for (stage, is_used, pipeline) in [
        ("speech to text", listens.provider == Some(SpeechProvider::Command), &listens.command),
        ("text to speech", speaks.provider == Some(TextToSpeechProvider::Command), &speaks.command),
    ] {
        let programs = pipeline.iter().filter(|_| is_used).flat_map(|pipeline| &pipeline.0);
        let missing = programs.filter_map(|program| program.first()).filter(|name| !is_there(name));
        for name in missing {
            report.fail(
                &format!("{stage}: there is no program {name}"),
                "Install it, or correct its name or path.",
            );
        }
    }
}

/// Whether a program can be run: by its path, or by its name in a folder of PATH.
fn is_there(program: &str) -> bool {
    let may_run = |path: &Path| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if program.contains('/') {
        return may_run(Path::new(program));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| may_run(&folder.join(program)))
}

/// Calls each stage once.
async fn call(report: &mut Report, providers: &Providers, folder: &Path) {
    if let Some(speech_to_text) = &providers.speech_to_text {
        match tone(folder) {
            Ok(file) => {
                let transcript =
                    speech_to_text.transcribe(file.path(), AudioFormat::Wav, None).await;
                report_call(report, "speech to text", transcript);
            }
            Err(error) => report.fail("a recording cannot be written", &error.to_string()),
        }
    }
    let (language, user_text) = (Language::English, "Hello.");
    let prompt =
        Prompt { language, summary: "", messages: &[], user_text, reply_number: 1, memory: None };
    // Streamed, as in turns.
    let (fragments, _) = unbounded_channel();
    report_call(report, "the coach", providers.coach.reply(prompt, &fragments).await);
    if let Some(text_to_speech) = &providers.text_to_speech {
        let (chunks, _) = unbounded_channel();
        report_call(report, "text to speech", text_to_speech.synthesize("Hi.", &chunks).await);
    }
}

fn report_call<T>(report: &mut Report, stage: &str, result: Result<T, ProviderError>) {
    match result {
        Ok(_) => report.ok(&format!("{stage} works")),
        Err(error) => report.fail(&format!("{stage} does not work: {error}"), CALL_ADVICE),
    }
}

/// A recording in a temporary file: a tone of a second, as WAV with 16 bits at 16 kHz.
fn tone(folder: &Path) -> Result<tempfile::NamedTempFile, BoxError> {
    const RATE: u16 = 16_000;
    let mut wav = wav_header(&pcm16_mono(RATE.into()), u32::from(RATE) * 2);
    for sample in 0..RATE {
        let level = (f32::from(sample) / f32::from(RATE) * 440.0 * TAU).sin() * 8_000.0;
        wav.extend((level as i16).to_le_bytes());
    }
    let mut file = tempfile::Builder::new().suffix(".wav").tempfile_in(folder)?;
    file.write_all(&wav)?;
    Ok(file)
}
