//! `export`: conversations from one consistent snapshot, as they come, so that memory does not feel how many there are.

use std::io::{self, BufWriter, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{BoxError, ExportArguments, Format};
use crate::{
    database::connect,
    repository::{DatabaseService, ExportFilter, ExportedMessage, ExportedSession},
    server::DatabaseSource,
    settings::Settings,
};

/// Sessions that are read at a time.
const PAGE: i64 = 100;
/// Of the lossless format; grows when a reader of the old one would misunderstand the new one.
pub const SCHEMA: u32 = 1;
pub const NAME: &str = "kuku-coach";

/// A line of the lossless format.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line {
    /// The first one.
    Header {
        /// [`NAME`]
        format: String,
        /// [`SCHEMA`]
        schema: u32,
    },
    /// A session; its lines follow it.
    Session(Box<ExportedSession>),
    /// A line of the session before it.
    Message(ExportedMessage),
    /// The last one.
    End {
        /// How many there were.
        sessions: u64,
        /// How many there were.
        messages: u64,
        /// Of all bytes before this line, hexadecimal.
        sha256: String,
    },
}

/// Writes and remembers what it wrote.
struct Hashing<W> {
    output: W,
    hasher: Sha256,
}

impl<W: Write> Hashing<W> {
    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.hasher.update(&bytes);
        self.output.write_all(&bytes)
    }
}

pub async fn run(settings: &Settings, arguments: &ExportArguments) -> Result<(), BoxError> {
    let database = DatabaseSource::resolve(settings).await?;
    let pool = connect(database.options.clone(), &settings.database).await?;
    let db = DatabaseService::new(pool, &settings.database)?;
    let written = write(&db, arguments).await;
    db.close().await;
    database.stop()?;
    written
}

async fn write(db: &DatabaseService, arguments: &ExportArguments) -> Result<(), BoxError> {
    let filter = ExportFilter {
        since: arguments.since,
        until: arguments.until,
        ended: arguments.ended,
        rating_min: arguments.rating_min,
        session_id: arguments.session.as_ref().map(|id| id.as_str().to_owned()),
    };
    let mut snapshot = db.snapshot().await?;
    let progress = if io::stderr().is_terminal() {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} sessions, {eta} left")?;
        ProgressBar::new(snapshot.count(&filter).await?).with_style(style)
    } else {
        ProgressBar::hidden()
    };
    let mut out = Hashing {
        output: BufWriter::new(io::stdout().lock()),
        hasher: Sha256::new(),
    };
    if arguments.format == Format::Ndjson {
        let header = Line::Header {
            format: NAME.into(),
            schema: SCHEMA,
        };
        out.line(&header).map_err(cannot_write)?;
    }
    let (mut sessions, mut messages) = (0, 0);
    let mut last: Option<ExportedSession> = None;
    loop {
        let page = snapshot.sessions(&filter, last.as_ref(), PAGE).await?;
        let Some((newest, _)) = page.last() else {
            break;
        };
        last = Some(newest.clone());
        for (session, lines) in page {
            sessions += 1;
            messages += lines.len() as u64;
            write_session(&mut out, arguments, session, lines).map_err(cannot_write)?;
            progress.inc(1);
        }
    }
    if arguments.format == Format::Ndjson {
        let end = Line::End {
            sessions,
            messages,
            sha256: checksum(&out.hasher),
        };
        out.line(&end).map_err(cannot_write)?;
    }
    out.output.flush().map_err(cannot_write)?;
    progress.finish_and_clear();
    eprintln!("{sessions} sessions, {messages} messages");
    Ok(())
}

fn write_session(
    out: &mut Hashing<impl Write>,
    arguments: &ExportArguments,
    session: ExportedSession,
    lines: Vec<ExportedMessage>,
) -> io::Result<()> {
    match arguments.format {
        Format::Ndjson => {
            out.line(&Line::Session(Box::new(session)))?;
            lines
                .into_iter()
                .try_for_each(|line| out.line(&Line::Message(line)))
        }
        Format::Openai => {
            let chat: Vec<_> = lines
                .iter()
                .map(|line| {
                    let role = if line.sender == "ai" {
                        "assistant"
                    } else {
                        "user"
                    };
                    json!({ "role": role, "content": line.text })
                })
                .collect();
            // An example ends with what the coach said.
            let ends = chat
                .iter()
                .enumerate()
                .filter(|(_, line)| line["role"] == "assistant");
            let ends: Vec<usize> = ends.map(|(index, _)| index + 1).collect();
            let wanted = if arguments.per_turn {
                &ends[..]
            } else {
                &ends[ends.len().saturating_sub(1)..]
            };
            wanted
                .iter()
                .try_for_each(|end| out.line(&json!({ "messages": &chat[..*end] })))
        }
        Format::Text => {
            let output = &mut out.output;
            writeln!(
                output,
                "== {} ({}), {}",
                session.session_id,
                session.status,
                session.created_at.date()
            )?;
            for line in &lines {
                let who = if line.sender == "ai" {
                    "Kuku"
                } else {
                    "Person"
                };
                writeln!(output, "{who}: {}", line.text)?;
            }
            if let Some(rating) = session.rating {
                writeln!(
                    output,
                    "Rating: {rating} {}",
                    session.feedback.unwrap_or_default()
                )?;
            }
            writeln!(output)
        }
    }
}

/// Of all that went through `hasher`, hexadecimal.
pub fn checksum(hasher: &Sha256) -> String {
    hasher
        .clone()
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn cannot_write(error: io::Error) -> BoxError {
    format!("the export cannot be written, and is not complete: {error}").into()
}
