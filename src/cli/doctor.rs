//! `doctor`: what is wrong or risky in this set-up, and what to do about it.

use std::process::ExitCode;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use time::OffsetDateTime;

use super::BoxError;
use crate::{
    database::{
        ConnectError, MigrationState, ReplicaDiagnostics, ServerDiagnostics, diagnose_replica,
        diagnose_server, migration_states,
    },
    domain::MessageId,
    providers::{Prompt, Providers},
    repository::{SchemaDiagnostics, diagnose_schema},
    server::{DatabaseSource, audio_store, data_dir},
    settings::{AuthMode, Settings},
};

/// A clock that is off by more makes tokens too old or too young.
const MOST_SKEW_SECONDS: i64 = 5;
/// A segment of the write-ahead log: a replica that keeps up is never so far behind.
const MOST_BYTES_BEHIND: i64 = 16 * 1024 * 1024;
/// Left to psql, to migrations and to a second server.
const SPARE_CONNECTIONS: i64 = 5;

/// What was looked at, line by line.
#[derive(Default)]
struct Report {
    failures: usize,
    warnings: usize,
}

impl Report {
    fn good(&self, what: &str) {
        println!("ok    {what}");
    }

    fn warn(&mut self, what: &str, advice: &str) {
        self.warnings += 1;
        println!("warn  {what}\n      {advice}");
    }

    fn fail(&mut self, what: &str, advice: &str) {
        self.failures += 1;
        println!("FAIL  {what}\n      {advice}");
    }
}

/// Looks at everything; fails if something does not work.
pub async fn run(settings: &Settings, call_providers: bool) -> Result<ExitCode, BoxError> {
    let mut report = Report::default();
    match DatabaseSource::resolve(settings).await {
        Err(error) => report.fail("there is no database", &error.to_string()),
        Ok(database) => {
            address(&mut report, &database);
            match diagnose_server(&database.options).await {
                Err(error) => report.fail("the database does not answer", &error.to_string()),
                Ok(facts) => {
                    server(&mut report, settings, &database, &facts);
                    schema(&mut report, diagnose_schema(&database.options).await);
                    migrations(
                        &mut report,
                        settings,
                        migration_states(&database.options).await,
                    );
                    replica(
                        &mut report,
                        diagnose_replica(&database.options, &settings.database).await,
                    );
                }
            }
            database.stop()?;
        }
    }
    callers(&mut report, settings);
    audio(&mut report, settings).await;
    providers(&mut report, settings, call_providers).await;
    println!(
        "\n{} failures, {} warnings",
        report.failures, report.warnings
    );
    Ok(if report.failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn address(report: &mut Report, database: &DatabaseSource) {
    if database.is_embedded() {
        report.warn(
            "the database is the private Postgres",
            "Good for a laptop. For more than one server or a machine that may be lost, set DATABASE_URL.",
        );
        return;
    }
    let options = &database.options;
    let host = options.get_host();
    let kind = if host.ends_with(".pooler.supabase.com") {
        "Supabase's session pooler"
    } else if host.ends_with(".supabase.co") {
        "Supabase, directly"
    } else {
        "a Postgres, directly or by a pooler of your own"
    };
    report.good(&format!("DATABASE_URL is {kind}: {}", place(options)));
}

fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn server(
    report: &mut Report,
    settings: &Settings,
    database: &DatabaseSource,
    facts: &ServerDiagnostics,
) {
    report.good(&format!("Postgres {}", facts.version));
    let verified = matches!(
        database.options.get_ssl_mode(),
        PgSslMode::VerifyFull | PgSslMode::VerifyCa
    );
    match (facts.encrypted, verified) {
        (true, true) => report.good("the connection is encrypted, and the server is verified"),
        (true, false) => report.warn(
            "the connection is encrypted, but nobody has verified that it is the right server",
            "Set KUKU_DATABASE__CA_FILE to the authority's certificate (Supabase: DatabaseSource, SSL).",
        ),
        (false, _) if database.options.get_socket().is_some() => {
            report.good("the connection is a unix socket")
        }
        (false, _) => report.warn(
            "the connection is not encrypted",
            "Fine on one machine only. Any other database is reached with TLS.",
        ),
    }
    let (pool, most) = (
        i64::from(settings.database.max_connections),
        i64::from(facts.max_connections),
    );
    if pool + SPARE_CONNECTIONS > most {
        report.fail(
            &format!("the pool takes {pool} connections, and the server has {most} for everybody"),
            "Lower KUKU_DATABASE__MAX_CONNECTIONS; several servers share the limit.",
        );
    } else {
        let open = facts.open_connections;
        report.good(&format!(
            "the pool takes {pool} of the server's {most} connections ({open} are open)"
        ));
    }
    if facts.bypasses_policies {
        report.good(&format!(
            "our role {} is not held up by row level security",
            facts.role
        ));
    } else {
        report.fail(
            &format!(
                "row level security holds for our role {}: it may see no rows",
                facts.role
            ),
            "Use the owner of the tables with BYPASSRLS; on Supabase that is postgres.",
        );
    }
    if settings.auth_mode() != AuthMode::Off && !facts.can_assume_authenticated {
        report.fail(
            &format!(
                "our role {} may not become authenticated, as reads for users do",
                facts.role
            ),
            &format!("GRANT authenticated TO {};", facts.role),
        );
    }
    let skew = (facts.now - OffsetDateTime::now_utc()).whole_seconds();
    if skew.abs() > MOST_SKEW_SECONDS {
        report.warn(
            &format!("the database's clock and ours differ by {skew} s"),
            "Let both machines keep their time by NTP.",
        );
    } else {
        report.good("the clocks agree");
    }
}

fn schema(report: &mut Report, checked: Result<SchemaDiagnostics, ConnectError>) {
    let facts = match checked {
        Ok(facts) => facts,
        Err(error) => return report.fail("the tables cannot be checked", &error.to_string()),
    };
    if !facts.open_to_anon.is_empty() {
        report.fail(
            &format!(
                "anybody with the public key may use {}",
                facts.open_to_anon.join(", ")
            ),
            &format!(
                "REVOKE ALL ON TABLE {} FROM PUBLIC, anon;",
                facts.open_to_anon.join(", ")
            ),
        );
    } else {
        report.good("anon has no rights on our tables");
    }
    if facts.missing_indexes.is_empty() {
        report.good("all indexes are there");
    } else {
        report.fail(
            &format!("indexes are missing: {}", facts.missing_indexes.join(", ")),
            "Make them again as the files in migrations/ do, with CREATE INDEX CONCURRENTLY.",
        );
    }
}

fn migrations(
    report: &mut Report,
    settings: &Settings,
    states: Result<Vec<(String, MigrationState)>, ConnectError>,
) {
    let states = match states {
        Ok(states) => states,
        Err(error) => return report.fail("the migrations cannot be read", &error.to_string()),
    };
    let of = |wanted: MigrationState| -> Vec<&str> {
        let found = states.iter().filter(|(_, state)| *state == wanted);
        found.map(|(name, _)| name.as_str()).collect()
    };
    let (pending, changed, unknown) = (
        of(MigrationState::Pending),
        of(MigrationState::ChecksumMismatch),
        of(MigrationState::Unknown),
    );
    if !changed.is_empty() {
        report.fail(
            &format!(
                "migrations were changed after they had been applied: {}",
                changed.join(", ")
            ),
            "Use the program that applied them, or restore its files.",
        );
    }
    if !unknown.is_empty() {
        report.warn(
            &format!(
                "the database has migrations of a newer program: {}",
                unknown.join(", ")
            ),
            "Update this program.",
        );
    }
    match (pending.is_empty(), settings.database.migrate) {
        (true, _) => report.good(&format!(
            "{} migrations are applied",
            states.len() - changed.len()
        )),
        (false, true) => report.warn(
            &format!("migrations are pending: {}", pending.join(", ")),
            "The next start applies them; or: kuku-coach migrate",
        ),
        (false, false) => report.fail(
            &format!("migrations are pending: {}", pending.join(", ")),
            "kuku-coach migrate, or sqlx migrate run",
        ),
    }
}

fn replica(report: &mut Report, facts: Result<Option<ReplicaDiagnostics>, ConnectError>) {
    const ADVICE: &str = "Searches, lists and exports are answered by the primary, at its cost. See DATABASE_READ_URL in README.md.";
    match facts {
        Ok(None) => {}
        Err(error) => report.fail(&format!("the replica cannot be asked: {error}"), ADVICE),
        Ok(Some(facts)) if !facts.same_cluster => {
            report.fail(
                "DATABASE_READ_URL is no copy of the database at DATABASE_URL",
                ADVICE,
            );
        }
        Ok(Some(facts)) if !facts.is_streaming => report.fail(
            "DATABASE_READ_URL is no replica any more: it was promoted",
            "Make it a replica again, or leave it out.",
        ),
        Ok(Some(facts)) if facts.bytes_behind > MOST_BYTES_BEHIND => report.warn(
            &format!(
                "the replica is {} MiB behind",
                facts.bytes_behind / (1024 * 1024)
            ),
            ADVICE,
        ),
        Ok(Some(_)) => report.good("the replica follows"),
    }
}

fn callers(report: &mut Report, settings: &Settings) {
    match settings.auth_mode() {
        AuthMode::Off => report.warn(
            "callers are not told apart, and search shows everybody's lines to everybody",
            "Set SUPABASE_URL, or KUKU_AUTH__MODE=optional for local accounts.",
        ),
        AuthMode::Optional | AuthMode::Required => {
            let who = match &settings.supabase.url {
                Some(url) => format!("by Supabase at {url}"),
                None => "in this database".into(),
            };
            report.good(&format!("accounts are kept {who}"));
            if settings.supabase.url.is_some() && settings.supabase.anon_key.is_none() {
                report.warn("nobody can sign up or in here", "Set SUPABASE_ANON_KEY.");
            }
        }
    }
}

async fn audio(report: &mut Report, settings: &Settings) {
    let tried = match audio_store(settings) {
        Err(error) => Err(error.to_string()),
        Ok(audio) => {
            let id = MessageId::generate();
            match audio.publish("test".into(), &id).await {
                Err(error) => Err(error.to_string()),
                Ok(()) => {
                    audio.remove_one(&id).await;
                    Ok(audio.address().to_owned())
                }
            }
        }
    };
    match tried {
        Ok(address) => report.good(&format!("reply audio can be kept in {address}")),
        Err(error) => report.fail(
            &format!("reply audio cannot be kept: {error}"),
            "Replies would go without sound. See KUKU_AUDIO_STORE in README.md.",
        ),
    }
}

async fn providers(report: &mut Report, settings: &Settings, call: bool) {
    let made = data_dir(settings)
        .map_err(|error| error.to_string())
        .and_then(|folder| Providers::new(settings, &folder).map_err(|error| error.to_string()));
    let providers = match made {
        Ok(providers) => providers,
        Err(error) => return report.fail("a provider cannot work as it is set up", &error),
    };
    let provider_names = &providers.provider_names;
    for (stage, who, without) in [
        (
            "speech to text",
            &provider_names.speech_to_text,
            "Recordings are refused; typed messages work.",
        ),
        (
            "text to speech", &provider_names.text_to_speech, "Answers come without sound.",
        ),
    ] {
        match who.as_str() {
            "none" => report.warn(
                &format!("{stage}: nobody"),
                &format!("{without} Set OPENAI_API_KEY, or see Providers in README.md."),
            ),
            who => report.good(&format!("{stage}: {who}")),
        }
    }
    if provider_names.coach.starts_with("scripted") {
        report.warn(
            "coach: fixed questions, no model",
            "Set OPENAI_API_KEY, or see Providers in README.md.",
        );
    } else {
        report.good(&format!("coach: {}", provider_names.coach));
    }
    if !call {
        return;
    }
    let prompt = Prompt {
        summary: "",
        messages: &[],
        user_text: "Hello.",
        reply_number: 1,
    };
    match providers.coach.reply(prompt).await {
        Ok(_) => report.good("the coach answers"),
        Err(error) => report.fail(
            &format!("the coach does not answer: {error}"),
            "Look at the key, the model and the address.",
        ),
    }
    if let Some(text_to_speech) = &providers.text_to_speech {
        match text_to_speech.synthesize("Hi.").await {
            Ok(_) => report.good("text to speech speaks"),
            Err(error) => report.fail(
                &format!("text to speech does not speak: {error}"),
                "Look at the key, the model, the voice and the address.",
            ),
        }
    }
}
