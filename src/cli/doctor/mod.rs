//! `doctor`: reports what is wrong or risky in this set-up, with advice.

mod database;
mod process;
mod providers;
mod schema;

use std::{fmt::Display, io, net::IpAddr, process::ExitCode};

use reqwest::Url;
use secrecy::ExposeSecret;

use super::{BoxError, output::print_line, printable::printable};
use crate::{
    accounts::SupabaseAccounts,
    auth::Authenticator,
    domain::{AudioFormat, MessageId},
    server::{StartError, audio_store},
    settings::{AuthMode, Settings, SupabaseSettings, WebAccess},
};

/// Findings, printed as they come, and counted. They may quote names in a database.
#[derive(Default)]
struct Report {
    failures: usize,
    warnings: usize,
    /// Why a finding could not be printed.
    output_error: Option<io::Error>,
}

impl Report {
    fn ok(&mut self, finding: &str) {
        self.print(format_args!("ok    {}", printable(finding)));
    }

    fn warn(&mut self, finding: &str, advice: &str) {
        self.warnings += 1;
        self.print(format_args!("warn  {}\n      {}", printable(finding), printable(advice)));
    }

    fn fail(&mut self, finding: &str, advice: &str) {
        self.failures += 1;
        self.print(format_args!("FAIL  {}\n      {}", printable(finding), printable(advice)));
    }

    fn print(&mut self, line: impl Display) {
        if let Err(error) = print_line(line) {
            self.output_error = Some(error);
        }
    }
}

/// Checks everything; the exit code is a failure if something does not work.
pub async fn run(settings: &Settings, call_providers: bool) -> Result<ExitCode, BoxError> {
    let mut report = Report::default();
    process::check(&mut report);
    database::check(&mut report, settings).await?;
    check_accounts(&mut report, settings).await;
    check_web_access(&mut report, &settings.web_access());
    check_audio_store(&mut report, settings).await;
    providers::check(&mut report, settings, call_providers).await;
    let (failures, warnings) = (report.failures, report.warnings);
    let (failures, warnings) = (count(failures, "failure"), count(warnings, "warning"));
    report.print(format_args!("\n{failures}, {warnings}"));
    if let Some(error) = report.output_error {
        return Err(error.into());
    }
    Ok(if report.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Such as `1 failure`, `2 failures`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

async fn check_accounts(report: &mut Report, settings: &Settings) {
    if settings.is_exposed() {
        report.fail("the server does not start", &StartError::Exposed(settings.host).to_string());
    }
    if settings.auth_mode() == AuthMode::Off {
        report.warn(
            "callers are not authenticated: search shows everybody's messages to everybody",
            "Set SUPABASE_URL, or KUKU_AUTH__MODE=optional for local accounts.",
        );
        return;
    }
    match &settings.supabase.url {
        Some(url) => report.ok(&format!("accounts are kept by Supabase at {url}")),
        None => return report.ok("accounts are kept in this database"),
    }
    check_project_encryption(report, &settings.supabase);
    check_public_keys(report, settings).await;
    check_publishable_key(report, &settings.supabase).await;
    check_legacy_keys(report, &settings.supabase);
}

fn check_project_encryption(report: &mut Report, supabase: &SupabaseSettings) {
    let url = supabase.url.as_deref().and_then(|url| Url::parse(url).ok());
    let is_local = |url: &Url| {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    if url.is_some_and(|url| url.scheme() == "http" && !is_local(&url)) {
        report.warn(
            "passwords and tokens are sent to Supabase without encryption",
            "SUPABASE_URL should begin with https://.",
        );
    }
}

/// Calls the project's auth service, as sign-up and login do.
async fn check_publishable_key(report: &mut Report, supabase: &SupabaseSettings) {
    let (Some(url), Some(key)) = (supabase.auth_url(), &supabase.anon_key) else {
        return report.warn(
            "sign-up and login are disabled: there is no key for Supabase",
            "Set SUPABASE_PUBLISHABLE_KEY.",
        );
    };
    match SupabaseAccounts::new(url, key.clone(), false).check_key().await {
        Ok(()) => report.ok("the project's auth service accepts SUPABASE_PUBLISHABLE_KEY"),
        Err(error) => report.fail(
            &format!("nobody can sign up or in: {error}"),
            "Compare SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY with the dashboard (API Keys).",
        ),
    }
}

/// Reports which web pages may call the API. With accounts, a page needs a token as well.
fn check_web_access(report: &mut Report, access: &WebAccess) {
    if access.refuses_other_origins && access.origins.is_none() {
        report.warn(
            "web pages of any origin may read all conversations",
            "Name the frontend's origins in KUKU_ALLOWED_ORIGINS instead of *.",
        );
    } else {
        report.ok(&format!("web pages that may call the API: {access}"));
    }
    if access.refuses_other_origins && access.hosts.is_none() {
        report.warn(
            "any Host is answered: a web page can have its own host name resolve to this server \
             (DNS rebinding), and read all conversations",
            "Set KUKU_ALLOWED_HOSTS to the host names of this server.",
        );
    }
}

fn check_legacy_keys(report: &mut Report, supabase: &SupabaseSettings) {
    for (key, name, new_name) in [
        (&supabase.anon_key, "SUPABASE_ANON_KEY", "SUPABASE_PUBLISHABLE_KEY"),
        (&supabase.service_role_key, "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"),
    ] {
        // A legacy key is a JWT, whose base64 starts like this.
        if key.as_ref().is_some_and(|key| key.expose_secret().starts_with("eyJ")) {
            report.warn(
                &format!("{name} is a legacy key, which Supabase is going to disable"),
                &format!("Set {new_name} to a new key (dashboard, Project Settings, API Keys)."),
            );
        }
    }
}

/// Fetches the keys that tokens of the Supabase project are verified with.
async fn check_public_keys(report: &mut Report, settings: &Settings) {
    let has_secret = settings.supabase.jwt_secret.is_some();
    match Authenticator::new(settings, None).count_public_keys().await {
        None => {}
        Some(Ok(0)) if has_secret => {
            report.ok("the project has no public keys; tokens are verified with the secret");
        }
        Some(Ok(0)) => report.fail(
            "the project has no public keys: its tokens cannot be verified",
            "Set SUPABASE_JWT_SECRET, or create signing keys (dashboard, JWT Keys).",
        ),
        Some(Ok(keys)) => report.ok(&format!("the project has {keys} public keys for tokens")),
        Some(Err(reason)) => report.fail(
            &format!("the public keys of the project cannot be fetched: {reason}"),
            "Check SUPABASE_URL, and that this machine reaches it.",
        ),
    }
}

async fn check_audio_store(report: &mut Report, settings: &Settings) {
    match write_test_audio(settings).await {
        Ok(address) => report.ok(&format!("reply audio can be stored in {address}")),
        Err(error) => report.fail(
            &format!("reply audio cannot be stored: {error}"),
            "Replies will have no audio. See KUKU_AUDIO_STORE in docs/configuration.md.",
        ),
    }
}

/// Writes and deletes a small object; returns the store's address.
async fn write_test_audio(settings: &Settings) -> Result<String, BoxError> {
    let store = audio_store(settings)?;
    let id = MessageId::generate();
    store.publish_silence(&id, AudioFormat::Mp3).await?;
    store.remove_one(&id).await;
    Ok(store.address().to_owned())
}
