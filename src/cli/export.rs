//! `export`: writes conversations from one consistent snapshot, page by page, in constant memory.

use std::io::{self, BufWriter, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    BoxError, ExportArguments, Format,
    printable::{printable, printable_line},
    with_database,
};
use crate::{
    repository::{
        DatabaseService, ExportFilter, ExportedMemory, ExportedMessage, ExportedSession, Snapshot,
    },
    settings::Settings,
};

/// Sessions per query.
const PAGE_SIZE: i64 = 100;
/// Version of the lossless format; grows with every incompatible change.
pub const SCHEMA: u32 = 1;
/// Name of the lossless format.
pub const FORMAT_NAME: &str = "kuku-coach";

/// Line of the lossless format.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line {
    /// First line.
    Header {
        /// [`FORMAT_NAME`]
        format: String,
        /// [`SCHEMA`]
        schema: u32,
    },
    /// Session; its messages follow.
    Session(Box<ExportedSession>),
    /// Message of the session before it.
    Message(ExportedMessage),
    /// Memory of a user. They follow the sessions.
    Memory(ExportedMemory),
    /// Last line.
    End {
        /// Number of sessions.
        sessions: u64,
        /// Number of messages.
        messages: u64,
        /// Number of memories. Left out if 0, so that earlier versions can import the file.
        #[serde(default, skip_serializing_if = "is_zero")]
        memories: u64,
        /// SHA-256 of all bytes before this line, hexadecimal.
        sha256: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Writer of JSON lines that hashes what it writes.
struct HashingWriter<W> {
    output: W,
    hasher: Sha256,
}

impl<W: Write> HashingWriter<W> {
    fn write_line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.hasher.update(&bytes);
        self.output.write_all(&bytes)
    }
}

pub async fn run(settings: &Settings, arguments: &ExportArguments) -> Result<(), BoxError> {
    with_database(settings, async |db| export(db, arguments).await).await
}

async fn export(db: &DatabaseService, arguments: &ExportArguments) -> Result<(), BoxError> {
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
    let mut out =
        HashingWriter { output: BufWriter::new(io::stdout().lock()), hasher: Sha256::new() };
    if arguments.format == Format::Ndjson {
        let header = Line::Header { format: FORMAT_NAME.into(), schema: SCHEMA };
        out.write_line(&header).map_err(write_error)?;
    }
    let (mut session_count, mut message_count) = (0, 0);
    let mut last: Option<ExportedSession> = None;
    loop {
        let page = snapshot.sessions(&filter, last.as_ref(), PAGE_SIZE).await?;
        let Some((newest, _)) = page.last() else {
            break;
        };
        last = Some(newest.clone());
        for (session, messages) in page {
            session_count += 1;
            message_count += messages.len() as u64;
            write_session(&mut out, arguments, session, messages).map_err(write_error)?;
            progress.inc(1);
        }
    }
    let mut memory_count = 0;
    if arguments.format == Format::Ndjson {
        if filter.is_everything() {
            memory_count = export_memories(&mut snapshot, &mut out).await?;
        }
        let sha256 = checksum(&out.hasher);
        let end = Line::End {
            sessions: session_count,
            messages: message_count,
            memories: memory_count,
            sha256,
        };
        out.write_line(&end).map_err(write_error)?;
    }
    out.output.flush().map_err(write_error)?;
    progress.finish_and_clear();
    let memories = if memory_count > 0 { format!(", {memory_count} memories") } else { "".into() };
    eprintln!("{session_count} sessions, {message_count} messages{memories}");
    Ok(())
}

/// Writes the memories of all users, and returns their number.
async fn export_memories(
    snapshot: &mut Snapshot,
    out: &mut HashingWriter<impl Write>,
) -> Result<u64, BoxError> {
    let (mut count, mut last) = (0, None);
    loop {
        let page = snapshot.memories(last, PAGE_SIZE).await?;
        let Some(memory) = page.last() else { return Ok(count) };
        last = Some(memory.user());
        count += page.len() as u64;
        for memory in page {
            out.write_line(&Line::Memory(memory)).map_err(write_error)?;
        }
    }
}

fn write_session(
    out: &mut HashingWriter<impl Write>,
    arguments: &ExportArguments,
    session: ExportedSession,
    messages: Vec<ExportedMessage>,
) -> io::Result<()> {
    match arguments.format {
        Format::Ndjson => {
            out.write_line(&Line::Session(Box::new(session)))?;
            messages.into_iter().try_for_each(|message| out.write_line(&Line::Message(message)))
        }
        Format::Openai => write_examples(out, arguments.per_turn, &messages),
        Format::Text => write_text(&mut out.output, &session, &messages),
    }
}

/// Chat examples, each of which ends with a reply of the coach.
fn write_examples(
    out: &mut HashingWriter<impl Write>,
    per_turn: bool,
    messages: &[ExportedMessage],
) -> io::Result<()> {
    let chat: Vec<_> = messages
        .iter()
        .map(|message| {
            let role = if message.sender == "ai" { "assistant" } else { "user" };
            json!({ "role": role, "content": message.text })
        })
        .collect();
    let replies = messages.iter().enumerate().filter(|(_, message)| message.sender == "ai");
    let ends: Vec<usize> = replies.map(|(index, _)| index + 1).collect();
    let ends = if per_turn { &ends[..] } else { &ends[ends.len().saturating_sub(1)..] };
    ends.iter().try_for_each(|end| out.write_line(&json!({ "messages": &chat[..*end] })))
}

fn write_text(
    output: &mut impl Write,
    session: &ExportedSession,
    messages: &[ExportedMessage],
) -> io::Result<()> {
    let (id, status) = (printable_line(&session.session_id), printable_line(&session.status));
    writeln!(output, "== {id} ({status}), {}", session.created_at.date())?;
    for message in messages {
        let sender = if message.sender == "ai" { "Kuku" } else { "Person" };
        // Indented, so that no line of a text looks like one of another sender.
        let text = printable(&message.text).replace('\n', "\n  ");
        writeln!(output, "{sender}: {text}")?;
    }
    if let Some(rating) = session.rating {
        let feedback = session.feedback.as_deref().unwrap_or_default();
        writeln!(output, "Rating: {rating} {}", printable_line(feedback))?;
    }
    writeln!(output)
}

/// SHA-256 so far, hexadecimal.
pub fn checksum(hasher: &Sha256) -> String {
    hasher.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_error(error: io::Error) -> BoxError {
    format!("the export cannot be written, and is not complete: {error}").into()
}
